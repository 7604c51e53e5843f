import Bytes
import ModuleKit
import Testing

@testable import Simulation

@Suite("tm: timers and control commands")
struct TimerTests {
    /// Milliseconds until the caller gets its 408; nil when that takes more than `limit`.
    private func timeout(
        _ script: String, settings: String = "", method: String = "INVITE", rings: Bool = false, limit: Int = 40_000
    ) throws -> Int? {
        let scene = try TransactionScene(script + " $du = $hdr(X-1); t_relay(); exit; }", settings: settings)
        scene.send(method)
        if rings { try scene.reply(1, 180) }
        let step = 50
        for elapsed in stride(from: 0, through: limit, by: step) {
            if scene.last("alice")?.status ?? 0 >= 300 { return elapsed }
            scene.wait(milliseconds: step)
        }
        return nil
    }

    private func isAbout(_ time: Int?, _ wanted: Int) -> Bool { time.map { abs($0 - wanted) <= 150 } ?? false }

    @Test func `parameters, functions and variables set the waits`() throws {
        #expect(self.isAbout(try self.timeout(""), 30_000))
        #expect(self.isAbout(try self.timeout("", settings: "modparam(\"tm\", \"fr_timer\", 2000)"), 2000))
        #expect(self.isAbout(try self.timeout("t_set_fr(0, 1000);"), 1000))
        #expect(self.isAbout(try self.timeout("t_set_fr(1500);", rings: true), 1500))
        #expect(
            self.isAbout(try self.timeout("t_set_fr(1500, 700); t_reset_fr();", rings: true, limit: 3000), -1) == false)
        #expect(self.isAbout(try self.timeout("t_set_max_lifetime(800, 0);", rings: true), 800))
        #expect(self.isAbout(try self.timeout("t_set_max_lifetime(0, 900);", method: "MESSAGE"), 900))
        #expect(
            self.isAbout(
                try self.timeout("t_set_max_lifetime(0, 900); t_reset_max_lifetime();", method: "MESSAGE"), 30_000))
        let variables = """
            modparam("tm", "fr_timer_avp", "$avp(fr)")
            modparam("tm", "fr_inv_timer_avp", "$avp(inv)")
            """
        #expect(self.isAbout(try self.timeout("$avp(fr) = 3;", settings: variables), 3000))
        #expect(self.isAbout(try self.timeout("t_newtran(); $avp(fr) = 3;", settings: variables), 3000))
        #expect(self.isAbout(try self.timeout("$avp(inv) = 2;", settings: variables, rings: true), 2000))
    }

    /// Milliseconds between the copies of an INVITE that nobody answers.
    private func pauses(_ script: String) throws -> [Int] {
        let scene = try TransactionScene(script + " $du = $hdr(X-1); t_relay(); exit; }")
        scene.send()
        var pauses: [Int] = []
        var last = 0
        for elapsed in stride(from: 50, through: 4000, by: 50) {
            scene.wait(milliseconds: 50)
            for line in scene.seen(repeats: true) where line == "INVITE to one" && elapsed > 50 {
                pauses.append(elapsed - last)
                last = elapsed
            }
        }
        return pauses
    }

    @Test func `retransmission timers are set for one transaction, and taken back`() throws {
        let own = try self.pauses("t_set_retr(200, 800);")
        #expect(zip(own, [200, 400, 800, 800]).allSatisfy { abs($0 - $1) <= 100 }, "\(own)")
        let plain = try self.pauses("t_set_retr(200, 800); t_reset_retr();")
        #expect(zip(plain, [500, 1000, 2000]).allSatisfy { abs($0 - $1) <= 100 }, "\(plain)")
    }

    @Test func `cfg set changes the timers of transactions to come`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        scene.send("MESSAGE")
        #expect(try scene.rpc("cfg.set", .string("tm"), .string("fr_timer"), .int(1000)) == [])
        scene.wait(milliseconds: 2000)
        #expect(scene.last("alice") == nil)
        scene.send("MESSAGE")
        scene.wait(milliseconds: 1100)
        #expect(scene.last("alice")?.status == 408)
        #expect(throws: RPCFault.self) { try scene.rpc("cfg.get", .string("tm"), .string("fr_timer")) }
        #expect(try scene.rpc("cfg.get", .string("tm"), .string("default_code")) == [.int(500)])
    }

    @Test func `an INVITE nobody heard of may end in silence`() throws {
        let quiet =
            "modparam(\"tm\", \"noisy_ctimer\", 0)\nmodparam(\"tm\", \"fr_timer\", 1000)\nmodparam(\"tm\", \"fr_inv_timer\", 1000)"
        #expect(try self.timeout("", settings: quiet, limit: 5000) == nil)
        #expect(self.isAbout(try self.timeout("", settings: quiet, rings: true), 1000))
        #expect(self.isAbout(try self.timeout("append_branch(\"$hdr(X-2)\");", settings: quiet), 1000))
        #expect(self.isAbout(try self.timeout("", settings: quiet, method: "MESSAGE"), 1000))
    }

    @Test func `code and reason of the timeout are parameters`() throws {
        let scene = try TransactionScene(
            "$du = $hdr(X-1); t_relay(); exit; }",
            settings: """
                modparam("tm", "reply_408_code", 480)
                modparam("tm", "reply_408_reason", "Own Timeout")
                """)
        scene.send("MESSAGE")
        scene.wait(milliseconds: 31_000)
        #expect(scene.last("alice")?.firstLine == "SIP/2.0 480 Own Timeout")
    }

    @Test func `requests without a cookie match by Request-URI and Via, unless told not to`() throws {
        for (settings, wanted) in [
            ("", 3), ("modparam(\"tm\", \"ruri_matching\", 0)", 2), ("modparam(\"tm\", \"via1_matching\", 0)", 2),
            ("modparam(\"tm\", \"callid_cseq_matching\", 1)", 1),
        ] {
            let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }", settings: settings)
            var request = scene.alice.request("MESSAGE", "sip:service@127.0.0.1")
            request.fields.append(.init("X-1", "sip:one@\(scene.phones[0].address)"))
            request.set("Via", "SIP/2.0/UDP \(scene.alice.address);branch=old")
            scene.stage.send(request, from: scene.alice)
            scene.stage.send(request, from: scene.alice)
            var other = request
            other.firstLine = "MESSAGE sip:other@127.0.0.1 SIP/2.0"
            scene.stage.send(other, from: scene.alice)
            other = request
            other.set("Via", "SIP/2.0/UDP \(scene.alice.address);branch=older")
            scene.stage.send(other, from: scene.alice)
            #expect(scene.seen().filter { $0 == "MESSAGE to one" }.count == wanted, "\(settings)")
        }
    }

    @Test func `control clients list, cancel, answer and repeat`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        let request = scene.send()
        try scene.reply(1, 180)
        let callID = RPCValue.string(request["Call-ID"] ?? "")
        guard case .structure(let members)? = try scene.rpc("tm.list").first else { return }
        #expect(members.first { $0.name == "method" }?.value == .string("INVITE"))
        #expect(members.first { $0.name == "callid" }?.value == .string("Call-ID: \(request["Call-ID"] ?? "")\r\n"))
        #expect(members.first { $0.name == "outgoings" }?.value == .int(1))
        _ = scene.seen()
        _ = try scene.rpc("tm.retransmit_reply_callid", callID, .int(1))
        scene.wait(milliseconds: 1)
        #expect(scene.seen(repeats: true) == ["180 to alice"])
        _ = try scene.rpc("tm.cancel", callID, .string("1 INVITE"))
        scene.wait(milliseconds: 1)
        #expect(scene.seen() == ["CANCEL to one", "ACK to one", "487 to alice"])
        #expect(throws: RPCFault(481, "No such transaction")) { try scene.rpc("tm.cancel", .string("none"), .int(1)) }
    }

    @Test func `a control client's reply has its tag, headers and body`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        let request = scene.send()
        try scene.reply(1, 180)
        _ = try scene.rpc(
            "tm.reply_callid", .int(480), .string("Own"), .string(request["Call-ID"] ?? ""), .int(1),
            .string("tag-own"),
            .string("X-A: 1\r\nX-B: 2\r\n"), .string("text"))
        scene.wait(milliseconds: 1)
        let reply = try #require(scene.recorder.all.last { $0.message.status == 480 }?.message)
        #expect(reply.tag("To") == "tag-own")
        #expect(reply["X-B"] == "2")
        #expect(reply.body == "text")
        #expect(throws: RPCFault(400, "Invalid transaction ID")) {
            try scene.rpc("tm.reply", .int(480), .string("Own"), .string("none"), .string("t"), .string("."))
        }
    }

    @Test func `variables tell of branches and of a CANCEL's INVITE`() throws {
        let scene = try TransactionScene(
            """
            if (is_method("MESSAGE")) { sl_send_reply("200", "OK"); exit; }
            t_vbflag_set("3"); t_newtran(); t_vbflag_set("3");
            if (t_vbflag_is_set("3")) { append_hf("X-Set: 1\\r\\n"); }
            t_vbflag_reset("3");
            if (t_vbflag_is_set("3")) { append_hf("X-Still: 1\\r\\n"); }
            $ru = $hdr(X-1); t_on_reply("R"); t_relay(); exit;
            }
            onreply_route[R] { append_hf("X-R: $T_reply_code <$T_reply_ruid> $T_branch(uri) $T_branch(flags)\\r\\n"); $T_branch(flags) = 5; }
            """)
        scene.send()
        #expect(scene.last("one")?["X-Set"] == "1")
        #expect(scene.last("one")?["X-Still"] == nil)
        try scene.reply(1, 180)
        #expect(scene.last("alice")?["X-R"] == "180 <> sip:one@\(scene.phones[0].address) 0")
        try scene.reply(1, 183)
        #expect(scene.last("alice")?["X-R"] == "183 <> sip:one@\(scene.phones[0].address) 5")
    }
}
