import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// Event routes of local requests, looked up once for the program.
struct LocalRoutes: Sendable {
    var request = RouteID.none
    var response = RouteID.none
    var acknowledged = RouteID.none

    init(_ program: any RouteProgram) {
        self.request = program.route(.event, named: "tm:local-request")
        self.response = program.route(.event, named: "tm:local-response")
        self.acknowledged = program.route(.event, named: "tm:local-ack-sent")
    }
}

extension Transactions {
    /// Sends a request of this server's own, in a transaction: it is repeated until an answer comes, times out, and its
    /// INVITE is acknowledged (RFC 3261 §8.1, §17.1).
    ///
    /// `event_route[tm:local-request]` sees it first: it may change it, or drop it.
    /// - Parameters:
    ///   - program: the configuration whose event routes run; nil: the one in force.
    ///   - listener: hears once of the final outcome, and before that of provisional replies where the request wants
    ///     them; on the worker that found out, with no lock held. It may be called before this returns.
    @discardableResult
    public func sendRequest(
        _ request: LocalRequest, of program: (any RouteProgram)? = nil, by worker: any WorkerServices,
        then listener: @escaping @Sendable (LocalEvent, any WorkerServices) -> Void
    ) -> LocalSending {
        guard let program = program ?? worker.currentProgram else { return .failed(.unspecified) }
        guard request.isSound else { return .failed(.badURI) }
        let target = request.nextHop ?? request.requestURI
        switch worker.nextHop(
            for: target.span, range: ByteRange(start: 0, count: target.count), socket: request.socket)
        {
        case .destination(let destination):
            return self.launch(request, to: destination, program, worker, listener)
        case .unreachable(let reason): return .failed(Self.failure(reason))
        case .needsLookup(let query):
            self.whenResolved(query) { [weak self] destination, worker in
                guard let self else { return }
                var sending = LocalSending.failed(.unresolvable)
                if let destination { sending = self.launch(request, to: destination, program, worker, listener) }
                guard case .failed(let failure) = sending else { return }
                listener(LocalEvent(failure, request), worker)
            }
            return .resolving
        }
    }

    static func failure(_ reason: NextHopFailure) -> InternalFailure {
        switch reason {
        case .badURI: .badURI
        case .unresolvable: .unresolvable
        case .noSocket, .unsupportedTransport: .noSocket
        }
    }

    /// Looks a name up and goes on with what was found, on a worker.
    func whenResolved(
        _ query: NextHopQuery, _ body: @escaping @Sendable (Destination?, any WorkerServices) -> Void
    ) {
        let host = self.host
        host.resolve(
            query,
            then: LookupToken { result in
                host.perform(after: .zero) { worker in body(result.payload as? Destination, worker) }
            })
    }

    /// The event routes of the program that the module belongs to.
    func localRoutes(_ program: any RouteProgram) -> LocalRoutes {
        // By name only: a program has its modules, so a module that had its program would keep both for ever.
        let name = program.identity
        if let known = self.eventRoutes.withLock({ $0 }), known.program == name { return known.routes }
        let routes = LocalRoutes(program)
        self.eventRoutes.withLock { $0 = (name, routes) }
        return routes
    }

    /// Begins the transaction, runs the event route, sends.
    private func launch(
        _ given: LocalRequest, to wanted: Destination, _ program: any RouteProgram, _ worker: any WorkerServices,
        _ listener: @escaping LocalTransaction.Listener
    ) -> LocalSending {
        var wanted = wanted
        if wanted.isFiltered, self.passesBlocklist(Method(named: given.method), worker) {
            wanted = wanted.ignoringBlocklist
        }
        guard !wanted.isBlocked else { return .failed(.blocked) }
        wanted = self.overStream(given, wanted) ?? wanted
        guard let socket = wanted.socket else { return .failed(.noSocket) }
        var request = given
        request.complete(on: socket)
        let owner = LocalTransaction(request, then: listener)
        let arrival = Arrival(source: socket.address, socket: socket, time: worker.now)
        guard let (id, random) = self.beginLocal(owner, arrival, program, worker) else { return .failed(.unspecified) }
        let branch = BranchParameter(
            hash: UInt16(truncatingIfNeeded: id.stripe), handle: id.handle, random: random, branch: 0)
        let buffer = worker.outgoing()
        let settings = self.host.settings
        request.write(
            into: buffer, socket: socket, transport: wanted.transport, branch: branch, settings: settings)
        guard let context = worker.makeContext(buffer.span, arrival: arrival, program: program) else {
            self.abandon(id, by: worker)
            return .failed(.badURI)
        }
        context.options.insert(.isLocal)
        context.target.destinationURI = request.nextHop ?? request.requestURI
        context.target.socket = request.socket
        context.transaction = id.rawValue
        var destination = wanted
        let event = self.localRoutes(program).request
        if event.isPresent, !self.ask(context, event, buffer, &destination) {
            worker.recycle(context)
            self.abandon(id, by: worker)
            return .keptBack
        }
        context.target.destinationURI = request.nextHop
        let sent = self.enter(id, context, ByteString(buffer.span), destination)
        worker.recycle(context)
        guard sent else { return .failed(.unspecified) }
        worker.count(self.counters.uas)
        worker.count(self.counters.local)
        worker.count(self.counters.created)
        if !worker.send(buffer, to: destination, token: id.token(branch: 0)) {
            self.branchFailedToSend(id, 0, by: worker)
        }
        return .sent(id)
    }

    /// Where a request goes instead that is too large for UDP (`udp_mtu`, RFC 3261 §18.1.1); nil when it may stay.
    private func overStream(_ given: LocalRequest, _ wanted: Destination) -> Destination? {
        let settings = self.host.sharedSettings.values
        guard settings.udpMTU > 0, wanted.transport == .udp, let socket = wanted.socket,
            let transport = settings.udpMTUTryProtocol, transport != .udp,
            let other = self.host.socket(for: transport, isIPv6: wanted.address.ip.isIPv6)
        else { return nil }
        var request = given
        request.complete(on: socket)
        let buffer = ByteBuffer(capacity: 2048)
        request.write(
            into: buffer, socket: socket, transport: .udp,
            branch: BranchParameter(hash: 0, handle: .none, random: 0, branch: 0), settings: self.host.settings)
        guard buffer.count > settings.udpMTU else { return nil }
        var changed = wanted
        changed.transport = transport
        changed.socket = other
        changed.datagramSocket = socket
        return changed
    }

    /// A record without request, so that the request can carry its name.
    private func beginLocal(
        _ owner: LocalTransaction, _ arrival: Arrival, _ program: any RouteProgram, _ worker: any WorkerServices
    ) -> (TransactionID, UInt64)? {
        let request = owner.request
        let hash = TransactionTable.hash(request.callID.span, request.cSeq)
        let method = Method(named: request.method)
        let configuration = worker.configuration
        var timers = self.settings.timers(configuration)
        if let interval = request.finalTimer { timers.finalResponse = interval }
        if let interval = request.inviteTimer { timers.inviteFinalResponse = interval }
        // Whoever answers an INVITE repeats his 2xx for this long, and wants an ACK each time (RFC 3261 §13.2.2.4).
        if method == .invite { timers.waitTimer = max(timers.waitTimer, timers.sixtyFourT1) }
        var record = TransactionRecord(
            hash: hash, key: .none, cSeq: request.cSeq, method: method,
            server: .other(NonInviteServerTransaction(isReliable: false)), program: program,
            request: StoredRequest(local: ByteString(), arrival, program, BranchTarget()),
            replyDestination: Destination(
                transport: arrival.transport, address: arrival.source, socket: arrival.socket),
            timers: timers, created: worker.now, responses: BranchSet(isInvite: method == .invite),
            policy: self.settings.policy(configuration))
        record.local = owner
        record.isForking = true
        let index = self.table.index(of: hash)
        let limit = self.bound.ongoing
        var pending: TransactionRecord? = record
        let made = self.table.stripes.withStripe(at: index) { stripe -> (handle: Handle, random: UInt64)? in
            guard let record = pending.take() else { return nil }
            return stripe.insert(record, upTo: limit)
        }
        if made == nil { self.noteRefusal(by: worker) }
        return made.map { (TransactionID(stripe: index, handle: $0.handle), $0.random) }
    }

    /// Runs `event_route[tm:local-request]` and writes the request anew with what it changed.
    /// - Returns: false when it dropped the request.
    private func ask(
        _ context: RouteContext, _ event: RouteID, _ buffer: ByteBuffer, _ destination: inout Destination
    ) -> Bool {
        context.routeKind = .request
        context.setState(LocalEventMark())
        var isDropped = false
        let call = RouteCall(route: event, kind: .request) { _, result in
            isDropped = result.isDropped
            return .code(result.code)
        }
        guard context.worker.finish(call, in: context) != nil else {
            context.log(.error, "event_route[tm:local-request] cannot wait; the request is sent as it is")
            return true
        }
        if isDropped { return false }
        let message = context.message
        if let socket = context.target.socket, socket.transport == destination.transport,
            let current = destination.socket, !socket.isSame(as: current)
        {
            destination.socket = socket
            let name = socket.sentBy
            context.edits.replace(message.topVia.sentBy, with: name.span)
        }
        guard !context.edits.isEmpty || context.target.uri != nil else { return true }
        buffer.removeAll()
        if let uri = context.target.uri {
            MessageWriter.forwardRequest(
                message, context.edits, newRequestURI: uri.span, topHeaders: ("" as StaticString).span, into: buffer)
        } else {
            MessageWriter.write(message, context.edits, into: buffer)
        }
        context.edits.removeAll()
        return true
    }

    /// Puts the request and its one branch into the record and starts the machine.
    private func enter(
        _ id: TransactionID, _ context: RouteContext, _ bytes: ByteString, _ destination: Destination
    ) -> Bool {
        guard let message = Message(bytes.span) else {
            context.log(.error, "the local request is no SIP message any more; it is not sent")
            self.abandon(id, by: context.worker)
            return false
        }
        let now = context.worker.now
        let armsFailure = context[self.settings.enablesLocalFailureRoutes] != 0
        var target = context.target
        target.uri = nil
        let request = StoredRequest(local: bytes, context.arrival, context.program, target)
        let uri = message.text(message.requestURI)
        return self.table.withStripe(id) { stripe, handle -> Bool in
            let reaction = stripe.records.withRecord(handle) { record -> TransactionReaction? in
                record.isForking = false
                record.request = request
                record.flags = context.flags
                record.extendedFlags = context.extendedFlags
                record.attributes = context.attributes
                if !armsFailure { record.routes.failure = .none }
                guard record.responses.add() == record.branches.count else { return nil }
                record.responses.sent(0)
                let endsBy = record.timers.lifetimeEnd(isInvite: record.isInvite, now: record.created)
                let isReliable = destination.transport.isReliable
                var branch = Branch(
                    machine: record.isInvite
                        ? .invite(InviteClientTransaction(isReliable: isReliable, endsBy: endsBy))
                        : .other(NonInviteClientTransaction(isReliable: isReliable, endsBy: endsBy)),
                    destination: destination, sent: bytes, uri: uri)
                branch.replyRoute = record.routes.reply
                let reaction = branch.machine.start(now, record.timers)
                record.branches.append(branch)
                return reaction
            }
            guard let found = reaction, let reaction = found else { return false }
            stripe.applyClient(reaction, handle, branch: 0, now)
            return true
        } ?? false
    }

    /// Forgets a transaction that has sent nothing.
    private func abandon(_ id: TransactionID, by worker: any WorkerServices) {
        _ = self.table.withStripe(id) { stripe, handle in stripe.remove(handle) }
    }
}

/// Marks the context in which `event_route[tm:local-request]` runs.
private final class LocalEventMark {
    init() {}
}

extension Transactions {
    /// Whether a script may send a request of its own now: not in `event_route[tm:local-request]`, which would run for
    /// that one too, and so on.
    public func maySend(from route: RouteContext) -> Bool {
        guard route.state(LocalEventMark.self) != nil else { return true }
        route.log(.error, "event_route[tm:local-request] cannot send requests itself")
        return false
    }
}

/// Takes the answer of a resolver.
private final class LookupToken: ResumeToken {
    private let body: @Sendable (ResumeResult) -> Void
    init(_ body: @escaping @Sendable (ResumeResult) -> Void) { self.body = body }
    func resume(_ result: ResumeResult) { self.body(result) }
}

extension LocalEvent {
    /// Of a request that could not be sent.
    init(_ failure: InternalFailure, _ request: LocalRequest) {
        self.init(
            transaction: .none, code: failure.code, reason: failure.reason("TM"), reply: ByteString(), arrival: nil,
            request: ByteString())
    }
}

extension StoredRequest {
    convenience init(local bytes: ByteString, _ arrival: Arrival, _ program: any RouteProgram, _ target: BranchTarget) {
        self.init(
            bytes: bytes, arrival: arrival, program: program, options: .isLocal, edits: nil, target: target,
            recordRoutes: nil)
    }
}
