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
    let variables = WorkerVariables()
    let bank: CounterBank
    let core: CoreCounters
    /// The server as the configuration in force sees it.
    private(set) var host: any ModuleHost
    /// What happens before its scripts.
    private(set) var policy: WorkerPolicy
    var gate = OverloadGate()
    /// When the message at hand reached the server, by the wall clock in microseconds; 0: it did not wait, or nobody
    /// knows. Set by whoever feeds the worker.
    var arrivedAt = 0
    /// The kernel threw datagrams away before the batch at hand.
    var isLosing = false

    /// Time of the batch in progress; set by the loop that feeds the worker.
    var now = Instant.now()
    /// The configuration that new messages begin with; refreshed once per batch.
    var program: Program

    var currentProgram: (any RouteProgram)? { self.program }
    /// Values of `program` that may change; taken anew between batches, so that no message sees half a change.
    private(set) var configuration: ConfigurationSnapshot?

    /// Datagrams of this thread on their way out.
    private let sends = SendQueue()
    private var situation: Situation
    /// Number of the situation that this worker goes by; for other threads.
    private let situationNumber: Atomic<Int>
    private let lane: Int
    /// Descriptors to send from, by listen socket: of several for one address, this worker's own.
    private var descriptors: [DatagramSocket?]
    private var sockets: SocketTable
    private let buffers = BufferPool(bufferSize: 2048, limit: 32)
    private var contexts: [RouteContext] = []
    private var scheduled: [(call: ModuleKit.RouteCall, context: RouteContext)] = []
    private var isDraining = false
    /// Token of the function that is about to return `.suspended`.
    private var pendingToken: SuspensionToken?
    private var earlyResumes: [(token: SuspensionToken, result: ResumeResult)] = []

    /// - Parameters:
    ///   - lane: which of several descriptors for one address is this worker's.
    ///   - bank: the statistics of a worker that had this number before; nil for a new row.
    init(index: Int, lane: Int, server: Server, situation: Situation, bank: CounterBank? = nil) {
        self.index = index
        self.server = server
        self.situation = situation
        self.situationNumber = Atomic(situation.number)
        self.host = situation.configuration.host
        self.policy = situation.configuration.host.policy
        self.program = situation.configuration.program
        self.sockets = situation.configuration.host.table
        self.bank = bank ?? server.counters.makeBank()
        self.core = server.coreCounters
        self.lane = lane
        self.descriptors = situation.descriptors(lane: lane)
    }

    // MARK: Batches

    /// Reads the clock and the configuration once for all that comes together.
    func beginBatch(at now: Instant) {
        self.now = now
        if let situation = self.server.situation, situation !== self.situation { self.adopt(situation) }
        if let registry = self.program.configuration, registry.version != self.configuration?.version {
            self.configuration = registry.snapshot
        }
    }

    /// Whether the worker goes by an older situation than that with this number; for any thread.
    func isBehind(_ number: Int) -> Bool { self.situationNumber.load(ordering: .acquiring) < number }

    private func adopt(_ situation: Situation) {
        self.situation = situation
        self.descriptors = situation.descriptors(lane: self.lane)
        defer { self.situationNumber.store(situation.number, ordering: .releasing) }
        guard situation.configuration.program !== self.program else { return }
        self.program = situation.configuration.program
        self.host = situation.configuration.host
        self.policy = situation.configuration.host.policy
        self.sockets = situation.configuration.host.table
        self.configuration = nil
        // Idle contexts would keep the program alive that they were last used with.
        self.contexts.removeAll()
    }

    /// Does what the batch left to do and sends what it queued.
    func endBatch() {
        self.drain()
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
        self.contexts = []
        self.scheduled = []
        self.earlyResumes = []
        self.descriptors = []
    }

    // MARK: Messages

    /// Routes the message in `buffer`, which is free again afterwards: a suspended script keeps a copy.
    func receive(_ buffer: ByteBuffer, _ arrival: Arrival) {
        guard let level = self.scriptTimeLevel else { return self.take(buffer, arrival) }
        let began = WallClock.microseconds()
        self.take(buffer, arrival)
        self.noteScriptTime(WallClock.microseconds() - began, at: level, arrival)
    }

    private func take(_ buffer: ByteBuffer, _ arrival: Arrival) {
        for look in self.program.hooks.bytesArrived where !look(self, self.program, buffer, arrival) { return }
        let context = self.takeContext(arrival)
        context.message.buffer = buffer
        let failure = context.message.parse()
        let event = self.program.events.messageReceived
        if event.isPresent { return self.finish(context, self.runReceived(context, arrival, event)) }
        if let failure {
            if self.policy.takesHEP, self.isHEP(context) { return self.giveBack(context) }
            return self.refuse(context, failure)
        }
        context.reset(arrival: arrival, worker: self, program: self.program)
        if let world = self.server.world { context.tracer = world.tracer }
        if self.isForClosedListener(context) {
            self.giveBack(context)
            return
        }
        let state: RunState
        switch context.message.kind {
        case .request: state = self.routeRequest(context)
        case .response: state = self.routeReply(context)
        case .http:
            self.server.logger.debug("HTTP request from \(arrival.source) ignored: no module serves it")
            if !self.policy.servesHTTP { self.giveUpStream(arrival) }
            self.giveBack(context)
            return
        }
        self.finish(context, state)
    }

    private func finish(_ context: RouteContext, _ state: RunState) {
        self.conclude(context, state)
        self.drain()
    }

    /// Puts the listener that the message came to as this configuration has it (its advertised address may be another
    /// now); true when it has none and the message is not for what began while there was one.
    private func isForClosedListener(_ context: RouteContext) -> Bool {
        let socket = context.arrival.socket
        if let current = self.sockets.current(socket) {
            if current !== socket { context.arrival.socket = current }
            return false
        }
        // Connections of a listener that was given up live on. Datagrams: only what transactions in progress wait for.
        guard socket.transport == .udp, context.message.kind == .request else { return false }
        let method = context.message.method
        return method != .ack && method != .cancel
    }

    private func routeRequest(_ context: RouteContext) -> RunState {
        guard self.admit(request: context) else { return .ended(RouteResult(code: 0, isDropped: true)) }
        context.routeKind = .request
        let program = self.program
        if self.policy.viaCheck != .byAddress, let wait = self.checkVia(context, program) {
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
        switch context.message.kind {
        case .http: return .code(0)
        case .request: guard self.admit(request: context) else { return .code(0) }
        case .response:
            self.core.countReply(context.message, in: self.bank)
            guard self.isUsable(context) else { return .code(0) }
        }
        if context.isRequest, self.policy.viaCheck != .byAddress, let wait = self.checkVia(context, program) {
            return wait
        }
        return Self.firstRoute(program, context)
    }

    /// What runs first for a message that has been admitted.
    static func firstRoute(_ program: Program, _ context: RouteContext) -> Outcome {
        program.events.preRouting.isPresent ? .run(Self.preRouting(program)) : Self.routing(program, context)
    }

    /// - Returns: whether the request is to be routed.
    private func admit(request context: RouteContext) -> Bool {
        self.core.countRequest(context.message.method, in: self.bank)
        guard self.isUsable(context) else { return false }
        if context[self.program.forcesRport] != 0 { context.options.insert(.forceRport) }
        for arrived in self.program.hooks.requestArrived where arrived(context) { return false }
        if context.arrival.connection.isPresent { self.noteAlias(context) }
        guard self.host.sharedSettings.values.detectsLoops, LoopMark.isLoop(context.message) else {
            return self.isInTime(context)
        }
        self.refuseLoop(context)
        return false
    }

    /// 482 (RFC 3261 §16.3 step 4), without a transaction: whoever sent it round is not worth one.
    private func refuseLoop(_ context: RouteContext) {
        self.server.logger.info("a request of \(context.arrival.source) loops")
        guard context.message.method != .ack else { return }
        let replies = LocalReply(host: self.host)
        let buffer = self.outgoing()
        replies.write(482, ("Loop Detected" as StaticString).span, for: context, from: .stateless, into: buffer)
        _ = self.send(buffer, to: replies.destination(for: context), token: 0)
    }

    private func routeReply(_ context: RouteContext) -> RunState {
        self.core.countReply(context.message, in: self.bank)
        guard self.isUsable(context) else { return .ended(RouteResult(code: -1, isDropped: true)) }
        context.routeKind = .reply
        let program = self.program
        if program.events.preRouting.isPresent { return program.start(Self.preRouting(program), in: context) }
        if program.replyRoute.isPresent { return program.start(Self.replyRouteCall(program), in: context) }
        return program.start(Self.offerReply(context), in: context)
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
        return program.replyRoute.isPresent ? .run(Self.replyRouteCall(program)) : Self.offerReply(context)
    }

    private static func replyRouteCall(_ program: Program) -> ModuleKit.RouteCall {
        ModuleKit.RouteCall(route: program.replyRoute, kind: .reply) { context, result in
            // A reply is lost by `drop` and, as in Kamailio, when the last action of the route fails.
            if result.isDropped || result.code < 0 {
                context.worker.count((context.worker as? Worker)?.core.dropReplies ?? CounterID(index: 0))
                return .code(1)
            }
            return Self.offerReply(context)
        }
    }

    /// Asks the modules for whom the reply is; nobody's is forwarded by its Via.
    private static func offerReply(_ context: RouteContext) -> Outcome {
        for arrived in context.program.hooks.replyArrived {
            if let outcome = arrived(context) { return outcome }
        }
        return StatelessForwarder.forwardReplyAsking(context) { context, isForwarded in
            if let worker = context.worker as? Worker {
                worker.count(isForwarded ? worker.core.forwardedReplies : worker.core.errorReplies)
            }
            return .code(1)
        }
    }

    /// What remains to be done when a run has ended or suspended.
    private func conclude(_ context: RouteContext, _ state: RunState) {
        self.server.world?.ranScript(in: context, state)
        switch state {
        case .ended(let result):
            for ended in context.program.hooks.routeEnded { ended(context, result) }
            self.giveBack(context)
        case .suspended: self.park(context)
        }
    }

    /// Keeps what the script needs to go on, and gives the context back for other messages.
    private func park(_ context: RouteContext) {
        defer { self.giveBack(context) }
        guard let token = self.pendingToken, let program = context.program as? Program else {
            // A module returned `.suspended` without asking for a token: nobody could ever wake it.
            context.log(.bug, "a function suspended the script without a token; the message is dropped")
            return
        }
        self.pendingToken = nil
        program.trim(context)
        let held = HeldContext(takingFrom: context)
        held.variables = self.variables.save()
        self.bank.add(at: Int(self.server.suspended.total.index), 1)
        if let early = token.park(held) { self.earlyResumes.append((token, early)) }
    }

    /// Runs what the message in progress left to do: failure routes, scripts woken at once.
    func drain() {
        guard !self.isDraining else { return }
        self.isDraining = true
        defer { self.isDraining = false }
        while true {
            if !self.earlyResumes.isEmpty {
                let (token, result) = self.earlyResumes.removeFirst()
                self.resume(token, result)
            } else if !self.scheduled.isEmpty {
                let (call, context) = self.scheduled.removeFirst()
                context.scriptFlags = 0
                context.routeKind = call.kind
                guard let program = context.program as? Program else { continue }
                self.conclude(context, program.start(call, in: context))
            } else {
                return
            }
        }
    }

    /// Goes on with a suspended script, on this worker from now on. One that is not parked yet is woken as it parks.
    func resume(_ token: SuspensionToken, _ result: ResumeResult) {
        guard let held = token.take(wakingWith: result), let program = held.program as? Program else { return }
        let context = self.takeContext(held.arrival)
        context.message.buffer = held.buffer
        guard context.message.parse() == nil else {
            self.giveBack(context)
            self.server.logger.write(.bug, "the message of a suspended script cannot be read any more; it is dropped")
            return
        }
        context.reset(arrival: held.arrival, worker: self, program: program)
        held.restore(to: context)
        self.variables.with(held.variables) { self.conclude(context, program.resume(result, in: context)) }
        self.drain()
    }

    /// Drops what no script should have to deal with: messages without the fields that replies and transactions need.
    private func isUsable(_ context: RouteContext) -> Bool {
        guard let field = context.message.unusableField(allowingDoubles: self.policy.allowsDoubles) else {
            return true
        }
        self.bank.add(at: Int(self.core.badHeaders.index), 1)
        context.log(.error, "message from \(context.arrival.source) has no usable \(field), dropped")
        if field == .via || field == .cSeq { self.giveUpStream(context.arrival) }
        return false
    }

    /// Closes the connection of a peer that sends what are no messages: nobody knows where its next one begins.
    private func giveUpStream(_ arrival: Arrival) {
        guard arrival.transport.isReliable, !self.policy.keepsBadStreams else { return }
        self.server.transport.streams.close(arrival.connection)
    }

    /// Counts and logs bytes that are no message.
    private func note(_ failure: ParseFailure, _ context: RouteContext) {
        self.bank.add(at: Int(self.core.badHeaders.index), 1)
        self.giveUpStream(context.arrival)
        let level = LogLevel(rawValue: min(max(self.host.sharedSettings.values.inputLogLevel, -5), 3)) ?? .error
        if self.server.logger.isOn(level) {
            let length = context.message.buffer.count
            self.server.logger.write(
                level, "bad message of \(length) bytes from \(context.arrival.source) dropped: \(failure)"
            )
        }
    }

    /// Bytes that are no message are shown to the script if it wants to see them.
    private func refuse(_ context: RouteContext, _ failure: ParseFailure) {
        self.note(failure, context)
        let event = self.program.events.parseError
        guard event.isPresent else { return self.giveBack(context) }
        context.reset(arrival: context.arrival, worker: self, program: self.program)
        let call = ModuleKit.RouteCall(route: event, kind: .event) { _, _ in .code(0) }
        self.finish(context, self.program.start(call, in: context))
    }

    // MARK: Contexts

    private func takeContext(_ arrival: Arrival) -> RouteContext {
        if let context = self.contexts.popLast() {
            context.arrival = arrival
            return context
        }
        return RouteContext(
            message: Message(buffer: ByteBuffer(capacity: 64)), arrival: arrival, worker: self, program: self.program
        )
    }

    private func giveBack(_ context: RouteContext) {
        guard self.contexts.count < 64, context.program === self.program else { return }
        self.contexts.append(context)
    }

    func makeContext(_ bytes: Span<UInt8>, arrival: Arrival, program: any RouteProgram) -> RouteContext? {
        let context = self.takeContext(arrival)
        // The pooled buffer may belong to a datagram slot by now; a kept message always gets bytes of its own.
        context.message.buffer = ByteBuffer(bytes)
        guard context.message.parse() == nil else {
            self.giveBack(context)
            return nil
        }
        context.reset(arrival: arrival, worker: self, program: program)
        if let world = self.server.world { context.tracer = world.tracer }
        return context
    }

    func recycle(_ context: RouteContext) { self.giveBack(context) }

    func schedule(_ call: ModuleKit.RouteCall, in context: RouteContext) {
        self.scheduled.append((call, context))
    }

    func suspend(_ context: RouteContext) -> any ResumeToken {
        let token = SuspensionToken(server: self.server)
        self.pendingToken = token
        if self.server.suspended.count >= self.host.sharedSettings.values.maxSuspendedScripts {
            token.resume(ResumeResult(code: -1))
            if self.server.suspended.refuse(at: self.now, in: self.bank) {
                context.log(.error, "too many scripts wait (max_suspended_scripts): no further one may")
            }
        }
        return token
    }

    func finish(_ call: ModuleKit.RouteCall, in context: RouteContext) -> RouteResult? {
        // The function in progress may have announced that it is going to wait.
        let pending = self.pendingToken
        defer { self.pendingToken = pending }
        guard let program = context.program as? Program, case .ended(let result) = program.start(call, in: context)
        else { return nil }
        return result
    }

    // MARK: Sending

    func outgoing() -> ByteBuffer { self.buffers.take() }

    @discardableResult
    func send(_ buffer: ByteBuffer, to destination: Destination, token: UInt64) -> Bool {
        for look in self.program.hooks.bytesLeaving where !look(self, self.program, buffer, destination) {
            self.buffers.give(buffer)
            return false
        }
        if let world = self.server.world {
            let isOut = world.send(buffer.span, to: destination, token: token)
            self.buffers.give(buffer)
            return isOut
        }
        guard destination.transport == .udp else {
            let outcome = self.server.transport.streams.send(buffer.span, to: destination, token: token)
            self.buffers.give(buffer)
            guard case .refused(let reason) = outcome else { return true }
            self.server.logger.info("cannot send to \(destination.address) over \(destination.transport): \(reason)")
            return false
        }
        guard let descriptor = self.descriptor(for: destination) else {
            self.buffers.give(buffer)
            self.server.logger.error("no UDP socket to send to \(destination.address)")
            return false
        }
        self.buffers.give(self.sends.enqueue(buffer, to: destination.address, from: descriptor, token: token))
        return true
    }

    private func descriptor(for destination: Destination) -> DatagramSocket? {
        if let socket = destination.socket, socket.index < self.descriptors.count,
            let descriptor = self.descriptors[socket.index],
            // Its number may be another listener's by now.
            descriptor.listenSocket === socket || descriptor.listenSocket.address == socket.address
        {
            return descriptor
        }
        let isIPv6 = destination.address.ip.isIPv6
        return self.descriptors.compactMap { $0 }.first { $0.listenSocket.address.ip.isIPv6 == isIPv6 }
    }

    func sendFailed(to destination: Destination, token: UInt64, code: Int32) {
        self.server.logger.info("sending to \(destination.address) failed: \(SocketError.text(of: code))")
        guard token != 0 else { return }
        for failed in self.program.hooks.sendFailed { failed(self, token, destination) }
    }

    func nextHop(for uri: Span<UInt8>, range: ByteRange, socket: ListenSocket?) -> NextHopAnswer {
        self.server.nextHop(for: uri, range: range, socket: socket, of: self.sockets)
    }

    func addAlias(port: UInt16, for connection: ConnectionID) -> Bool {
        let streams = self.server.transport.streams
        guard let known = streams.table[connection] else { return false }
        return streams.table.addAlias(
            SocketAddress(ip: known.peer.ip, port: port), for: known, rule: streams.settings.aliasRule)
    }

    /// `alias` in the top Via: the sender takes requests over this connection for the port that the Via names
    /// (RFC 5923 §4).
    private func noteAlias(_ context: RouteContext) {
        let via = context.message.topVia
        guard via.alias, self[self.policy.acceptsAliases] != 0 else { return }
        let port = via.port > 0 ? UInt16(truncatingIfNeeded: via.port) : context.arrival.transport.defaultPort
        if port != context.arrival.source.port { _ = self.addAlias(port: port, for: context.arrival.connection) }
    }

    var connections: (any ConnectionControl)? { self.server.world == nil ? self.server.transport.streams : nil }

    func count(_ counter: CounterID, _ amount: Int) { self.bank.add(at: Int(counter.index), amount) }
}
