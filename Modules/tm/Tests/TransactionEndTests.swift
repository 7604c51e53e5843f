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

    @Test(arguments: [
        ("INVITE", "t_newtran();"), ("MESSAGE", "t_newtran();"),
        ("INVITE", "t_newtran(); send_reply(\"404\", \"No\");"),
        ("MESSAGE", "t_newtran(); sl_send_reply(\"404\", \"No\");"),
        ("INVITE", "t_set_disable_internal_reply(1); $du = \"sip:127.0.0.1:5060;transport=sctp\"; t_relay();"),
        ("INVITE", "t_newtran(); sleep(\"3\");"),
    ]) func `also when the script begins it and says nothing`(_ method: String, _ script: String) throws {
        let scene = try LocalScene(
            "loadmodule \"cfgutils.so\"\nmodparam(\"sl\", \"bind_tm\", 0)",
            """
            request_route {
                if (is_method("ACK")) exit;
                \(script)
            }
            """)
        scene.request(method, "bob")
        scene.stage.advance(by: .seconds(4))
        // Until then a repetition is absorbed, as Kamailio does it.
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 1)
        scene.stage.advance(by: .seconds(6))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 0)
    }

    @Test func `but not when something is still to come`() throws {
        let scene = try LocalScene(
            "",
            """
            request_route {
                if (is_method("ACK")) exit;
                t_newtran();
                t_reply("180", "Wait");
            }
            """)
        scene.request("INVITE", "bob")
        scene.stage.advance(by: .seconds(20))
        #expect(scene.stage.server.counter("tmx", "inuse_transactions") == 1)
    }
}
