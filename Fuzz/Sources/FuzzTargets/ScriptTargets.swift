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
    private static let usual = ["pv", "xlog", "textops", "siputils"]

    /// Loads those of them that the input does not: loaded twice, it would be refused.
    private static func head(for bytes: [UInt8]) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        let missing = Self.usual.filter { name in
            !["\"\(name)\"", "\"\(name).so\"", "/\(name).so\""].contains { text.contains($0) }
        }
        return Array(missing.map { "loadmodule \"\($0)\"\n" }.joined().utf8)
    }

    static func execute(_ bytes: [UInt8]) { _ = Self.remains(of: bytes) }

    /// Runs the script. Whether its program is still there afterwards; nil when it was refused.
    static func remains(of bytes: [UInt8]) -> Bool? {
        weak var left: Program?
        do {
            var options = Self.options()
            options.keepsProgram = true
            let analysis = ScriptAnalysis.of(bytes: Self.head(for: bytes) + bytes, name: "fuzz.cfg", options: options)
            defer { analysis.host?.detach() }
            guard let program = analysis.program else { return nil }
            left = program
            FuzzRun(program).run()
        }
        return left != nil
    }
}
