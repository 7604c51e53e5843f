import RouteScript
import Testing

@Suite("Checks: configurations that are out of proportion")
struct BoundsTests {
    private func codes(_ text: String, files: [String: String] = [:]) -> Set<String> {
        Set(Checked.analysis(text, files: files).diagnostics.all.map(\.code.id))
    }

    @Test func `defines that double at each step are stopped`() {
        var text = "#!define D0 1 + 1\n"
        for step in 1...40 { text += "#!define D\(step) D\(step - 1) + D\(step - 1)\n" }
        #expect(self.codes(text + "request_route { $var(x) = D40; }").contains("E0107"))
    }

    @Test func `long values that are put in often are stopped`() {
        let blank = String(repeating: " ", count: 100_000)
        let uses = String(repeating: "A ", count: 20_000)
        #expect(self.codes("#!define A ;\(blank);\nrequest_route { \(uses) }\n").contains("E0107"))
    }

    @Test func `substitutions that grow what they match are stopped`() {
        let rules = String(repeating: "#!subst \"/a/aaaaaaaaaa/g\"\n", count: 20)
        let uses = String(repeating: "$var(x) = \"a\";\n", count: 200)
        #expect(self.codes(rules + "request_route { \(uses) }").contains("E0107"))
    }

    @Test func `variables in variables end somewhere`() {
        let deep = String(repeating: "$avp(", count: 5000) + "x" + String(repeating: ")", count: 5000)
        let head = "loadmodule \"pv.so\"\nloadmodule \"xlog.so\"\n"
        #expect(self.codes("\(head)request_route { $var(x) = \(deep); }").contains("E0406"))
        #expect(!self.codes("\(head)request_route { xlog(\"\(deep)\"); }").isEmpty)
        let unclosed = String(repeating: "$(avp(", count: 50_000)
        #expect(!self.codes("\(head)request_route { xlog(\"\(unclosed)\"); $var(x) = \"\(unclosed)\"; }").isEmpty)
    }

    @Test(arguments: [
        "((((a{200}){200}){200}){200})", "((((a?){8}){83}){8})", "((((((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)+)+)+)+",
    ])
    func `expressions that would fill the memory are refused`(pattern: String) {
        #expect(self.codes("request_route { if ($rc =~ \"\(pattern)\") exit; }") == ["E0408"])
    }

    @Test func `expressions that are nested without end are refused`() {
        let deep = String(repeating: "(", count: 60_000) + String(repeating: ")", count: 5000)
        #expect(self.codes("request_route { if ($rc =~ \"\(deep)\") exit; }") == ["E0408"])
    }

    static let nestings = [
        ("(", ")"), ("{ ", " }"), ("!", ""), ("-", ""), ("if (1) { ", " }"), ("while (1) ", ""), ("defined ", ""),
    ]

    @Test(arguments: BoundsTests.nestings)
    func `nesting ends with one error`(open: String, close: String) {
        let isStatement = open.contains("{") || open.contains("while")
        let count = 20_000
        let middle = isStatement ? "exit;" : "1"
        let nested = String(repeating: open, count: count) + middle + String(repeating: close, count: count)
        let body = isStatement ? nested : "$var(x) = \(nested);"
        let found = self.codes("loadmodule \"pv.so\"\nrequest_route { \(body) }")
        #expect(found.contains("E0207"), "\(found)")
    }

    /// In each of them `_` stands for what is nested.
    static let operands = ["(_)", "selval(_, 1, 1)", "(int)(_)", "{ $var(a) = _; $var(b) = 1; }", "($var(a) = _)"]

    @Test(arguments: BoundsTests.operands)
    func `the deepest tree that is allowed is read, checked, compiled and let go of`(operand: String) {
        let parts = operand.split(separator: "_", maxSplits: 1)
        let sum = parts[1] + String(repeating: " + 1", count: 60)
        let inner =
            String(repeating: String(parts[0]), count: 15) + "$var(b)" + String(repeating: String(sum), count: 15)
        let body = String(repeating: "if ($var(b)) ", count: 130) + "$var(a) = \(inner);"
        let text = "loadmodule \"pv.so\"\nrequest_route { $var(b) = 1; \(body) }"
        #expect(!self.codes(text).contains { $0.hasPrefix("E") })
    }

    @Test func `long chains take no time that grows with their square`() {
        let sum = "$var(a) = $var(b)" + String(repeating: " + 1", count: 990) + ";\n"
        let quotient = "$var(a) = 1 / 0" + String(repeating: " + 1", count: 990) + ";\n"
        let tests = (0..<990).map { " && $var(c\($0)) == \"\($0)\"" }.joined()
        let chain = "if ($var(b) == 1\(tests)) $var(a) = 1;\n"
        let body =
            String(repeating: sum, count: 100) + String(repeating: quotient, count: 100)
            + String(repeating: chain, count: 20)
        #expect(
            !self.codes("loadmodule \"pv.so\"\nrequest_route { $var(b) = 1; \(body) }").contains { $0.hasPrefix("E") })
    }

    @Test func `strings without end are looked for once`() {
        let quotes = String(repeating: "\\\"\n", count: 100_000)
        #expect(self.codes("request_route { exit; }\n\"\n\(quotes)").contains("E0113"))
        let defines = "#!define Q \"\n" + String(repeating: "Q\n", count: 100_000)
        #expect(self.codes(defines + "request_route { exit; }\n").contains("E0113"))
    }

    @Test func `variables in texts in variables end somewhere as well`() {
        // Each kind of nesting few enough, together too deep.
        let seven = String(repeating: "$avp(", count: 7)
        let deep = String(repeating: "$sht(t=>\(seven)", count: 7) + "x" + String(repeating: "))))))))", count: 7)
        let head = "loadmodule \"pv.so\"\nloadmodule \"xlog.so\"\nloadmodule \"htable.so\"\n"
        let table = "modparam(\"htable\", \"htable\", \"t=>size=4;\")\n"
        #expect(self.codes("\(head)\(table)request_route { $var(x) = \(deep); }").contains("E0406"))
        #expect(self.codes("\(head)\(table)request_route { xlog(\"\(deep)\"); }").contains("E0406"))
    }

    @Test func `conditionals are nested 512 deep at most`() {
        let text = String(repeating: "#!ifndef A\n", count: 5000) + String(repeating: "#!endif\n", count: 5000)
        #expect(self.codes(text + "request_route { exit; }").contains("E0109"))
    }

    @Test func `files that include many files that include many files are stopped`() {
        let many = String(repeating: "include_file \"b.cfg\"\n", count: 200)
        let files = ["b.cfg": String(repeating: "include_file \"c.cfg\"\n", count: 200), "c.cfg": "# nothing\n"]
        #expect(self.codes(many + "request_route { exit; }", files: files).contains("E0102"))
    }

    @Test func `a million lines are read, and told to be too many`() {
        let text = "request_route {\n" + String(repeating: "\t$var(x) = 1;\n", count: 1_000_000) + "}\n"
        #expect(self.codes(text).contains("E0118"))
    }

    @Test func `many labels, routes and names take no time that grows with their square`() {
        let labels = (0..<20_000).map { "case \($0): exit;\n" }.joined()
        let routes = (0..<5000).map { "route[R\($0)] { route(R\($0 + 1)); route(\"X\($0)\" + $rc); }\n" }.joined()
        let custom = (0..<20_000).map { "g.p\($0) = 1\n" }.joined()
        let defines = (0..<20_000).map { "#!defexp N\($0) 1 + 1\n" }.joined()
        let text =
            "\(defines)\(custom)request_route { route(R0); switch ($rc) { \(labels) } }\n\(routes)route[R5000] { exit; }\n"
        #expect(!self.codes(text).contains { $0.hasPrefix("E") })
    }

    @Test func `a broken file of megabytes gets a bounded report`() {
        let text = "request_route {\n" + String(repeating: "\tfoo(;\n\tbar();\n\troute(NO);\n", count: 50_000) + "}\n"
        let found = Checked.analysis(text)
        #expect(found.diagnostics.all.count <= DiagnosticBag.limit)
        #expect(found.diagnostics.errorCount > DiagnosticBag.limit)
    }
}
