import Bytes
import SIPMessage

/// The parameter of a Path or Route URI that tells where a REGISTER came from.
struct ReceivedParameter: Sendable {
    /// The numbers of protocols in the short form, as other implementations write them.
    private static let protocols: [(number: Int, transport: TransportProtocol)] = [
        (1, .udp), (2, .tcp), (3, .tls), (4, .sctp), (5, .ws), (6, .wss),
    ]

    var name: ByteString

    /// Appends `;received=…` for a request from there: an escaped URI, or in the short form `192.0.2.1~5060~1`.
    func write(_ source: SocketAddress, _ transport: TransportProtocol, isShort: Bool, to buffer: ByteBuffer) {
        buffer.append(UInt8(ascii: ";"))
        buffer.append(self.name)
        buffer.append(UInt8(ascii: "="))
        if !isShort { buffer.append("sip:") }
        buffer.append(ByteString(source.ip.bracketed))
        buffer.append(isShort ? UInt8(ascii: "~") : UInt8(ascii: ":"))
        buffer.append(decimal: Int(source.port))
        if isShort {
            buffer.append(UInt8(ascii: "~"))
            buffer.append(decimal: Self.protocols.first { $0.transport == transport }?.number ?? 0)
        } else if transport != .udp {
            buffer.append("%3Btransport%3D")
            buffer.append(transport.name)
        }
    }

    /// The address as a URI, when `parameters`, from the first semicolon, have it in one of the two forms.
    func address(in parameters: ByteString) -> ByteString? {
        let span = parameters.span
        var scanner = URIPartScanner(ByteRange(start: 0, count: span.count), separator: UInt8(ascii: ";"))
        while scanner.next(span) {
            guard span.equalsIgnoringCase(scanner.name, self.name.span), scanner.value.isPresent else { continue }
            return Self.uri(span, scanner.value)
        }
        return nil
    }

    private static func uri(_ span: Span<UInt8>, _ value: ByteRange) -> ByteString? {
        guard span.firstIndex(of: UInt8(ascii: "~"), from: value.lower, to: value.upper) == value.upper else {
            return self.fromShort(span, value)
        }
        let buffer = ByteBuffer(capacity: value.length)
        SIPURI.unescape(span, value, into: buffer)
        // It becomes a next hop: anything but an address of SIP, a line end among it, is not followed.
        guard SIPURI(buffer.span, ByteRange(start: 0, count: buffer.count))?.isSIP == true,
            !ByteString(buffer.span).bytes.contains(where: { $0 <= 32 })
        else { return nil }
        return ByteString(buffer.span)
    }

    private static func fromShort(_ span: Span<UInt8>, _ value: ByteRange) -> ByteString? {
        let first = span.firstIndex(of: UInt8(ascii: "~"), from: value.lower, to: value.upper)
        let second = span.firstIndex(of: UInt8(ascii: "~"), from: first + 1, to: value.upper)
        guard second < value.upper, let ip = IPAddress(span, ByteRange(value.lower, first)),
            let port = span.decimal(in: ByteRange(first + 1, second), limit: 65_535), port > 0,
            let number = span.decimal(in: ByteRange(second + 1, value.upper)),
            let transport = self.protocols.first(where: { $0.number == number })?.transport
        else { return nil }
        let buffer = ByteBuffer(capacity: 64)
        buffer.append("sip:")
        buffer.append(ByteString(ip.bracketed))
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: port)
        if transport != .udp {
            buffer.append(";transport=")
            buffer.append(transport.name)
        }
        return ByteString(buffer.span)
    }
}
