import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules
import Testing

@testable import ApusServer

@Suite("What is done with a message before its script")
struct InputTests {
    /// A server that answers OPTIONS, with names that it can look up.
    private final class Scene: VirtualServerObserver {
        var names: [String: [IPAddress]] = [:]
        private(set) var sent: [String] = []
        private var server: VirtualServer?

        init(_ settings: String) throws {
            var setup = VirtualSetup(moduleTypes: StandardModules.all)
            setup.text = (
                "test.cfg",
                """
                listen=udp:127.0.0.1:5060
                loadmodule "sl.so"
                loadmodule "pv.so"
                \(settings)
                request_route { sl_send_reply("200", "OK"); }
                """
            )
            self.server = try VirtualServer(setup, observer: self)
        }

        func via(of sentBy: String) throws -> String {
            let server = try #require(self.server)
            let text = """
                OPTIONS sip:a@b SIP/2.0\r
                Via: SIP/2.0/UDP \(sentBy);branch=z9hG4bK1\r
                From: <sip:a@b>;tag=1\r
                To: <sip:a@b>\r
                Call-ID: 1\r
                CSeq: 1 OPTIONS\r
                Content-Length: 0\r
                \r

                """
            self.sent = []
            let source = SocketAddress(ip: IPAddress(ipv4: 0xc000_0209), port: 5060)
            server.receive(ByteString(text), from: source, on: server.sockets[0])
            let via = try #require(self.sent.first).split(separator: "\r\n").first { $0.hasPrefix("Via:") }
            return via.map(String.init) ?? ""
        }

        func sent(_ bytes: ByteString, to destination: Destination, token: UInt64) -> Bool {
            self.sent.append(bytes.string)
            return true
        }
        func logged(_ level: LogLevel, _ prefix: ByteString, _ text: ByteString) {}
        func ranScript(in context: RouteContext, _ state: RunState) {}
        func addresses(of name: String) -> [IPAddress] { self.names[name] ?? [] }
        func asked(_ query: OutsideQuery, then: @escaping @Sendable (OutsideAnswer) -> Void) { then(.unreachable) }
        var tracer: (any ScriptTracer)? { nil }
    }

    @Test(arguments: ["", "dns=yes", "rev_dns=yes"])
    func `with dns a Via that has a name of the sender gets no received`(setting: String) throws {
        let scene = try Scene(setting)
        scene.names["phone.example"] = [IPAddress(ipv4: 0xc000_0201), IPAddress(ipv4: 0xc000_0209)]
        scene.names["other.example"] = [IPAddress(ipv4: 0xc000_0201)]
        #expect(try scene.via(of: "phone.example").contains("received") == (setting != "dns=yes"))
        for other in ["other.example", "none.example", "192.0.2.1", "phone.example;rport", "phone.example;received=a"] {
            #expect(try scene.via(of: other).contains(";received=192.0.2.9"))
        }
        #expect(try !scene.via(of: "192.0.2.9").contains("received"))
    }

    @Test func `a name of an address is remembered for a minute`() {
        let names = ReverseNames()
        let address = IPAddress(ipv4: 0xc000_0209)
        let now = Instant(milliseconds: 1_000_000)
        #expect(names.name(of: address, at: now) == nil)
        names.note("phone.example", of: address, at: now)
        #expect(names.name(of: address, at: now + .seconds(59)) == .some("phone.example"))
        #expect(names.name(of: address, at: now + .seconds(60)) == nil)
        names.note(nil, of: address, at: now)
        #expect(names.name(of: address, at: now) == .some(nil))
    }

    private static let answering = """
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "textops.so"
        request_route { append_to_reply("X-From: $si:$sp\\r\\n"); sl_send_reply("200", "OK"); }
        """

    @Test func `a datagram's PROXY header says who sent it, and the reply goes there`() throws {
        let port = try LiveServer.freePort()
        let live = try LiveServer("listen=udp:127.0.0.1:\(port)\nudp_accept_proxy=1\n" + Self.answering)
        let (balancer, client) = (try Phone(), try Phone())
        let request = client.request("OPTIONS", "sip:a@127.0.0.1", id: "proxy-1")
        try balancer.send("PROXY TCP4 127.0.0.1 127.0.0.1 \(client.port) \(port)\n" + request, to: port)
        let reply = try #require(client.receive("200"))
        #expect(reply.contains("X-From: 127.0.0.1:\(client.port)\n"))
        try balancer.send(client.request("OPTIONS", "sip:a@127.0.0.1", id: "proxy-2"), to: port)
        #expect(try #require(balancer.receive("200")).contains("X-From: 127.0.0.1:\(balancer.port)\n"))
        withExtendedLifetime(live) {}
    }

    @Test func `rpc_exec_delta keeps reloads apart, and nothing else`() throws {
        let port = try LiveServer.freePort()
        let text = "listen=udp:127.0.0.1:\(port)\nrpc_exec_delta=3600\n" + Self.answering
        let live = try LiveServer(text)
        let host = try #require(live.server.configuration?.host)
        _ = try host.call("apus.reload", [])
        let fault = #expect(throws: RPCFault.self) { try live.server.configuration?.host.call("apus.reload", []) }
        #expect(fault?.text.contains("rpc_exec_delta") == true)
        for _ in 0..<2 { _ = try live.server.configuration?.host.call("core.uptime", []) }
    }

    @Test func `stats_name_separator stands in the names that tables give their statistics`() throws {
        let server = try LoadedServer(
            """
            listen=udp:127.0.0.1:5060
            auto_aliases=no
            stats_name_separator="-+"
            loadmodule "sl.so"
            loadmodule "usrloc.so"
            loadmodule "registrar.so"
            request_route { save("location"); }
            """)
        let counters = try #require(server.configuration?.host.counters)
        #expect(counters.value("usrloc", "location-contacts") == 0)
        #expect(counters.value("usrloc", "location_contacts") == nil)
    }
}
