import Bytes
import SIPMessage
import SIPTransport
import Testing

@Suite("PROXY protocol: the header")
struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let ipv4: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 1, 0x0f, 0xa0, 0x13, 0xc6]
    private static let client = SocketAddress(ip: IPAddress(ipv4: 0xc000_0207), port: 4000)

    private static func read(_ bytes: [UInt8]) -> ProxyHeader.Reading { ProxyHeader.read(bytes.span) }
    private static func read(_ text: String) -> ProxyHeader.Reading { self.read(Array(text.utf8)) }

    private static func binary(_ command: UInt8, _ family: UInt8, _ body: [UInt8], length: Int? = nil) -> [UInt8] {
        let count = length ?? body.count
        return self.signature + [command, family, UInt8(count >> 8), UInt8(count & 255)] + body
    }

    @Test func `a datagram's header may speak of datagrams, a stream's may not`() {
        func read(_ family: UInt8, isDatagram: Bool) -> ProxyHeader.Reading {
            ProxyHeader.read(Self.binary(0x21, family, Self.ipv4).span, isDatagram: isDatagram)
        }
        #expect(read(0x12, isDatagram: true) == .header(client: Self.client, length: 28))
        #expect(read(0x12, isDatagram: false) == .malformed)
        #expect(read(0x11, isDatagram: true) == .header(client: Self.client, length: 28))
    }

    @Test func `a line names the client`() {
        let line = "PROXY TCP4 192.0.2.7 192.0.2.1 4000 5062\r\n"
        #expect(Self.read(line + "OPTIONS") == .header(client: Self.client, length: line.utf8.count))
        let six = "PROXY TCP6 2001:db8::7 2001:db8::1 4000 5062\r\n"
        let client = IPAddress("2001:db8::7").map { SocketAddress(ip: $0, port: 4000) }
        #expect(Self.read(six) == .header(client: client, length: six.utf8.count))
    }

    @Test(arguments: ["PROXY UNKNOWN\r\n", "PROXY UNKNOWN ff:: what ever 1 2\r\n"])
    func `a balancer may not know the client`(line: String) {
        #expect(Self.read(line) == .header(client: nil, length: line.utf8.count))
    }

    @Test(arguments: [
        "PROXY TCP4 192.0.2.7 192.0.2.1 70000 5062\r\n", "PROXY TCP4 192.0.2.700 192.0.2.1 4000 5062\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4000 5062\n", "PROXY UDP4 192.0.2.7 192.0.2.1 4000 5062\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 4000 5062\r\n", "PROXY TCP6 192.0.2.7 192.0.2.1 4000 5062\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4000\r\n", "PROXY TCP4 192.0.2.7 192.0.2.1 4000 5062 1\r\n",
        "PROXY TCP4  192.0.2.7 192.0.2.1 4000 5062\r\n", "PROXY TCP4 192.0.2.7 192.0.2.1 4000 5062 \r\n",
        "PROXY TCP4 host 192.0.2.1 4000 5062\r\n", "PROXY TCP6 [::1] ::1 4000 5062\r\n", "PROXY \r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 -1 5062\r\n",
    ])
    func `a line with anything else in it is malformed`(line: String) {
        #expect(Self.read(line) == .malformed)
    }

    @Test func `a line that does not end is malformed once it is longer than it may be`() {
        #expect(Self.read("PROXY " + String(repeating: "x", count: 100)) == .incomplete)
        #expect(Self.read("PROXY " + String(repeating: "x", count: 101)) == .malformed)
    }

    @Test func `a binary header names the client, whatever extensions follow`() {
        let plain = Self.binary(0x21, 0x11, Self.ipv4)
        #expect(Self.read(plain + [1, 2, 3]) == .header(client: Self.client, length: 28))
        let extended = Self.binary(0x21, 0x11, Self.ipv4 + [4, 0, 3, 1, 2, 3])
        #expect(Self.read(extended) == .header(client: Self.client, length: 34))
        let six: [UInt8] =
            [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7] + [UInt8](repeating: 0, count: 16)
            + [0x0f, 0xa0, 0, 1]
        let client = IPAddress("2001:db8::7").map { SocketAddress(ip: $0, port: 4000) }
        #expect(Self.read(Self.binary(0x21, 0x21, six)) == .header(client: client, length: 52))
    }

    @Test func `a binary header may speak for the balancer itself`() {
        #expect(Self.read(Self.binary(0x20, 0x11, Self.ipv4)) == .header(client: nil, length: 28))
        #expect(Self.read(Self.binary(0x20, 0, [])) == .header(client: nil, length: 16))
        #expect(Self.read(Self.binary(0x21, 0, [])) == .header(client: nil, length: 16))
    }

    @Test func `a binary header of another version, protocol or length is malformed`() {
        #expect(Self.read(Self.binary(0x11, 0x11, Self.ipv4)) == .malformed)
        #expect(Self.read(Self.binary(0x25, 0x11, Self.ipv4)) == .malformed)
        #expect(Self.read(Self.binary(0x21, 0x12, Self.ipv4)) == .malformed)
        #expect(Self.read(Self.binary(0x21, 0x31, [UInt8](repeating: 97, count: 216))) == .malformed)
        #expect(Self.read(Self.binary(0x21, 0x11, Array(Self.ipv4.prefix(8)))) == .malformed)
        #expect(Self.read(Self.binary(0x21, 0x11, [], length: 60_000)) == .malformed)
    }

    @Test func `the first bytes of a header may become one, those of a message do not`() {
        let line = Array("PROXY TCP4 192.0.2.7 192.0.2.1 4000 5062\r\n".utf8)
        let binary = Self.binary(0x21, 0x11, Self.ipv4)
        for whole in [line, binary] {
            for count in 0..<whole.count { #expect(Self.read(Array(whole.prefix(count))) == .incomplete) }
        }
        for text in ["OPTIONS sip:x SIP/2.0\r\n", "PUBLISH sip:x", "PROX\r", "\r\n\r\nINVITE", "\r\nX", "SIP/2.0 200"] {
            #expect(Self.read(text) == .absent)
        }
    }

    @Test func `no bytes at all bring it out of step`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = Bool.random() ? Self.signature + [0x21] : Array("PROXY TCP4 ".utf8)
            for _ in 0..<Int.random(in: 0..<80, using: &random) { bytes.append(.random(in: 0...255, using: &random)) }
            if case .header(_, let length) = Self.read(bytes) { #expect(length <= bytes.count && length > 0) }
        }
    }
}
