import Bytes
import Testing

@testable import Simulation

@Suite("tm: relay, copies, flags")
struct RelayTests {
    @Test func `a failure route that sets only the next hop relays again`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_failure("F"); t_relay(); exit;
            }
            failure_route[F] { $du = $hdr(X-2); t_relay(); }
            """)
        scene.send("MESSAGE")
        try scene.reply(1, 486)
        #expect(scene.seen() == ["MESSAGE to one", "MESSAGE to two"])
        try scene.reply(2, 200)
        #expect(scene.seen() == ["200 to alice"])
    }

    @Test func `one that sets nothing relays nothing`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_failure("F"); t_relay(); exit;
            }
            failure_route[F] { if (!t_relay()) { xlog("nothing\\n"); } }
            """)
        scene.send("MESSAGE")
        try scene.reply(1, 486)
        #expect(scene.seen() == ["MESSAGE to one", "486 to alice"])
    }

    @Test(arguments: [
        "t_relay(\"192.0.2.3\", \"5060\");", "t_relay_to(\"udp:192.0.2.3:5060\");",
        "t_relay_to_udp(\"192.0.2.3\", \"5060\");",
        "$var(h) = \"192.0.2.3\"; t_relay_to_proxy(\"udp:$var(h)\");",
        "$avp(x) = \"192.0.2.3\"; t_relay_to_avp(\"$avp(x)\");",
        "t_newtran(); t_forward_nonack(\"192.0.2.3\", \"5060\");",
        "t_newtran(); t_forward_nonack_udp(\"192.0.2.3\", \"5060\");",
        "t_newtran(); t_forward_nonack_to(\"udp\", \"192.0.2.3\");", "$ru = $hdr(X-2); t_relay_to_udp();",
        "$ru = $hdr(X-2); t_newtran(); t_forward_nonack_uri();",
    ])
    func `a next hop is named in many ways`(_ script: String) throws {
        let scene = try TransactionScene(script + " exit; }")
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to two"])
        #expect(scene.last("two")?.requestURI.hasPrefix("sip:") == true)
        try scene.reply(2, 200)
        #expect(scene.seen() == ["200 to alice"])
    }

    @Test func `forwarding needs a transaction`() throws {
        let scene = try TransactionScene(
            "if (!t_forward_nonack(\"192.0.2.3\", \"5060\")) { sl_send_reply(\"480\", \"None\"); } exit; }")
        scene.send("MESSAGE")
        #expect(scene.seen() == ["480 to alice"])
    }

    @Test func `flag 1 sends no 100`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay_to(\"0x01\"); exit; }")
        scene.send()
        #expect(scene.recorder.sent.map(\.message.status) == [0])
    }

    @Test func `flag 2 leaves a failed relay to the script`() throws {
        let scene = try TransactionScene(
            "$du = \"sip:nowhere.invalid;transport=sctp\"; if (!t_relay_to(\"2\")) { send_reply(\"480\", \"Own\"); } exit; }"
        )
        scene.send("MESSAGE")
        #expect(scene.seen() == ["480 to alice"])
    }

    @Test(arguments: [
        "$ru = $hdr(X-1); t_replicate();", "t_replicate(\"udp:192.0.2.2:5060\");",
        "t_replicate_udp(\"192.0.2.2\", \"5060\");",
        "t_replicate_to(\"udp\", \"192.0.2.2:5060\");",
    ])
    func `a copy is repeated until answered, and its replies go nowhere`(_ script: String) throws {
        let scene = try TransactionScene(script + " sl_send_reply(\"200\", \"Kept\"); exit; }")
        let request = scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to one", "200 to alice"])
        scene.wait(milliseconds: 600)
        #expect(scene.seen(repeats: true) == ["MESSAGE to one"])
        try scene.reply(1, 486)
        scene.stage.send(request, from: scene.alice)
        scene.wait(milliseconds: 40_000)
        #expect(scene.seen(repeats: true) == [])
        #expect(try scene.rpc("tm.list") == [])
    }

    @Test func `a copy nobody answers ends in silence`() throws {
        let scene = try TransactionScene("$ru = $hdr(X-1); t_replicate(); exit; }")
        scene.send()
        scene.wait(milliseconds: 100_000)
        #expect(scene.seen() == ["INVITE to one"])
        #expect(try scene.rpc("tm.list") == [])
    }

    @Test func `a transaction answers the request of a copy`() throws {
        let scene = try TransactionScene(
            "$ru = $hdr(X-1); t_replicate(); t_reply(\"202\", \"Taken\"); exit; }")
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to one", "202 to alice"])
    }

    @Test func `saved edits are those of later legs`() throws {
        let scene = try TransactionScene(
            """
            append_hf("X-Edit: before\\r\\n");
            t_newtran();
            t_save_lumps();
            append_hf("X-Edit: after\\r\\n");
            $du = $hdr(X-1); t_on_failure("F"); t_relay(); exit;
            }
            failure_route[F] { append_hf("X-Edit: failure\\r\\n"); $du = $hdr(X-2); t_relay(); }
            """)
        scene.send("MESSAGE")
        #expect(scene.last("one")?.all("X-Edit") == ["before", "after"])
        try scene.reply(1, 486)
        #expect(scene.last("two")?.all("X-Edit") == ["before", "failure"])
    }

    @Test func `a branch route reads its own edits once they are applied`() throws {
        let scene = try TransactionScene(
            """
            $ru = $hdr(X-1); append_branch("$hdr(X-2)"); t_on_branch("B"); t_relay(); exit;
            }
            branch_route[B] {
                append_hf("X-Own: $T_branch_idx\\r\\n");
                append_hf("X-Before: $hdr(X-Own)\\r\\n");
                t_msg_apply_changes();
                append_hf("X-After: $hdr(X-Own)\\r\\n");
            }
            """)
        scene.send("MESSAGE")
        #expect(scene.last("one")?.all("X-Own") == ["0"])
        #expect(scene.last("one")?["X-Before"] == "<null>")
        #expect(scene.last("one")?["X-After"] == "0")
        #expect(scene.last("two")?.all("X-Own") == ["1"])
        #expect(scene.last("two")?.all("X-After") == ["1"])
    }

    @Test func `another message adds branches to a transaction`() throws {
        let scene = try TransactionScene(
            """
            if (is_method("MESSAGE")) {
                $ru = $hdr(X-2);
                if (t_cell_append_branches("$hdr(X-Index)", "$hdr(X-Label)")) exit;
            }
            $du = $hdr(X-1); t_relay(); exit; }
            """)
        scene.send()
        _ = scene.seen()
        let cell = try #require(try scene.rpc("tm.list").first)
        guard case .structure(let members) = cell,
            case .int(let index)? = members.first(where: { $0.name == "tindex" })?.value,
            case .int(let label)? = members.first(where: { $0.name == "tlabel" })?.value
        else { return }
        scene.send("MESSAGE", [("X-Index", "\(index)"), ("X-Label", "\(label)")])
        #expect(scene.seen() == ["INVITE to two"])
        try scene.reply(2, 200)
        #expect(scene.seen().contains("200 to alice"))
    }
}
