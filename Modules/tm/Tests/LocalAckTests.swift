import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import Simulation

private let parties = "From: <sip:me@example.com>\r\nTo: <sip:bob@example.com>\r\n"
private let bob = "sip:bob@192.0.2.1"

@Suite("tm: the ACK for a 2xx to a local INVITE (RFC 3261 §13.2.2.4)")
struct LocalAckTests {
    /// A call to bob, who answers 200 with a contact that is carol's, through a proxy that is dave.
    private func scene(_ modules: String = "", recordRoute: String? = nil, event: String = "") throws -> LocalScene {
        let script =
            event.isEmpty
            ? "request_route { exit; }"
            : "request_route { t_uac_ack_local(\"$hdr(X-Call)\", \"10\", \"X-Late: 1\\r\\n\"); exit; }\nevent_route[tm:local-request] { \(event) }"
        let scene = try LocalScene(modules, script)
        for name in ["bob", "carol", "dave"] { _ = scene.stage.phone(name) }
        _ = scene.call("tm.t_uac_start", "INVITE", bob, ".", ".", parties + "Call-ID: held\r\n")
        var fields = [("Contact", "<sip:carol@192.0.2.2>")]
        if let recordRoute { fields.append(("Record-Route", recordRoute)) }
        scene.answer("bob", 200, fields)
        return scene
    }

    @Test func `it goes to the contact`() throws {
        let scene = try self.scene()
        #expect(scene.sent == ["INVITE to bob", "ACK to carol"])
        #expect(scene.last?.requestURI == "sip:carol@192.0.2.2")
        #expect(scene.last?.tag("To") == "bob-tag-1")
        #expect(scene.last?["CSeq"] == "10 ACK")
    }

    @Test func `it goes by the route set in reverse`() throws {
        let scene = try self.scene(recordRoute: "<sip:192.0.2.9;lr>, <sip:192.0.2.3;lr>")
        #expect(scene.sent.last == "ACK to dave")
        #expect(scene.last?.list("Route") == ["<sip:192.0.2.3;lr>", "<sip:192.0.2.9;lr>"])
        #expect(scene.last?.requestURI == "sip:carol@192.0.2.2")
    }

    @Test func `a strict router gets itself in the Request-URI`() throws {
        let scene = try self.scene(recordRoute: "<sip:192.0.2.3>")
        #expect(scene.sent.last == "ACK to dave")
        #expect(scene.last?.requestURI == "sip:192.0.2.3")
        #expect(scene.last?.list("Route") == ["<sip:carol@192.0.2.2>"])
    }

    @Test(arguments: [1, 2]) func `local_ack_mode sends it where the INVITE went or the reply came from`(
        _ mode: Int
    ) throws {
        let scene = try self.scene("modparam(\"tm\", \"local_ack_mode\", \(mode))")
        #expect(scene.sent.last == "ACK to bob")
        #expect(scene.last?.requestURI == "sip:carol@192.0.2.2")
    }

    @Test func `local_ack_branch_mode gives it a branch of its own`() throws {
        let same = try self.scene()
        #expect(Set(same.messages.map(\.message.branch)).count == 1)
        let own = try self.scene("modparam(\"tm\", \"local_ack_branch_mode\", 1)")
        #expect(Set(own.messages.map(\.message.branch)).count == 2)
    }

    @Test func `a repeated 2xx gets it again, for 64 T1`() throws {
        let scene = try self.scene()
        let phone = scene.stage.phone("bob")
        let known = try #require(phone.known(scene.messages[0].message))
        let reply = try #require(known.lastReply)
        scene.stage.advance(by: .seconds(20))
        scene.stage.send(reply, from: phone)
        #expect(scene.sent == ["INVITE to bob", "ACK to carol", "ACK to carol"])
        scene.stage.advance(by: .seconds(60))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `t_set_no_auto_ack holds it until t_uac_ack_local`() throws {
        let scene = try self.scene(event: "t_set_no_auto_ack(1);")
        #expect(scene.sent == ["INVITE to bob"])
        let phone = scene.stage.phone("dave")
        var message = phone.request("OPTIONS", "sip:x@127.0.0.1")
        message.set("X-Call", "held")
        scene.stage.send(message, from: phone)
        #expect(scene.sent == ["INVITE to bob", "ACK to carol"])
        #expect(scene.last?["X-Late"] == "1")
        scene.stage.send(message, from: phone)
        #expect(scene.sent.count == 2)
    }

    @Test func `tm local-ack-sent sees it`() throws {
        let scene = try LocalScene(
            "",
            """
            request_route { exit; }
            event_route[tm:local-ack-sent] { xlog("L_ERR", "acknowledged $rm $ru\\n"); }
            """)
        _ = scene.stage.phone("bob")
        _ = scene.call("tm.t_uac_start", "INVITE", bob, ".", ".", parties)
        scene.answer("bob", 200, [("Contact", "<sip:bob@192.0.2.1>")])
        scene.stage.advance(by: .zero)
        #expect(scene.log.contains { $0.contains("acknowledged ACK sip:bob@192.0.2.1") })
    }

    @Test func `a reply that names nobody gets none`() throws {
        let scene = try LocalScene()
        _ = scene.stage.phone("bob")
        _ = scene.call("tm.t_uac_start", "INVITE", bob, ".", ".", parties)
        let phone = scene.stage.phone("bob")
        let open = try #require(phone.openRequest())
        var reply = phone.reply(to: open, 200)
        reply.remove("Contact")
        scene.stage.reply(reply, to: open, from: phone)
        #expect(scene.sent == ["INVITE to bob"])
    }
}
