import Bytes
import SIPMessage
import Testing

@testable import Simulation
@testable import uac

@Suite("uac: uac_req_send")
struct RequestSendingTests {
    private func scene(_ draft: String, event: String = "") throws -> UACScene {
        try UACScene(
            "modparam(\"tm\", \"fr_timer\", 3000)",
            """
            request_route {
                $uac_req(method) = "MESSAGE";
                $uac_req(ruri) = "sip:bob@192.0.2.1";
                $uac_req(furi) = "sip:from@example.com";
                $uac_req(turi) = "sip:to@example.com";
                \(draft)
                if (uac_req_send()) { xlog("L_ERR", "sent\\n"); } else { xlog("L_ERR", "failed $rc\\n"); }
                exit;
            }
            event_route[uac:reply] {
                xlog("L_ERR", "$rm $rs code=$uac_req(evcode) type=$uac_req(evtype) for $uac_req(evparam) $uac_req(ruri)\\n");
                \(event)
            }
            """)
    }

    @Test func `what $uac_req describes is sent`() throws {
        let scene = try self.scene(
            #"$uac_req(hdrs) = "X-A: 1\r\nContent-Type: text/plain\r\n"; $uac_req(body) = "hello"; $uac_req(callid) = "mine"; $uac_req(cseqno) = 55;"#
        )
        scene.request("OPTIONS")
        let sent = try #require(scene.got("bob"))
        #expect(sent.firstLine == "MESSAGE sip:bob@192.0.2.1 SIP/2.0")
        #expect(sent["From"]?.hasPrefix("<sip:from@example.com>;tag=") == true)
        #expect(sent["To"] == "<sip:to@example.com>")
        #expect(sent["X-A"] == "1")
        #expect(sent["Call-ID"] == "mine")
        #expect(sent["CSeq"] == "55 MESSAGE")
        #expect(sent.body == "hello")
        #expect(scene.logs("sent"))
    }

    @Test func `To is the Request-URI when it is not set, and another hop may be`() throws {
        let scene = try self.scene(
            #"$uac_req(turi) = $null; $uac_req(ruri) = "sip:x@example.org"; $uac_req(ouri) = "sip:192.0.2.1";"#)
        scene.request("OPTIONS")
        #expect(scene.got("bob")?["To"] == "<sip:x@example.org>")
    }

    @Test func `all = $null forgets everything, and nothing is sent without the mandatory parts`() throws {
        let scene = try self.scene("$uac_req(all) = $null;")
        scene.request("OPTIONS")
        #expect(scene.sent.isEmpty)
        #expect(scene.logs("failed -1"))
    }

    @Test(arguments: ["method", "ruri", "furi", "turi", "callid"]) func `what would end its line is not sent`(
        _ key: String
    ) throws {
        let scene = try self.scene("$uac_req(\(key)) = \"sip:a@192.0.2.1\\r\\nX: 1\";")
        scene.request("OPTIONS")
        #expect(scene.sent.isEmpty)
    }

    @Test func `uac reply runs on the reply`() throws {
        let scene = try self.scene(#"$uac_req(evroute) = 1; $uac_req(evparam) = "P";"#)
        scene.request("OPTIONS")
        scene.answer("bob", 200)
        #expect(scene.logs("MESSAGE 200 code=200 type=1 for P sip:bob@192.0.2.1"))
    }

    @Test func `uac reply runs without one when none came`() throws {
        let scene = try self.scene("$uac_req(evroute) = 1;")
        scene.request("OPTIONS")
        scene.stage.advance(by: .seconds(5))
        #expect(scene.logs("code=408 type=2"))
    }

    @Test func `a challenge is answered once, with the next CSeq number`() throws {
        let scene = try self.scene(
            #"$uac_req(evroute) = 1; $uac_req(auser) = "user"; $uac_req(apasswd) = "secret"; $uac_req(hdrs) = "X-A: 1\r\n";"#
        )
        scene.request("OPTIONS")
        let first = try #require(scene.got("bob"))
        let challenge = ("WWW-Authenticate", "Digest realm=\"realm\", nonce=\"abc\", qop=\"auth\"")
        scene.answer("bob", 401, [challenge])
        let second = try #require(scene.got("bob"))
        #expect(second["Authorization"]?.contains("qop=auth, nc=00000001") == true)
        #expect(second["CSeq"] == "11 MESSAGE")
        #expect(second["Call-ID"] == first["Call-ID"])
        #expect(second["From"] == first["From"])
        #expect(second["X-A"] == "1")
        scene.answer("bob", 401, [challenge])
        #expect(scene.sent == ["MESSAGE to bob", "MESSAGE to bob"])
        #expect(scene.log.filter { $0.contains("code=401") }.count == 2)
    }

    @Test func `a timer of its own`() throws {
        let scene = try self.scene("$uac_req(evroute) = 1; $uac_req(fr_timeout) = 1000;")
        scene.request("OPTIONS")
        scene.stage.advance(by: .milliseconds(1500))
        #expect(scene.logs("code=408"))
    }
}
