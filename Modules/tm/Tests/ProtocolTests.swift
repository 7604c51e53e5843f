import SIPMessage
import Testing

@testable import Simulation

@Suite("tm: functions with a protocol in their name or argument")
struct ProtocolTests {
    private static let sockets = """
        listen=udp:127.0.0.1:5060
        listen=tcp:127.0.0.1:5060
        """

    /// `%` stands for the protocol; each sends to phone two.
    private static let calls = [
        "t_relay_to_%(\"192.0.2.3\", \"5060\");", "$ru = $hdr(X-2); t_relay_to_%();",
        "t_relay_to(\"%:192.0.2.3:5060\");", "$var(h) = \"192.0.2.3\"; t_relay_to_proxy(\"%:$var(h):5060\");",
        "t_newtran(); t_forward_nonack_%(\"192.0.2.3\", \"5060\");",
        "t_newtran(); t_forward_nonack_to(\"%\", \"192.0.2.3:5060\");",
        "t_replicate_%(\"192.0.2.3\", \"5060\");", "t_replicate_to(\"%\", \"192.0.2.3:5060\");",
        "t_replicate(\"%:192.0.2.3:5060\");",
    ]

    @Test(arguments: [TransportProtocol.udp, .tcp], calls)
    func `the request leaves over it, with it in its Via`(_ transport: TransportProtocol, _ call: String) throws {
        let scene = try TransactionScene(
            call.replacing("%", with: "\(transport.name)") + " exit; }", settings: Self.sockets)
        scene.send("MESSAGE")
        let sent = try #require(scene.recorder.all.last { $0.phone == "two" })
        #expect(sent.destination.transport == transport)
        #expect(sent.message["Via"]?.hasPrefix("SIP/2.0/\(transport.viaName) ") == true)
        // Only a datagram is sent again.
        scene.wait(milliseconds: 600)
        #expect(scene.recorder.all.filter { $0.phone == "two" }.count == (transport == .udp ? 2 : 1))
    }

    /// tls and sctp have no socket here, nor has tcp.
    @Test(arguments: [TransportProtocol.tcp, .tls, .sctp], ["t_relay_to_%", "t_replicate_%"])
    func `a protocol without a socket fails the relay`(_ transport: TransportProtocol, _ name: String) throws {
        let call = name.replacing("%", with: "\(transport.name)") + "(\"192.0.2.3\", \"5060\")"
        let scene = try TransactionScene(
            "if (!\(call)) { xlog(\"not sent\\n\"); } exit; }", settings: "listen=udp:127.0.0.1:5060")
        scene.send("MESSAGE")
        #expect(!scene.seen().contains("MESSAGE to two"))
        #expect(scene.recorder.log.contains { $0.contains("not sent") })
    }
}
