import Bytes

/// Request methods as bits, so that a set of them fits one word (`methods` of a contact, `is_method("INVITE|ACK")`).
///
/// The bits are the numbers scripts and databases know. A method without a bit of its own is `other`; its text is
/// `Message.methodRange`.
public struct Method: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable public static var invite: Method { Method(rawValue: 1) }
    @inlinable public static var cancel: Method { Method(rawValue: 2) }
    @inlinable public static var ack: Method { Method(rawValue: 4) }
    @inlinable public static var bye: Method { Method(rawValue: 8) }
    @inlinable public static var info: Method { Method(rawValue: 16) }
    @inlinable public static var register: Method { Method(rawValue: 32) }
    @inlinable public static var subscribe: Method { Method(rawValue: 64) }
    @inlinable public static var notify: Method { Method(rawValue: 128) }
    @inlinable public static var message: Method { Method(rawValue: 256) }
    @inlinable public static var options: Method { Method(rawValue: 512) }
    @inlinable public static var prack: Method { Method(rawValue: 1024) }
    @inlinable public static var update: Method { Method(rawValue: 2048) }
    @inlinable public static var refer: Method { Method(rawValue: 4096) }
    @inlinable public static var publish: Method { Method(rawValue: 8192) }
    @inlinable public static var kdmq: Method { Method(rawValue: 16384) }
    @inlinable public static var get: Method { Method(rawValue: 32768) }
    @inlinable public static var post: Method { Method(rawValue: 65536) }
    @inlinable public static var put: Method { Method(rawValue: 131072) }
    @inlinable public static var delete: Method { Method(rawValue: 262144) }
    @inlinable public static var other: Method { Method(rawValue: 524288) }

    /// The method `range` of `span` names, letters compared exactly (RFC 3261 §7.1); `other` when it has no bit.
    public init(parsing span: Span<UInt8>, _ range: ByteRange) {
        guard range.isPresent, range.length > 0, range.length <= 9 else {
            self = .other
            return
        }
        self = Self.named(span, range)
    }

    /// The method called `name`; `other` when it has no bit.
    public init(named name: ByteString) {
        self.init(parsing: name.span, ByteRange(start: 0, count: name.count))
    }

    private static func named(_ span: Span<UInt8>, _ range: ByteRange) -> Method {
        switch range.length {
        case 3:
            if span.equals(range, "ACK") { return .ack }
            if span.equals(range, "BYE") { return .bye }
            if span.equals(range, "GET") { return .get }
            if span.equals(range, "PUT") { return .put }
        case 4:
            if span.equals(range, "INFO") { return .info }
            if span.equals(range, "POST") { return .post }
            if span.equals(range, "KDMQ") { return .kdmq }
        case 5:
            if span.equals(range, "PRACK") { return .prack }
            if span.equals(range, "REFER") { return .refer }
        case 6:
            if span.equals(range, "INVITE") { return .invite }
            if span.equals(range, "CANCEL") { return .cancel }
            if span.equals(range, "NOTIFY") { return .notify }
            if span.equals(range, "UPDATE") { return .update }
            if span.equals(range, "DELETE") { return .delete }
        case 7:
            if span.equals(range, "OPTIONS") { return .options }
            if span.equals(range, "MESSAGE") { return .message }
            if span.equals(range, "PUBLISH") { return .publish }
        case 8:
            if span.equals(range, "REGISTER") { return .register }
        case 9:
            if span.equals(range, "SUBSCRIBE") { return .subscribe }
        default: break
        }
        return .other
    }

    /// The name of a single method; `OTHER` for `other` and for sets.
    public var name: StaticString {
        switch self {
        case .invite: "INVITE"
        case .cancel: "CANCEL"
        case .ack: "ACK"
        case .bye: "BYE"
        case .info: "INFO"
        case .register: "REGISTER"
        case .subscribe: "SUBSCRIBE"
        case .notify: "NOTIFY"
        case .message: "MESSAGE"
        case .options: "OPTIONS"
        case .prack: "PRACK"
        case .update: "UPDATE"
        case .refer: "REFER"
        case .publish: "PUBLISH"
        case .kdmq: "KDMQ"
        case .get: "GET"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        default: "OTHER"
        }
    }
}
