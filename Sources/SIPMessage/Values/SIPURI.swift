import Bytes

/// A `sip:` or `sips:` URI taken apart (RFC 3261 §19.1), or a `tel:`, `urn:` or other URI as far as it goes.
///
/// Offsets are into the span it was parsed from. Of tel URIs the number is `user` and `host` is absent; of
/// `urn:service:sos` the namespace `service` is `user` and `sos` is `host`; of unknown schemes all is `user`.
public struct SIPURI: BitwiseCopyable, Sendable {
    public enum Scheme: UInt8, Sendable, BitwiseCopyable {
        case sip, sips, tel, tels, urn, http, other
    }

    public var scheme = Scheme.other
    /// Transport named by the `transport` parameter; nil when there is none or it is unknown here.
    public var transport: TransportProtocol?
    /// `lr`, with or without a value.
    public var lr = false
    /// `ob` of RFC 5626.
    public var ob = false
    /// `gr` of RFC 5627, with a value (public) or without (temporary).
    public var hasGR = false
    /// Port, or -1.
    public var port = -1
    public var schemeRange = ByteRange.absent
    /// User part without password, escapes kept; absent when there is no `@`.
    public var user = ByteRange.absent
    public var password = ByteRange.absent
    /// Host name, IPv4 address, or IPv6 address with brackets.
    public var host = ByteRange.absent
    public var portRange = ByteRange.absent
    /// Parameters without the first semicolon; absent when there are none.
    public var parameters = ByteRange.absent
    /// Header part without the question mark; absent when there is none.
    public var headers = ByteRange.absent
    public var transportRange = ByteRange.absent
    public var maddr = ByteRange.absent
    public var ttl = ByteRange.absent
    public var method = ByteRange.absent
    /// Value of the `user` parameter.
    public var userParameter = ByteRange.absent
    public var gr = ByteRange.absent
    public var r2 = ByteRange.absent
    public var range = ByteRange.absent

    init() {}

    @inlinable public var isSIP: Bool { self.scheme == .sip || self.scheme == .sips }
    @inlinable public var isSecure: Bool { self.scheme == .sips || self.scheme == .tels }
    /// Whether there is a user part that is not empty.
    @inlinable public var hasUser: Bool { self.user.count > 0 }

    /// The address the host names, or nil when it is a host name.
    public func hostAddress(_ span: Span<UInt8>) -> IPAddress? { IPAddress(span, self.host) }

    /// `host` with `:port` when there is one.
    public var hostPort: ByteRange {
        self.portRange.isPresent ? ByteRange(self.host.lower, self.portRange.upper) : self.host
    }

    /// The port to use when the URI names none: 5061 with `sips:` or TLS, else 5060.
    public var effectivePort: Int {
        if self.port >= 0 { return self.port }
        return self.scheme == .sips || self.transport?.isSecure == true ? 5061 : 5060
    }

    /// Whether there is a parameter called `name`, and its value (absent when it has none).
    public func parameter(_ span: Span<UInt8>, named name: Span<UInt8>) -> (isPresent: Bool, value: ByteRange) {
        var scanner = URIPartScanner(self.parameters, separator: 59)
        while scanner.next(span) {
            if span.equalsIgnoringCase(scanner.name, name) { return (true, scanner.value) }
        }
        return (false, .absent)
    }
}

/// Walks `name=value` parts between separators: URI parameters (`;`) and URI headers (`&`).
public struct URIPartScanner: BitwiseCopyable, Sendable {
    public private(set) var name = ByteRange.absent
    /// Absent when there is no `=`.
    public private(set) var value = ByteRange.absent
    private var position: Int
    private let end: Int
    private let separator: UInt8

    public init(_ range: ByteRange, separator: UInt8) {
        self.position = range.isPresent ? range.lower : 0
        self.end = range.isPresent ? range.upper : 0
        self.separator = separator
    }

    /// Moves to the next part; false when there is none. Empty parts are skipped.
    @inline(__always)
    public mutating func next(_ span: Span<UInt8>) -> Bool {
        var index = self.position
        let end = self.end
        while index < end, span[index] == self.separator { index &+= 1 }
        guard index < end else { return false }
        let start = index
        while index < end, span[index] != 61, span[index] != self.separator { index &+= 1 }
        self.name = ByteRange(start: start, count: index &- start)
        self.value = .absent
        if index < end, span[index] == 61 {
            index &+= 1
            let valueStart = index
            while index < end, span[index] != self.separator { index &+= 1 }
            self.value = ByteRange(start: valueStart, count: index &- valueStart)
        }
        self.position = index
        return true
    }
}
