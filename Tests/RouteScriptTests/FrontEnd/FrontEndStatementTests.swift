import Testing

@testable import RouteScript

@Suite("Front end: statements")
struct FrontEndStatementTests {
    @Test func `parentheses of a condition are part of the expression`() {
        #expect(Reading.body("if $var(x)==1 exit;") == "if (== $var(x) 1) [exit;]")
        #expect(Reading.body("if ($a) && ($b) exit;") == "if (&& $a $b) [exit;]")
        #expect(Reading.body("while $a < 5 $a = $a + 1;") == "while (< $a 5) [$a = (+ $a 1);]")
    }

    @Test func `an else belongs to the nearest if, and else if is flat`() {
        #expect(Reading.body("if (1) if (2) exit; else drop;") == "if 1 [if 2 [exit;] else [drop;]]")
        #expect(
            Reading.body("if (1) { exit; } else if (2) { drop; } else if (3) ; else { return; }")
                == "if 1 [exit;] elif 2 [drop;] elif 3 [;] else [return;]"
        )
    }

    @Test func `a chain of thousands of else if is no deep tree`() {
        let chain = Array(repeating: "if ($var(x) == 1) { exit; }", count: 5000).joined(separator: " else ")
        #expect(Reading.codes(inBody: chain) == [])
    }

    @Test func `switch has values, regular expressions and one default anywhere`() {
        #expect(
            Reading.body("switch($x) { case 1: case -2: exit; break; default: ; case 1+2: drop; }")
                == "switch $x {case 1 [] case (- 2) [exit; break;] default [;] case (+ 1 2) [drop;]}"
        )
        #expect(
            Reading.body("switch($x) { case \"a\": exit; case /\"^b\": drop; case 'c': ; }")
                == "switch $x {case \"a\" [exit;] case /\"^b\" [drop;] case \"c\" [;]}"
        )
        #expect(Reading.codes(inBody: "switch($x) { case 1: exit; case \"a\": exit; }") == ["E0217"])
        #expect(Reading.codes(inBody: "switch($x) { default: exit; default: exit; }") == ["E0217"])
        #expect(Reading.codes(inBody: "switch($x) { }") == ["W0201"])
        #expect(Reading.codes(inBody: "switch($x) { exit; case 1: exit; }") == ["E0217"])
    }

    @Test func `return, exit and drop take an expression, break takes none`() {
        #expect(
            Reading.body("return; return(); return -1; return (1)+2; exit(0); drop 1; break;")
                == "return; return; return (- 1); return (+ 1 2); exit 0; drop 1; break;")
        #expect(Reading.codes(inBody: "break 1;") == ["E0201"])
    }

    @Test func `empty blocks are errors, stray semicolons are not`() {
        #expect(Reading.codes(inBody: "if (1) { }") == ["E0204"])
        #expect(Reading.codes("route[A] { }\n") == ["E0204"])
        #expect(Reading.codes("route[A] { /* nothing */ }\n") == ["E0204"])
        #expect(Reading.codes(inBody: ";; exit;;") == [])
        #expect(Reading.codes("route[A] { ; };\n;debug=1;\n") == [])
    }

    @Test func `core commands know their arguments, some need no parentheses`() {
        #expect(
            Reading.body("force_rport; add_rport(); setflag(FLAG_A); strip(2); prefix(\"+\");")
                == "force_rport(); add_rport(); setflag('FLAG_A); strip(2); prefix(\"+\");")
        #expect(
            Reading.body("forward(uri:host, uri:port); forward(10.0.0.1, 5060); forward();")
                == "forward('uri:host,'uri:port); forward('10.0.0.1,5060); forward();")
        #expect(
            Reading.body("force_send_socket(udp:127.0.0.1:5060); force_send_socket([::1]:5062);")
                == "force_send_socket(<udp:127.0.0.1:5060>); force_send_socket(<::1:5062>);")
        #expect(Reading.codes(inBody: "strip();") == ["E0212"])
        #expect(Reading.codes(inBody: "setflag(1,2);") == ["E0212"])
        #expect(Reading.codes(inBody: "strip;") == ["E0201"])
    }

    @Test func `a string ends its token where it ends, however far the next one is`() {
        #expect(Reading.places("request_route {\n foo(\"a\"\n   exit;\n}\n") == ["2:9 E0201"])
    }

    @Test func `a core command is told from a module function`() {
        let result = Reading.file("request_route { seturi(\"sip:a@b\"); t_relay(); }\n")
        var commands: [CoreCommand?] = []
        for case .route(let block) in result.configuration.statements {
            for statement in block.body { if case .call(let call) = statement.kind { commands.append(call.core) } }
        }
        #expect(commands == [.rewriteURI, nil])
    }

    @Test func `calls inside of arguments, empty and bare arguments are errors`() {
        #expect(Reading.codes(inBody: "foo(bar(1));") == ["E0210"])
        #expect(Reading.codes(inBody: "foo(\"a\",);") == ["E0211"])
        #expect(Reading.codes(inBody: "foo(,\"a\");") == ["E0211"])
        #expect(Reading.codes(inBody: "foo(FLT_X);") == ["E0209"])
        #expect(Reading.codes(inBody: "foo(strlen($x) + 1, -5, $y);") == [])
    }

    @Test func `routes are called by name, number, string or expression`() {
        #expect(
            Reading.body("route(A); route(\"A b\"); route(5); route(\"A\"+$rm); $var(r) = route(B);")
                == "route[A]; route[A b]; route[5]; route((+ \"A\" $rm)); $var(r) = route[B];")
        #expect(Reading.codes(inBody: "route();") == ["E0214"])
    }

    @Test func `what cannot be assigned is named`() {
        #expect(Reading.codes(inBody: "x = 5;") == ["E0216"])
        #expect(Reading.codes(inBody: "$var(x) == 5;") == ["E0216"])
        #expect(Reading.codes(inBody: "@ruri.user = \"x\";") == ["E0216"])
        #expect(Reading.codes(inBody: "%attr = 1;") == ["E0220"])
        #expect(Reading.codes(inBody: "$var(x) = $var(y) = 1;") == ["E0205"])
    }

    @Test func `deeply nested blocks are refused`() {
        let text = String(repeating: "if (1) {", count: 3000) + "exit;" + String(repeating: "}", count: 3000)
        #expect(Reading.codes(inBody: text).contains("E0207"))
        let blocks = String(repeating: "{", count: 100_000)
        #expect(Reading.codes(inBody: blocks).contains("E0207"))
    }
}

@Suite("Front end: route blocks")
struct FrontEndRouteTests {
    private func heads(_ text: String) -> [String] {
        Reading.file(text).configuration.statements.compactMap { statement in
            guard case .route(let block) = statement else { return nil }
            return "\(block.kind.rawValue)[\(block.name)]"
        }
    }

    @Test func `every kind of block has its name`() {
        let text = """
            request_route { exit; }
            route[A] { exit; }
            route["x y"] { exit; }
            route[5] { exit; }
            reply_route { exit; }
            onreply_route[B] { exit; }
            failure_route[C] { exit; }
            branch_route[D] { exit; }
            onsend_route { exit; }
            event_route[tm:local-request] { exit; }
            event_route[tm:branch-failure:abc] { exit; }

            """
        #expect(
            self.heads(text) == [
                "request_route[0]", "route[A]", "route[x y]", "route[5]", "reply_route[0]", "onreply_route[B]",
                "failure_route[C]", "branch_route[D]", "onsend_route[0]", "event_route[tm:local-request]",
                "event_route[tm:branch-failure:abc]",
            ]
        )
        #expect(Reading.codes(text) == [])
    }

    @Test func `the zero blocks are the main blocks`() {
        let main = ["request_route[0]", "reply_route[0]"]
        #expect(self.heads("route[0] { exit; }\nonreply_route[0] { exit; }\n") == main)
        #expect(self.heads("route { exit; }\nonreply_route { exit; }\n") == main)
    }

    @Test func `a name is taken once, whatever its form`() {
        #expect(Reading.codes("route[1] { exit; }\nroute[\"1\"] { exit; }\n") == ["E0215"])
        #expect(Reading.codes("event_route[a:b] { exit; }\nevent_route[a:b] { exit; }\n") == ["E0215"])
        #expect(Reading.codes("route[A] { exit; }\nfailure_route[A] { exit; }\n") == [])
    }

    @Test func `a main block goes on in the next one of its kind`() {
        let result = Reading.file("route { $var(a) = 1; }\nrequest_route { exit; }\n")
        #expect(result.diagnostics.all.map(\.code.id) == ["W0202"])
        #expect(result.configuration.statements.count == 1)
        if case .route(let block)? = result.configuration.statements.first {
            #expect(TreeText.of(block.body) == "$var(a) = 1; exit;")
        }
    }

    @Test func `malformed names and unknown kinds are errors`() {
        #expect(Reading.codes("event_route[foo] { exit; }\n") == ["E0214"])
        #expect(Reading.codes("event_route { exit; }\n") == ["E0214"])
        #expect(Reading.codes("route[a-b] { exit; }\n") == ["E0214"])
        #expect(Reading.codes("request_route[X] { exit; }\n") == ["E0214"])
        #expect(Reading.codes("local_route { exit; }\n") == ["E0218"])
    }

    @Test func `the names of events are never expanded`() {
        let text = "#!define local 5\nevent_route[tm:local-request] { exit; }\n"
        #expect(self.heads(text) == ["event_route[tm:local-request]"])
    }
}
