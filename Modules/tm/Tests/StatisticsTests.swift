import ApusServer
import ModuleKit
import Testing

@testable import Simulation
@testable import tm

@Suite("tmx: statistics and variables of transactions")
struct StatisticsTests {
    private func count(_ scene: TransactionScene, _ name: String) -> Int {
        scene.stage.server.counter("tmx", name) ?? -1
    }

    @Test(arguments: [
        (200, "2xx_transactions"), (302, "3xx_transactions"), (486, "4xx_transactions"), (500, "5xx_transactions"),
        (603, "6xx_transactions"),
    ])
    func `a transaction counts where its final reply is`(_ status: Int, _ row: String) throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        scene.send("MESSAGE")
        #expect(self.count(scene, "UAS_transactions") == 1)
        #expect(self.count(scene, "UAC_transactions") == 1)
        #expect(self.count(scene, "inuse_transactions") == 1)
        #expect(self.count(scene, "active_transactions") == 1)
        try scene.reply(1, status)
        #expect(self.count(scene, row) == 1)
        let rows = (2...6).map { self.count(scene, "\($0)xx_transactions") }
        #expect(rows.reduce(0, +) == 1)
        #expect(self.count(scene, "rpl_received") == 1)
        #expect(self.count(scene, "rpl_relayed") == 1)
        #expect(self.count(scene, "rpl_sent") == 1)
        #expect(self.count(scene, "rpl_generated") == 0)
        scene.wait(milliseconds: 60_000)
        #expect(self.count(scene, "inuse_transactions") == 0)
        #expect(self.count(scene, "active_transactions") == 0)
    }

    @Test func `replies made here, and those that go no further, count apart`() throws {
        let scene = try TransactionScene("$du = $hdr(X-1); t_relay(); exit; }")
        scene.send()
        // The 100 that the INVITE began with.
        #expect(self.count(scene, "rpl_generated") == 1)
        #expect(self.count(scene, "rpl_sent") == 1)
        try scene.reply(1, 100)
        #expect(self.count(scene, "rpl_received") == 1)
        #expect(self.count(scene, "rpl_absorbed") == 1)
        #expect(self.count(scene, "rpl_relayed") == 0)
        try scene.reply(1, 180)
        #expect(self.count(scene, "rpl_relayed") == 1)
        #expect(self.count(scene, "rpl_sent") == 2)
    }

    @Test func `variables tell of the transaction and look into its request and reply`() throws {
        let scene = try TransactionScene(
            """
            $du = $hdr(X-1); t_on_failure("F"); t_on_branch("B"); t_relay(); exit;
            }
            branch_route[B] { xlog("branch $T(branch_index)\\n"); }
            failure_route[F] {
                xlog("code $T(reply_code) $T(reply_reason) $T(reply_type) last $T(reply_last)\\n");
                xlog("request $T_req($rm) $T_req($fU) reply $T_rpl($rs) $T_rpl($hdr(X-Own))\\n");
                if ($T(id_index) == $T(id_index_n) && $T(id_label) == $T(id_label_n)) { xlog("same\\n"); }
                exit;
            }
            """)
        scene.send()
        try scene.reply(1, 486, "Own Busy", [("X-Own", "yes")])
        for line in [
            "branch 0", "code 486 Own Busy 0", "request INVITE alice reply 486 yes",
        ] {
            #expect(scene.recorder.log.contains { $0.contains(line) }, "\(line): \(scene.recorder.log)")
        }
    }

    @Test func `a CANCEL looks into the INVITE that it ends`() throws {
        let scene = try TransactionScene(
            "$du = $hdr(X-1); t_relay(); exit; }",
            onCancel: "xlog(\"invite $T_inv($rm) $T_inv($hdr(X-Case))\\n\"); if (t_check_trans()) { t_relay(); }")
        scene.send(case: "own")
        try scene.reply(1, 180)
        try scene.cancel()
        #expect(scene.recorder.log.contains { $0.contains("invite INVITE own") })
    }

    @Test func `a CANCEL goes hop by hop: another wish is refused when the file is read`() {
        let failure = #expect(throws: VirtualFailure.self) {
            try LocalScene("modparam(\"tm\", \"e2e_cancel_hop_by_hop\", 0)")
        }
        #expect("\(String(describing: failure))".contains("e2e_cancel_hop_by_hop"))
    }
}
