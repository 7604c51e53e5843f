import Bytes
import Testing

@testable import Simulation

@Suite("tm: forking")
struct ForkingTests {
    private static let contacts = """
        modparam("tm", "contacts_avp", "contacts")
        modparam("tm", "contact_flows_avp", "flows")
        """

    @Test func `contacts are tried by falling q, those of one q together`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1);
            append_branch("$hdr(X-2)", "0.5"); append_branch("$hdr(X-3)", "0.5"); append_branch("$hdr(X-4)", "0.9");
            t_load_contacts(); t_next_contacts();
            t_on_failure("NEXT"); t_relay(); exit;
            }
            failure_route[NEXT] {
                if (t_next_contacts()) { t_on_failure("NEXT"); t_relay(); exit; }
                t_reply("480", "All gone");
            }
            """, settings: Self.contacts, phones: 4)
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to four"])
        try scene.reply(4, 486)
        #expect(scene.seen() == ["MESSAGE to three", "MESSAGE to two"])
        try scene.reply(2, 486)
        try scene.reply(3, 486)
        #expect(scene.seen() == ["MESSAGE to one"])
        try scene.reply(1, 486)
        #expect(scene.seen() == ["480 to alice"])
    }

    @Test func `a branch that fails while its failure route still runs has the route armed for it`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); t_on_failure("FIRST"); t_relay(); exit;
            }
            failure_route[FIRST] { t_on_failure("SECOND"); $ru = $hdr(X-2); t_relay(); usleep("50000"); }
            failure_route[SECOND] { $ru = $hdr(X-3); t_relay(); usleep("50000"); }
            """)
        scene.send()
        try scene.reply(1, 486)
        #expect(scene.seen() == ["INVITE to one", "ACK to one", "INVITE to two"])
        try scene.reply(2, 486)
        #expect(scene.seen() == ["ACK to two"])
        scene.wait(milliseconds: 60)
        #expect(scene.seen() == ["INVITE to three"])
        // Nothing is armed for the last one.
        try scene.reply(3, 404)
        #expect(scene.seen() == ["ACK to three"])
        scene.wait(milliseconds: 60)
        #expect(scene.seen() == ["404 to alice"])
    }

    @Test func `a single contact is left where it is`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); t_load_contacts();
            if (t_next_contacts()) { xlog("there was one\\n"); }
            append_hf("X-Rc: $rc\\r\\n"); t_relay(); exit; }
            """, settings: Self.contacts)
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to one"])
        #expect(scene.last("one")?["X-Rc"] == "-2")
    }

    @Test func `drawn contacts come one by one`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); append_branch("$hdr(X-2)", "0.5"); append_branch("$hdr(X-3)", "0.7");
            t_load_contacts("1"); t_next_contacts(); t_relay(); exit; }
            """, settings: Self.contacts)
        scene.send("MESSAGE")
        #expect(scene.seen().count == 1)
    }

    @Test func `flows of one instance are tried after each other`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1);
            append_branch("$hdr(X-2)", "0.5"); $(branch(instance)[0]) = "<urn:uuid:1>";
            append_branch("$hdr(X-3)", "0.5"); $(branch(instance)[1]) = "<urn:uuid:1>";
            t_load_contacts(); t_next_contacts();
            t_on_branch_failure("flow"); t_relay(); exit;
            }
            event_route[tm:branch-failure:flow] {
                if (t_check_status("430") && t_next_contact_flow()) { t_on_branch_failure("flow"); t_relay(); }
            }
            """, settings: Self.contacts)
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to three"])
        try scene.reply(3, 430)
        #expect(scene.seen() == ["MESSAGE to two"])
        try scene.reply(2, 430)
        #expect(scene.seen() == ["430 to alice"])
    }

    @Test func `a failed branch goes elsewhere while the others ring`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); append_branch("$hdr(X-2)");
            t_on_branch_failure("one"); t_on_failure("ALL"); t_relay(); exit;
            }
            event_route[tm:branch-failure:one] {
                if ($T_reply_code == 430) { $ru = $hdr(X-3); t_on_branch_failure("0"); t_relay(); }
            }
            failure_route[ALL] { append_to_reply("X-All: $T_reply_code\\r\\n"); t_reply("480", "Own"); }
            """)
        scene.send()
        #expect(scene.seen() == ["INVITE to one", "INVITE to two"])
        try scene.reply(1, 430)
        #expect(scene.seen() == ["ACK to one", "INVITE to three"])
        try scene.reply(2, 486)
        #expect(scene.seen() == ["ACK to two"])
        try scene.reply(3, 404)
        #expect(scene.seen() == ["ACK to three", "480 to alice"])
        #expect(scene.last("alice")?["X-All"] == "404")
    }

    @Test func `a branch that timed out has its event too`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); t_on_branch_failure("late"); t_relay(); exit;
            }
            event_route[tm:branch-failure:late] {
                if (t_branch_timeout()) { t_reuse_branch(); $du = $hdr(X-2); t_on_branch_failure("0"); t_relay(); }
            }
            """, settings: "modparam(\"tm\", \"fr_timer\", 1000)")
        scene.send("MESSAGE")
        scene.wait(milliseconds: 1100)
        #expect(scene.seen() == ["MESSAGE to one", "MESSAGE to two"])
        #expect(scene.last("two")?.requestURI == scene.last("one")?.requestURI)
        try scene.reply(2, 200)
        #expect(scene.seen() == ["200 to alice"])
    }

    @Test func `a cancelled transaction looks for no other way`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); t_on_branch_failure("one"); t_relay(); exit;
            }
            event_route[tm:branch-failure:one] { $ru = $hdr(X-2); t_relay(); }
            """)
        scene.send()
        try scene.reply(1, 180)
        try scene.cancel()
        _ = scene.seen()
        scene.wait(milliseconds: 2000)
        #expect(!scene.seen().contains("INVITE to two"))
    }

    @Test func `a branch has the reply route that was armed when it was sent`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); append_branch("$hdr(X-2)"); append_branch("$hdr(X-3)");
            t_on_branch("B"); t_on_reply("MAIN"); t_relay(); exit;
            }
            branch_route[B] {
                if ($T_branch_idx == 0) t_on_reply("FIRST");
                if ($T_branch_idx == 2) t_on_reply("THIRD");
            }
            onreply_route[MAIN] { append_hf("X-Route: main\\r\\n"); }
            onreply_route[FIRST] { append_hf("X-Route: first\\r\\n"); }
            onreply_route[THIRD] { append_hf("X-Route: third\\r\\n"); }
            """)
        scene.send()
        var routes: [String?] = []
        for number in 1...3 {
            try scene.reply(number, 183)
            routes.append(scene.last("alice")?["X-Route"])
        }
        #expect(routes == ["first", "first", "third"])
    }

    @Test func `all challenges go into one reply, in the order of the branches`() throws {
        let scene = try TransactionScene(
            "$ru = $hdr(X-1); append_branch(\"$hdr(X-2)\"); append_branch(\"$hdr(X-3)\"); t_relay(); exit; }")
        scene.send("MESSAGE")
        try scene.reply(3, 407, nil, [("Proxy-Authenticate", "Digest realm=\"3\"")])
        try scene.reply(2, 486)
        try scene.reply(1, 401, nil, [("WWW-Authenticate", "Digest realm=\"1\"")])
        let reply = try #require(scene.last("alice"))
        #expect(reply.firstLine == "SIP/2.0 401 Unauthorized")
        #expect(reply["WWW-Authenticate"] == "Digest realm=\"1\"")
        #expect(reply["Proxy-Authenticate"] == "Digest realm=\"3\"")
    }

    @Test func `one challenge is relayed as it came`() throws {
        let scene = try TransactionScene("$ru = $hdr(X-1); append_branch(\"$hdr(X-2)\"); t_relay(); exit; }")
        scene.send("MESSAGE")
        try scene.reply(1, 401, "Who", [("WWW-Authenticate", "Digest realm=\"1\"")])
        try scene.reply(2, 486)
        #expect(scene.last("alice")?.firstLine == "SIP/2.0 401 Who")
    }
}
