import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport
import Synchronization

/// The server as the modules of one configuration see it: its own settings, its own modules, its own listeners and
/// names, everything else shared.
///
/// As long as it is a draft, what modules register, make and listen on is kept here: a configuration that is refused
/// leaves no trace.
final class ProgramHost: ModuleHost {
    let server: Server
    let sharedSettings: SharedSettings
    var settings: CoreSettings { self.sharedSettings.values }
    let compiler: any ScriptCompiling
    let workerCount: Int
    let table: SocketTable
    let counters: CounterRegistry
    /// What workers do before the configuration's scripts.
    let policy: WorkerPolicy
    /// Number of the configuration, from 1.
    let generation: Int
    private let builder: ProgramBuilder?
    private let findModule: @Sendable (ObjectIdentifier) -> (any ServerModule)?
    private let state: Lock<State>
    private let hasIsMyselfHooks = Atomic(false)
    private let isMyselfHooks = Lock<[@Sendable (Span<UInt8>, ByteRange, Int, TransportProtocol?) -> Bool]>([])

    private struct State {
        var commands: [String: RPCCommand] = [:]
        /// Keeps the modules alive while a command runs.
        var modules: [any ServerModule] = []
        var own: [String: any AnyObject & Sendable] = [:]
        var draft: Draft?
        var isOver = false
    }

    private struct Draft {
        var shared: [String: any AnyObject & Sendable] = [:]
        var listeners: [ControlListener] = []
    }

    /// - Parameters:
    ///   - table: nil for the listeners that the server starts with.
    ///   - isDraft: the configuration is not in force before `commit`.
    init(
        server: Server, settings: CoreSettings, workerCount: Int, compiler: any ScriptCompiling,
        table: SocketTable? = nil, generation: Int = 1, isDraft: Bool = false,
        findModule: @escaping @Sendable (ObjectIdentifier) -> (any ServerModule)?
    ) {
        self.server = server
        self.sharedSettings = SharedSettings(settings)
        self.workerCount = workerCount
        self.compiler = compiler
        self.builder = compiler as? ProgramBuilder
        self.table = table ?? server.sockets
        self.counters = server.counters.draft()
        if !isDraft { self.counters.adopt() }
        self.generation = generation
        self.findModule = findModule
        self.state = Lock(State(draft: isDraft ? Draft() : nil))
        let builder = compiler as? ProgramBuilder
        if let registry = builder?.settings.configuration, let streams = builder?.settings.streams {
            StreamVariables.declare(in: registry, streams) { [weak server] parameters in
                guard let transport = server?.transport.streams else { return }
                var changed = StreamSettings(parameters)
                changed.typeOfService = transport.settings.typeOfService
                changed.bindsForeignAddresses = transport.settings.bindsForeignAddresses
                transport.update(changed)
            }
        }
        var policy = WorkerPolicy(
            builder?.settings ?? ConfigurationSettings(),
            tags: server.shared("core.reply-tags") { ReplyTags() }, in: builder?.settings.configuration)
        // The command line may have a say in it.
        policy.viaCheck = settings.viaCheck
        self.policy = policy
    }

    // MARK: From draft to end

    /// Puts in force what the modules have done so far.
    func commit() {
        let draft = self.state.withLock { state in
            defer { state.draft = nil }
            return state.draft
        }
        guard let draft else { return }
        self.counters.adopt()
        self.server.adoptShared(draft.shared)
        self.server.control.replace(draft.listeners)
    }

    /// Lets go of everything: nothing runs any more of this configuration, or it was refused.
    func dismantle() {
        let state = self.state.withLock { state in
            defer { state = State(isOver: true) }
            return state
        }
        self.counters.withdraw()
        self.builder?.dismantle()
        withExtendedLifetime(state) {}
    }

    // MARK: What modules see

    var logger: Logger { self.server.logger }
    var sockets: [ListenSocket] { self.table.sockets }
    var startTime: Int { self.server.startTime }

    func isMyself(_ span: Span<UInt8>, host: ByteRange, port: Int, transport: TransportProtocol?) -> Bool {
        if self.table.isMyself(span, host: host, port: port, transport: transport) { return true }
        guard self.hasIsMyselfHooks.load(ordering: .relaxed) else { return false }
        for knows in self.isMyselfHooks.withLock({ $0 }) where knows(span, host, port, transport) { return true }
        return false
    }
    func socket(for transport: TransportProtocol, isIPv6: Bool) -> ListenSocket? {
        self.table.socket(for: transport, isIPv6: isIPv6)
    }
    func socket(named text: ByteString) -> ListenSocket? { self.table.socket(named: text) }

    func module<M: ServerModule>(_ type: M.Type) throws -> M {
        guard let module = self.findModule(ObjectIdentifier(type)) as? M else {
            throw ModuleError("needs module \(M.name): add loadmodule \"\(M.name).so\"")
        }
        return module
    }

    func shared<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        guard self.state.withLock({ $0.draft != nil }) else { return self.server.shared(name, make) }
        if let known = self.server.knownShared(name) as? State { return known }
        if let known = self.state.withLock({ $0.draft?.shared[name] }) as? State { return known }
        let made = make()
        self.state.withLock { $0.draft?.shared[name] = made }
        return made
    }

    func own<State: AnyObject & Sendable>(_ name: String, _ make: () -> State) -> State {
        if let known = self.state.withLock({ $0.own[name] }) as? State { return known }
        let made = make()
        self.state.withLock { $0.own[name] = made }
        return made
    }

    func resolve(_ query: NextHopQuery, then token: any ResumeToken) { self.server.resolve(query, then: token) }
    func wake(_ token: any ResumeToken, after interval: Interval, code: Int) {
        self.server.wake(token, after: interval, code: code)
    }

    /// What comes due when nothing runs of this configuration any more is not done: its modules have stopped.
    func perform(after interval: Interval, _ body: @escaping @Sendable (any WorkerServices) -> Void) {
        self.server.perform(after: interval) { [self] worker in
            let (isOver, modules) = self.state.withLock { ($0.isOver, $0.modules) }
            if !isOver { body(worker) }
            withExtendedLifetime(modules) {}
        }
    }

    func addresses(of host: ByteString, then token: any ResumeToken) {
        if let world = self.server.world {
            let addresses = world.addresses(of: host)
            return token.resume(ResumeResult(code: addresses.isEmpty ? -1 : 1, payload: addresses))
        }
        self.server.resolver.resolve(host) { answer in
            guard case .success(let addresses) = answer, !addresses.isEmpty else {
                return token.resume(ResumeResult(code: -1))
            }
            token.resume(ResumeResult(code: 1, payload: addresses))
        }
    }
    func name(of address: IPAddress, then token: any ResumeToken) {
        // No address of a simulation has a name.
        if self.server.world != nil { return token.resume(ResumeResult(code: -1)) }
        self.server.blocking.run {
            guard let name = HostLookup.name(of: address) else { return token.resume(ResumeResult(code: -1)) }
            token.resume(ResumeResult(code: 1, payload: name))
        }
    }
    var outside: (any OutsideWorld)? { self.server.world }
    var memoryLimit: Int { self.server.world == nil ? MemoryLimit.bytes() : .max }
    func runBlocking(_ work: @escaping @Sendable () -> Void) {
        // A simulation is one thread, and whatever it waits for stands still.
        if self.server.world != nil { work() } else { self.server.blocking.run(work) }
    }

    func remember(_ addresses: [IPAddress], of host: ByteString, for lifetime: Interval?) {
        self.server.resolver.remember(addresses, of: host, for: lifetime)
    }
    func remember(_ records: [DNSData], of question: DNSQuestion, for lifetime: Interval?) {
        self.server.resolver.remember(records, of: question, for: lifetime)
    }
    func records(_ question: DNSQuestion, then token: any ResumeToken) {
        let finish = { @Sendable (answer: DNSAnswer) in
            guard !answer.records.isEmpty else { return token.resume(ResumeResult(code: -1)) }
            token.resume(ResumeResult(code: 1, payload: answer))
        }
        if let world = self.server.world { return finish(world.records(question)) }
        self.server.resolver.records(question, completion: finish)
    }
    func forceNameLifetime(_ seconds: Int) { self.server.resolver.force(lifetime: seconds) }
    func changeNaming(_ body: (inout NameParameter.Settings) -> Void) {
        var naming = NameParameter.Settings(
            names: self.server.resolver.settings, blocklist: self.server.blocklist.settings)
        body(&naming)
        self.server.resolver.update(naming.names)
        self.server.blocklist.update { $0 = naming.blocklist }
    }
    var blocklist: DestinationBlocklist { self.server.blocklist }
    var aliases: [HostAlias] {
        self.table.aliases.map { HostAlias(host: $0.host, port: $0.port, transport: $0.transport) }
    }

    /// Asks the modules of `hooks` too what names this server.
    func install(_ hooks: ProgramHooks) {
        self.isMyselfHooks.withLock { $0 = hooks.isMyself }
        self.hasIsMyselfHooks.store(!hooks.isMyself.isEmpty, ordering: .relaxed)
    }

    /// Makes commands callable.
    /// - Parameter modules: whose they are.
    func install(_ commands: [RPCCommand], modules: [any ServerModule] = []) {
        self.state.withLock { state in
            for command in commands { state.commands[command.name] = command }
            state.modules += modules
        }
    }

    func call(_ command: String, _ parameters: [RPCValue]) throws(RPCFault) -> [RPCValue] {
        let (known, modules) = self.state.withLock { ($0.commands[command], $0.modules) }
        guard let known else { throw RPCFault(500, "command \(command) not found") }
        try self.keepPause(known)
        defer { withExtendedLifetime(modules) {} }
        guard let later = known.later else { return try known.body(RPCRequest(parameters: parameters, host: self)) }
        let answer = RPCAnswer()
        later(RPCRequest(parameters: parameters, host: self), answer)
        return try self.wait(for: answer)
    }

    /// Blocks the caller, who is a control client's thread, until the answer is there.
    private func wait(for answer: RPCAnswer) throws(RPCFault) -> [RPCValue] {
        let signal = WorkSignal()
        answer.whenGiven { _ in signal.raise() }
        // In a simulation nobody else could give it meanwhile.
        let end = Instant.precise() + .seconds(self.server.world == nil ? 90 : 0)
        while true {
            if let outcome = answer.outcome { return try outcome.get() }
            let left = (end - Instant.precise()).milliseconds
            guard left > 0 else { throw RPCFault(500, "no answer in time") }
            signal.wait(milliseconds: Int(left))
        }
    }

    /// Refuses a reload that comes too soon after the last of the same command (`rpc_exec_delta`).
    private func keepPause(_ command: RPCCommand) throws(RPCFault) {
        let pause = self.settings.commandPause
        guard command.isReload, pause > 0 else { return }
        let now = Instant.now()
        let isEarly = self.server.lastReloads.withLock { last in
            if let time = last[command.name], now < time + .seconds(pause) { return true }
            last[command.name] = now
            return false
        }
        if isEarly { throw RPCFault(500, "\(command.name) ran less than \(pause) seconds ago (rpc_exec_delta)") }
    }

    /// Begins a command; its answer may come later.
    func begin(_ command: String, _ parameters: [RPCValue]) -> RPCAnswer {
        let (known, modules) = self.state.withLock { ($0.commands[command], $0.modules) }
        let answer = RPCAnswer()
        defer { withExtendedLifetime(modules) {} }
        guard let known else {
            answer.refuse(RPCFault(500, "command \(command) not found"))
            return answer
        }
        let request = RPCRequest(parameters: parameters, host: self)
        do throws(RPCFault) {
            try self.keepPause(known)
            if let later = known.later {
                later(request, answer)
                return answer
            }
            answer.give(try known.body(request))
        } catch {
            answer.refuse(error)
        }
        return answer
    }

    var commandNames: [String] { self.state.withLock { $0.commands.keys.sorted() } }
    func command(named name: String) -> RPCCommand? { self.state.withLock { $0.commands[name] } }

    func addControlListener(_ listener: ControlListener) {
        let isKept = self.state.withLock { state in
            state.draft?.listeners.append(listener)
            return state.draft != nil
        }
        if !isKept, self.server.world == nil { self.server.control.add(listener) }
    }
}
