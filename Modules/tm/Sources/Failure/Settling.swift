import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// What failure routes, `event_route[tm:branch-failure:…]` and `t_check_status` see of the transaction that failed.
final class FailureState {
    /// Code of the reply that would go upstream, or of the branch that failed.
    let code: Int
    let branch: Int
    let isTimeout: Bool
    /// Branches there were when the route began.
    let branchCount: Int
    /// When the route began, in microseconds of the wall clock.
    let began = WallClock.microseconds()

    init(code: Int, branch: Int, isTimeout: Bool, branchCount: Int) {
        self.code = code
        self.branch = branch
        self.isTimeout = isTimeout
        self.branchCount = branchCount
    }
}

/// A route that is due for a transaction, and what it runs with.
private struct DueRoute {
    var request: StoredRequest?
    var route: RouteID
    var flags: UInt32
    var extendedFlags: UInt64
    var attributes: AttributeStack
    var state: FailureState

    init(_ record: borrowing TransactionRecord, _ route: RouteID, _ state: FailureState) {
        self.request = record.request
        self.route = route
        self.flags = record.flags
        self.extendedFlags = record.extendedFlags
        self.attributes = record.attributes
        self.state = state
    }
}

extension Transactions {
    private enum Due {
        case branchFailed(DueRoute)
        case allFailed(DueRoute)
        /// Nothing was ever heard, and nobody wants to know (`noisy_ctimer`).
        case silence(Int)
    }

    /// A branch, or all of them, may have failed: then its route runs, or the best reply goes upstream (RFC 3261 §16.7
    /// step 6). Harmless when it is not so yet.
    func settle(_ id: TransactionID, by worker: any WorkerServices) {
        let isNoisy = worker[self.settings.isNoisyOnCTimer] != 0
        let due = self.table.withTransaction(id) { record -> Due? in
            guard record.server.isOpen, !record.isForking, !record.isFailing, record.suspension != .waiting else {
                return nil
            }
            if let failed = Self.nextFailedBranch(of: &record) { return .branchFailed(failed) }
            guard record.responses.open.isEmpty, let choice = record.responses.choice(policy: record.policy) else {
                return nil
            }
            let route = record.routes.failure
            if record.marks.contains(.isReplica) { return .silence(choice.status) }
            if !isNoisy, !route.isPresent, !record.isObserved, record.isInvite, record.local == nil,
                record.branches.count == 1,
                choice.isFaked, record.responses.hasTimedOut(0), !record.responses.hasReplied(0)
            {
                return .silence(choice.status)
            }
            // A failure route is armed for one leg; it arms itself anew for the next.
            record.routes.failure = .none
            // What an earlier one said about old replies was for its own leg.
            record.dropsReplies = nil
            record.isFailing = true
            let state = FailureState(
                code: choice.status, branch: choice.branch, isTimeout: record.responses.hasTimedOut(choice.branch),
                branchCount: record.branches.count)
            return .allFailed(DueRoute(record, route, state))
        }
        switch due {
        case .branchFailed(let failed)??: self.runBranchFailure(id, failed, by: worker)
        case .allFailed(let failed)??:
            guard failed.route.isPresent else { return self.sendBest(id, by: worker) }
            self.run(failed, id, kind: .failure, by: worker) { [self] route in self.failureRouteEnded(id, route) }
        case .silence(let code)??: _ = self.end(id, as: code, by: worker)
        case nil, .some(nil): return
        }
    }

    /// The first branch whose own route has to run; marks the transaction as busy with it.
    private static func nextFailedBranch(of record: inout TransactionRecord) -> DueRoute? {
        guard let branch = record.failedBranches.first, branch < record.branches.count else { return nil }
        guard !record.responses.isCancelled else {
            record.failedBranches = []
            return nil
        }
        record.failedBranches.remove(branch)
        record.isFailing = true
        let state = FailureState(
            code: record.responses.status(of: branch), branch: branch, isTimeout: record.responses.hasTimedOut(branch),
            branchCount: record.branches.count)
        return DueRoute(record, record.branches[branch].failureRoute, state)
    }

    /// Runs `event_route[tm:branch-failure:…]`, after which the transaction may be through.
    private func runBranchFailure(_ id: TransactionID, _ failed: DueRoute, by worker: any WorkerServices) {
        let flags = self.table.withTransaction(id) { record in
            failed.state.branch < record.branches.count ? record.branches[failed.state.branch].flags : 0
        }
        self.run(failed, id, kind: .branchFailure, branchFlags: flags, by: worker) { [self] route in
            _ = self.table.withTransaction(id) { record in
                record.flags = route.flags
                record.attributes = route.attributes
                record.isFailing = false
            }
            self.settle(id, by: route.worker)
            self.releaseIfOver(id, by: route.worker)
        }
    }

    private func run(
        _ due: DueRoute, _ id: TransactionID, kind: RouteKinds, branchFlags: UInt32? = nil,
        by worker: any WorkerServices, then: @escaping (RouteContext) -> Void
    ) {
        guard let request = due.request, let context = self.requestContext(request, worker) else {
            return self.sendBest(id, by: worker)
        }
        context.flags = due.flags
        context.extendedFlags = due.extendedFlags
        context.attributes = due.attributes
        context.transaction = id.rawValue
        context.branchIndex = due.state.branch
        if let branchFlags { context.target.flags = branchFlags }
        // The target has been tried: only what the route sets from here on is relayed.
        context.isTargetConsumed = true
        context.setState(due.state)
        worker.schedule(
            RouteCall(route: due.route, kind: kind) { [self] route, _ in
                self.noteSlowRoute(route, due)
                then(route)
                return .success
            },
            in: context)
    }

    private func noteSlowRoute(_ route: RouteContext, _ due: DueRoute) {
        let limit = self.settings.slowRouteLimit
        guard limit > 0 else { return }
        let took = (WallClock.microseconds() - due.state.began) / 1000
        guard took > limit else { return }
        route.log(.warning, "route \(route.program.name(of: due.route)) took \(took) ms (exec_time_check)")
    }

    /// The failure route is through: unless it answered or relayed anew, the best reply goes upstream.
    private func failureRouteEnded(_ id: TransactionID, _ route: RouteContext) {
        let before = route.state(FailureState.self)?.branchCount ?? 0
        let isLegOver = self.table.withTransaction(id) { record -> Bool in
            record.flags = route.flags
            record.attributes = route.attributes
            record.isFailing = false
            // What it began may have failed already, while it still ran: that has a failure route of its own.
            guard record.branches.count == before else { return false }
            record.responses.dropReplies(record.dropsReplies ?? record.policy.failureReplies)
            return record.server.isOpen && record.responses.open.isEmpty && record.suspension != .waiting
        }
        if isLegOver == true {
            self.sendBest(id, by: route.worker)
        } else {
            self.settle(id, by: route.worker)
        }
        self.releaseIfOver(id, by: route.worker)
    }

    /// Lets go of a transaction whose last timer fired while a script of it still ran.
    func releaseIfOver(_ id: TransactionID, by worker: any WorkerServices) {
        let isReleased = self.table.withStripe(id) { stripe, handle in stripe.removeIfOver(handle) }
        if isReleased == true { worker.count(self.counters.freed) }
    }

    /// Sends the best of the final replies upstream, as it came, or one made here when that is the best.
    func sendBest(_ id: TransactionID, by worker: any WorkerServices) {
        if self.isLocal(id) { return self.finishLocal(id, by: worker) }
        struct Best {
            var choice: BranchChoice
            var bytes: ByteString
            var request: StoredRequest?
            var flags: UInt32
            var attributes: AttributeStack
            var challenges: [ByteString]
        }
        let aggregates = worker[self.settings.aggregatesChallenges] != 0
        let best = self.table.withTransaction(id) { record -> Best? in
            record.isFailing = false
            guard record.server.isOpen else { return nil }
            // Without any reply left, the script has dropped them all and sent nothing.
            let choice =
                record.responses.choice(policy: record.policy) ?? BranchChoice(branch: -1, status: 500, isFaked: true)
            var challenges: [ByteString] = []
            if aggregates {
                let mask = record.responses.challenges(policy: record.policy)
                if mask.count > 1 { challenges = mask.map { record.branches[$0].reply } }
            }
            return Best(
                choice: choice, bytes: choice.branch >= 0 ? record.branches[choice.branch].reply : ByteString(),
                request: record.request, flags: record.flags, attributes: record.attributes, challenges: challenges)
        }
        guard let best, let found = best else { return }
        let isRemapped = found.choice.status == 503 && self.settings.remaps503 && !found.bytes.isEmpty
        if !found.choice.isFaked, !found.bytes.isEmpty, !isRemapped, found.challenges.isEmpty {
            return self.relayFinal(id, found.choice.status, found.bytes, by: worker)
        }
        guard let request = found.request, let context = self.requestContext(request, worker) else { return }
        context.flags = found.flags
        context.attributes = found.attributes
        context.transaction = id.rawValue
        if found.challenges.isEmpty {
            let (code, reason) = self.localFinal(found.choice, isRemapped: isRemapped, worker)
            self.sendLocalReply(context, id, code, reason)
        } else {
            Challenges.append(found.challenges, to: context.replyHeaders)
            self.sendLocalReply(context, id, found.choice.status, Challenges.reason(found.choice.status))
        }
        worker.recycle(context)
    }

    /// Code and reason of a final reply that no callee sent.
    private func localFinal(
        _ choice: BranchChoice, isRemapped: Bool, _ worker: any WorkerServices
    ) -> (Int, ByteString) {
        if choice.branch < 0 { return (500, InternalFailure.unspecified.reason("TM")) }
        // A 503 would make the caller give up this server (RFC 3261 §16.7); the reason still tells what it was.
        if isRemapped { return (500, "Service Unavailable") }
        switch choice.status {
        case 408: return (self.settings.timeoutCode, self.settings.timeoutReason)
        case 487: return (487, "Request Terminated")
        case 477: return (477, InternalFailure.sendFailed.reason("TM"))
        default: return (choice.status, worker[self.settings.defaultReason])
        }
    }

    /// Sends a callee's final reply upstream, unless `onsend_route` keeps it back, and remembers it.
    private func relayFinal(_ id: TransactionID, _ status: Int, _ bytes: ByteString, by worker: any WorkerServices) {
        let now = worker.now
        let destination = self.table.withStripe(id) { stripe, handle -> Destination? in
            let outcome = stripe.records.withRecord(handle) { record in
                record.lastReply = bytes
                record.lastStatus = status
                record.responses.finalSent()
                return (record.server.respond(status, timers: record.timers), record.replyDestination)
            }
            guard let (reaction, destination) = outcome else { return nil }
            stripe.applyServer(reaction, handle, now)
            return destination
        }
        guard let destination, let target = destination else { return }
        guard let context = self.contextForOnsend(id, bytes, worker) else {
            return self.sendFinal(id, status, bytes, to: target, by: worker)
        }
        let question = context.askBeforeSending(bytes, to: target) { [self] route, maySend in
            if maySend { self.sendFinal(id, status, bytes, to: target, by: route.worker) }
            return .success
        }
        if case .run(let call) = question { worker.schedule(call, in: context) }
    }

    /// A context of the reply for `onsend_route`; nil when that has no word in replies.
    private func contextForOnsend(
        _ id: TransactionID, _ bytes: ByteString, _ worker: any WorkerServices
    ) -> RouteContext? {
        guard worker.host.sharedSettings.values.onsendRouteReply,
            let found = self.table.withTransaction(id, { $0.request }), let request = found,
            request.program.onsendRoute.isPresent,
            let context = worker.makeContext(bytes.span, arrival: request.arrival, program: request.program)
        else { return nil }
        self.fill(context, id)
        return context
    }

    private func sendFinal(
        _ id: TransactionID, _ status: Int, _ bytes: ByteString, to target: Destination, by worker: any WorkerServices
    ) {
        self.send(bytes, to: target, token: 0, by: worker)
        worker.count(self.counters.relayed)
        worker.count(self.counters.sent)
        self.countFinal(status, worker)
        let reason = Message(bytes.span).map { $0.text($0.reason) } ?? ByteString()
        self.report(id, status, reason, bytes, isLocal: false, in: nil, by: worker)
    }
}

/// RFC 3261 §16.7 step 7: the challenges of all branches go into one reply, which is then our own.
enum Challenges {
    /// Appends the challenges in replies, in the order of their branches.
    static func append(_ replies: [ByteString], to buffer: ByteBuffer) {
        for bytes in replies {
            guard let reply = Message(bytes.span) else { continue }
            for index in 0..<reply.headerCount {
                let field = reply.field(at: index)
                guard field.name == .wwwAuthenticate || field.name == .proxyAuthenticate else { continue }
                buffer.append(reply.span, field.range)
            }
        }
    }

    static func reason(_ code: Int) -> ByteString {
        code == 407 ? "Proxy Authentication Required" : "Unauthorized"
    }
}
