import Bytes
import Testing

@testable import Simulation

@Suite("tm: replies, failure routes, CANCEL")
struct ReplyTests {
    private static let legs = """
        $du = $hdr(X-1); $avp(leg) = 0; t_on_failure("NEXT"); t_relay(); exit;
        }
        failure_route[NEXT] {
            $avp(leg) = $avp(leg) + 1;
            if ($avp(leg) == 3) exit;
            if ($hdr(X-Case) != "default") t_drop_replies("$hdr(X-Case)");
            if ($avp(leg) == 1) $du = $hdr(X-2);
            if ($avp(leg) == 2) $du = $hdr(X-3);
            t_on_failure("NEXT"); t_relay();
        }
        """

    /// What the caller gets when three legs fail in turn.
    private func outcome(mode: Int, _ codes: [Int]) throws -> Int {
        let scene = try TransactionScene(
            Self.legs.split(separator: "\n").filter { !$0.contains("t_drop_replies") }.joined(separator: "\n"),
            settings: "modparam(\"tm\", \"failure_reply_mode\", \(mode))")
        scene.send("MESSAGE", case: "default")
        for (index, code) in codes.enumerated() { try scene.reply(index + 1, code) }
        return scene.last("alice")?.status ?? 0
    }

    @Test func `failure_reply_mode says which replies compete`() throws {
        #expect(try self.outcome(mode: 0, [404, 486, 500]) == 404)
        #expect(try self.outcome(mode: 3, [404, 486, 500]) == 500)
        // Whatever a failure route has seen is gone, also the last.
        #expect(try self.outcome(mode: 1, [404, 486, 500]) == 500)
        #expect(try self.outcome(mode: 2, [404, 486, 480]) == 500)
    }

    @Test func `dropped replies are forgotten though nothing follows`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_failure("F"); t_relay(); exit;
            }
            failure_route[F] { t_drop_replies(); }
            """)
        scene.send("MESSAGE")
        try scene.reply(1, 404)
        #expect(scene.last("alice")?.firstLine == "SIP/2.0 500 I'm terribly sorry, server error occurred (1/TM)")
    }

    @Test func `a leg that fails while the route that began it still runs has a failure route of its own`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_failure("FIRST"); t_relay(); exit;
            }
            failure_route[FIRST] { $du = $hdr(X-2); t_on_failure("SECOND"); t_relay(); sleep("1"); }
            failure_route[SECOND] { t_reply("480", "Second"); }
            """)
        scene.send("MESSAGE")
        try scene.reply(1, 404)
        try scene.reply(2, 486)
        scene.wait(milliseconds: 1100)
        #expect(scene.last("alice")?.status == 480)
    }

    @Test func `a reply route answers in place of what came`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_reply("R"); t_relay(); exit;
            }
            onreply_route[R] { if ($rs == 183) t_reply("480", "Own Choice"); }
            """)
        scene.send()
        try scene.reply(1, 183)
        #expect(scene.seen() == ["INVITE to one", "480 to alice", "CANCEL to one", "ACK to one"])
        #expect(scene.last("one", "CANCEL")?["Reason"] == "SIP;cause=480")
    }

    @Test func `a reason without a value is the default one`() throws {
        let scene = try TransactionScene(
            "t_newtran(); t_reply(\"501\", \"$avp(none)\"); exit; }",
            settings: "modparam(\"tm\", \"default_reason\", \"Own Default\")")
        scene.send("MESSAGE")
        #expect(scene.last("alice")?.firstLine == "SIP/2.0 501 Own Default")
    }

    @Test func `Reason fields of the caller go on, unless they are to stay`() throws {
        let script = """
            if ($hdr(X-Case) == "keep") t_set_no_e2e_cancel_reason(1);
            if ($hdr(X-Case) == "alias") t_disable_e2e_cancel_reason(1);
            $du = $hdr(X-1); t_relay(); exit; }
            """
        for (name, wanted) in [("pass", "Q.850;cause=16"), ("keep", nil), ("alias", nil)] {
            let scene = try TransactionScene(script)
            scene.send(case: name)
            try scene.reply(1, 180)
            try scene.cancel([("Reason", "Q.850;cause=16"), ("X-Own", "1")])
            #expect(scene.last("one", "CANCEL")?["Reason"] == wanted)
            #expect(scene.last("one", "CANCEL")?["X-Own"] == nil)
        }
    }

    @Test func `a CANCEL that had to wait carries the caller's Reason too`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        scene.send()
        try scene.cancel([("Reason", "Q.850;cause=16")])
        #expect(scene.last("one", "CANCEL") == nil)
        try scene.reply(1, 180)
        #expect(scene.last("one", "CANCEL")?["Reason"] == "Q.850;cause=16")
    }

    @Test func `headers_mode copies the caller's CANCEL, ac_extra_hdrs the INVITE`() throws {
        let scene = try TransactionScene(
            "$du = $hdr(X-1); t_relay(); exit; }",
            settings: """
                modparam("tm", "headers_mode", 1)
                modparam("tm", "ac_extra_hdrs", "my-")
                """)
        scene.send("INVITE", [("My-Own", "1")])
        try scene.reply(1, 180)
        try scene.cancel([("X-Own", "2"), ("User-Agent", "phone")])
        let cancel = try #require(scene.last("one", "CANCEL"))
        #expect(cancel["My-Own"] == "1")
        #expect(cancel["X-Own"] == "2")
        #expect(cancel["User-Agent"] == "phone")
        #expect(cancel.all("Via").count == 1)
        #expect(scene.last("one", "ACK")?["My-Own"] == "1")
    }

    @Test func `after an answer a silent branch is left alone until it speaks`() throws {
        let scene = try TransactionScene("$ru = $hdr(X-1); append_branch(\"$hdr(X-2)\"); t_relay(); exit; }")
        scene.send()
        try scene.reply(1, 200)
        _ = scene.seen()
        scene.wait(milliseconds: 2000)
        #expect(!scene.seen(repeats: true).contains("INVITE to two"))
        try scene.reply(2, 180)
        #expect(scene.last("two", "CANCEL")?["Reason"] == "SIP;cause=200")
    }

    @Test func `unmatched_cancel says what becomes of a CANCEL for nothing`() throws {
        for (mode, wanted) in [(0, ["CANCEL to one"]), (1, ["CANCEL to one"]), (2, [])] {
            let scene = try TransactionScene(
                "exit; }", settings: "modparam(\"tm\", \"unmatched_cancel\", \(mode))",
                onCancel: "$du = $hdr(X-1); t_relay();")
            let cancel = scene.send("CANCEL")
            #expect(scene.seen().filter { $0.hasPrefix("CANCEL") } == wanted)
            scene.stage.send(cancel, from: scene.alice)
            // With a transaction the repetition is absorbed.
            #expect(scene.seen(repeats: true).filter { $0.hasPrefix("CANCEL") } == (mode == 1 ? wanted : []))
        }
    }

    @Test func `a redirection tells flags and path`() throws {
        let scene = try TransactionScene(
            """
            $ru = "sip:a@192.0.2.3"; setbflag(2);
            append_branch("sip:b@192.0.2.4", "0.5");
            $(branch(flags)[0]) = 9; $(branch(path)[0]) = "<sip:192.0.2.1;lr>";
            t_newtran(); t_reply("302", "Moved"); exit; }
            """, settings: "modparam(\"tm\", \"rich_redirect\", 3)")
        scene.send("MESSAGE")
        #expect(
            scene.last("alice")?["Contact"]
                == "<sip:a@192.0.2.3>;flags=4, <sip:b@192.0.2.4?Route=%3csip:192.0.2.1%3blr%3e>;q=0.5;flags=9")
    }

    @Test func `replies of no transaction run on_sl_reply`() throws {
        let scene = try TransactionScene(
            """
            exit;
            }
            onreply_route[SL] { append_hf("X-Sl: $rs\\r\\n"); if ($rs == 181) drop; if ($rs == 182) return 0; }
            """, settings: "modparam(\"tm\", \"on_sl_reply\", \"SL\")")
        for status in [180, 181, 182, 200] {
            var reply = PlainMessage("SIP/2.0 \(status) Own")
            reply.fields = [
                .init("Via", "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKnobody.0"),
                .init("Via", "SIP/2.0/UDP \(scene.alice.address);branch=z9hG4bKa"), .init("From", "<sip:a@b>;tag=1"),
                .init("To", "<sip:b@b>;tag=2"), .init("Call-ID", "own"), .init("CSeq", "1 INVITE"),
            ]
            scene.stage.send(reply, from: scene.phones[0])
        }
        #expect(scene.seen() == ["180 to alice", "200 to alice"])
        #expect(scene.last("alice")?["X-Sl"] == "200")
    }

    /// A 200 comes twice while the script of the first copy sleeps: what the caller gets, and what the script saw.
    private func repeatedAnswer(mode: Int) throws -> (answers: Int, log: [String]) {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_reply("R"); t_relay(); exit;
            }
            onreply_route[R] {
                if ($rs != 200) exit;
                if (t_is_retr_async_reply()) { xlog("again\\n"); exit; }
                xlog("first\\n");
                sleep("2");
            }
            """, settings: "modparam(\"tm\", \"reply_relay_mode\", \(mode))")
        scene.send()
        try scene.reply(1, 200)
        scene.wait(milliseconds: 500)
        let phone = scene.phones[0]
        let pending = try #require(phone.pending.last)
        let reply = try #require(pending.lastReply)
        scene.stage.send(reply, from: phone, to: pending.socket)
        scene.wait(milliseconds: 100)
        let early = scene.recorder.all.filter { $0.phone == "alice" && $0.message.status == 200 }.count
        scene.wait(milliseconds: 3000)
        #expect(scene.last("alice")?.status == 200)
        return (early, scene.recorder.log.map { $0.split(separator: " ").last.map(String.init) ?? "" })
    }

    @Test func `a repeated answer waits for the script of the first, or goes on`() throws {
        let waiting = try self.repeatedAnswer(mode: 1)
        #expect(waiting.answers == 0)
        #expect(waiting.log.filter { $0 == "again" }.count == 1)
        #expect(try self.repeatedAnswer(mode: 0).answers == 1)
    }

    @Test func `onsend_route keeps a relayed reply back`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_relay(); exit;
            }
            onsend_route { if ($rs == 183 || $rs == 404) drop; }
            """, settings: "onsend_route_reply=yes")
        for (status, isSent) in [(486, true), (404, false)] {
            scene.send("MESSAGE")
            try scene.reply(1, 183)
            try scene.reply(1, 180)
            try scene.reply(1, status)
            #expect(scene.seen() == ["MESSAGE to one", "180 to alice"] + (isSent ? ["\(status) to alice"] : []))
        }
    }
}
