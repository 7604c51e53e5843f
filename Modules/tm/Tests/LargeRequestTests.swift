import Bytes
import SIPMessage
import Testing

@testable import ApusServer
@testable import Simulation

@Suite("Requests too large for UDP (RFC 3261 §18.1.1)")
struct LargeRequestTests {
    private static let settings = """
        listen = udp:127.0.0.1:5060
        listen = tcp:127.0.0.1:5060
        udp_mtu = 700
        udp_mtu_try_proto = TCP
        """
    private static let padding = [("X-Padding", String(repeating: "x", count: 600))]

    private static func sent(_ scene: TransactionScene) -> [String] {
        scene.recorder.sent.filter { $0.phone == "one" && $0.message.method == "INVITE" }.map {
            "\($0.destination.transport.name) \($0.message["Via"]?.prefix(11) ?? "")"
        }
    }

    @Test(arguments: ["t_relay();", "forward();"])
    func `they go over TCP`(action: String) throws {
        let scene = try TransactionScene("$du = $hdr(X-1); \(action) }", settings: Self.settings)
        scene.send("INVITE", case: "", Self.padding)
        #expect(Self.sent(scene) == ["tcp SIP/2.0/TCP"])
        scene.recorder.sent = []
        scene.send("INVITE")
        #expect(Self.sent(scene) == ["udp SIP/2.0/UDP"])
    }

    @Test(arguments: ["t_relay();", "forward();"])
    func `and over UDP all the same where nobody takes connections`(action: String) throws {
        let scene = try TransactionScene("$du = $hdr(X-1); \(action) }", settings: Self.settings)
        scene.phones[0].refusesConnections = true
        scene.send("INVITE", case: "", Self.padding)
        #expect(Self.sent(scene) == ["tcp SIP/2.0/TCP", "udp SIP/2.0/UDP"])
        try scene.reply(1, 486)
        #expect(scene.last("alice")?.status == 486)
    }

    @Test(arguments: ["t_relay();", "forward();"])
    func `what goes over UDP names UDP sockets in Record-Route`(action: String) throws {
        let scene = try TransactionScene(
            "record_route(); $du = $hdr(X-1); \(action) }", settings: "loadmodule \"rr.so\"\n" + Self.settings)
        scene.phones[0].refusesConnections = true
        scene.send("INVITE", case: "", Self.padding)
        let invites = scene.recorder.sent.filter { $0.phone == "one" && $0.message.method == "INVITE" }.map(\.message)
        try #require(invites.count == 2)
        func recorded(_ message: PlainMessage) -> [String] {
            message.fields.filter { $0.name == "Record-Route" }.map { String($0.value.prefix { $0 != ">" }) }
        }
        #expect(recorded(invites[0]).count == 2)
        #expect(recorded(invites[0])[0].hasPrefix("<sip:127.0.0.1:5060;transport=tcp;r2=on;lr"))
        #expect(recorded(invites[1]).count == 1)
        #expect(recorded(invites[1])[0].hasPrefix("<sip:127.0.0.1:5060;lr"))
    }

    @Test func `a failure route hears nothing of the connection that was refused`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_failure("F"); t_relay();
            }
            failure_route[F] { xlog("failed $T_reply_code\\n"); }
            """, settings: Self.settings)
        scene.phones[0].refusesConnections = true
        scene.send("INVITE", case: "", Self.padding)
        #expect(!scene.recorder.log.contains { $0.contains("failed") })
        try scene.reply(1, 404)
        #expect(scene.recorder.log.contains { $0.contains("failed 404") })
    }
}
