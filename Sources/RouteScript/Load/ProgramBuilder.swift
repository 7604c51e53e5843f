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
    public private(set) var diagnostics: DiagnosticBag
    /// What the configuration names and where; filled by `build`.
    public private(set) var symbols = SymbolTable()
    public private(set) var modules: [any ServerModule] = []
    public private(set) var moduleNames: [String] = []

    /// Finds the addresses of a host name for `src_ip == name`; called while the configuration is loaded, may block.
    /// nil: such comparisons are refused.
    public var addressesOfHost: ((String) -> [IPAddress])?

    private let moduleTypes: [String: ModuleType]
    private var catalog = VariableCatalog()
    private var slots = VariableSlots()

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

    private let extraModules: [String]
    private let extraParameters: [(module: String, name: String, value: ParameterValue)]

    /// A module of the configuration, with the values that `modparam` gives it.
    private struct Request {
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
        self.check(functions)
        self.known.withLock { $0.isClosed = true }
        guard !self.diagnostics.hasErrors else { return nil }
        return Program(
            compiler.draft, settings: self.settings.core, configuration: self.settings.configuration,
            logger: host.logger, modules: self.modules, names: self.moduleNames)
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

    /// Lets go of the modules, which may hold the builder: nothing can be compiled any more. A program that was built
    /// has them still.
    func release() {
        self.modules = []
        self.moduleNames = []
        self.registry = [:]
        self.catalog = VariableCatalog()
    }

    // MARK: Modules

    private func collectModules() -> [Request] {
        var requests: [Request] = []
        if let core = self.moduleTypes["core"] { requests.append(Request(type: core, range: .none)) }
        for name in self.extraModules { self.load(name, at: .none, &requests) }
        for statement in self.parsed.configuration.statements {
            switch statement {
            case .loadModule(let node): self.load(node.name, at: node.path.range, &requests)
            case .moduleParameter(let node): self.set(node, &requests)
            default: break
            }
        }
        for (module, name, value) in self.extraParameters {
            guard let index = requests.firstIndex(where: { $0.type.name == module }) else {
                self.diagnostics.error(
                    .moduleNotLoaded, "--modparam: module '\(module)' is not loaded", at: .none)
                continue
            }
            self.set(name, value, of: &requests[index], at: .none, .none)
        }
        return requests
    }

    private func load(_ name: String, at range: SourceRange, _ requests: inout [Request]) {
        if let first = requests.first(where: { $0.type.name == name }) {
            let place = first.range.isPresent ? "it is loaded here" : "it is always loaded, or from the command line"
            self.diagnostics.error(
                .duplicateModule, "module '\(name)' is loaded already", at: range,
                notes: [.init(place, at: first.range)])
            return
        }
        guard let type = self.moduleTypes[name] else {
            if KamailioModules.names.contains(name) {
                self.diagnostics.error(
                    .unknownModule, "module '\(name)' is not built yet in this version of the server", at: range)
            } else {
                self.diagnostics.error(
                    .unknownModule, "there is no module '\(name)'", at: range,
                    suggestion: self.meant(name, in: self.moduleTypes.keys.sorted()))
            }
            self.missing.insert(name)
            return
        }
        requests.append(Request(type: type, range: range))
    }

    /// Modules whose absence has been reported: their parameters need no report of their own.
    private var missing: Set<String> = []

    private func set(_ node: ModuleParameter, _ requests: inout [Request]) {
        let pattern = ByteString("^(\(node.modules.text))$")
        guard let regex = try? RegularExpression(pattern, ignoringCase: true) else {
            self.diagnostics.error(
                .moduleNotLoaded, "'\(node.modules.text)' is no expression for module names", at: node.modules.range)
            return
        }
        let matching = requests.indices.filter {
            let name = ByteString(requests[$0].type.name)
            return requests[$0].type.name != "core" && regex.matches(name.span)
        }
        guard !matching.isEmpty else {
            if self.missing.contains(where: { regex.matches(ByteString($0).span) }) { return }
            self.reportNotLoaded(node, regex, requests.map(\.type.name))
            return
        }
        let value: ParameterValue
        switch node.value {
        case .integer(let number): value = .int(number)
        case .string(let literal) where node.expandsVariables:
            guard let expanded = self.expand(literal.value, at: node.valueRange) else { return }
            value = .text(expanded.text)
        case .string(let literal): value = .text(literal.value)
        case .word(let word): value = .text(ByteString(word))
        case .variable(let token):
            guard let expanded = self.expand(token.bytes, at: node.valueRange) else { return }
            value = expanded.number.map { .int($0) } ?? .text(expanded.text)
        }
        for index in matching {
            self.set(node.name.text, value, of: &requests[index], at: node.name.range, node.valueRange)
        }
    }

    /// The nearest name as a suggestion, as long as there are few errors.
    private func meant(_ name: String, in candidates: @autoclosure () -> [String]) -> String? {
        guard self.diagnostics.errorCount < 200 else { return nil }
        return nearest(name, in: candidates()).map { "did you mean '\($0)'?" }
    }

    private func reportNotLoaded(_ node: ModuleParameter, _ regex: RegularExpression, _ loaded: [String]) {
        let name = node.modules.text
        let statements = self.diagnostics.errorCount < 200 ? self.parsed.configuration.statements : []
        let below = statements.lazy.compactMap { statement -> SourceRange? in
            guard case .loadModule(let other) = statement, regex.matches(ByteString(other.name).span) else {
                return nil
            }
            return other.path.range
        }.first
        var suggestion = self.meant(name, in: loaded)
        if below != nil {
            suggestion = "set its parameters below the line that loads it"
        } else if self.moduleTypes[name] != nil {
            suggestion = ModuleDirectory.hint(name)
        }
        self.diagnostics.error(
            .moduleNotLoaded, "module '\(name)' is not loaded above this line", at: node.modules.range,
            notes: below.map { [.init("it is loaded here", at: $0)] } ?? [], suggestion: suggestion)
    }

    /// The value of `modparamx`; nil after a diagnostic.
    private func expand(_ text: ByteString, at range: SourceRange) -> EarlyText? {
        do throws(ArgumentError) {
            return try EarlyText(text, defines: self.parsed.defines, files: self.parsed.files)
        } catch {
            self.diagnostics.error(
                .unknownModuleParameter, error.message, at: range,
                suggestion: error.suggestion.map { "did you mean '\($0)'?" })
            return nil
        }
    }

    private func set(
        _ name: String, _ value: ParameterValue, of request: inout Request, at range: SourceRange,
        _ valueRange: SourceRange
    ) {
        let known = request.type.parameters
        guard known.contains(where: { $0.name == name }) else {
            self.diagnostics.error(
                .unknownModuleParameter, "module '\(request.type.name)' has no parameter '\(name)'", at: range,
                suggestion: self.meant(name, in: known.map(\.name)))
            return
        }
        do {
            try request.type.check(name, value)
            request.values.append((name, value))
        } catch let error as ArgumentError {
            let place = valueRange.isPresent ? valueRange : range
            self.diagnostics.error(
                .unknownModuleParameter, error.message, at: place,
                suggestion: error.suggestion ?? self.otherKind(of: value, for: name, known))
        } catch {
            self.diagnostics.error(.unknownModuleParameter, "\(error)", at: range)
        }
    }

    /// What to write instead of a value of the wrong kind.
    private func otherKind(of value: ParameterValue, for name: String, _ known: [ModuleType.Parameter]) -> String? {
        guard let parameter = known.first(where: { $0.name == name }) else { return nil }
        switch value {
        case .text(let text) where parameter.isInt && Int(text.string) != nil: return "write \(text) without quotes"
        case .int(let number) where !parameter.isInt: return "write \"\(number)\", in quotes"
        default: return nil
        }
    }

    /// Makes the modules in order; one that needs what another declares is tried again after it.
    private func makeModules(_ requests: [Request], _ host: any ModuleHost) {
        var left = requests
        var made: [(order: Int, module: any ServerModule, name: String)] = []
        var errors: [String: any Error] = [:]
        var hasProgress = true
        while hasProgress, !left.isEmpty {
            hasProgress = false
            var again: [Request] = []
            for request in left {
                do {
                    let module = try request.type.make(request.values, host)
                    self.catalog.add(module)
                    self.registry[ObjectIdentifier(type(of: module))] = module
                    let order = requests.firstIndex { $0.type.name == request.type.name } ?? 0
                    made.append((order, module, request.type.name))
                    hasProgress = true
                } catch {
                    errors[request.type.name] = error
                    again.append(request)
                }
            }
            left = again
        }
        made.sort { $0.order < $1.order }
        self.modules = made.map(\.module)
        self.moduleNames = made.map(\.name)
        for request in left {
            let error = errors[request.type.name]
            let message =
                (error as? ArgumentError)?.message ?? (error as? UnknownVariable)?.error.message
                ?? (error as? ModuleError)?.message ?? "\(error.map { "\($0)" } ?? "unknown reason")"
            self.diagnostics.error(.moduleRefused, "module '\(request.type.name)': \(message)", at: request.range)
        }
    }

    /// Modules made so far, by type, for those that need them.
    private var registry: [ObjectIdentifier: any ServerModule] = [:]

    /// The module of that type, when it is loaded.
    public func module(_ type: ObjectIdentifier) -> (any ServerModule)? { self.registry[type] }

    /// Lets go of the modules, which know the host, which knows this builder: called when nothing runs any more of what
    /// was built, or when it was refused.
    public func dismantle() {
        self.modules = []
        self.registry = [:]
        self.catalog = VariableCatalog()
    }

    // MARK: ScriptCompiling

    /// Texts within texts that modules are compiling: `$sht(a=>$sht(b=>…))`.
    private var depth = 0

    private func enter() throws(ArgumentError) {
        guard self.depth < VariableParser.depthLimit else {
            throw ArgumentError("variables are nested more than \(VariableParser.depthLimit) deep")
        }
        self.depth += 1
    }

    private var compiling: Compiler?

    public var place: ScriptPlace? { self.compiling?.place }

    private struct Known {
        var variables: [VariableReference] = []
        var texts: Set<String> = []
        /// What is compiled while the server runs is not kept: clients can ask for any text.
        var isClosed = false
    }
    private let known = Lock(Known())

    public var knownVariables: [VariableReference] { self.known.withLock { $0.variables } }

    func note(_ variable: VariableReference) {
        self.known.withLock { known in
            if !known.isClosed, known.texts.insert(variable.text).inserted { known.variables.append(variable) }
        }
    }

    public func format(_ text: ByteString) throws -> FormatString {
        try self.enter()
        defer { self.depth -= 1 }
        var parser = VariableParser(text, catalog: self.catalog, compiler: self)
        return try parser.format()
    }

    public func variable(_ text: ByteString) throws -> VariableReference {
        try self.enter()
        defer { self.depth -= 1 }
        var parser = VariableParser(text, catalog: self.catalog, compiler: self)
        return try parser.wholeVariable()
    }

    public func variableSlot(_ name: ByteString) -> Int {
        self.slots.slot(of: name)
    }

    public func flag(_ text: ByteString) -> Int? {
        if let number = Compiler.number(text) { return number }
        return self.settings.flags[text.string]
    }

    public func attributeFlag(_ text: ByteString) -> Int? {
        if let number = Compiler.number(text) { return number }
        return self.settings.attributeFlags[text.string]
    }

    public func customParameter(_ group: ByteString, _ name: ByteString) -> ModuleKit.CustomParameter? {
        self.settings.customParameters.first { $0.group == group && $0.name == name }
    }

    public func select(_ path: ByteString) throws(ArgumentError) -> @Sendable (RouteContext) -> Value {
        try self.reader(of: SelectPath.elements(path))
    }

    private func reader(of path: [SelectPath.Element]) throws(ArgumentError) -> SelectTable.Reader {
        guard path[0].name == "cfg_get" else {
            for module in self.registry.values {
                for select in module.selects where select.name == path[0].name {
                    return try select.bind(path.dropFirst().map(\.name))
                }
            }
            return try SelectTable.reader(path)
        }
        guard path.count == 3 else { throw ArgumentError("cfg_get.group.name has a group and a name") }
        let (group, name) = (ByteString(path[1].name), ByteString(path[2].name))
        guard let parameter = self.customParameter(group, name) else {
            // What modules declare as changeable is read in the same way.
            guard let variable = self.settings.configuration.find(group, name) else {
                throw ArgumentError("custom parameter \(group).\(name) is not declared")
            }
            return { route in route.configuration?.value(variable) ?? .null }
        }
        return { route in .bytes(route.text(parameter.value(in: route))) }
    }

    public var customParameters: [ModuleKit.CustomParameter] { self.settings.customParameters }
    public var configuration: ConfigurationRegistry? { self.settings.configuration }

    public func environment(_ name: ByteString) -> ByteString? {
        self.parsed.files.environment(name.string).map { ByteString($0) }
    }

    public func define(_ name: ByteString) -> ByteString? {
        self.parsed.defines[name.string].map { ByteString($0.value) }
    }
}
