import Bytes
import ModuleKit
import SIPMessage

/// A configuration read and checked without a server: what editors, formatters and the check of a file need.
public struct ScriptAnalysis: Sendable {
    /// The tree with its ranges, the texts, the defines.
    public var parsed: ParsedConfiguration
    /// Findings of all stages.
    public var diagnostics: DiagnosticBag
    public var symbols: SymbolTable
    /// The compiled program; nil when there are errors, or when it was not asked for.
    public var program: Program?
    /// The host of the kept program's modules. The two hold each other: `detach` when the program is not run any more.
    public var host: CheckHost?

    /// Findings in file order.
    public var sortedDiagnostics: [Diagnostic] { self.diagnostics.sorted(in: self.parsed.sources) }

    public struct Options: Sendable {
        /// Command-line defines and substitutions, and how files are read.
        public var frontEnd = FrontEndOptions()
        /// Texts that stand for files, by the path under which the configuration reaches them: what an editor has not
        /// saved yet.
        public var overlay: [String: [UInt8]] = [:]
        /// The modules of this build, `core` among them.
        public var moduleTypes: [ModuleType]
        /// Modules that the command line loads.
        public var extraModules: [String] = []
        public var extraParameters: [(module: String, name: String, value: ParameterValue)] = []
        /// Turns warnings into errors.
        public var isStrict = false
        /// Fills `ScriptAnalysis.program`. The program keeps its modules, and they keep their host.
        public var keepsProgram = false
        /// Instructions after which a run of the kept program is stopped; nil: the usual limit.
        public var scriptFuel: Int?
        /// Finds the addresses of a host name. Nothing is looked up unless told so: every name counts as found.
        public var addressesOfHost: @Sendable (String) -> [IPAddress] = { _ in [.anyIPv4] }

        /// For tests whose modules know their host.
        var makeHost: (@Sendable (ProgramBuilder) -> any ModuleHost)?

        public init(moduleTypes: [ModuleType]) { self.moduleTypes = moduleTypes }
    }

    /// Reads and checks the file at `path`. Never throws or traps: everything wrong is a diagnostic.
    public static func of(path: String, options: Options) -> ScriptAnalysis {
        var front = options.frontEnd
        front.files = front.files.overlaid(by: options.overlay)
        return Self.check(FrontEnd.parse(path: path, options: front), options)
    }

    /// Reads and checks `bytes` as if they were the file `name`.
    public static func of(bytes: [UInt8], name: String, options: Options) -> ScriptAnalysis {
        var front = options.frontEnd
        front.files = front.files.overlaid(by: options.overlay)
        return Self.check(FrontEnd.parse(bytes: bytes, name: name, options: front), options)
    }

    private static func check(_ parsed: ParsedConfiguration, _ options: Options) -> ScriptAnalysis {
        let builder = ProgramBuilder(
            parsed, moduleTypes: options.moduleTypes, extraModules: options.extraModules,
            extraParameters: options.extraParameters)
        builder.addressesOfHost = options.addressesOfHost
        if let fuel = options.scriptFuel { builder.settings.core.scriptFuel = fuel }
        let checkHost = CheckHost(settings: builder.settings.core)
        checkHost.attach(builder)
        let program = builder.build(host: options.makeHost?(builder) ?? checkHost)
        if !options.keepsProgram { checkHost.detach() }
        var diagnostics = builder.diagnostics
        if options.isStrict { diagnostics.promoteWarnings() }
        return ScriptAnalysis(
            parsed: parsed, diagnostics: diagnostics, symbols: builder.symbols,
            program: options.keepsProgram && !diagnostics.hasErrors ? program : nil,
            host: options.keepsProgram ? checkHost : nil)
    }
}
