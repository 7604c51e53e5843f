import Bytes
import ModuleKit
import SIPMessage

/// One loaded configuration: bytecode, side tables, modules, settings. Never changed once made.
///
/// Workers go by copies. Everybody who calls a function counts references to the program, the call and its arguments, and
/// were these one object for all, each count would take it out of the caches of all other processors.
public final class Program: RouteProgram {
    /// A route block: where its code begins.
    struct Route: Sendable {
        var kind: RouteKind
        var name: ByteString
        var start: Int
        /// Number of instructions.
        var length = 0
        /// A `{ block }` in an expression: nothing finds it by name.
        var isBlock = false
        var file: String
        var line: Int
    }

    /// What is called at one place of the script, and with which arguments.
    struct Call: Sendable {
        let function: String
        let module: String
        var body: ScriptFunction.Body
        var arguments: Arguments
        /// How many arguments were computed onto `RouteContext.computedArguments`.
        let computedCount: Int
        /// See `ScriptFunction.continuesBlockOnly`.
        let continuesBlockOnly: Bool
    }

    /// A place where a module function is called. Never copied: calling counts neither the function nor its arguments.
    struct CallSite: ~Copyable, Sendable {
        let call: Call

        /// Calls the function. By itself: what a borrowed parameter holds needs no counting, what is read from the table does.
        @inline(never)
        func run(_ context: RouteContext) -> Outcome { self.call.body(context, self.call.arguments) }

        /// The same place, in memory of its own.
        func copy() -> CallSite {
            var copy = self.call
            copy.arguments = Arguments(copy.arguments.bound.inOwnMemory)
            return CallSite(call: copy)
        }
    }

    /// Where a switch goes: the first label that fits, else `otherwise`.
    struct Switch: Sendable {
        enum Label: Sendable {
            case int(Int)
            case text(ByteString)
            case regex(RegularExpression)
        }
        var labels: [(label: Label, target: Int)]
        var otherwise: Int
    }

    /// File and line that instructions from `start` on come from.
    struct LineEntry: Sendable {
        var start: Int32
        var line: Int32
        var file: Int32
    }

    public let settings: CoreSettings
    public let logger: Logger
    public let modules: [any ServerModule]
    public let moduleNames: [String]
    public let hooks: ProgramHooks
    public let requestRoute: RouteID
    public let replyRoute: RouteID
    public let onsendRoute: RouteID
    public let events: CoreEvents
    let code: [Instruction]
    let constants: [Value]
    let variables: FixedTable<VariableSite>
    let calls: FixedTable<CallSite>
    let regexes: FixedTable<ExpressionSite>
    let conditions: FixedTable<ConditionSite>
    let switches: [Switch]
    let routes: [Route]
    /// `route[NAME]` by name.
    private let subroutes: [ByteString: Int]
    let lines: [LineEntry]
    let files: [String]
    let actions: [ActionEntry]
    let prefix: FormatString?
    private let farewell = Lock<(@Sendable () -> Void)?>(nil)
    /// `latency_limit_action` in microseconds, 0 for none.
    let slowActionLimit: Int

    /// Rounds of a loop before it is stopped; 0: no limit.
    let loopLimit: LiveNumber
    /// `force_rport`: replies to every request go to the port that it came from.
    public let forcesRport: LiveNumber
    private let registry: ConfigurationRegistry
    /// What this is a copy of; nil: it is none.
    private let original: Program?

    init(
        _ draft: ProgramDraft, settings: CoreSettings, configuration: ConfigurationRegistry, logger: Logger,
        modules: [any ServerModule], names: [String]
    ) {
        self.settings = settings
        self.registry = configuration
        self.original = nil
        func live(_ name: ByteString, _ initial: Int) -> LiveNumber {
            var number = LiveNumber(initial)
            if let variable = configuration.find("core", name) { number.bind(variable, in: configuration) }
            return number
        }
        self.loopLimit = live("max_while_loops", settings.maxWhileLoops)
        self.forcesRport = live("force_rport", settings.forceRport ? 1 : 0)
        self.logger = logger
        self.modules = modules
        self.moduleNames = names
        self.hooks = ProgramHooks(
            modules.map(\.hooks), events: Set(draft.routes.filter { $0.kind == .event }.map(\.name)))
        self.code = draft.code
        self.constants = draft.constants
        self.variables = FixedTable(draft.variables) { VariableSite(variable: $0) }
        let wrap = self.hooks.functionWrapper
        self.calls = FixedTable(count: draft.calls.count) { index in
            var call = draft.calls[index]
            if let wrap { call.body = wrap(call.module, call.body) }
            return CallSite(call: call)
        }
        self.regexes = FixedTable(draft.regexes) { ExpressionSite(expression: $0) }
        self.conditions = FixedTable(draft.conditions) { ConditionSite(condition: $0) }
        self.switches = draft.switches
        self.routes = draft.routes
        self.subroutes = draft.subroutes
        self.lines = draft.lines
        self.files = draft.files
        self.actions = draft.actions
        self.prefix = draft.prefix
        self.slowActionLimit = settings.slowActionLimit
        func find(_ kind: RouteKind, _ name: ByteString) -> RouteID {
            draft.index(of: name) { $0 == kind }.map { RouteID(index: $0) } ?? .none
        }
        self.requestRoute = find(.request, "0")
        self.replyRoute = find(.reply, "0")
        self.onsendRoute = find(.onSend, "0")
        self.events = CoreEvents({ find(.event, ByteString($0)) }, receives: settings.runsReceivedRoute)
    }

    /// The same program for one worker. It keeps the original, so that who waits for its end waits for the copies' too.
    public func copy() -> Program { Program(copying: self) }

    private init(copying other: Program) {
        self.original = other.original ?? other
        self.settings = other.settings
        self.registry = other.registry
        self.loopLimit = other.loopLimit
        self.forcesRport = other.forcesRport
        self.logger = other.logger
        self.modules = other.modules
        self.moduleNames = other.moduleNames
        self.hooks = other.hooks.copy()
        self.code = other.code.inOwnMemory
        self.constants = other.constants.inOwnMemory
        self.variables = FixedTable(count: other.variables.count) {
            VariableSite(variable: other.variables[$0].variable)
        }
        self.calls = FixedTable(count: other.calls.count) { other.calls[$0].copy() }
        self.regexes = FixedTable(count: other.regexes.count) {
            ExpressionSite(expression: other.regexes[$0].expression)
        }
        self.conditions = FixedTable(count: other.conditions.count) {
            ConditionSite(condition: other.conditions[$0].condition)
        }
        self.switches = other.switches.inOwnMemory
        self.routes = other.routes.inOwnMemory
        self.subroutes = other.subroutes
        self.lines = other.lines
        self.files = other.files
        self.actions = other.actions
        self.prefix = other.prefix
        self.slowActionLimit = other.slowActionLimit
        self.requestRoute = other.requestRoute
        self.replyRoute = other.replyRoute
        self.onsendRoute = other.onsendRoute
        self.events = other.events
    }

    public var identity: ObjectIdentifier { ObjectIdentifier(self.original ?? self) }

    /// Whether both are copies of one program, or one of the other.
    public func isSame(as other: Program) -> Bool { self.identity == other.identity }

    public var configuration: ConfigurationRegistry? { self.registry }

    public func isLogging(_ level: LogLevel) -> Bool { self.logger.isOn(level) }

    deinit { self.farewell.withLock { $0 }?() }

    /// Has `body` called when the last message, transaction or suspended script of this program is done with it. It may
    /// be called on any thread, with locks held: it shall only hand work to somebody.
    public func onRelease(_ body: @escaping @Sendable () -> Void) { self.farewell.withLock { $0 = body } }

    public func route(_ kind: RouteKinds, named name: ByteString) -> RouteID {
        self.routes.firstIndex { $0.kind.kinds == kind && $0.name == name && !$0.isBlock }
            .map { RouteID(index: $0) } ?? .none
    }

    /// The `route[NAME]` that scripts call.
    func subroute(named name: ByteString) -> RouteID {
        self.subroutes[name].map { RouteID(index: $0) } ?? .none
    }

    public func name(of route: RouteID) -> ByteString {
        let index = Int(route.index)
        return self.routes.indices.contains(index) ? self.routes[index].name : ByteString()
    }

    public func logPrefix(for context: RouteContext) -> ByteString {
        guard let prefix = self.prefix else { return ByteString() }
        let execution = self.execution(context)
        guard !execution.isMakingPrefix else { return ByteString() }
        execution.isMakingPrefix = true
        defer { execution.isMakingPrefix = false }
        return prefix.evaluate(in: context)
    }

    /// `file:line` of an instruction, for logs.
    func place(of pc: Int) -> String {
        let (file, line) = self.fileAndLine(of: pc)
        return file.isEmpty ? "" : "\(file):\(line)"
    }

    func fileAndLine(of pc: Int) -> (file: String, line: Int) {
        var low = 0
        var high = self.lines.count
        guard high > 0 else { return ("", 0) }
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(self.lines[middle].start) <= pc { low = middle } else { high = middle }
        }
        let entry = self.lines[low]
        return (self.files[Int(entry.file)], Int(entry.line))
    }
}

/// The parts of a program while it is being compiled.
struct ProgramDraft {
    var code: [Instruction] = []
    var constants: [Value] = []
    var variables: [VariableReference] = []
    var calls: [Program.Call] = []
    var regexes: [RegularExpression] = []
    var conditions: [Condition] = []
    var switches: [Program.Switch] = []
    var routes: [Program.Route] = []
    var lines: [Program.LineEntry] = []
    var files: [String] = []
    var actions: [Program.ActionEntry] = []
    var prefix: FormatString?

    /// Blocks that have the name, one of each kind.
    private var routesByName: [ByteString: [Int]] = [:]

    mutating func add(_ route: Program.Route) {
        if !route.isBlock, self.index(of: route.name, { $0 == route.kind }) == nil {
            self.routesByName[route.name, default: []].append(self.routes.count)
        }
        self.routes.append(route)
    }

    /// The block of that name whose kind `isWanted` accepts.
    func index(of name: ByteString, _ isWanted: (RouteKind) -> Bool) -> Int? {
        self.routesByName[name]?.first { isWanted(self.routes[$0].kind) }
    }

    var subroutes: [ByteString: Int] {
        var result: [ByteString: Int] = [:]
        for (index, route) in self.routes.enumerated() where route.kind == .route && !route.isBlock {
            result[route.name] = result[route.name] ?? index
        }
        return result
    }
}

extension RouteKind {
    /// The kind that functions are checked against, and that runs in `RouteContext.routeKind`.
    var kinds: RouteKinds {
        switch self {
        case .request, .route: .request
        case .reply: .reply
        case .onReply: .transactionReply
        case .failure: .failure
        case .branch: .branch
        case .onSend: .onsend
        case .event: .event
        }
    }
}
