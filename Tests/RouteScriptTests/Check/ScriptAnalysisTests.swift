import ModuleKit
import Testing

@testable import RouteScript

@Suite("Analysis of a configuration without a server")
struct ScriptAnalysisTests {
    private func analysis(
        _ text: String, change: (inout ScriptAnalysis.Options) -> Void = { _ in }
    ) -> ScriptAnalysis {
        var options = ScriptAnalysis.Options(moduleTypes: [ModuleType(CoreStandIn.self), ModuleType(ProbeModule.self)])
        options.frontEnd.files = .memory(["/etc/t.cfg": text])
        options.makeHost = { builder in
            let host = ScriptHost()
            host.builder = builder
            return host
        }
        change(&options)
        return ScriptAnalysis.of(path: "/etc/t.cfg", options: options)
    }

    private func places(_ ranges: [SourceRange]) -> [String] { ranges.map { "\($0.start.line):\($0.start.column)" } }

    @Test func `routes come with the places that name them`() {
        let found = self.analysis(
            """
            loadmodule "probe"
            request_route { route(A); run("B"); }
            route[A] { exit; }
            branch_route[B] { exit; }
            """)
        #expect(found.diagnostics.isEmpty)
        #expect(found.symbols.routes.map(\.name) == ["0", "A", "B"])
        #expect(self.places(found.symbols.routes[1].uses.map(\.range)) == ["2:23"])
        #expect(self.places(found.symbols.routes[2].uses.map(\.range)) == ["2:32"])
        #expect(found.symbols.routes[2].uses.first?.isCertain == true)
    }

    @Test func `variables are found in tokens and in the strings that are expanded`() {
        let found = self.analysis(
            """
            loadmodule "probe"
            request_route { $var(x) = 1; probe("a $var(x) $(var(x){s.len})"); }
            """)
        let symbol = found.symbols.variables.first { $0.inner == "x" }
        #expect(symbol?.text == "$var(x)")
        #expect(self.places(symbol?.uses.map(\.range) ?? []) == ["2:17", "2:39", "2:47"])
        #expect(symbol?.uses.map(\.access) == [.write, .read, .read])
        #expect(self.places(symbol?.uses.map(\.innerRange) ?? []) == ["2:22", "2:44", "2:53"])
    }

    @Test func `a define is joined with its uses, also after it was set again`() {
        let found = self.analysis(
            """
            #!define N 1
            #!ifdef N
            debug = N
            #!endif
            #!redef N 2
            children = N
            request_route { exit; }
            """)
        let defines = found.symbols.defines.filter { $0.name == "N" }
        #expect(defines.map(\.value) == ["1", "2"])
        #expect(defines.map { self.places($0.uses) } == [["2:9", "3:9"], ["6:12"]])
    }

    @Test func `functions and modules are listed`() {
        let found = self.analysis("loadmodule \"probe\"\nrequest_route { probe(\"x\"); nonsense(); }")
        #expect(found.symbols.functions.map(\.name) == ["probe", "nonsense"])
        #expect(found.symbols.functions.map(\.module) == ["probe", nil])
        #expect(found.symbols.modules.map(\.name) == ["probe"])
        #expect(found.program == nil)
    }

    @Test func `text in memory stands for the file, also for included ones`() {
        let found = self.analysis("include_file \"part.cfg\"\nrequest_route { exit; }") { options in
            options.overlay["/etc/part.cfg"] = Array("route[X] { nonsense(); }\n".utf8)
        }
        #expect(found.symbols.routes.map(\.name) == ["X", "0"])
        #expect(found.sortedDiagnostics.map(\.code.id) == ["W0402", "E0401"])
    }

    @Test func `what is under the cursor is found`() {
        let found = self.analysis(
            "request_route { route(LONG); $var(k) = 1; }\nroute[LONG] { exit; }")
        func at(_ line: Int, _ column: Int) -> RouteScript.SourceLocation {
            guard let file = found.parsed.sources.sources.first else { return .none }
            return file.location(at: line == 1 ? column - 1 : 44 + column - 1)
        }
        #expect(found.symbols.route(at: at(1, 24))?.name == "LONG")
        #expect(found.symbols.route(at: at(2, 8))?.name == "LONG")
        #expect(found.symbols.route(at: at(1, 20)) == nil)
        #expect(found.symbols.variable(at: at(1, 33))?.text == "$var(k)")
    }

    @Test func `strict makes warnings errors and says so`() {
        let text = "request_route { exit; }\nroute[ALONE] { exit; }"
        #expect(self.analysis(text).diagnostics.warningCount == 1)
        let strict = self.analysis(text) { $0.isStrict = true }
        #expect(strict.diagnostics.errorCount == 1 && strict.diagnostics.warningCount == 0)
        #expect(strict.diagnostics.all.first?.code.id == "W0402")
    }

    @Test func `the program is kept only when asked for`() {
        #expect(self.analysis("request_route { exit; }").program == nil)
        #expect(self.analysis("request_route { exit; }") { $0.keepsProgram = true }.program != nil)
    }
}
