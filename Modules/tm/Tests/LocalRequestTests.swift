import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import Simulation

private let parties = "From: <sip:me@example.com>\r\nTo: <sip:bob@example.com>\r\n"
private let bob = "sip:bob@192.0.2.1"

@Suite("tm: requests of the server's own (RFC 3261 §8.1)")
struct LocalRequestTests {
    /// A scene with phone `bob` at 192.0.2.1.
    private func scene(
        _ modules: String = "", _ script: String = "request_route { exit; }", listen: [String] = []
    ) throws -> LocalScene {
        let scene = try LocalScene(modules, script, listen: listen)
        _ = scene.stage.phone("bob")
        return scene
    }

    @Test func `what is left out is added, in this order`() throws {
        let scene = try self.scene()
        #expect(scene.call("tm.t_uac_start", "OPTIONS", bob, ".", ".", parties + "X-Own: 1\r\n").text == "sent")
        let sent = try #require(scene.last)
        #expect(sent.firstLine == "OPTIONS sip:bob@192.0.2.1 SIP/2.0")
        #expect(
            sent.fields.map(\.name) == [
                "Via", "To", "From", "CSeq", "Call-ID", "Max-Forwards", "Content-Length", "User-Agent", "X-Own",
            ])
        #expect(sent["CSeq"] == "10 OPTIONS")
        #expect(sent["To"] == "<sip:bob@example.com>")
        #expect(sent.tag("From")?.count == 32)
    }

    @Test func `Call-ID, CSeq, tags and Max-Forwards of the caller stay`() throws {
        let scene = try self.scene()
        let headers =
            "From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>;tag=t\r\nCall-ID: mine\r\nCSeq: 77 MESSAGE\r\nMax-Forwards: 5\r\n"
        _ = scene.call("tm.t_uac_start", "MESSAGE", bob, "", "", headers)
        let sent = try #require(scene.last)
        #expect(sent["From"] == "<sip:a@b>;tag=f")
        #expect(sent["To"] == "<sip:c@d>;tag=t")
        #expect(sent["Call-ID"] == "mine")
        #expect(sent["CSeq"] == "77 MESSAGE")
        #expect(sent.all("Max-Forwards") == ["5"])
    }

    @Test func `the next hop is not the Request-URI`() throws {
        let scene = try self.scene()
        _ = scene.call("tm.t_uac_start", "OPTIONS", "sip:x@example.org", bob, ".", parties)
        #expect(scene.sent == ["OPTIONS to bob"])
        #expect(scene.last?.requestURI == "sip:x@example.org")
    }

    @Test(arguments: [
        ("OPTIONS", "xxx", ".", ".", parties, "", "400 Invalid request uri \"xxx\""),
        ("OPTIONS", bob, "bad", ".", parties, "", "400 Invalid next-hop uri \"bad\""),
        ("OPTIONS", bob, ".", "udp:192.0.2.9:99", parties, "", "400 No local socket for \"udp:192.0.2.9:99\""),
        ("OPTIONS", bob, ".", ".", "From: <sip:a@b>\r\n", "", "400 To missing"),
        ("OPTIONS", bob, ".", ".", "To: <sip:a@b>\r\n", "", "400 From missing"),
        ("MESSAGE", bob, ".", ".", parties, "text", "400 Content-Type missing"),
    ])
    func `a command that is no request is refused`(
        _ method: String, _ uri: String, _ hop: String, _ socket: String, _ headers: String, _ body: String,
        _ fault: String
    ) throws {
        let scene = try self.scene()
        #expect(scene.call("tm.t_uac_start", method, uri, hop, socket, headers, body).text == fault)
        #expect(scene.sent.isEmpty)
    }

    @Test func `too few parameters are counted`() throws {
        let scene = try self.scene()
        #expect(scene.call("tm.t_uac_start", "OPTIONS", bob).text == "400 too few parameters (2/5)")
    }

    @Test func `a command that waits answers with the final reply`() throws {
        let scene = try self.scene()
        let answer = scene.call("tm.t_uac_wait", "INVITE", bob, ".", ".", parties)
        scene.answer("bob", 180)
        #expect(answer.text == nil)
        scene.answer("bob", 486)
        #expect(answer.text == "486 Busy Here")
        #expect(scene.sent == ["INVITE to bob", "ACK to bob"])
        #expect(scene.last?["CSeq"] == "10 ACK")
        #expect(Set(scene.messages.map(\.message.branch)).count == 1)
    }

    @Test func `a request is repeated and times out with 408`() throws {
        let scene = try self.scene("modparam(\"tm\", \"fr_timer\", 4000)")
        let answer = scene.call("tm.t_uac_wait_block", "OPTIONS", bob, ".", ".", parties)
        scene.stage.advance(by: .seconds(5))
        #expect(answer.text == "408 Request Timeout")
        #expect(scene.sent.count == 4)
        #expect(Set(scene.messages.map(\.message.branch)).count == 1)
        scene.stage.advance(by: .seconds(60))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `one that cannot be delivered ends with 477`() throws {
        let scene = try self.scene()
        scene.stage.phone("bob").isReachable = false
        let answer = scene.call("tm.t_uac_wait_block", "OPTIONS", bob, ".", ".", parties)
        #expect(answer.text?.hasPrefix("477 ") == true)
    }

    @Test func `an INVITE that rings can be cancelled`() throws {
        let scene = try self.scene(
            "", "request_route { t_cancel_callid(\"ringing\", \"10\", \"5\"); exit; }")
        let answer = scene.call("tm.t_uac_wait", "INVITE", bob, ".", ".", parties + "Call-ID: ringing\r\n")
        scene.stage.phone("bob").answers = []
        scene.answer("bob", 180)
        scene.request("OPTIONS", "x")
        #expect(scene.sent == ["INVITE to bob", "CANCEL to bob", "ACK to bob"])
        #expect(answer.text == "487 Request Terminated")
    }

    @Test func `a body may be written in hexadecimal`() throws {
        let scene = try self.scene()
        let headers = parties + "Content-Type: text/plain\r\n"
        _ = scene.call("tm.t_uac_start_hex", "MESSAGE", bob, ".", ".", headers, "68656c6c6f")
        #expect(scene.last?.body == "hello")
        _ = scene.call("tm.t_uac_attrs", "mode=start;body=hex;ack=no", "MESSAGE", bob, ".", ".", headers, "6869")
        #expect(scene.last?.body == "hi")
        #expect(scene.call("tm.t_uac_attrs", "mode=odd", "MESSAGE", bob, ".", ".", headers, "").text?.first == "4")
    }

    @Test(arguments: ["start", "wait", "wait_block"], ["", "_noack", "_hex", "_noack_hex"])
    func `each command has its forms`(_ word: String, _ form: String) throws {
        let scene = try self.scene()
        let body = form.hasSuffix("_hex") ? "68656c6c6f" : "hello"
        let answer = scene.call(
            "tm.t_uac_\(word)\(form)", "INVITE", bob, ".", ".", parties + "Content-Type: text/plain\r\n", body)
        #expect(scene.last?.body == "hello")
        #expect(answer.text == (word == "start" ? "sent" : nil))
        scene.answer("bob", 200, [("Contact", "<sip:bob@192.0.2.1>")])
        if word != "start" { #expect(answer.text == "200 OK") }
        #expect(scene.sent == (form.contains("noack") ? ["INVITE to bob"] : ["INVITE to bob", "ACK to bob"]))
    }

    @Test func `t_uac_send is true when the request left`() throws {
        let scene = try self.scene(
            "",
            #"""
            request_route {
                if (t_uac_send("MESSAGE", "sip:bob@example.org", "sip:192.0.2.1", "", "From: <sip:a@b>\r\nTo: <sip:c@d>\r\nContent-Type: text/plain\r\n", "hello")) {
                    if (!t_uac_send("OPTIONS", "sip:bob@192.0.2.1", "", "", "X: 1\r\n", "")) { sl_send_reply("200", "Sent"); }
                }
                exit;
            }
            """#)
        scene.request("OPTIONS", "x")
        #expect(scene.sent == ["MESSAGE to bob", "200 to alice"])
        #expect(scene.messages.first?.message.body == "hello")
    }
}

@Suite("tm: event routes of local requests")
struct LocalRequestEventTests {
    private func scene(
        _ event: String, _ modules: String = "", _ more: String = "", listen: [String] = []
    ) throws
        -> LocalScene
    {
        let scene = try LocalScene(
            modules, "request_route { exit; }\nevent_route[tm:local-request] { \(event) }\n\(more)", listen: listen)
        _ = scene.stage.phone("bob")
        return scene
    }

    @Test func `header fields, body and Request-URI may be changed`() throws {
        let scene = try self.scene(
            #"append_hf("X-Local: $rm\r\n"); $ru = "sip:new@example.net"; set_body("abc", "a/b");"#)
        _ = scene.call("tm.t_uac_start", "OPTIONS", bob, ".", ".", parties)
        let sent = try #require(scene.last)
        #expect(scene.sent == ["OPTIONS to bob"])
        #expect(sent.requestURI == "sip:new@example.net")
        #expect(sent["X-Local"] == "OPTIONS")
        #expect(sent["Content-Length"] == "3")
        #expect(sent.body == "abc")
    }

    @Test func `drop keeps the request back`() throws {
        let scene = try self.scene("drop;")
        let answer = scene.call("tm.t_uac_start", "OPTIONS", bob, ".", ".", parties)
        #expect(answer.text == "500 No error (0/RPC/UAC)")
        #expect(scene.sent.isEmpty)
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `it cannot send requests itself, which it would see too`() throws {
        let scene = try self.scene(
            #"t_uac_send("INFO", "sip:bob@192.0.2.1", "", "", "From: <sip:a@b>\r\nTo: <sip:c@d>\r\n", "");"#)
        _ = scene.call("tm.t_uac_start", "OPTIONS", bob, ".", ".", parties)
        #expect(scene.sent == ["OPTIONS to bob"])
    }

    @Test func `another socket changes Via too`() throws {
        let scene = try self.scene(
            "$fs = \"udp:127.0.0.1:5062\";", listen: ["udp:127.0.0.1:5060", "udp:127.0.0.1:5062"])
        _ = scene.call("tm.t_uac_start", "OPTIONS", bob, ".", ".", parties)
        #expect(scene.last?["Via"]?.hasPrefix("SIP/2.0/UDP 127.0.0.1:5062;branch=") == true)
    }

    @Test func `it sees the request as it is about to leave`() throws {
        let scene = try self.scene(#"xlog("L_ERR", "to $tu by $du on $Rp\n");"#)
        _ = scene.call("tm.t_uac_start", "OPTIONS", bob, ".", ".", parties)
        #expect(scene.log.contains { $0.contains("to sip:bob@example.com by sip:bob@192.0.2.1 on 5060") })
    }

    @Test func `a failure route runs with enable_uac_fr, and relays anew`() throws {
        let script = #"failure_route[F] { if (t_check_status("503")) { $ru = "sip:carol@192.0.2.2"; t_relay(); } }"#
        let scene = try self.scene("t_on_failure(\"F\");", "modparam(\"tm\", \"enable_uac_fr\", 1)", script)
        _ = scene.stage.phone("carol")
        let answer = scene.call("tm.t_uac_wait", "OPTIONS", bob, ".", ".", parties)
        scene.answer("bob", 503)
        #expect(answer.text == nil)
        scene.answer("carol", 200)
        #expect(answer.text == "200 OK")
    }

    @Test func `without enable_uac_fr it does not`() throws {
        let scene = try self.scene(
            "t_on_failure(\"F\");", "", "failure_route[F] { xlog(\"L_ERR\", \"failed\\n\"); }")
        let answer = scene.call("tm.t_uac_wait", "OPTIONS", bob, ".", ".", parties)
        scene.answer("bob", 503)
        #expect(answer.text == "503 Service Unavailable")
        #expect(!scene.log.contains { $0.contains("failed") })
    }

    @Test func `a reply route runs for its replies`() throws {
        let scene = try self.scene("t_on_reply(\"R\");", "", "onreply_route[R] { xlog(\"L_ERR\", \"got $rs\\n\"); }")
        _ = scene.call("tm.t_uac_start", "OPTIONS", bob, ".", ".", parties)
        scene.answer("bob", 200)
        #expect(scene.log.contains { $0.contains("got 200") })
    }

    @Test func `evlreq_mode shows it the CANCEL of a relayed INVITE`() throws {
        let scene = try LocalScene(
            "modparam(\"tm\", \"evlreq_mode\", 1)",
            #"""
            request_route { if (is_method("CANCEL")) { t_relay(); exit; } $du = "sip:192.0.2.1"; t_relay(); }
            event_route[tm:local-request] { append_hf("X-Seen: $rm\r\n"); }
            """#)
        _ = scene.stage.phone("bob")
        scene.request("INVITE", "x")
        scene.answer("bob", 180)
        let alice = scene.stage.phone("alice")
        scene.stage.send(try #require(alice.followUp("CANCEL")), from: alice)
        let cancel = try #require(scene.messages.first { $0.message.method == "CANCEL" && !$0.message.isReply })
        #expect(cancel.message["X-Seen"] == "CANCEL")
    }

    @Test func `tm local-response runs for a final reply of the server's own`() throws {
        let scene = try LocalScene(
            "",
            #"""
            request_route { t_newtran(); t_reply("404", "Mine"); }
            event_route[tm:local-response] { xlog("L_ERR", "answered $rs\n"); }
            """#)
        scene.request("OPTIONS", "x")
        #expect(scene.log.contains { $0.contains("answered 404") })
    }
}
