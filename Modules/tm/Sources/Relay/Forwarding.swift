import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// One `t_relay`: takes the targets in turn, runs the branch route for each, finds its next hop, sends it.
///
/// The branch route and the lookup of a name interrupt it: then it hands the machine an outcome that holds what is left.
/// Never copied, and what every branch does is `mutating` also where it changes nothing: all that this holds would be
/// counted.
struct Forwarding: ~Copyable {
    private let module: Transactions
    private let id: TransactionID
    /// Empty: the context's own target, where it is.
    private let targets: [BranchTarget]
    private let order: RelayOrder
    private let isNew: Bool
    /// What the context had before targets and branch routes changed it; nil: nothing has.
    private var original: (target: BranchTarget, recordRoutes: SharedRecordRoutes?)?
    /// Of a transaction that has no branch yet.
    private var first: FirstBranch?
    private var next = 0
    private var sent = 0
    private var branch = 0
    private var mark: EditList.Mark
    private var failure = InternalFailure.unspecified
    /// `onsend_route` kept a branch back.
    private var isHeldBack = false
    /// Max-Breadth of the branch in progress; nil where breadth is not limited.
    private var breadth: Int?

    init(
        _ module: Transactions, _ id: TransactionID, _ route: RouteContext, targets: [BranchTarget],
        order: RelayOrder, isNew: Bool, first: FirstBranch? = nil
    ) {
        self.module = module
        self.id = id
        self.targets = targets
        self.order = order
        self.isNew = isNew
        self.first = first
        self.mark = route.edits.mark()
        if !targets.isEmpty { self.original = (route.target, route.recordRoutes) }
    }

    private var count: Int { mutating get { max(self.targets.count, 1) } }

    /// How many branches there are, the route that is armed for them, and whether there may be another one.
    private var state: (count: Int, route: RouteID, isOpen: Bool)? {
        mutating get {
            // Nobody else can have added one.
            if let first = self.first { return (0, first.route, true) }
            return self.module.table.withTransaction(self.id) { record in
                (record.branches.count, record.routes.branch, record.server.isOpen)
            }
        }
    }

    /// What is left of it, for whoever goes on later: this one is done.
    private mutating func handOver() -> Forwarding {
        let rest = self
        self = Forwarding(overFor: rest.module, rest.mark)
        return rest
    }

    private init(overFor module: Transactions, _ mark: EditList.Mark) {
        self.module = module
        self.id = .none
        self.targets = []
        self.order = RelayOrder()
        self.isNew = false
        self.mark = mark
    }

    /// Goes on with the next target, or ends.
    mutating func step(_ route: RouteContext) -> Outcome {
        while self.next < self.count {
            let number = self.next
            self.next += 1
            guard let state = self.state, state.isOpen else { break }
            self.branch = state.count
            guard self.branch < route.coreSettings.maxBranches else {
                route.log(.error, "no more than \(self.branch) branches (max_branches)")
                break
            }
            guard self.takeBreadth(route) else { continue }
            if !self.targets.isEmpty {
                route.target = self.targets[number]
                route.invalidateRequestURI()
            }
            route.branchIndex = self.branch
            self.mark = route.edits.mark()
            if state.route.isPresent {
                self.first = nil
                if self.original == nil { self.original = (route.target, route.recordRoutes) }
                var rest = self.handOver()
                return .run(
                    RouteCall(route: state.route, kind: .branch) { route, result in
                        if result.isDropped {
                            rest.leaveBranch(route)
                            return rest.step(route)
                        }
                        return rest.resolve(route) ?? rest.step(route)
                    })
            }
            if let outcome = self.resolve(route) { return outcome }
        }
        return self.finish(route)
    }

    /// Gives the next branch its share of what Max-Breadth leaves beside the branches that are open (RFC 5393 §5.3.3).
    /// - Returns: false when nothing is left.
    private mutating func takeBreadth(_ route: RouteContext) -> Bool {
        let standard = route.coreSettings.maxBreadth
        guard let allowed = MaxBreadth.allowed(route.message, standard: standard) else { return true }
        let used = self.module.table.withTransaction(self.id) { record in
            record.branches.enumerated().reduce(0) { sum, entry in
                record.responses.open.contains(entry.offset) ? sum + Int(entry.element.breadth) : sum
            }
        }
        // The targets still to come share what is left.
        let share = MaxBreadth.share(
            of: allowed - (used ?? 0), branch: 0, among: self.count - self.next + 1)
        guard let share else {
            route.log(.info, "no branch is left to the request (Max-Breadth)")
            self.failure = .breadthExceeded
            return false
        }
        self.breadth = max(share, 1)
        return true
    }

    /// Finds the next hop and sends. nil: done with this branch, go on with the next.
    private mutating func resolve(_ route: RouteContext) -> Outcome? {
        let answer: NextHopAnswer
        let worker = route.worker
        if let destination = self.order.nextHop(of: route) {
            answer = worker.nextHop(
                for: destination.span, range: ByteRange(start: 0, count: destination.count),
                socket: route.targetSocket)
        } else {
            answer = route.withRequestURI { span, uri in
                guard let uri else { return .unreachable(.badURI) }
                return worker.nextHop(for: span, range: uri.range, socket: route.targetSocket)
            }
        }
        switch consume answer {
        case .destination(let destination): return self.dispatch(route, to: destination)
        case .unreachable(let reason):
            self.note(reason)
            self.leaveBranch(route)
            return nil
        case .needsLookup(let query):
            self.first = nil
            let token = route.suspend()
            worker.host.resolve(query, then: token)
            var rest = self.handOver()
            return .suspended(
                Continuation { route, result in
                    if let destination = result.payload as? Destination {
                        if let outcome = rest.dispatch(route, to: destination) { return outcome }
                    } else {
                        rest.note(.unresolvable)
                        rest.leaveBranch(route)
                    }
                    return rest.step(route)
                })
        }
    }

    private mutating func note(_ reason: NextHopFailure) {
        self.failure =
            switch reason {
            case .badURI: .badURI
            case .unresolvable: .unresolvable
            case .noSocket, .unsupportedTransport: .noSocket
            }
    }

    private mutating func leaveBranch(_ route: RouteContext) {
        // Bound to a name, all of the original would be copied.
        if case .some = self.original {
            AppliedBranchChanges.takeBack(in: route)
            let recordRoutes = self.original?.recordRoutes
            if recordRoutes != nil || route.hasRecordRoutes { route.recordRoutes = recordRoutes }
        }
        route.edits.rollback(to: self.mark)
        route.branchIndex = -1
    }

    /// The secret of the transaction and the number of the next branch.
    private var place: (random: UInt64, count: Int)? {
        mutating get {
            if let first = self.first { return (first.random, 0) }
            return self.module.table.withTransaction(self.id) { ($0.random, $0.branches.count) }
        }
    }

    /// Writes the request for `destination`, enters the branch, sends. nil: done with this branch.
    private mutating func dispatch(_ route: RouteContext, to wanted: consuming Destination) -> Outcome? {
        if wanted.isFiltered, self.module.passesBlocklist(route) { wanted = wanted.ignoringBlocklist }
        route.chooseSocket(for: &wanted)
        guard let socket = wanted.socket, let (random, count) = self.place else {
            if wanted.socket == nil { self.failure = .noSocket }
            self.leaveBranch(route)
            return nil
        }
        guard !wanted.isBlocked else {
            self.failure = .blocked
            self.leaveBranch(route)
            return nil
        }
        // Branches that went to their next address meanwhile have taken numbers.
        self.branch = count
        var destination = consume wanted
        route.chooseConnection(for: &destination)
        if route.options.contains(.forwardNoConnect) { destination.mayConnect = false }
        if route.options.contains(.forwardClose) { destination.closesAfter = true }
        let parameter = BranchParameter(
            hash: UInt16(truncatingIfNeeded: self.id.stripe), handle: self.id.handle, random: random,
            branch: self.branch)
        let buffer = route.worker.outgoing()
        var uri = self.write(route, parameter, socket, destination.transport, into: buffer)
        if let other = route.destinationForLargeRequest(buffer.count, instead: destination), let socket = other.socket {
            destination = other
            let datagram = (branch: self.branch, bytes: ByteString(buffer.span))
            _ = self.module.table.withTransaction(self.id) { $0.rareState.datagrams.append(datagram) }
            buffer.removeAll()
            uri = self.write(route, parameter, socket, destination.transport, into: buffer)
        }
        guard route.asksBeforeSending else {
            self.send(route, buffer, to: destination, uri)
            return nil
        }
        return self.ask(route, buffer, destination, uri)
    }

    /// Has `onsend_route` decide whether the request is sent, and goes on with the next branch.
    private mutating func ask(
        _ route: RouteContext, _ buffer: ByteBuffer, _ destination: Destination, _ uri: ByteString
    ) -> Outcome {
        self.first = nil
        var rest = self.handOver()
        return route.askBeforeSending(ByteString(buffer.span), to: destination) { route, maySend in
            if maySend {
                rest.send(route, buffer, to: destination, uri)
            } else {
                rest.failure = .sendFailed
                rest.isHeldBack = true
                rest.leaveBranch(route)
            }
            return rest.step(route)
        }
    }

    private mutating func send(
        _ route: RouteContext, _ buffer: ByteBuffer, to destination: Destination, _ uri: ByteString
    ) {
        defer { self.leaveBranch(route) }
        self.first = nil
        guard self.enter(route, destination, ByteString(buffer.span), uri) else {
            route.log(.info, "the search is over, no more branches for this request")
            return
        }
        let worker = route.worker
        self.sent += 1
        worker.count(self.module.counters.uac)
        worker.count(self.module.counters.requestsForwarded)
        if !worker.send(buffer, to: destination, token: self.id.token(branch: self.branch)) {
            self.failure = .sendFailed
            self.module.branchFailedToSend(self.id, self.branch, by: worker)
        }
    }

    /// Writes the request as it leaves. Returns its Request-URI.
    private mutating func write(
        _ route: RouteContext, _ parameter: BranchParameter, _ socket: ListenSocket, _ transport: TransportProtocol,
        into buffer: ByteBuffer
    ) -> ByteString {
        let mark = route.edits.mark()
        defer { route.edits.rollback(to: mark) }
        let top = route.scratch
        top.removeAll()
        route.writeTopHeaders(outgoing: socket, into: top)
        top.append("Via: SIP/2.0/")
        top.append(transport.viaName)
        top.append(" ")
        route.writeViaSentBy(socket, to: top)
        top.append(";branch=")
        parameter.write(to: top)
        if route.arrival.connection.isPresent {
            // The connection the request came in on, for whoever reads traces.
            top.append(";i=")
            top.append(hex: route.arrival.connection.rawValue)
        }
        route.writeViaOptions(into: top)
        top.append("\r\n")
        if route.targetHasPath {
            top.append("Route: ")
            top.append(route.target.path)
            top.append("\r\n")
        }
        let message = route.message
        if let breadth = self.breadth { MaxBreadth.set(breadth, message, route.edits) }
        let forcesRport = route.options.contains(.forceRport)
        let isNamed = route.options.contains(.senderIsNamed)
        if let uri = route.targetURI {
            MessageWriter.forwardRequest(
                message, route.edits, newRequestURI: uri.span, topHeaders: top.span, source: route.arrival.source,
                forceRport: forcesRport, isNamed: isNamed, into: buffer)
            return uri
        }
        MessageWriter.forwardRequest(
            message, route.edits, newRequestURI: nil, topHeaders: top.span, source: route.arrival.source,
            forceRport: forcesRport, isNamed: isNamed, into: buffer)
        return ByteString()
    }

    /// Puts the branch into the transaction and starts its machine, before the bytes go out and a reply can come.
    /// - Returns: false when the transaction takes no more branches: cancelled, answered, or at the limit.
    private mutating func enter(
        _ route: RouteContext, _ destination: Destination, _ bytes: ByteString, _ uri: ByteString
    ) -> Bool {
        self.module.enter(
            self.branch, of: self.id, route, destination, bytes, uri, breadth: Int32(clamping: self.breadth ?? 0))
    }

    /// All targets are done.
    private mutating func finish(_ route: RouteContext) -> Outcome {
        if let original = self.original.take() {
            route.target = original.target
            route.invalidateRequestURI()
        }
        if !route.branches.isEmpty { route.branches.removeAll(keepingCapacity: true) }
        route.isTargetConsumed = true
        var isCancelled = false
        let isWaiting = self.module.table.withTransaction(self.id) { record in
            record.isForking = false
            // A branch route is armed for one relay.
            record.routes.branch = .none
            isCancelled = record.responses.isCancelled && record.server.isOpen && record.responses.open.isEmpty
            return !record.responses.open.isEmpty
        }
        if isCancelled, self.sent == 0 {
            // The caller gave up while a branch route or the lookup of a name made this wait.
            self.module.terminate(self.id, by: route.worker)
            return .success
        }
        if self.sent > 0 {
            // With a branch under way the transaction is not over.
            if isWaiting != true {
                self.module.settle(self.id, by: route.worker)
                self.module.releaseIfOver(self.id, by: route.worker)
            }
            return .success
        }
        route.noteFailure(self.failure)
        if self.isNew {
            let intent = route.transactionIntent
            intent.owesErrorReply = !intent.suppressesErrorReply && self.order.answersFailure
            intent.isLeftToScript = !intent.owesErrorReply
            intent.hasFailedRelay = true
            if intent.owesErrorReply, !self.module.settings.delaysErrorReply { self.module.routeEnded(route) }
        }
        return .code(self.failureCode(route))
    }

    /// What the function answers when nothing was sent.
    private mutating func failureCode(_ route: RouteContext) -> Int {
        if self.isHeldBack { return -1 }
        let isOwn = route.state(TransactionIntent.self)?.suppressesErrorReply == true
        if isOwn, self.order.answersFailure, self.failure != .unspecified { return -4 }
        return self.order.answersFailure || self.failure == .unspecified ? -6 : -self.failure.code
    }
}
