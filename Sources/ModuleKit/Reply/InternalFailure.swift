import Bytes

/// The reason why a function could not do its work, as `send_reply_error()` tells it the caller.
///
/// Whoever fails notes it with `RouteContext.noteFailure(_:)`; the last one counts.
public struct InternalFailure: Sendable, Hashable {
    /// The number in the reply's reason phrase.
    public var number: Int
    public init(number: Int) { self.number = number }

    /// No reason was noted.
    public static let unspecified = InternalFailure(number: 1)
    /// No socket of the protocol and family that the next hop needs.
    public static let noSocket = InternalFailure(number: 7)
    /// The bytes could not be sent.
    public static let sendFailed = InternalFailure(number: 477)
    /// The next hop is on the list of destinations to leave alone.
    public static let blocked = InternalFailure(number: 473)
    /// The next hop's name is not known.
    public static let unresolvable = InternalFailure(number: 478)
    /// The next hop is no URI that can be used.
    public static let badURI = InternalFailure(number: 479)

    /// The request may not have as many branches as it would need (RFC 5393 §5.3.3).
    public static let breadthExceeded = InternalFailure(number: 440)

    /// There is no room for what the request would begin.
    public static let overloaded = InternalFailure(number: 503)

    /// Status code of the reply.
    public var code: Int { self.number >= 400 && self.number <= 699 ? self.number : 500 }

    /// Reason phrase: `Unresolvable destination (478/SL)`.
    /// - Parameter origin: `SL` or `TM`.
    public func reason(_ origin: StaticString) -> ByteString {
        let text: StaticString =
            switch self.number {
            case 440: "Max-Breadth Exceeded"
            case 473: "Filtered destination"
            case 477: "Unfortunately error on sending to next hop occurred"
            case 478: "Unresolvable destination"
            case 503: "Server Busy"
            case 479: "Regretfully, we were not able to process the URI"
            default: "I'm terribly sorry, server error occurred"
            }
        let buffer = ByteBuffer(capacity: 80)
        buffer.append(text)
        buffer.append(" (")
        buffer.append(decimal: self.number)
        buffer.append("/")
        buffer.append(origin)
        buffer.append(")")
        return ByteString(buffer.span)
    }
}

private final class FailureNote {
    var failure: InternalFailure
    init(_ failure: InternalFailure) { self.failure = failure }
}

extension RouteContext {
    /// Says why the function in progress failed.
    public func noteFailure(_ failure: InternalFailure) {
        if let note = self.state(FailureNote.self) {
            note.failure = failure
        } else {
            self.setState(FailureNote(failure))
        }
    }

    /// What was noted last for this message.
    public var lastFailure: InternalFailure { self.state(FailureNote.self)?.failure ?? .unspecified }
}
