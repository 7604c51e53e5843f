import Testing

@testable import Simulation

@Suite("tm: every transaction is let go")
struct TransactionEndTests {
    @Test(arguments: ["INVITE", "MESSAGE"]) func `also without a wt_timer`(_ method: String) throws {
        let scene = try LocalScene(
            "modparam(\"tm\", \"wt_timer\", 0)", "request_route { $du = \"sip:192.0.2.1\"; t_relay(); }")
        _ = scene.stage.phone("bob")
        scene.request(method, "bob")
        scene.answer("bob", 486)
        scene.stage.advance(by: .seconds(40))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `also when its failure route outlives its timers`() throws {
        let scene = try LocalScene(
            "loadmodule \"cfgutils.so\"",
            """
            request_route {
                if (is_method("ACK")) {
                    if (t_check_trans()) t_relay();
                    exit;
                }
                $du = "sip:192.0.2.1";
                t_on_failure("LONG");
                t_relay();
            }
            failure_route[LONG] {
                t_reply("480", "Not Now");
                sleep("60");
            }
            """)
        _ = scene.stage.phone("bob")
        scene.request("INVITE", "bob")
        scene.answer("bob", 486)
        scene.stage.advance(by: .seconds(50))
        #expect(scene.sent.contains("480 to alice"))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 1)
        scene.stage.advance(by: .seconds(50))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }
}
