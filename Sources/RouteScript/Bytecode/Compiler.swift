import Bytes
import ModuleKit
import SIPMessage

extension DiagnosticCode {
    static let unknownFunction = DiagnosticCode("E0401", "unknown function")
    static let notBuilt = DiagnosticCode("E0402", "not built yet")
    static let wrongArity = DiagnosticCode("E0403", "wrong number of arguments")
    static let wrongRouteKind = DiagnosticCode("E0404", "function is not allowed in this kind of route")
    static let badArgument = DiagnosticCode("E0405", "argument that cannot be used")
    static let unknownVariable = DiagnosticCode("E0406", "unknown or misused variable")
    static let unknownRoute = DiagnosticCode("E0407", "route that does not exist")
    static let badRegex = DiagnosticCode("E0408", "regular expression that cannot be compiled")
    static let wrongOperandType = DiagnosticCode("E0409", "operand of the wrong type")
    static let readOnlyVariable = DiagnosticCode("E0410", "variable that cannot be assigned")
    static let badLabel = DiagnosticCode("E0411", "case label that is not constant")
    static let duplicateLabel = DiagnosticCode("E0412", "case label that is given twice")
    static let unknownModule = DiagnosticCode("E0501", "module that this build does not have")
    static let duplicateModule = DiagnosticCode("E0502", "module that is loaded twice")
    static let moduleNotLoaded = DiagnosticCode("E0503", "parameter of a module that is not loaded")
    static let unknownModuleParameter = DiagnosticCode("E0504", "unknown or misused module parameter")
    static let moduleRefused = DiagnosticCode("E0505", "module that refuses to start")
    static let badSetting = DiagnosticCode("E0506", "global parameter that cannot be used")
    static let unsupportedEngine = DiagnosticCode("E0507", "routing engine that is not built yet")
    static let noRequestRoute = DiagnosticCode("E0508", "no request_route")
    static let unknownEvent = DiagnosticCode("W0403", "event that nothing raises")

    public static let backEnd: [DiagnosticCode] = [
        unknownFunction, notBuilt, wrongArity, wrongRouteKind, badArgument, unknownVariable, unknownRoute, badRegex,
        wrongOperandType, readOnlyVariable, badLabel, duplicateLabel, unknownModule, duplicateModule,
        moduleNotLoaded, unknownModuleParameter, moduleRefused, badSetting, unsupportedEngine, noRequestRoute,
        unknownEvent,
    ]
}

/// Checks route blocks and turns them into bytecode, in one pass over the tree.
final class Compiler {
    var draft = ProgramDraft()
    var diagnostics = DiagnosticBag()
    let sources: SourceMap
    let scripting: any ScriptCompiling
    let catalog: VariableCatalog
    /// Functions by name, aliases included; of one name there may be several with different arity.
    let functions: [String: [(module: String, function: ScriptFunction)]]
    let selects: ([SelectPath.Element]) throws(ArgumentError) -> SelectTable.Reader
    /// `return_mode` 1: codes are not turned into 1 and 0, and everything but 0 is true.
    let propagatesCodes: Bool
    /// Finds the addresses of a host name, for `src_ip == name`; nil: names are refused.
    let addressesOfHost: ((String) -> [IPAddress])?
    /// Blocks in expressions that are still to be compiled, with their routes.
    private var pendingBlocks: [(route: Int, body: [Statement], range: SourceRange)] = []
    private var constantIndex: [ByteString: Int] = [:]
    private var fileIndex: [SourceID: Int32] = [:]
    /// The block being compiled.
    var kind = RouteKind.request
    /// What a function must be allowed in, one of them, to be called here.
    var allowedKinds = RouteKinds.request
    /// The call or variable being compiled, and its route: what `ScriptCompiling.place` tells of.
    var current = (route: 0, range: SourceRange.none)
    /// Nodes of all regular expressions, and how many there may be: some 64 bytes each.
    private var regexCost = 0
    private static let regexBudget = 2_000_000
    /// Places to patch with the end of the innermost loop or switch.
    var breaks: [[Int]] = []
    /// For each open block: whether a function in it goes on with the rest of the block only.
    var detachments: [Bool] = []

    /// Modules that were asked for and that this build does not have: reported where they are loaded.
    var missingModules: Set<String> = []
    /// Names of modules that are not loaded, each reported once.
    var reportedNames: Set<String> = []
    private let moduleTypes: [ModuleType]
    private(set) lazy var directory = ModuleDirectory.of(self.moduleTypes)

    init(
        sources: SourceMap, scripting: any ScriptCompiling, catalog: VariableCatalog,
        functions: [String: [(module: String, function: ScriptFunction)]],
        selects: @escaping ([SelectPath.Element]) throws(ArgumentError) -> SelectTable.Reader,
        propagatesCodes: Bool, addressesOfHost: ((String) -> [IPAddress])?, moduleTypes: [ModuleType] = []
    ) {
        self.moduleTypes = moduleTypes
        self.sources = sources
        self.scripting = scripting
        self.catalog = catalog
        self.functions = functions
        self.selects = selects
        self.propagatesCodes = propagatesCodes
        self.addressesOfHost = addressesOfHost
    }

    // MARK: Routes

    func compile(_ blocks: [RouteBlock]) {
        // All routes first: any may call any.
        for block in blocks {
            self.declare(block.kind, ByteString(block.name), at: block.headRange)
            if block.kind == .event { self.checkEvent(block) }
        }
        for (index, block) in blocks.enumerated() {
            self.kind = block.kind
            self.allowedKinds = block.allowedKinds
            self.compile(block.body, as: index, at: block.range)
            // Blocks in its expressions, and in theirs: what they may call is checked like the block around them.
            while let inner = self.pendingBlocks.popLast() {
                self.compile(inner.body, as: inner.route, at: inner.range)
            }
        }
    }

    private func declare(_ kind: RouteKind, _ name: ByteString, at range: SourceRange, isBlock: Bool = false) {
        let place = self.sources.resolve(range.start).location
        self.draft.add(
            Program.Route(
                kind: kind, name: name, start: 0, isBlock: isBlock, file: self.sources[place.source]?.name ?? "",
                line: Int(place.line)))
    }

    private func compile(_ body: [Statement], as route: Int, at range: SourceRange) {
        self.draft.routes[route].start = self.here
        self.current.route = route
        self.breaks = []
        self.compile(body)
        self.emit(Instruction(.end), at: range)
        self.draft.routes[route].length = self.here - self.draft.routes[route].start
    }

    /// Makes a route of a `{ block }` that is an operand: its own `return` and `break` end nothing but the block.
    func blockRoute(_ body: [Statement], at range: SourceRange) -> Int {
        self.declare(self.kind, ByteString(), at: range, isBlock: true)
        let index = self.draft.routes.count - 1
        self.pendingBlocks.append((index, body, range))
        return index
    }

    private func checkEvent(_ block: RouteBlock) {
        guard !EventNames.isKnown(block.name) else { return }
        self.diagnostics.warning(
            .unknownEvent, "nothing raises the event '\(block.name)': this block never runs", at: block.nameRange,
            suggestion: nearest(block.name, in: EventNames.names).map { "did you mean '\($0)'?" })
    }

    /// Where the call or the variable being compiled stands.
    var place: ScriptPlace? {
        guard self.current.range.isPresent, self.draft.routes.indices.contains(self.current.route) else { return nil }
        let place = self.sources.resolve(self.current.range.start).location
        let route = self.draft.routes[self.current.route]
        let name = route.kind == .request ? "DEFAULT_ROUTE" : route.name.string
        return ScriptPlace(file: self.sources[place.source]?.name ?? "", line: Int(place.line), route: name)
    }

    // MARK: Code

    func emit(_ instruction: Instruction, at range: SourceRange) {
        let place = self.sources.resolve(range.start).location
        let file = self.file(place.source)
        if self.draft.lines.last?.line != place.line || self.draft.lines.last?.file != file {
            self.draft.lines.append(
                Program.LineEntry(start: Int32(self.draft.code.count), line: place.line, file: file))
        }
        self.draft.code.append(instruction)
    }

    private func file(_ source: SourceID) -> Int32 {
        if let known = self.fileIndex[source] { return known }
        let index = Int32(self.draft.files.count)
        self.draft.files.append(self.sources[source]?.name ?? "?")
        self.fileIndex[source] = index
        return index
    }

    var here: Int { self.draft.code.count }

    /// Emits a jump whose target is not known yet; gives the place to patch.
    func emitJump(_ operation: Operation, at range: SourceRange) -> Int {
        self.emit(Instruction(operation), at: range)
        return self.here - 1
    }

    func patch(_ place: Int) { self.draft.code[place].a = Int32(self.here) }

    func constant(_ text: ByteString) -> Int {
        if let known = self.constantIndex[text] { return known }
        self.draft.constants.append(.bytes(text))
        self.constantIndex[text] = self.draft.constants.count - 1
        return self.draft.constants.count - 1
    }

    /// The place of a constant of any kind.
    func constant(_ value: Value) -> Int {
        if case .bytes(let text) = value { return self.constant(text) }
        self.draft.constants.append(value)
        return self.draft.constants.count - 1
    }

    func emitInteger(_ value: Int, at range: SourceRange) {
        if let small = Int32(exactly: value) {
            self.emit(Instruction(.integer, Int(small)), at: range)
        } else {
            self.draft.constants.append(.int(value))
            self.emit(Instruction(.constant, self.draft.constants.count - 1), at: range)
        }
    }

    // MARK: Variables

    /// The variable of a token; nil after a diagnostic.
    func variable(_ token: VariableToken) -> Int? {
        self.current.range = token.range
        var parser = VariableParser(token.bytes, catalog: self.catalog, compiler: self.scripting)
        do {
            let variable = try parser.wholeVariable()
            self.draft.variables.append(variable)
            return self.draft.variables.count - 1
        } catch {
            self.report(error, .unknownVariable, at: token.range)
            return nil
        }
    }

    /// Turns what a module or the variable parser threw into a diagnostic.
    func report(_ error: any Error, _ code: DiagnosticCode, at range: SourceRange) {
        switch error {
        case let error as ArgumentError:
            self.diagnostics.error(
                code, error.message, at: range, suggestion: error.suggestion.map { "did you mean '\($0)'?" })
        case let error as UnknownVariable:
            let owners = error.isTransformation ? self.directory.transformations : self.directory.variables
            guard let owner = owners[error.name] else { return self.report(error.error, code, at: range) }
            guard self.reportedNames.insert("$" + error.name).inserted else { return }
            self.diagnostics.error(code, error.error.message, at: range, suggestion: ModuleDirectory.hint(owner))
        default: self.diagnostics.error(code, "\(error)", at: range)
        }
    }

    /// The nearest name as a suggestion, as long as there are few errors: a broken file of megabytes gets no search for
    /// each of its words.
    func meant(_ name: String, in candidates: @autoclosure () -> [String]) -> String? {
        guard self.diagnostics.errorCount < 200 else { return nil }
        return nearest(name, in: candidates()).map { "did you mean '\($0)'?" }
    }

    func regex(_ pattern: ByteString, ignoringCase: Bool, at range: SourceRange) -> Int? {
        do throws(RegularExpression.Failure) {
            let expression = try RegularExpression(pattern, ignoringCase: ignoringCase)
            self.regexCost += expression.cost
            guard self.regexCost <= Self.regexBudget else {
                self.diagnostics.error(.badRegex, "all regular expressions together are too large", at: range)
                return nil
            }
            self.draft.regexes.append(expression)
            return self.draft.regexes.count - 1
        } catch {
            self.diagnostics.error(.badRegex, "bad regular expression: \(error.message)", at: range)
            return nil
        }
    }
}

extension RouteBlock {
    /// The kinds of which a function called here must allow one. Event routes may do what a request route may.
    fileprivate var allowedKinds: RouteKinds {
        guard self.kind == .event else { return self.kind.kinds }
        return self.name.hasPrefix("tm:branch-failure") ? [.event, .request, .branchFailure] : [.event, .request]
    }
}
