import Bytes

/// One value of a Via header field (RFC 3261 §20.42). Offsets are into the message's buffer.
public struct Via: BitwiseCopyable, Sendable {
    /// False when the text is not a Via value; the other properties mean nothing then.
    public var isValid = false
    /// Nil for a transport unknown here; its text is `transportRange`.
    public var transport: TransportProtocol?
    public var alias = false
    /// Whether there is an `rport` parameter, with a value or without (RFC 3581).
    public var hasRport = false
    /// Port of sent-by, or -1.
    public var port = -1
    public var transportRange = ByteRange.absent
    /// Host and port as received.
    public var sentBy = ByteRange.absent
    /// Host name, IPv4 address, or IPv6 address with brackets.
    public var host = ByteRange.absent
    public var branch = ByteRange.absent
    public var received = ByteRange.absent
    /// Value of `rport`; absent when it has none.
    public var rport = ByteRange.absent
    /// The whole `rport` parameter without its semicolon; absent when there is none.
    public var rportParameter = ByteRange.absent
    public var receivedParameter = ByteRange.absent
    public var maddr = ByteRange.absent
    public var ttl = ByteRange.absent
    /// Value of the `i` parameter: the connection the request came in on (kept by the server for its own Via).
    public var i = ByteRange.absent
    /// All parameters, from the first semicolon; empty at the end of the value when there are none.
    public var parameters = ByteRange.absent
    /// First byte of the value.
    public var start = 0
    /// Past the last byte of the value, white space and comma not included.
    public var end = 0
    /// Where the value's list goes on: its comma, or the end of the header value.
    public var listEnd = 0
    /// Index of the header field that holds it.
    public var fieldIndex = -1

    public init() {}

    @inlinable public var range: ByteRange { ByteRange(self.start, self.end) }
    /// Where a reply adds parameters: at the end, so behind a comment, as Kamailio does. Before the comment when there is
    /// no parameter yet: behind it the first one would make the Via one that nobody can read.
    @inlinable public var addition: Int { self.parameters.length > 0 ? self.end : self.parameters.upper }
    /// Whether the branch begins with the cookie of RFC 3261 §8.1.1.7.
    public func hasCookie(_ span: Span<UInt8>) -> Bool {
        self.branch.length > 7
            && span.equalsIgnoringCase(ByteRange(start: self.branch.lower, count: 7), "z9hG4bK")
    }

    /// The address sent-by names, or nil when it is a host name.
    public func hostAddress(_ span: Span<UInt8>) -> IPAddress? { IPAddress(span, self.host) }

    /// Value of the parameter called `name`; absent range when it has no value, nil when there is none.
    public func parameter(_ span: Span<UInt8>, named name: Span<UInt8>) -> ByteRange? {
        findParameter(span, self.parameters, name)
    }
}

/// Value of the parameter of `parameters` called `name`; absent range when it has no value, nil when there is none.
func findParameter(_ span: Span<UInt8>, _ parameters: ByteRange, _ name: Span<UInt8>) -> ByteRange? {
    guard parameters.isPresent else { return nil }
    var scanner = ParameterScanner(parameters)
    while scanner.next(span) {
        if span.equalsIgnoringCase(scanner.name, name) { return scanner.value }
    }
    return nil
}
