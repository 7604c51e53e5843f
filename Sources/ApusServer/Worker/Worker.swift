import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport
import Synchronization

/// Takes messages from ③ to ⑦: parses, routes, runs the script, queues what is to be sent.
///
/// The same for datagram workers and event workers; they differ in the loop that feeds it. All of it belongs to one
/// thread. What other threads may do is post an event to an event worker's loop.
final class Worker: WorkerServices {
    let index: Int
    let server: Server
    /// The server's, where it can be asked without being counted.
    let logger: Logger
    let variables = WorkerVariables()
    let bank: CounterBank
    let core: CoreCounters
    /// The server as the configuration in force sees it.
    private(set) var host: any ModuleHost
    /// What happens before its scripts.
    private(set) var policy: WorkerPolicy
    /// What the path of a message goes by.
    let path: Cell<MessagePath>
    let progress = Cell(WorkProgress())
    let gate = Cell(OverloadGate())
    /// With `overload_reply_code = 0`.
    let dropped = Guarded(DroppedRequests())
    /// Requests that begin something are looked at before they are read.
    var isRefusing: Bool { self.gate.value.isClosed || self.dropped.value.isActive }
    /// Nobody but the script wants to see bytes that come or go, so requests may be refused unread.
    private(set) var mayRefuseUnread: Bool
    /// What refusals of unread requests say beside what they copy.
    let refusalHeaders = ByteBuffer(capacity: 64)
    let feed = Cell(WorkerFeed())
    /// The configuration that new messages begin with, in a copy of this worker's own; refreshed once per batch.
    var program: Program { self.inForce.value.program }
    var currentProgram: (any RouteProgram)? { self.program }
    /// Values of `program` that may change; taken anew between batches, so that no message sees half a change.
    var configuration: ConfigurationSnapshot? { self.inForce.value.configuration }
    private let inForce: Guarded<InForce>

    /// What new messages begin with: lent to them, not counted.
    private struct InForce: ~Copyable {
        let program: Program
        /// Runs the reply route of `program`: the same for every reply.
        let replyCall: ModuleKit.RouteCall
        var configuration: ConfigurationSnapshot?

        init(_ program: Program) {
            self.program = program
            self.replyCall = Worker.replyRouteCall(program)
        }
    }

    /// Datagrams of this thread on their way out.
    let sends = SendQueue()
    /// What the message at hand shares with others of its call; 0: there is none at hand.
    let order = Cell<UInt32>(0)
    private var situation: Situation
    /// Its number, for this thread.
    private var knownNumber: Int
    /// Number of the situation that this worker goes by; for other threads.
    private let situationNumber: Atomic<Int>
    private let lane: Int
    /// Descriptors to send from, by listen socket: of several for one address, this worker's own.
    var descriptors: [DatagramSocket?]
    var sockets: SocketTable
    let buffers: BufferPool
    let contexts = ElementStack<RouteContext>(capacity: 64)
    var scheduled: [(call: ModuleKit.RouteCall, context: RouteContext)] = []
    /// Token of the function that is about to return `.suspended`.
    var pendingToken: SuspensionToken?
    var earlyResumes: [(token: SuspensionToken, result: ResumeResult)] = []

    /// - Parameters:
    ///   - lane: which of several descriptors for one address is this worker's.
    ///   - bank: the statistics of a worker that had this number before; nil for a new row.
    ///   - buffers: those of the loop that this worker's messages come from and go to; nil: some of its own.
    init(
        index: Int, lane: Int, server: Server, situation: Situation, bank: CounterBank? = nil,
        buffers: BufferPool? = nil
    ) {
        self.index = index
        self.buffers = buffers ?? BufferPool(bufferSize: 2048, limit: 32)
        self.server = server
        self.logger = server.logger
        self.situation = situation
        self.knownNumber = situation.number
        self.situationNumber = Atomic(situation.number)
        self.host = situation.configuration.host
        self.policy = situation.configuration.host.policy
        self.inForce = Guarded(InForce(situation.configuration.program.copy()))
        self.path = Cell(
            MessagePath(
                situation.configuration.program, situation.configuration.host, situation.configuration.host.policy,
                isSimulated: server.world != nil))
        self.mayRefuseUnread = Self.mayRefuseUnread(situation.configuration)
        self.sockets = situation.configuration.host.table.copy()
        self.bank = bank ?? server.counters.makeBank()
        self.core = server.coreCounters
        self.lane = lane
        self.descriptors = situation.descriptors(lane: lane)
    }

    // MARK: Batches

    /// Reads the clock and the configuration once for all that comes together.
    func beginBatch(at now: Instant) {
        self.now = now
        self.order.value = 0
        if self.server.situationNumber != self.knownNumber, let situation = self.server.situation {
            self.adopt(situation)
        }
        if let registry = self.program.configuration, registry.version != self.configuration?.version {
            self.inForce.value.configuration = registry.snapshot.copy()
        }
        let joins = self[self.policy.joinsDatagrams]
        self.sends.joins = joins > 1 || joins == 1 && !self.server.captures.isSeen
    }

    /// Whether the worker goes by an older situation than that with this number; for any thread.
    func isBehind(_ number: Int) -> Bool { self.situationNumber.load(ordering: .acquiring) < number }

    private func adopt(_ situation: Situation) {
        // What waits knows descriptors by their numbers; those of the old situation may be closed, and others', from here on.
        self.sends.flush()
        self.situation = situation
        self.knownNumber = situation.number
        self.descriptors = situation.descriptors(lane: self.lane)
        defer { self.situationNumber.store(situation.number, ordering: .releasing) }
        guard !self.program.isSame(as: situation.configuration.program) else { return }
        self.inForce.value = InForce(situation.configuration.program.copy())
        self.host = situation.configuration.host
        self.policy = situation.configuration.host.policy
        self.path.value = MessagePath(
            self.program, self.host, self.policy, isSimulated: self.server.world != nil)
        self.mayRefuseUnread = Self.mayRefuseUnread(situation.configuration)
        self.sockets = situation.configuration.host.table.copy()
        // Idle contexts would keep the program alive that they were last used with.
        self.contexts.removeAll()
    }

    private static func mayRefuseUnread(_ configuration: LoadedConfiguration) -> Bool {
        let program = configuration.program
        return program.hooks.bytesArrived.isEmpty && program.hooks.bytesLeaving.isEmpty
            && !program.events.messageReceived.isPresent && !configuration.host.policy.reply.addsWarning
    }

    /// Does what the batch left to do and sends what it queued.
    ///
    /// - Parameter more: another batch follows at once. What is queued may wait for it: the more leaves together, the less
    ///   each takes; most of all while requests are refused.
    func endBatch(more: Bool = false) {
        self.drain()
        let enough = self.gate.value.isClosed ? SendQueue.capacity * 3 / 4 : SendQueue.capacity * 3 / 8
        if more, self.sends.joins, self.sends.count < enough { return }
        self.sends.flush()
        var rounds = 0
        while !self.sends.failures.isEmpty, rounds < 4 {
            rounds += 1
            for failure in self.sends.takeFailures() {
                let destination = Destination(transport: .udp, address: failure.destination)
                self.sendFailed(to: destination, token: failure.token, code: failure.code)
            }
            self.drain()
            self.sends.flush()
        }
    }

    func noteTruncated(_ source: SocketAddress) {
        self.server.logger.error("datagram from \(source) is larger than the limit, dropped")
    }

    /// The thread has ended: lets go of contexts, which know the worker, and of descriptors, which close with the last
    /// who has them.
    func dismiss() {
        self.contexts.removeAll()
        self.scheduled = []
        self.earlyResumes = []
        self.descriptors = []
    }

    // MARK: Messages

    /// Routes the message in `buffer`, for which another one comes back; a suspended script keeps a copy of the bytes.
    func receive(_ buffer: inout ByteBuffer, _ arrival: Arrival) {
        if self.isRefusing, self.refusesUnread(buffer, arrival) { return }
        let context = self.takeContext(arrival)
        context.message.exchangeBuffer(with: &buffer)
        self.take(context, arrival)
    }

    /// The same for a datagram.
    func receive(_ index: Int, of batch: DatagramBatch, _ arrival: Arrival) {
        if self.isRefusing, self.refusesUnread(batch.buffer(at: index), arrival) { return }
        let context = self.takeContext(arrival)
        batch.hand(index, to: context.message)
        self.take(context, arrival)
    }

    @inline(__always)
    private func take(_ context: consuming RouteContext, _ arrival: Arrival) {
        guard let level = self.scriptTimeLevel else { return self.take(context, arrival, self.inForce.value) }
        let began = WallClock.microseconds()
        self.take(context, arrival, self.inForce.value)
        self.noteScriptTime(WallClock.microseconds() - began, at: level, arrival)
    }

    @inline(never)
    private func take(_ context: consuming RouteContext, _ arrival: Arrival, _ inForce: borrowing InForce) {
        self.order.value = 0
        if self.path.value.showsArriving, !self.showArriving(context.message.buffer, arrival, inForce.program) {
            return self.giveBack(context)
        }
        if let state = self.route(context, arrival, inForce) { self.finish(context, state, inForce.program) }
    }

    /// Lets modules look at bytes before they are a message.
    /// - Returns: false when one of them has taken them.
    private func showArriving(_ buffer: ByteBuffer, _ arrival: Arrival, _ program: Program) -> Bool {
        for look in program.hooks.bytesArrived where !look(self, program, buffer, arrival) { return false }
        return true
    }

    /// Parses the message of a context and runs its script. By itself, for what is handed in is borrowed: its parts need
    /// not be counted.
    /// - Returns: nil when that is all, and the context has been given back.
    @inline(never)
    private func route(_ context: RouteContext, _ arrival: Arrival, _ inForce: borrowing InForce) -> RunState? {
        let failure = context.message.parse()
        if self.path.value.received.isPresent {
            return self.runReceived(context, arrival, self.path.value.received)
        }
        if let failure {
            context.arrival = arrival
            if self.policy.takesHEP, self.isHEP(context) {
                self.giveBack(context)
            } else {
                self.refuse(context, failure)
            }
            return nil
        }
        if context.message.kind != .http {
            self.keepOrder(of: context.message)
            inForce.program.hooks.noteRead(context.message)
        }
        context.reset(arrival: arrival, program: inForce.program, configuration: inForce.configuration)
        if self.path.value.isSimulated, let world = self.server.world { context.tracer = world.tracer }
        if self.isForClosedListener(context) {
            self.giveBack(context)
            return nil
        }
        switch context.message.kind {
        case .request: return self.routeRequest(context, inForce.program)
        case .response: return self.routeReply(context, inForce)
        case .http: return inForce.program.start(self.serve(context, inForce.program), in: context)
        }
    }

    func finish(_ context: consuming RouteContext, _ state: RunState, _ program: Program) {
        self.conclude(context, state, program)
        self.drain()
    }

    /// Puts the listener that the message came to as this configuration has it (its advertised address may be another
    /// now); true when it has none and the message is not for what began while there was one.
    private func isForClosedListener(_ context: RouteContext) -> Bool {
        let socket = context.arrival.socket
        if self.path.value.listener == socket { return false }
        if let current = self.sockets.current(socket) {
            if current == socket {
                self.path.value.listener = socket
            } else {
                context.arrival.socket = current
            }
            return false
        }
        // Connections of a listener that was given up live on. Datagrams: only what transactions in progress wait for.
        guard socket.transport == .udp, context.message.kind == .request else { return false }
        let method = context.message.method
        return method != .ack && method != .cancel
    }

    private func routeRequest(_ context: RouteContext, _ program: Program) -> RunState {
        guard self.admit(request: context, program) else { return .ended(RouteResult(code: 0, isDropped: true)) }
        context.routeKind = .request
        if self.path.value.looksUpSenders, let wait = self.checkVia(context, program) {
            return program.start(wait, in: context)
        }
        guard program.events.preRouting.isPresent else {
            return program.start(program.requestRoute, kind: .request, in: context)
        }
        return program.start(Self.preRouting(program), in: context)
    }

    /// Goes on with bytes that the script has seen as such.
    func admitReceived(_ context: RouteContext, _ failure: ParseFailure?, _ program: Program) -> Outcome {
        if let failure {
            self.note(failure, context)
            let event = program.events.parseError
            return event.isPresent
                ? .run(ModuleKit.RouteCall(route: event, kind: .event) { _, _ in .code(0) }) : .code(0)
        }
        if context.message.kind != .http { self.keepOrder(of: context.message) }
        switch context.message.kind {
        case .http: return self.serve(context, program)
        case .request: guard self.admit(request: context, program) else { return .code(0) }
        case .response:
            self.core.countReply(context.message, in: self.bank)
            guard self.isUsable(context) else { return .code(0) }
        }
        if context.isRequest, self.path.value.looksUpSenders, let wait = self.checkVia(context, program) {
            return wait
        }
        return Self.firstRoute(program, context)
    }

    /// What runs first for a message that has been admitted.
    static func firstRoute(_ program: Program, _ context: RouteContext) -> Outcome {
        program.events.preRouting.isPresent ? .run(Self.preRouting(program)) : Self.routing(program, context)
    }

    /// - Returns: whether the request is to be routed.
    private func admit(request context: RouteContext, _ program: Program) -> Bool {
        self.core.countRequest(context.message.method, in: self.bank)
        guard self.isUsable(context) else { return false }
        if context[program.forcesRport] != 0 { context.options.insert(.forceRport) }
        if program.hooks.takeRequest(context) { return false }
        if context.arrival.connection.isPresent { self.noteAlias(context) }
        guard context.coreSettings.detectsLoops, LoopMark.isLoop(context.message) else {
            return self.isInTime(context)
        }
        self.refuseLoop(context)
        return false
    }

    private func routeReply(_ context: RouteContext, _ inForce: borrowing InForce) -> RunState {
        self.core.countReply(context.message, in: self.bank)
        guard self.isUsable(context) else { return .ended(RouteResult(code: -1, isDropped: true)) }
        context.routeKind = .reply
        if inForce.program.events.preRouting.isPresent {
            return inForce.program.start(Self.preRouting(inForce.program), in: context)
        }
        if inForce.program.replyRoute.isPresent { return inForce.program.start(inForce.replyCall, in: context) }
        return inForce.program.start(Self.offerReply(context, inForce.program.hooks), in: context)
    }

    /// `event_route[core:pre-routing]`, then the route of the message.
    private static func preRouting(_ program: Program) -> ModuleKit.RouteCall {
        ModuleKit.RouteCall(route: program.events.preRouting, kind: .event) { context, result in
            result.isDropped ? .code(0) : Self.routing(program, context)
        }
    }

    /// The route of a message that has been admitted.
    private static func routing(_ program: Program, _ context: RouteContext) -> Outcome {
        if context.isRequest {
            context.routeKind = .request
            return .run(
                ModuleKit.RouteCall(route: program.requestRoute, kind: .request) { _, result in .code(result.code) })
        }
        context.routeKind = .reply
        return program.replyRoute.isPresent
            ? .run(Self.replyRouteCall(program)) : Self.offerReply(context, program.hooks)
    }

    private static func replyRouteCall(_ program: Program) -> ModuleKit.RouteCall {
        ModuleKit.RouteCall(route: program.replyRoute, kind: .reply) { [hooks = program.hooks] context, result in
            // A reply is lost by `drop` and, as in Kamailio, when the last action of the route fails.
            if result.isDropped || result.code < 0 {
                context.worker.count((context.worker as? Worker)?.core.dropReplies ?? CounterID(index: 0))
                return .code(1)
            }
            return Self.offerReply(context, hooks)
        }
    }

    /// Asks the modules for whom the reply is; nobody's is forwarded by its Via.
    private static func offerReply(_ context: RouteContext, _ hooks: ProgramHooks) -> Outcome {
        if let outcome = hooks.takeReply(context) { return outcome }
        return StatelessForwarder.forwardReplyAsking(context) { context, isForwarded in
            if let worker = context.worker as? Worker {
                worker.count(isForwarded ? worker.core.forwardedReplies : worker.core.errorReplies)
            }
            return .code(1)
        }
    }

    subscript(setting: LiveNumber) -> Int { setting.value(in: self.configuration) }

    func count(_ counter: CounterID, _ amount: Int) { self.bank.add(at: Int(counter.index), amount) }
}
