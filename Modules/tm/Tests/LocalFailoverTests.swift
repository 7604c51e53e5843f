import Bytes
import ModuleKit
import Testing

@testable import ApusServer
@testable import Simulation

@Suite("Requests of the server itself: other addresses, other protocols")
struct LocalFailoverTests {
    private static let parties = "From: <sip:a@b>\r\nTo: <sip:c@d>\r\nContent-Type: text/plain\r\n"

    /// Two phones, the addresses of gateway.example in that order.
    private static func scene(_ settings: String = "", refusesConnections: Bool = false) throws -> LocalScene {
        let scene = try LocalScene(
            "use_dns_failover = on\ndns_srv_lb = off\n" + settings,
            names: ["gateway.example": ["192.0.2.1", "192.0.2.2"]])
        for name in ["bob", "carol"] {
            let phone = scene.stage.phone(name)
            phone.answers = []
            phone.refusesConnections = refusesConnections
        }
        return scene
    }

    @Test func `a 503 sends them to the next address`() throws {
        let scene = try Self.scene()
        let answer = scene.call("tm.t_uac_wait", "OPTIONS", "sip:gateway.example", ".", ".", Self.parties)
        #expect(scene.sent == ["OPTIONS to bob"])
        scene.answer("bob", 503)
        #expect(scene.sent == ["OPTIONS to bob", "OPTIONS to carol"])
        #expect(answer.text == nil)
        scene.answer("carol", 200)
        #expect(answer.text == "200 OK")
    }

    @Test func `another refusal does not`() throws {
        let scene = try Self.scene()
        let answer = scene.call("tm.t_uac_wait", "OPTIONS", "sip:gateway.example", ".", ".", Self.parties)
        scene.answer("bob", 404)
        #expect(scene.sent == ["OPTIONS to bob"])
        #expect(answer.text == "404 Not Found")
    }

    @Test func `nor does a 503 of the last one`() throws {
        let scene = try Self.scene()
        let answer = scene.call("tm.t_uac_wait", "OPTIONS", "sip:gateway.example", ".", ".", Self.parties)
        scene.answer("bob", 503)
        scene.answer("carol", 503)
        #expect(answer.text == "503 Service Unavailable")
    }

    @Test func `who is silent is given up for the next address`() throws {
        let scene = try Self.scene()
        let answer = scene.call("tm.t_uac_wait", "OPTIONS", "sip:gateway.example", ".", ".", Self.parties)
        scene.clear()
        // fr_timer has run out, max_noninv_lifetime has not.
        scene.stage.advance(by: .seconds(31))
        #expect(scene.sent.contains("OPTIONS to carol"))
        scene.answer("carol", 200)
        #expect(answer.text == "200 OK")
    }

    @Test func `large ones go over TCP, and over UDP where nobody takes connections`() throws {
        let large = String(repeating: "x", count: 600)
        for refuses in [false, true] {
            let scene = try Self.scene("udp_mtu = 700\nudp_mtu_try_proto = TCP\n", refusesConnections: refuses)
            let answer = scene.call("tm.t_uac_wait", "MESSAGE", "sip:bob@192.0.2.1", ".", ".", Self.parties, large)
            let protocols = scene.messages.map { $0.message["Via"]?.split(separator: " ").first ?? "" }
            #expect(protocols == (refuses ? ["SIP/2.0/TCP", "SIP/2.0/UDP"] : ["SIP/2.0/TCP"]))
            scene.answer("bob", 200)
            #expect(answer.text == "200 OK")
        }
    }
}
