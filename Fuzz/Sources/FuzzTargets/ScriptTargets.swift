import Bytes
import ModuleKit
import RouteScript
import StandardModules

/// What reads a configuration.
enum ScriptTargets {
    /// Files that a script may include: two that include each other, and one that is harmless.
    private static let files = FileAccess.memory(
        [
            "a.cfg": "include_file \"b.cfg\"\n", "b.cfg": "#!define FROM_B 1\ninclude_file \"a.cfg\"\n",
            "c.cfg": "$var(a) = 1;\n",
        ], environment: ["HOME": "/root"])

    static func parse(_ bytes: [UInt8]) {
        var options = FrontEndOptions(files: Self.files)
        options.collectsResolvedText = bytes.count % 2 == 1
        let parsed = FrontEnd.parse(bytes: bytes, name: "fuzz.cfg", options: options)
        _ = parsed.renderedDiagnostics()
    }

    static func options(fuel: Int = 20_000) -> ScriptAnalysis.Options {
        var options = ScriptAnalysis.Options(moduleTypes: StandardModules.all)
        options.frontEnd.files = Self.files
        options.scriptFuel = fuel
        return options
    }

    static func check(_ bytes: [UInt8]) {
        let analysis = ScriptAnalysis.of(bytes: bytes, name: "fuzz.cfg", options: Self.options())
        _ = DiagnosticRenderer(sources: analysis.parsed.sources).render(analysis.diagnostics)
    }

    /// Modules that most inputs want, so that the fuzzer need not find them first.
    private static let head = Array(
        """
        loadmodule "pv"
        loadmodule "xlog"
        loadmodule "textops"
        loadmodule "siputils"

        """.utf8)

    static func execute(_ bytes: [UInt8]) {
        var options = Self.options()
        options.keepsProgram = true
        let analysis = ScriptAnalysis.of(bytes: Self.head + bytes, name: "fuzz.cfg", options: options)
        defer { analysis.host?.detach() }
        guard let program = analysis.program else { return }
        FuzzRun(program).run()
    }
}
