import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import corex

@Suite("corex")
struct CorexTests {
    static func bench() throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(Corex.self)
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        return (bench, route)
    }

    @Test func `a branch without a URI copies the main one and uses it up`() throws {
        let (bench, route) = try Self.bench()
        route.target.destinationURI = "sip:192.0.2.9"
        route.target.flags = 4
        #expect(try bench.call("append_branch", in: route) == 1)
        #expect(route.isTargetConsumed)
        #expect(route.branches[0].uri == "sip:a@b")
        #expect(route.branches[0].destinationURI == "sip:192.0.2.9")
        #expect(route.branches[0].flags == 4)
        #expect(try bench.call("append_branch", "sip:c@d", "0.5", in: route) == 1)
        #expect(route.branches[1].uri == "sip:c@d")
        #expect(route.branches[1].destinationURI == "sip:192.0.2.9")
        #expect(route.branches[1].q == 500)
    }

    @Test func `there are no more branches than max_branches`() throws {
        let (bench, route) = try Self.bench()
        for _ in 1..<bench.settings.maxBranches { #expect(try bench.call("append_branch", "sip:c@d", in: route) == 1) }
        #expect(try bench.call("append_branch", "sip:c@d", in: route) == -1)
    }

    @Test(arguments: [
        ("1", 1000), ("0", 0), ("0.5", 500), ("0.75", 750), ("0.123", 123), (".5", 500), ("1.000", 1000), ("1.", 1000),
        ("1.1", nil), ("2", nil), ("0.1234", nil), ("", nil), (".", nil), ("x", nil), ("0.x", nil),
    ])
    func `q values`(_ text: String, _ expected: Int?) {
        #expect(QualityValue.thousandths(ByteString(text)) == expected)
    }

    @Test(arguments: [
        ("udp:1.2.3.4:5060", "udp", "1.2.3.4", "5060"), ("tls:[2001:db8::1]:5061", "tls", "[2001:db8::1]", "5061"),
        ("tcp:[2001:db8::1]", "tcp", "[2001:db8::1]", ""), ("udp:h", "udp", "h", ""),
    ])
    func `sockets are taken apart`(_ text: String, _ transport: String, _ host: String, _ port: String) throws {
        let parts = try #require(SocketText(ByteString(text)))
        #expect(parts.transport.string == transport)
        #expect(parts.host.string == host)
        #expect(parts.port.string == port)
    }

    @Test func `text without a protocol is no socket`() {
        #expect(SocketText("junk") == nil)
        #expect(SocketText("udp:") == nil)
    }

    @Test func `extended flags go to 63`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("setxflag", "63", in: route) == 1)
        #expect(try bench.call("isxflagset", "63", in: route) == 1)
        #expect(try bench.call("setxflag", "64", in: route) == -1)
        #expect(try bench.call("resetxflag", "63", in: route) == 1)
        #expect(route.extendedFlags == 0)
    }

    @Test func `a socket is chosen by address; an unknown one changes nothing`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("set_send_socket", "tcp:127.0.0.1:5060", in: route) == 1)
        #expect(route.target.socket?.index == 1)
        #expect(try bench.call("set_send_socket", "udp:9.9.9.9:1", in: route) == 1)
        #expect(route.target.socket?.index == 1)
        #expect(try bench.call("set_source_address", "udp:192.0.2.7:99", in: route) == 1)
        #expect(route.arrival.source.description == "192.0.2.7:99")
        #expect(try bench.call("set_source_address", "192.0.2.8:98", in: route) == 1)
        #expect(route.arrival.source.description == "192.0.2.8:98")
        #expect(try bench.call("set_source_address", "nowhere", in: route) == -1)
    }

    @Test func `send puts the message on the wire as it is`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("send", "192.0.2.3:5090", in: route) == 1)
        let received = route.message.text(ByteRange(0, route.message.length))
        #expect(bench.worker.sent[0].text == received)
        #expect(bench.worker.sent[0].destination.address.description == "192.0.2.3:5090")
        #expect(try bench.call("send_data", "sip:192.0.2.3:5090", "hello", in: route) == 1)
        #expect(bench.worker.sent[1].text == "hello")
    }
}
