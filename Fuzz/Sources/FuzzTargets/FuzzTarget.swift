import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import StandardModules

/// What fuzzed bytes are given to. Nothing may trap, hang or fill the memory, whatever the bytes are.
public enum FuzzTarget: String, Sendable, CaseIterable {
    /// Preprocessor, lexer and parser, and the rendering of what they find.
    case frontend
    /// All of it up to the program, with the standard modules.
    case check
    /// The same, and then a message is run through the script, with little fuel.
    case machine
    /// What arrives from the network: the first bytes of a connection or datagram as a PROXY header, the answer of a name
    /// server (the first byte chooses what was asked), a request at a glance beside the parser.
    case proxy, dns, glance

    /// Whether it reads what anybody can send, bytes rather than words.
    public var isOfNetwork: Bool {
        switch self {
        case .proxy, .dns, .glance: true
        case .frontend, .check, .machine: false
        }
    }

    public func run(_ bytes: [UInt8]) {
        switch self {
        case .frontend: Self.parse(bytes)
        case .check: Self.check(bytes)
        case .machine: Self.execute(bytes)
        case .proxy: NetworkTargets.readProxyHeader(bytes)
        case .dns: NetworkTargets.readAnswer(bytes)
        case .glance: NetworkTargets.glance(bytes)
        }
    }

    /// Files that a script may include: two that include each other, and one that is harmless.
    private static let files = FileAccess.memory(
        [
            "a.cfg": "include_file \"b.cfg\"\n", "b.cfg": "#!define FROM_B 1\ninclude_file \"a.cfg\"\n",
            "c.cfg": "$var(a) = 1;\n",
        ], environment: ["HOME": "/root"])

    private static func parse(_ bytes: [UInt8]) {
        var options = FrontEndOptions(files: Self.files)
        options.collectsResolvedText = bytes.count % 2 == 1
        let parsed = FrontEnd.parse(bytes: bytes, name: "fuzz.cfg", options: options)
        _ = parsed.renderedDiagnostics()
    }

    private static func options() -> ScriptAnalysis.Options {
        var options = ScriptAnalysis.Options(moduleTypes: StandardModules.all)
        options.frontEnd.files = Self.files
        options.scriptFuel = 20_000
        return options
    }

    private static func check(_ bytes: [UInt8]) {
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

    private static func execute(_ bytes: [UInt8]) {
        var options = Self.options()
        options.keepsProgram = true
        let analysis = ScriptAnalysis.of(bytes: Self.head + bytes, name: "fuzz.cfg", options: options)
        defer { analysis.host?.detach() }
        guard let program = analysis.program else { return }
        FuzzRun(program).run()
    }
}
