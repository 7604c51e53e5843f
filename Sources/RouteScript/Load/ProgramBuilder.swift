import Bytes
import ModuleKit
import SIPMessage

/// Builds a program out of a parsed configuration: makes the modules, checks everything, compiles the routes.
///
/// All problems are reported, never only the first. Not for hot paths; used on one thread, and by modules that compile
/// formats while they are made.
public final class ProgramBuilder: ScriptCompiling, @unchecked Sendable {  // used on the thread that loads, until built
    public let parsed: ParsedConfiguration
    public internal(set) var settings: ConfigurationSettings
    public internal(set) var diagnostics: DiagnosticBag
    /// What the configuration names and where; filled by `build`.
    public private(set) var symbols = SymbolTable()
    public internal(set) var modules: [any ServerModule] = []
    public internal(set) var moduleNames: [String] = []

    /// Finds the addresses of a host name for `src_ip == name`; called while the configuration is loaded, may block.
    /// nil: such comparisons are refused.
    public var addressesOfHost: ((String) -> [IPAddress])?

    let moduleTypes: [String: ModuleType]
    var catalog = VariableCatalog()
    var slots = VariableSlots()

    /// Modules whose absence has been reported: their parameters need no report of their own.
    var missing: Set<String> = []
    /// Modules made so far, by type, for those that need them.
    var registry: [ObjectIdentifier: any ServerModule] = [:]
    /// Texts within texts that modules are compiling: `$sht(a=>$sht(b=>…))`.
    var depth = 0
    var compiling: Compiler?
    let known = Lock(Known())

    /// The variables that texts and expressions use.
    struct Known {
        var variables: [VariableReference] = []
        var texts: Set<String> = []
        /// What is compiled while the server runs is not kept: clients can ask for any text.
        var isClosed = false
    }

    /// - Parameters:
    ///   - moduleTypes: the modules of this build; `core` among them is always loaded.
    ///   - extraModules, extraParameters: from the command line.
    public init(
        _ parsed: ParsedConfiguration, moduleTypes: [ModuleType], extraModules: [String] = [],
        extraParameters: [(module: String, name: String, value: ParameterValue)] = []
    ) {
        self.parsed = parsed
        self.moduleTypes = Dictionary(moduleTypes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var diagnostics = parsed.diagnostics
        self.settings = ConfigurationSettings(
            parsed.configuration, sources: parsed.sources, diagnostics: &diagnostics)
        self.diagnostics = diagnostics
        self.extraModules = extraModules
        self.extraParameters = extraParameters
    }

    /// Stops runs of the program to be built after so many instructions.
    public func limit(fuel: Int) { self.settings.core.scriptFuel = fuel }

    let extraModules: [String]
    let extraParameters: [(module: String, name: String, value: ParameterValue)]

    /// A module of the configuration, with the values that `modparam` gives it.
    struct Request {
        var type: ModuleType
        var range: SourceRange
        var values: [(name: String, value: ParameterValue)] = []
    }

    // MARK: Building

    /// Makes the modules and compiles the routes.
    /// - Returns: nil when anything is wrong; `diagnostics` says what.
    public func build(host: any ModuleHost) -> Program? {
        // Workers keep their `$var`s over a reload, so a name has the same slot in every program.
        self.slots = host.shared("script.variable-slots") { VariableSlots() }
        let requests = self.collectModules()
        self.makeModules(requests, host)
        var functions: [String: [(module: String, function: ScriptFunction)]] = [:]
        for (module, name) in zip(self.modules, self.moduleNames) {
            for function in module.functions {
                for spelling in [function.name] + function.aliases {
                    functions[spelling, default: []].append((name, function))
                }
            }
        }
        let compiler = Compiler(
            sources: self.parsed.sources, scripting: self, catalog: self.catalog, functions: functions,
            selects: { [unowned self] path throws(ArgumentError) in try self.reader(of: path) },
            propagatesCodes: self.settings.core.returnMode != 0, addressesOfHost: self.addressesOfHost,
            moduleTypes: self.moduleTypes.values.sorted { $0.name < $1.name })
        compiler.missingModules = self.missing
        let blocks = self.parsed.configuration.statements.compactMap { statement -> RouteBlock? in
            if case .route(let block) = statement { return block }
            return nil
        }
        self.compiling = compiler
        defer { self.compiling = nil }
        compiler.compile(blocks)
        if let prefix = self.settings.logPrefix {
            var parser = VariableParser(prefix.value, catalog: self.catalog, compiler: self)
            do {
                compiler.draft.prefix = try parser.format()
            } catch {
                compiler.report(
                    error, .badSetting, at: parser.failure.map { prefix.range(of: $0) } ?? prefix.range)
            }
        }
        if !blocks.contains(where: { $0.kind == .request }) {
            compiler.diagnostics.error(
                .noRequestRoute, "there is no request_route: nothing would ever be done with a request", at: .none)
        }
        for diagnostic in compiler.diagnostics.all { self.diagnostics.add(diagnostic) }
        self.checkEvents(requests, blocks)
        self.check(functions)
        self.known.withLock { $0.isClosed = true }
        guard !self.diagnostics.hasErrors else { return nil }
        return Program(
            compiler.draft, settings: self.settings.core, configuration: self.settings.configuration,
            logger: host.logger, modules: self.modules, names: self.moduleNames)
    }

    /// Modules that serve events need somebody to serve them to.
    private func checkEvents(_ requests: [Request], _ blocks: [RouteBlock]) {
        let events = Set(blocks.filter { $0.kind == .event }.map { ByteString($0.name) })
        for (module, name) in zip(self.modules, self.moduleNames) {
            for event in module.neededEvents where !events.contains(event) {
                self.diagnostics.error(
                    .moduleRefused,
                    "module '\(name)': there is no event_route[\(event)], without which it does nothing",
                    at: requests.first { $0.type.name == name }?.range ?? .none)
            }
        }
    }

    private func check(_ functions: [String: [(module: String, function: ScriptFunction)]]) {
        let collector = FactCollector(sources: self.parsed.sources, functions: functions)
        collector.collect(
            self.parsed.configuration, flags: self.settings.flags, knownModules: Set(self.moduleTypes.keys))
        self.symbols = collector.facts.symbols
        self.symbols.link(collector.facts, defines: self.parsed.defineEvents)
        var checker = Checker(self.parsed, facts: collector.facts, catalog: self.catalog, settings: self.settings)
        checker.isComplete =
            !self.parsed.diagnostics.hasErrors && !self.diagnostics.all.contains { $0.code == .unknownRoute }
        checker.check()
        for diagnostic in checker.diagnostics.all { self.diagnostics.add(diagnostic) }
    }
}
