import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// What failure routes and `t_check_status` see of the transaction that failed.
final class FailureState {
    /// Code of the reply that would go upstream.
    let code: Int
    let branch: Int
    let isTimeout: Bool

    init(code: Int, branch: Int, isTimeout: Bool) {
        self.code = code
        self.branch = branch
        self.isTimeout = isTimeout
    }
}

extension Transactions {
    /// All branches may have failed: then the failure route runs, or the best reply goes upstream (RFC 3261 §16.7
    /// step 6). Harmless when it is not so yet.
    func settle(_ id: TransactionID, by worker: any WorkerServices) {
        struct Failed {
            var request: StoredRequest
            var route: RouteID
            var flags: UInt32
            var extendedFlags: UInt64
            var attributes: AttributeStack
            var state: FailureState
        }
        let failed = self.table.withTransaction(id) { record -> Failed? in
            guard record.server.isOpen, !record.isForking, !record.isFailing, record.suspension != .waiting,
                record.responses.open.isEmpty,
                let choice = record.responses.choice(policy: record.policy)
            else { return nil }
            let route = record.routes.failure
            // A failure route is armed for one leg; it arms itself anew for the next.
            record.routes.failure = .none
            record.isFailing = true
            return Failed(
                request: record.request, route: route, flags: record.flags, extendedFlags: record.extendedFlags,
                attributes: record.attributes,
                state: FailureState(
                    code: choice.status, branch: choice.branch,
                    isTimeout: record.responses.hasTimedOut(choice.branch)))
        }
        guard let failed, let failure = failed else { return }
        guard failure.route.isPresent, let context = self.requestContext(failure.request, worker) else {
            return self.sendBest(id, by: worker)
        }
        context.flags = failure.flags
        context.extendedFlags = failure.extendedFlags
        context.attributes = failure.attributes
        context.transaction = id.rawValue
        context.branchIndex = failure.state.branch
        // The target has been tried: only what the failure route sets from here on is relayed.
        context.isTargetConsumed = true
        context.setState(failure.state)
        worker.schedule(
            RouteCall(route: failure.route, kind: .failure) { [self] route, _ in
                self.failureRouteEnded(id, route)
                return .success
            },
            in: context)
    }

    /// The failure route is through: unless it answered or relayed anew, the best reply goes upstream.
    private func failureRouteEnded(_ id: TransactionID, _ route: RouteContext) {
        let isDone = self.table.withTransaction(id) { record -> Bool in
            record.flags = route.flags
            record.attributes = route.attributes
            record.isFailing = false
            return !record.server.isOpen || !record.responses.open.isEmpty
        }
        if isDone == false { self.sendBest(id, by: route.worker) }
    }

    /// Sends the best of the final replies upstream, as it came, or one made here when that is the best.
    func sendBest(_ id: TransactionID, by worker: any WorkerServices) {
        if self.isLocal(id) { return self.finishLocal(id, by: worker) }
        struct Best {
            var choice: BranchChoice
            var bytes: ByteString
            var request: StoredRequest
            var flags: UInt32
            var attributes: AttributeStack
            var challenges: [ByteString]
        }
        let best = self.table.withTransaction(id) { record -> Best? in
            record.isFailing = false
            guard record.server.isOpen, let choice = record.responses.choice(policy: record.policy) else { return nil }
            var challenges: [ByteString] = []
            if self.settings.aggregatesChallenges {
                for branch in record.responses.challenges(policy: record.policy) where branch != choice.branch {
                    challenges.append(record.branches[branch].reply)
                }
            }
            return Best(
                choice: choice, bytes: record.branches[choice.branch].reply, request: record.request,
                flags: record.flags, attributes: record.attributes, challenges: challenges)
        }
        guard let best, let found = best else { return }
        let isRemapped = found.choice.status == 503 && self.settings.remaps503 && !found.bytes.isEmpty
        if !found.choice.isFaked, !found.bytes.isEmpty, !isRemapped {
            let bytes = ChallengeMerger.merge(found.challenges, into: found.bytes)
            return self.relayFinal(id, found.choice.status, bytes, by: worker)
        }
        guard let context = self.requestContext(found.request, worker) else { return }
        context.flags = found.flags
        context.attributes = found.attributes
        context.transaction = id.rawValue
        let (code, reason) = self.localFinal(found.choice, isRemapped: isRemapped)
        self.sendLocalReply(context, id, code, reason)
        worker.recycle(context)
    }

    /// Code and reason of a final reply that no callee sent.
    private func localFinal(_ choice: BranchChoice, isRemapped: Bool) -> (Int, ByteString) {
        // A 503 would make the caller give up this server (RFC 3261 §16.7); the reason still tells what it was.
        if isRemapped { return (500, "Service Unavailable") }
        switch choice.status {
        case 408: return (self.settings.timeoutCode, self.settings.timeoutReason)
        case 487: return (487, "Request Terminated")
        case 477: return (477, InternalFailure.sendFailed.reason("TM"))
        default: return (choice.status, self.settings.defaultReason)
        }
    }

    /// Sends a callee's final reply upstream and remembers it.
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
        self.send(bytes, to: target, token: 0, by: worker)
        worker.count(self.counters.relayed)
        worker.count(self.counters.sent)
        self.countFinal(status, worker)
        let reason = Message(bytes.span).map { $0.text($0.reason) } ?? ByteString()
        self.report(id, status, reason, bytes, isLocal: false, in: nil, by: worker)
    }
}

/// RFC 3261 §16.7 step 7: the challenges of all branches go into the reply that is forwarded.
enum ChallengeMerger {
    static func merge(_ others: [ByteString], into best: ByteString) -> ByteString {
        guard !others.isEmpty, let message = Message(best.span) else { return best }
        let edits = EditList()
        for bytes in others {
            guard let other = Message(bytes.span) else { continue }
            for name in [HeaderName.wwwAuthenticate, .proxyAuthenticate] {
                var index = other.first(name)
                while index >= 0 {
                    let field = other.field(at: index)
                    edits.appendHeader(other.text(field.range), message)
                    index = Int(field.next)
                }
            }
        }
        let out = ByteBuffer(capacity: best.count + 256)
        MessageWriter.write(message, edits, into: out)
        return ByteString(out.span)
    }
}
