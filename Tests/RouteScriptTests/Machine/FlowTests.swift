import Bytes
import ModuleKit
import Testing

@testable import RouteScript

@Suite("Language §6: switch, while, break, routes, limits")
struct FlowTests {
    @Test(arguments: [
        ("1", ["1", "2"]), ("2", ["2"]), ("9", ["default", "3"]), ("3", ["3"]),
    ])
    func `a switch falls through, and default may stand anywhere`(value: String, trace: [String]) throws {
        let body = """
            $var(x) = \(value);
            switch ($var(x)) {
                case 1: probe("1");
                case 1 + 1: probe("2"); break;
                default: probe("default");
                case 3: probe("3");
            }
            """
        #expect(try ScriptRun.trace(body) == trace)
    }

    @Test func `labels are texts and case-sensitive expressions in the order written`() throws {
        func pick(_ value: String) throws -> [String] {
            try ScriptRun.trace(
                """
                $var(x) = \(value);
                switch ($var(x)) {
                    case "abc": probe("text"); break;
                    case /"^ab": probe("regex"); break;
                    case "12": probe("number"); break;
                    default: probe("default");
                }
                """)
        }
        #expect(try pick("\"abc\"") == ["text"])
        #expect(try pick("\"abd\"") == ["regex"])
        #expect(try pick("\"ABD\"") == ["default"])
        #expect(try pick("12") == ["number"])
        #expect(
            try ScriptRun.trace("switch ($avp(none)) { case 0: probe(\"0\"); break; default: probe(\"d\"); }") == ["0"])
        #expect(try ScriptRun.trace("switch ($rm) { case 0: probe(\"0\"); break; default: probe(\"d\"); }") == ["0"])
        #expect(try ScriptRun.trace("switch ($rm) { case 1: probe(\"1\"); } probe(\"on\");") == ["on"])
    }

    @Test func `break leaves the innermost switch or loop, outside of both the route`() throws {
        let body = """
            $var(i) = 0;
            while ($var(i) < 3) {
                $var(i) = $var(i) + 1;
                switch ($var(i)) { case 2: break; default: probe("$var(i)"); }
            }
            while (1) { if ($var(i) > 4) break; $var(i) = $var(i) + 1; }
            probe("$var(i)"); route(R); probe("rc $rc"); break; probe("no");
            """
        #expect(try ScriptRun.trace(body, routes: "route[R] { break; probe(\"no\"); }") == ["1", "3", "5", "rc 0"])
    }

    @Test func `break and return in a block end the block`() throws {
        #expect(
            try ScriptRun.trace(
                "$var(i) = 0; while ($var(i) < 2) { $var(i) = $var(i) + 1; if ({ break; }) probe(\"no\"); probe(\"$var(i)\"); }"
            ) == ["1", "2"])
    }

    @Test func `a loop ends after max_while_loops rounds and the script goes on`() throws {
        let script = try ScriptRun(
            "max_while_loops = 10\nrequest_route { $var(i) = 0; while (1) { $var(i) = $var(i) + 1; } probe(\"$var(i) $rc\"); }"
        )
        script.run()
        #expect(script.trace == ["10 0"])
        #expect(script.log.contains { $0.contains("t.cfg:2") || $0.contains(":3:") || $0.contains("max_while_loops") })
    }

    @Test func `a loop that runs itself again counts its own rounds`() throws {
        let routes = """
            route[R] {
                $var(depth) = $var(depth) + 1;
                if ($var(depth) > 3) return -1;
                $avp(i) = 0;
                while ($avp(i) < 6) { $avp(i) = $avp(i) + 1; if ($avp(i) == 3) route(R); }
                return 2;
            }
            """
        let script = try ScriptRun(
            "max_while_loops = 7\nrequest_route { $var(depth) = 0; route(R); probe(\"$rc\"); }\n\(routes)")
        script.run()
        #expect(script.trace == ["2"])
        #expect(!script.log.contains { $0.contains("max_while_loops") })
    }

    @Test func `routes call each other so deep and no deeper`() throws {
        let script = try ScriptRun(
            "max_recursive_level = 20\nrequest_route { $var(n) = 0; route(R); probe(\"$var(n)\"); }\nroute[R] { $var(n) = $var(n) + 1; route(R); }"
        )
        script.run()
        #expect(script.trace == ["19"])
        #expect(script.log.contains { $0.contains("nested too deeply") })
    }

    @Test func `routes that may call each other ever so deep end before the memory does`() throws {
        let script = try ScriptRun(
            "max_recursive_level = 1000000000\nrequest_route { $var(n) = 0; route(R); probe(\"$var(n)\"); }\nroute[R] { $var(n) = $var(n) + 1; route(R); }"
        )
        script.run()
        #expect(script.trace == ["65535"])
    }

    @Test func `a script without end is stopped and its message dropped`() throws {
        let script = try ScriptRun(
            "max_while_loops = 0\nrequest_route { while (1) { $var(i) = 1; } probe(\"no\"); }", fuel: 1000)
        let result = script.run()
        #expect(result.isDropped && result.isStopped && script.trace.isEmpty)
        #expect(script.log.contains { $0.contains("does not end") })
    }

    @Test func `whatever goes round without end is stopped, with its file, line and route in the log`() throws {
        let endless = [
            ("while (1) { $var(i) = $var(i) + 1; }", "", "0"),
            (
                "route(LOOP);", "route[LOOP] {\nwhile (1) {\nroute(INNER);\n}\n}\nroute[INNER] { $var(i) = 1; }\n",
                "LOOP"
            ),
            // Not deep, but twice as often at every level.
            ("route(A);", "route[A] {\n$var(d) = $var(d) + 1;\nroute(A);\nroute(A);\n}\n", "A"),
            // From route to route by computed names.
            (
                "$var(n) = \"A\"; route($var(n));",
                "route[A] { route(\"B\"); route(\"B\"); }\nroute[B] { route(\"A\"); route(\"A\"); }\n", ""
            ),
        ]
        for (body, routes, name) in endless {
            let script = try ScriptRun(
                "max_while_loops = 0\nrequest_route {\n\(body)\nprobe(\"no\");\n}\n\(routes)", fuel: 20_000)
            let result = script.run()
            #expect(result.isDropped && result.isStopped && script.trace.isEmpty, "\(body)")
            let line = script.log.first { $0.contains("does not end") }
            #expect(line?.contains("stopped in route[\(name)") == true, "\(script.log.last ?? "")")
            #expect(line?.firstMatch(of: #/:\d+: /#) != nil)
            // What they have in common with other messages is unharmed: the next run is stopped in the same way.
            #expect(script.log.count < 5)
            #expect(script.run().isDropped)
        }
    }

    @Test func `waiting does not give a script new instructions`() throws {
        let script = try ScriptRun(
            "max_while_loops = 0\nrequest_route { while (1) { suspend_once(); } probe(\"no\"); }", fuel: 2000)
        #expect(script.run().isDropped)
        #expect(script.trace.isEmpty)
        #expect(script.host.suspensions < 2000)
    }

    @Test func `the rest of a block runs after a wait that continues the block only`() throws {
        let script = try ScriptRun(
            """
            request_route { route(OUTER); probe("main"); }
            route[OUTER] { route(INNER); probe("outer"); }
            route[INNER] { if (1 == 1) { rest_of_block(); probe("rest"); } probe("inner"); }
            """)
        let result = script.run()
        #expect(script.trace == ["rest"])
        #expect(result.isStopped)
    }

    @Test func `as the last action of a block such a function fails`() throws {
        let script = try ScriptRun(
            "request_route { if (1 == 1) { rest_of_block(); } probe(\"$rc\"); }")
        script.run()
        #expect(script.trace == ["-1"])
        #expect(script.log.contains { $0.contains("cannot be the last action") })
    }

    @Test func `return ends it too, and a called route comes back to it`() throws {
        let routes =
            "route[R] { rest_of_block(); route(S); probe(\"r\"); return 5; }\nroute[S] { probe(\"s\"); return; }"
        let script = try ScriptRun("request_route { route(R); probe(\"main\"); }\n\(routes)")
        script.run()
        #expect(script.trace == ["s", "r"])
    }

    @Test func `routes are called by computed names`() throws {
        let routes =
            "route[INVITE_A] { probe(\"a\"); return -4; }\nroute[7] { probe(\"7\"); }\nroute[\"x y\"] { probe(\"x y\"); }"
        #expect(
            try ScriptRun.trace(
                "route($rm + \"_A\"); probe(\"$rc\"); route(7); route(\"7\"); route(\"x y\");", routes: routes) == [
                    "a", "-4", "7", "7", "x y",
                ])
        let script = try ScriptRun("request_route { $var(r) = \"none\"; route($var(r)); probe(\"on $rc\"); }")
        script.run()
        #expect(script.trace == ["on 0"])
        #expect(script.log.contains { $0.contains("there is no route[none]") })
    }

    @Test func `flags have numbers and names`() throws {
        #expect(
            try ScriptRun.trace(
                "setflag(B); if (isflagset(1)) probe(\"1\"); resetflag(1); if (!isflagset(B)) probe(\"0\");",
                settings: "flags A, B;") == ["1", "0"])
    }

    @Test func `the log prefix is made for every line`() throws {
        let script = try ScriptRun(
            "log_prefix = \"{$rm $(rm{s.len})} \"\nrequest_route { $var(x) = \"a\"; $var(r) = $var(x) - 1; }")
        script.run()
        #expect(script.log.first?.contains("{INVITE 6} automatic") == true)
    }

    @Test func `a log prefix whose variables log does not call itself`() throws {
        let script = try ScriptRun("log_prefix = \"{$noisy} \"\nrequest_route { $var(r) = 1 / $var(z); }")
        script.run()
        #expect(script.log.count == 2 && script.log[0] == "ERROR: noise" && script.log[1].hasPrefix("ERROR: {n} "))
    }
}

@Suite("Suspension and routes that functions run")
struct SuspensionTests {
    @Test func `a script goes on where it waited, however deep`() throws {
        let body = """
            $var(i) = 0;
            while ($var(i) < 2) {
                $var(i) = $var(i) + 1;
                $var(r) = 100 + (10 * suspend_once()) + $var(i);
                probe("$var(r) $rc");
            }
            route(A); probe("$rc"); if (suspend_twice() && $rm == "INVITE") probe("end $rc");
            """
        let script = try ScriptRun(
            "request_route { \(body) }\nroute[A] { route(B); probe(\"b $rc\"); }\nroute[B] { $var(x) = suspend_once(); return $var(x) + 1; }"
        )
        script.run(waking: 3)
        #expect(script.trace == ["111 3", "112 3", "b 4", "1", "end 33"])
        #expect(script.host.suspensions == 5)
    }

    @Test func `a wake with 0 ends the script`() throws {
        let script = try ScriptRun("request_route { if (suspend_once()) probe(\"yes\"); probe(\"no\"); }")
        #expect(script.run(waking: 0).isStopped)
        #expect(script.trace == [])
    }

    @Test func `waking a script that does not wait changes nothing`() throws {
        let script = try ScriptRun("request_route { probe(\"once\"); }")
        script.run()
        guard case .ended(let result) = script.program.resume(ResumeResult(code: 1), in: script.context) else {
            Issue.record("it runs again")
            return
        }
        #expect(result.code == -1 && script.trace == ["once"])
    }

    @Test func `exit in a route that a function runs ends only that route`() throws {
        let script = try ScriptRun(
            "request_route { $var(r) = 5 + run(\"B\"); probe(\"$var(r) $rc\"); }\nbranch_route[B] { route(IN); probe(\"no\"); }\nroute[IN] { exit(9); }"
        )
        script.run()
        #expect(script.trace == ["ran 9 stopped", "6 9"])
        #expect(script.context.routeKind == .request)
    }

    @Test func `drop in it is told to the function, and waiting works there too`() throws {
        let script = try ScriptRun(
            "request_route { run(\"B\"); probe(\"$rc\"); }\nbranch_route[B] { if (suspend_once()) drop; probe(\"no\"); }"
        )
        script.run()
        #expect(script.trace == ["ran 0 dropped stopped", "7"])
    }
}
