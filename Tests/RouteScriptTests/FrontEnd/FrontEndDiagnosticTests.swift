import Testing

@testable import RouteScript

@Suite("Front end: diagnostics")
struct FrontEndDiagnosticTests {
    @Test func `a diagnostic shows place, code, line, caret and suggestion`() {
        #expect(
            Reading.file("children=8\n\tdebgu=2\n").renderedDiagnostics() == """
                test.cfg:2:2: error[E0301]: unknown global parameter 'debgu'
                 2 | \tdebgu=2
                   | \t^~~~~
                help: did you mean 'debug'?
                1 error

                """
        )
    }

    @Test func `every kind of mistake has its place`() {
        #expect(Reading.places("debug=1\nloadmodule tm\n") == ["2:12 E0307"])
        #expect(Reading.places("request_route {\n  if ($x == ) exit;\n}\n") == ["2:13 E0203"])
        #expect(Reading.places("request_route {\n  exit\n}\n") == ["2:7 E0205"])
        #expect(Reading.places("request_route {\n  $var(x) = \"abc;\n  exit;\n}\n") == ["2:13 E0113"])
        #expect(Reading.places("request_route {\n  foo(\"a\" \"b\"\n  exit;\n}\n") == ["2:14 E0201"])
        #expect(Reading.places("route[A] {\n  if (1) {\n  exit;\n}\nroute[B] { exit; }\n") == ["1:10 E0206"])
        #expect(Reading.places("debug=1\n}\n") == ["2:1 E0202"])
    }

    @Test func `all mistakes of a file are reported in one run`() {
        let text = """
            debgu=2
            children="8"
            modparam("tm", "fr_timer" 30000)
            loadmodule tm
            local_route { exit; }
            request_route {
                if ($rU == ) {
                    exit;
                }
                $var(x) = 1
                $var(x) += 2;
                foo(bar(1));
                if ($ru !~ "x") { }
                switch ($x) { exit; }
                elsif ($x) exit;
                uri;
                exit;
            }
            route[C] { if (1) { exit;
            route[C] { ; }
            event_route[foo] { ; }

            """
        let result = Reading.file(text)
        let lines = result.diagnostics.sorted(in: result.sources).map {
            Int(result.sources.resolve($0.range.start).location.line)
        }
        #expect(lines == [1, 2, 3, 4, 5, 7, 10, 11, 12, 13, 13, 14, 15, 16, 19, 20, 21])
    }

    @Test func `a broken statement leaves the ones around it whole`() {
        let result = Reading.file("request_route {\n $var(a) = 1;\n $var(b) = = 2;\n $var(c) = 3;\n}\nchildren=4\n")
        #expect(result.diagnostics.errorCount == 1)
        #expect(Reading.children(result) == 4)
        if case .route(let block)? = result.configuration.statements.first {
            #expect(TreeText.of(block.body) == "$var(a) = 1; <invalid> $var(c) = 3;")
        }
    }

    @Test func `text from a define is followed back to its use and its value`() {
        let text = "#!define LIMIT (5 > \nrequest_route {\n  if LIMIT) exit;\n}\n"
        let rendered = Reading.file(text).renderedDiagnostics()
        #expect(rendered.contains("test.cfg:3:11: error[E0203]"))
        let inner = Reading.file("#!define V $var(x\nrequest_route {\n  foo(V);\n}\n").renderedDiagnostics()
        #expect(inner.contains("test.cfg:3:7: error[E0115]"))
        #expect(inner.contains("test.cfg:1:12: note: in the value of the define 'V'"))
    }

    @Test func `text from an include names the file and who included it`() {
        let result = Reading.file("debug=1\ninclude_file \"i.cfg\"\n", files: ["i.cfg": "\nfoo=1\n"])
        let rendered = result.renderedDiagnostics()
        #expect(rendered.hasPrefix("in a file included at test.cfg:2:1:\ni.cfg:2:1: error[E0301]"))
    }

    @Test func `bytes of a string are followed back to their places`() {
        let text = "request_route {\n  foo(\"a\\n$ru\"\n    \"b$rU\");\n}\n"
        let result = Reading.file(text)
        guard case .route(let block)? = result.configuration.statements.first,
            case .call(let call)? = block.body.first?.kind, case .string(let literal)? = call.arguments.first?.kind
        else {
            Issue.record("no call")
            return
        }
        #expect(literal.text == "a\n$rub$rU")
        #expect(result.sources.text(of: literal.range(of: 2..<5)) == "$ru")
        #expect(result.sources.text(of: literal.range(of: 6..<9)) == "$rU")
        #expect(result.sources.describe(literal.range(of: 6..<9).start) == "test.cfg:3:7")
    }

    @Test func `parts of a variable are followed back`() {
        let result = Reading.file("request_route { $var(abc) = 1; }\n")
        guard case .route(let block)? = result.configuration.statements.first,
            case .assign(let assignment)? = block.body.first?.kind
        else {
            Issue.record("no assignment")
            return
        }
        #expect(result.sources.text(of: assignment.target.range(of: 5..<8)) == "abc")
    }

    @Test func `colours are only there when asked for`() {
        let result = Reading.file("foo=1\n")
        #expect(!result.renderedDiagnostics().contains("\u{1B}"))
        #expect(result.renderedDiagnostics(usesColour: true).contains("\u{1B}[1;31m"))
    }

    @Test func `control bytes of a file do not reach the terminal`() {
        #expect(!Reading.file("foo=\u{1B}[2J\n").renderedDiagnostics().contains("\u{1B}"))
    }

    @Test func `the nearest name is near`() {
        #expect(nearest("debgu", in: ["port", "debug"]) == "debug")
        #expect(nearest("is_methid", in: ["is_method", "is_gruu"]) == "is_method")
        #expect(nearest("Route", in: ["route"]) == "route")
        #expect(nearest("xyz", in: ["debug", "port"]) == nil)
        #expect(nearest("", in: ["a"]) == nil)
    }

    @Test func `codes are unique and well formed`() {
        let ids = DiagnosticCode.frontEnd.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.count == 5 && ($0.hasPrefix("E0") || $0.hasPrefix("W0")) })
    }

    @Test func `thousands of mistakes are counted, not kept`() {
        let result = Reading.file(String(repeating: "foo=1\n", count: 3000))
        #expect(result.diagnostics.errorCount == 3000)
        #expect(result.diagnostics.all.count == DiagnosticBag.limit)
    }
}
