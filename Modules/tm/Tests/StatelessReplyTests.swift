import Testing

@testable import Simulation
@testable import tm

@Suite("sl beside tm: who answers, and with which tag")
struct StatelessReplyTests {
    @Test(arguments: [(1, 404), (0, 0)])
    func `bind_tm says whether send_reply uses the transaction`(_ isBound: Int, _ status: Int) throws {
        let scene = try TransactionScene(
            "t_newtran(); send_reply(\"404\", \"Own\"); exit; }",
            settings: "modparam(\"sl\", \"bind_tm\", \(isBound))")
        scene.send("MESSAGE")
        #expect(scene.seen() == ["404 to alice"])
        // One that was answered statelessly has had no reply.
        let module = try #require(scene.stage.server.program.modules.compactMap { $0 as? Transactions }.first)
        var found: [Int] = []
        module.table.stripes.forEachStripe { _, stripe in
            stripe.records.forEach { _, record in
                #expect(!record.server.isOpen)
                found.append(Int(record.lastStatus))
            }
        }
        #expect(found == [status])
    }

    @Test func `the local tag is that of the reply that will be sent`() throws {
        let scene = try TransactionScene(
            """
            $var(x) = $ltt(x); $var(s) = $ltt(s);
            if ($var(x) == $var(s)) { xlog("stateless\\n"); }
            t_newtran();
            $var(x) = $ltt(x); $var(t) = $ltt(t);
            if ($var(x) == $var(t)) { xlog("stateful\\n"); }
            xlog("tag $var(t)\\n");
            t_reply("404", "Own");
            exit; }
            """)
        scene.send("MESSAGE")
        #expect(scene.recorder.log.contains { $0.contains("stateless") })
        #expect(scene.recorder.log.contains { $0.contains("stateful") })
        let tag = try #require(scene.last("alice")?.tag("To"))
        #expect(scene.recorder.log.contains { $0.contains("tag \(tag)") })
    }
}
