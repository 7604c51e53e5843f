import Bytes
import ModuleKit
import RouteScript
import SIPMessage

/// Modules on a workbench: no sockets, no script, a clock that stands still until it is moved. Functions are called by
/// name with the arguments that a script would give; what is sent lands in `sent`.
public final class ModuleBench: ModuleHost, @unchecked Sendable {  // a test uses it on one thread
    public var workerCount: Int { 1 }
    public var settings = CoreSettings()
    public let logger: Logger
    public let counters = CounterRegistry()
    public let sockets: [ListenSocket]
    public let startTime = 1_700_000_000
    /// What the resolver knows: names and their addresses.
    public var hostNames: [String: [String]] = [:]
    public let worker = BenchWorker()
    public let program: BenchProgram
    /// Log lines.
    public var log: [String] { self.sink.lines }
    /// Whether lines about a message begin with its Call-ID.
    public var namesCalls: Bool {
        get { self.sink.wantsCallIDs }
        set { self.sink.wantsCallIDs = newValue }
    }

    private let sink = BenchLog()
    private var modules: [any ServerModule] = []
    private var states: [String: AnyObject & Sendable] = [:]

    /// - Parameter sockets: `udp:192.0.2.1:5060`.
    public init(sockets: [String] = ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"]) {
        self.logger = Logger(level: 3, sink: self.sink)
        self.program = BenchProgram(logger: self.logger)
        self.sockets = sockets.enumerated().compactMap { index, text in
            BenchText.socket(text).map { ListenSocket(index: index, transport: $0.0, address: $0.1) }
        }
        self.worker.bench = self
        self.program.configuration = self.configuration
        self.worker.bank = self.counters.makeBank()
    }

    // MARK: Loading and calling

    /// Makes a module with `modparam` values; load what it needs first.
    @discardableResult
    public func load<M: ServerModule>(_ type: M.Type, _ parameters: [(String, ParameterValue)] = []) throws -> M {
        let made = try ModuleType(type).make(parameters.map { (name: $0.0, value: $0.1) }, self)
        guard let module = made as? M else { throw ModuleError("\(M.name) is not what was made") }
        self.modules.append(module)
        self.program.hooks = ProgramHooks(self.modules.map(\.hooks))
        return module
    }

    /// A context for a message as it comes in. Lines end with `\n` in `text`.
    public func receive(
        _ text: String, from source: String = "127.0.0.1:5070", on socket: Int = 0, connection: UInt64 = 0
    ) throws -> RouteContext {
        let bytes = ByteString(BenchText.lines(text))
        guard let message = Message(bytes.span), let address = BenchText.address(source) else {
            throw ModuleError("no message")
        }
        let arrival = Arrival(
            source: address, socket: self.sockets[socket], connection: ConnectionID(rawValue: connection),
            time: self.worker.now)
        return RouteContext(message: message, arrival: arrival, worker: self.worker, program: self.program)
    }

    /// Calls a script function and gives its code; one that waits goes on at once when it has been woken already.
    public func call(_ name: String, _ arguments: String..., in route: RouteContext) throws -> Int {
        var outcome = try self.perform(name, arguments, in: route)
        while true {
            switch outcome {
            case .code(let code): return code
            case .run: throw ModuleError("\(name) wants to run a route")
            case .suspended(let continuation):
                guard let result = self.worker.token?.result else { throw ModuleError("\(name) waits") }
                guard let continuation else { return result.code }
                outcome = continuation.body(route, result)
            }
        }
    }

    /// Calls a script function and gives its answer as it is.
    public func perform(_ name: String, _ arguments: [String] = [], in route: RouteContext) throws -> Outcome {
        for function in self.modules.flatMap(\.functions) where function.name == name || function.aliases.contains(name)
        {
            guard let body = function.body else { throw ModuleError("\(name) is not built yet") }
            guard arguments.count >= function.requiredCount, arguments.count <= function.arguments.count else {
                throw ModuleError("\(name) takes another number of arguments")
            }
            let bound = try zip(arguments, function.arguments).map { try self.bind(ByteString($0), $1.kind) }
            return body(route, Arguments(bound))
        }
        throw ModuleError("no function \(name)")
    }

    private func bind(_ text: ByteString, _ kind: Argument.Kind) throws -> Arguments.Bound {
        switch kind {
        case .int, .format, .literal:
            let format = try self.compiler.format(text)
            guard case .literal = kind else {
                if format.constant == nil { return .format(format) }
                return .constant(text, Value.integer(text.span, ByteRange(start: 0, count: text.count)))
            }
            return .constant(text, Value.integer(text.span, ByteRange(start: 0, count: text.count)))
        case .variable: return .variable(try self.compiler.variable(text))
        case .regex: return .object(try RegularExpression(text, ignoringCase: true))
        case .route: return .route(self.program.route(.any, named: text))
        case .number(let make): return .constant(text, try make(text))
        case .custom(let make): return .object(try make(text, self.compiler))
        }
    }

    /// Reads a variable that a loaded module declares: `("rdir", "name")`.
    public func read(_ name: String, _ inner: String? = nil, in route: RouteContext) throws -> Value {
        for variable in self.modules.flatMap(\.variables) where variable.names.contains(name) {
            guard let bind = variable.bind else { throw ModuleError("$\(name) is not built yet") }
            return try bind(inner.map { .literal(ByteString($0)) } ?? .none, self.compiler).read(route, .none)
        }
        throw ModuleError("no variable $\(name)")
    }

    /// Assigns a variable that a loaded module declares.
    /// - Returns: whether it took the value.
    public func write(_ name: String, _ inner: String? = nil, _ value: Value, in route: RouteContext) throws -> Bool {
        for variable in self.modules.flatMap(\.variables) where variable.names.contains(name) {
            let bind = variable.bind
            let access = try bind?(inner.map { .literal(ByteString($0)) } ?? .none, self.compiler)
            return access?.write?(route, .none, value) ?? false
        }
        throw ModuleError("no variable $\(name)")
    }

    /// What was sent, oldest first, with plain line ends.
    public var sent: [String] { self.worker.sent.map { $0.text.string.replacingCRLF } }

    // MARK: ModuleHost

    /// The script of a `ScriptBench`, and what it was built with.
    var script: Program?
    var builder: ProgramBuilder?
    /// What the loaded modules declare as changeable.
    public let configuration = ConfigurationRegistry()
    public var compiler: any ScriptCompiling { self.builder ?? BenchCompiler(configuration: self.configuration) }

    public func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool {
        self.sockets.contains { socket in
            IPAddress(span, host) == socket.address.ip
                && (port == 0 || port == Int(socket.address.port))
                && (transport == nil || transport == socket.transport)
        }
    }

    public func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket? {
        self.sockets.first { $0.transport == transport && $0.address.ip.isIPv6 == isIPv6 }
    }

    public func socket(named text: ByteString) -> ListenSocket? { self.sockets.first { $0.socketName == text } }

    public func module<M: ServerModule>(_ type: M.Type) throws -> M {
        if let found = self.builder?.module(ObjectIdentifier(type)) as? M { return found }
        for module in self.modules { if let found = module as? M { return found } }
        throw ModuleError("load \(M.name) first")
    }

    public func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        if let state = self.states[name] as? State { return state }
        let state = make()
        self.states[name] = state
        return state
    }

    public func resolve(_ query: NextHopQuery, then token: any ResumeToken) {
        guard let ip = self.hostNames[query.host.string]?.first.flatMap({ IPAddress($0) }) else {
            return token.resume(ResumeResult(code: -1))
        }
        let transport = query.transport ?? .udp
        let port = query.port > 0 ? UInt16(clamping: query.port) : transport.defaultPort
        let destination = Destination(
            transport: transport, address: SocketAddress(ip: ip, port: port),
            socket: self.socket(for: transport, isIPv6: ip.isIPv6))
        token.resume(ResumeResult(code: 1, payload: destination))
    }
    public func wake(_ token: any ResumeToken, after interval: Interval, code: Int) {
        self.worker.wakes.append((interval, code, token))
    }
    public func perform(after interval: Interval, _ body: @escaping @Sendable (any WorkerServices) -> Void) {
        self.worker.errands.append((interval, body))
    }
    public func addresses(of host: ByteString, then token: any ResumeToken) {
        if let literal = IPAddress(host.string) { return token.resume(ResumeResult(code: 1, payload: [literal])) }
        let known = (self.hostNames[host.string] ?? []).compactMap { IPAddress($0) }
        token.resume(known.isEmpty ? ResumeResult(code: -1) : ResumeResult(code: 1, payload: known))
    }
    public func name(of address: IPAddress, then token: any ResumeToken) {
        let known = self.hostNames.first { $0.value.contains(address.description) }?.key
        token.resume(known.map { ResumeResult(code: 1, payload: ByteString($0)) } ?? ResumeResult(code: -1))
    }
    public func remember(_ addresses: [IPAddress], of host: ByteString, for lifetime: Interval?) {
        self.hostNames[host.string] = addresses.map(\.description)
    }
    /// What `records` finds.
    public var hostRecords: [DNSQuestion: [DNSData]] = [:]
    public func remember(_ records: [DNSData], of question: DNSQuestion, for lifetime: Interval?) {
        self.hostRecords[question] = records
    }
    public func records(_ question: DNSQuestion, then token: any ResumeToken) {
        guard let known = self.hostRecords[question], !known.isEmpty else {
            return token.resume(ResumeResult(code: -1))
        }
        token.resume(ResumeResult(code: 1, payload: DNSAnswer(known, lifetime: nil)))
    }
    public private(set) var forcedNameLifetime = 0
    public func forceNameLifetime(_ seconds: Int) { self.forcedNameLifetime = seconds }
    public var aliases: [HostAlias] = []
    /// Whether threads that may block take work and do not get on with it: a database that hangs.
    public var holdsBlockingWork = false
    public var heldWork: [@Sendable () -> Void] = []
    public func runBlocking(_ work: @escaping @Sendable () -> Void) {
        if self.holdsBlockingWork { self.heldWork.append(work) } else { work() }
    }

    public func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue] {
        for known in self.allModules.flatMap(\.commands) where known.name == command {
            return try known.body(RPCRequest(parameters: parameters, host: self))
        }
        throw RPCFault(500, "command \(command) not found")
    }

    private var allModules: [any ServerModule] { self.modules + (self.script?.modules ?? []) }

    public var commandNames: [String] { self.allModules.flatMap(\.commands).map(\.name).sorted() }
    public func command(named name: String) -> RPCCommand? {
        self.allModules.flatMap(\.commands).first { $0.name == name }
    }
    public func addControlListener(_ listener: ControlListener) {}
}
