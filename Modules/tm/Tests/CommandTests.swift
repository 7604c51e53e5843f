import Bytes
import ModuleKit
import Testing

@testable import Simulation
@testable import tm

@Suite("tm: looking after transactions from outside")
struct CommandTests {
    private func name(of scene: TransactionScene) throws -> RPCValue {
        let cell = try #require(try scene.rpc("tm.list").first)
        guard case .structure(let members) = cell,
            case .int(let index)? = members.first(where: { $0.name == "tindex" })?.value,
            case .int(let label)? = members.first(where: { $0.name == "tlabel" })?.value
        else { throw RPCFault(500, "no transaction") }
        return .string("\(index):\(label)")
    }

    @Test func `tm reply answers the transaction that it names, and cancels what rings`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        scene.send()
        try scene.reply(1, 180)
        _ = scene.seen()
        let name = try self.name(of: scene)
        #expect(try scene.rpc("tm.reply", .int(480), .string("Own"), name, .string("tag-own"), .string(".")) == [])
        scene.wait(milliseconds: 1)
        #expect(scene.seen() == ["480 to alice", "CANCEL to one", "ACK to one"])
        let reply = try #require(scene.recorder.all.last { $0.message.status == 480 }?.message)
        #expect(reply.firstLine == "SIP/2.0 480 Own")
        #expect(reply.tag("To") == "tag-own")
        #expect(throws: RPCFault(481, "The transaction has its final reply")) {
            try scene.rpc("tm.reply", .int(486), .string("Late"), name, .string("t"), .string("."))
        }
    }

    @Test func `a provisional reply of it keeps the transaction open`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        scene.send()
        let name = try self.name(of: scene)
        _ = try scene.rpc("tm.reply", .int(182), .string("Queued"), name, .string("q"), .string("."))
        scene.wait(milliseconds: 1)
        try scene.reply(1, 200)
        #expect(scene.seen() == ["INVITE to one", "182 to alice", "200 to alice", "ACK to one"])
    }

    @Test func `tm retransmit_reply sends the last reply again`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        scene.send("MESSAGE")
        let name = try self.name(of: scene)
        #expect(throws: RPCFault(404, "There is no reply to repeat")) { try scene.rpc("tm.retransmit_reply", name) }
        try scene.reply(1, 486)
        _ = scene.seen()
        #expect(try scene.rpc("tm.retransmit_reply", name) == [])
        scene.wait(milliseconds: 1)
        #expect(scene.seen(repeats: true) == ["486 to alice"])
        #expect(throws: RPCFault(481, "No such transaction")) {
            try scene.rpc("tm.retransmit_reply", .string("1:1"))
        }
    }

    @Test func `tm hash_stats counts by stripe, and tm stats in all`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        for _ in 0..<20 { scene.send("MESSAGE") }
        func held() throws -> Int {
            try scene.rpc("tm.hash_stats").reduce(0) { sum, stripe in
                guard case .structure(let members) = stripe, case .int(let count)? = members.last?.value else {
                    return sum
                }
                return sum + count
            }
        }
        #expect(try scene.rpc("tm.hash_stats").count == 16)
        #expect(try held() == 20)
        guard case .structure(let members)? = try scene.rpc("tm.stats").first else { return }
        #expect(members.first { $0.name == "current" }?.value == .int(20))
        #expect(members.first { $0.name == "waiting" }?.value == .int(0))
        scene.wait(milliseconds: 60_000)
        #expect(try held() == 0)
    }

    @Test(arguments: [(1, 16), (2, 16), (4, 32), (8, 64), (32, 256), (500, 256)])
    func `the table has as many stripes as its workers need`(workers: Int, stripes: Int) {
        #expect(TransactionTable(workers: workers).stripes.count == stripes)
    }

    /// Its failure route sleeps far longer than any timer of the transaction.
    private func stuck() throws -> TransactionScene {
        let scene = try TransactionScene(
            """
            if (is_method("OPTIONS")) { t_clean(); exit; }
            $du = $hdr(X-1); t_on_failure("LONG"); t_relay(); exit;
            }
            failure_route[LONG] { t_reply("480", "Not Now"); sleep("300"); }
            """,
            settings: """
                modparam("tm", "fr_timer", 1000)
                modparam("tm", "fr_inv_timer", 1000)
                modparam("tm", "max_inv_lifetime", 2000)
                modparam("tm", "max_noninv_lifetime", 2000)
                """)
        scene.send()
        scene.wait(milliseconds: 20_000)
        return scene
    }

    private func inUse(_ scene: TransactionScene) -> Int? { scene.stage.server.counter("tmx", "inuse_transactions") }

    @Test(arguments: ["tm.clean", "t_clean"])
    func `what has outlived its timers is removed, and its script may still end`(_ way: String) throws {
        let scene = try self.stuck()
        func clean() throws {
            if way == "tm.clean" { _ = try scene.rpc(way) } else { scene.send("OPTIONS") }
        }
        try clean()
        #expect(self.inUse(scene) == 1)
        scene.wait(milliseconds: 60_000)
        try clean()
        #expect(self.inUse(scene) == 0)
        scene.wait(milliseconds: 300_000)
        #expect(self.inUse(scene) == 0)
    }

    @Test func `a transaction knows when it has lived as long as it may`() throws {
        let scene = try TransactionScene(
            """
            t_set_max_lifetime(3000, 0); t_set_fr(60000, 60000);
            $du = $hdr(X-1); t_on_reply("R"); t_on_failure("F"); t_relay(); exit;
            }
            onreply_route[R] { if (t_is_expired()) { xlog("expired in reply\\n"); } else { xlog("alive\\n"); } }
            failure_route[F] { if (t_is_expired()) { xlog("expired at the end\\n"); } }
            """)
        scene.send()
        try scene.reply(1, 180)
        #expect(scene.recorder.log.contains { $0.contains("alive") })
        scene.wait(milliseconds: 3200)
        #expect(scene.recorder.log.contains { $0.contains("expired at the end") })
        #expect(scene.last("alice")?.status == 408)
    }

    @Test func `t_reply_error answers with the last failure, and t_exists knows the transaction`() throws {
        let scene = try TransactionScene(
            """
            if (t_exists()) { xlog("too early\\n"); }
            t_newtran();
            if (!t_exists()) { xlog("too late\\n"); }
            t_set_disable_internal_reply(1);
            $ru = "sip:x@nowhere.invalid;transport=sctp"; t_relay();
            t_use_uac_headers();
            t_reply_error(); exit; }
            """)
        scene.send("MESSAGE")
        #expect(scene.last("alice")?.status == 478)
        #expect(!scene.recorder.log.contains { $0.contains("too ") })
    }

    @Test func `one branch is cancelled by its number`() throws {
        let scene = try TransactionScene(
            """
            if (is_method("OPTIONS")) {
                if (!t_cancel_branch_idx("$hdr(X-Index)", "$hdr(X-Label)", "1")) { xlog("no such branch\\n"); }
                exit;
            }
            $ru = $hdr(X-1); append_branch("$hdr(X-2)"); t_relay(); exit; }
            """)
        scene.send()
        try scene.reply(1, 180)
        try scene.reply(2, 180)
        _ = scene.seen()
        let found = try self.name(of: scene)
        guard case .text(let name) = found else { return }
        let halves = name.string.split(separator: ":").map(String.init)
        scene.send("OPTIONS", [("X-Index", halves[0]), ("X-Label", halves[1])])
        #expect(scene.seen() == ["CANCEL to two", "ACK to two"])
        scene.send("OPTIONS", [("X-Index", "1"), ("X-Label", "1")])
        #expect(scene.recorder.log.contains { $0.contains("no such branch") })
    }

    @Test func `a request that is being worked on is told from a new one, unless that is switched off`() throws {
        for (settings, wanted) in [("", true), ("modparam(\"tmx\", \"precheck_trans\", 0)", false)] {
            let scene = try TransactionScene(
                """
                if (t_precheck_trans()) { xlog("under way\\n"); exit; }
                sleep("1");
                t_reply("200", "OK"); exit; }
                """, settings: settings)
            let request = scene.send("MESSAGE")
            #expect(!scene.recorder.log.contains { $0.contains("under way") })
            scene.wait(milliseconds: 100)
            scene.stage.send(request, from: scene.alice)
            #expect(scene.recorder.log.contains { $0.contains("under way") } == wanted)
        }
    }

    @Test func `a failure route that is slow is logged, one in time is not`() throws {
        for (limit, isLogged) in [(500, true), (5000, false), (0, false)] {
            let scene = try TransactionScene(
                """
                $du = $hdr(X-1); t_on_failure("SLOW"); t_relay(); exit;
                }
                failure_route[SLOW] { sleep("1"); }
                """, settings: "modparam(\"tm\", \"exec_time_check\", \(limit))")
            scene.send("MESSAGE")
            try scene.reply(1, 486)
            scene.wait(milliseconds: 2000)
            #expect(scene.last("alice")?.status == 486)
            #expect(scene.recorder.log.contains { $0.contains("exec_time_check") } == isLogged, "\(limit)")
        }
    }

    @Test(arguments: [0, 1]) func `modules hear of provisional replies when they are to`(_ wanted: Int) throws {
        let scene = try TransactionScene(
            "$du = $hdr(X-1); t_relay(); exit; }",
            settings: "modparam(\"tm\", \"pass_provisional_replies\", \(wanted))")
        let module = try #require(scene.stage.server.program.modules.compactMap { $0 as? Transactions }.first)
        let ear = ReplyEar()
        module.add(ear)
        scene.send()
        try scene.reply(1, 180)
        try scene.reply(1, 183)
        try scene.reply(1, 200)
        #expect(ear.heard.withLock { $0 } == (wanted == 1 ? [180, 183, 200] : [200]))
    }

    @Test func `delayed_reply says whether a failed relay is answered before the script goes on`() throws {
        for (delayed, wanted) in [(0, "478 to alice"), (1, "480 to alice")] {
            let scene = try TransactionScene(
                """
                $ru = "sip:x@nowhere.invalid;transport=sctp"; t_relay();
                t_reply("480", "Own"); exit; }
                """, settings: "modparam(\"tm\", \"delayed_reply\", \(delayed))")
            scene.send("MESSAGE")
            #expect(scene.seen() == [wanted])
        }
    }
}

/// Notes the codes it is told of.
private final class ReplyEar: TransactionObserver {
    let heard = Lock<[Int]>([])
    func wants(_ route: RouteContext) -> Bool { true }
    func replied(_ route: RouteContext, _ event: TransactionReplyEvent) {
        self.heard.withLock { $0.append(event.code) }
    }
    func repliedProvisionally(_ route: RouteContext, _ event: TransactionReplyEvent) {
        self.heard.withLock { $0.append(event.code) }
    }
}
