import ModuleKit
import Testing

@testable import RouteScript

@Suite("Language §6, §7: codes of statements, $rc, ends of routes")
struct CodeTests {
    /// Each body was run on the real program; `$rc` after `route(R)` was the number beside it.
    static let lastActions: [(body: String, code: Int)] = [
        ("result(-1);", -1),
        ("result(-1); if (result(-1)) { probe(\"\"); }", 1),
        ("if ($var(zero) == 1) { probe(\"\"); }", 1),
        ("if (result(1)) { result(-1); }", -1),
        ("if (result(-1)) { $var(a) = 1; } else result(-1);", -1),
        ("result(-1); if (!result(-1)) { ; }", 1),
        ("$var(i) = 0; while ($var(i) < 2) { $var(i) = $var(i) + 1; result(-1); }", -1),
        ("result(-1); while (0) { $var(i) = 1; }", 1),
        ("while (1) { result(-1); break; }", 0),
        ("result(-1); switch ($var(zero)) { case 3: $var(a) = 1; break; }", 1),
        ("switch ($var(zero)) { case 0: result(-1); break; }", 0),
        ("switch ($var(zero)) { case 0: result(-1); }", -1),
        ("switch ($var(zero)) { case 0: result(-1); default: setflag(1); }", 1),
        ("isflagset(5);", -1),
        ("result(-1); setflag(5);", 1),
        ("result(-1); $var(q) = 0;", 1),
        ("$var(q) = result(-1);", 1),
        ("route(FALSE);", -1),
        ("break;", 0),
        ("route(BREAK);", 0),
        ("while (1) { $var(k) = $var(k) + 1; }", -1),
        ("$var(one) = 1; return $var(one) == 1;", 1),
        ("return;", 1),
        ("return -3;", -3),
        ("return(5);", 5),
    ]

    @Test(arguments: CodeTests.lastActions)
    func `a route has the code of its last action`(body: String, code: Int) throws {
        let trace = try ScriptRun.trace(
            "$var(zero) = 0; route(R); probe(\"$rc\");",
            routes: "route[R] { \(body) }\nroute[FALSE] { result(-1); }\nroute[BREAK] { break; }")
        #expect(trace.last == "\(code)")
    }

    @Test func `return 0 ends the script like exit`() throws {
        #expect(try ScriptRun.trace("route(R); probe(\"after\");", routes: "route[R] { return 0; }") == [])
        #expect(try ScriptRun.trace("route(R); probe(\"after\");", routes: "route[R] { exit; }") == [])
        // The code in a return counts as in any expression.
        #expect(try ScriptRun.trace("route(R); probe(\"after\");", routes: "route[R] { return result(-5); }") == [])
    }

    @Test func `a function that gives 0 ends the script, also inside an expression`() throws {
        #expect(try ScriptRun.trace("result(0); probe(\"after\");") == [])
        #expect(try ScriptRun.trace("if (result(0) == 0) { probe(\"after\"); }") == [])
    }

    @Test func `core commands leave the return code alone, inside of expressions they clear it; they do not stop`()
        throws
    {
        #expect(try ScriptRun.trace("result(-1); setflag(3); probe(\"$rc\");") == ["-1"])
        #expect(
            try ScriptRun.trace("result(-1); if (isflagset(4)) { ; } $var(r) = isflagset(4); probe(\"$rc $var(r)\");")
                == ["0 -1"])
    }

    @Test func `a core command that waited does not set the return code either`() throws {
        let script = try ScriptRun("request_route { result(5); $var(f) = forward(); probe(\"$var(f) $rc\"); }")
        script.run(waking: -3)
        #expect(script.trace == ["-3 0"])
    }

    @Test func `the raw code is only seen by a whole right side`() throws {
        #expect(try ScriptRun.value("route(R)", after: "", settings: "route[R] { return -3; }") == "-3")
        #expect(try ScriptRun.value("result(-3) + 10") == "10")
        #expect(try ScriptRun.value("-result(7)") == "-1")
        #expect(try ScriptRun.value("(int)result(-3)") == "0")
        #expect(try ScriptRun.value("(str)result(7)") == "1")
        #expect(
            try ScriptRun.trace(
                "if (result(7) == 1) probe(\"one\"); if (route(R) == -3) probe(\"raw\");",
                routes: "route[R] { return -3; }") == ["one"])
    }

    @Test func `exit and drop end everything, drop is told`() throws {
        let exit = try ScriptRun("request_route { route(R); probe(\"no\"); }\nroute[R] { exit; }").run()
        #expect(exit.isStopped && !exit.isDropped && exit.code == 1)
        #expect(try ScriptRun("request_route { exit(5); }").run().code == 5)
        let drop = try ScriptRun("request_route { route(R); probe(\"no\"); }\nroute[R] { drop; }").run()
        #expect(drop.isStopped && drop.isDropped && drop.code == 0)
    }

    @Test func `a reply route that ends in a false action says so`() throws {
        let script = try ScriptRun("request_route { exit; }\nreply_route { result(-1); }")
        #expect(script.run(.reply).code == -1)
    }

    @Test func `return_mode 1 hands codes through and takes all but 0 as true`() throws {
        let mode = "return_mode = 1"
        #expect(try ScriptRun.trace("if (result(-3) == -3) probe(\"raw\");", settings: mode) == ["raw"])
        #expect(try ScriptRun.trace("if (result(-3)) probe(\"true\");", settings: mode) == ["true"])
    }
}
