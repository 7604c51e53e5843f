import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// Lets the timers that are due fire in the stripes whose turn it is: deciding under the lock, sending after it.
    func fireTimers(_ round: Lock<TimerRound>, _ worker: any WorkerServices) {
        var expired: [TimerPayload] = []
        let (numbers, turn) = round.withLock { ($0.turn(at: worker.now), $0) }
        for number in numbers {
            let index = turn.stripe(number)
            expired.removeAll(keepingCapacity: true)
            var isArmed = false
            var isMore = true
            while isMore {
                let gone = self.table.stripes.withStripe(at: index) { stripe in
                    let (gone, rest) = stripe.collectDue(at: worker.now, into: &expired)
                    isArmed = stripe.hasTimers
                    isMore = rest
                    return gone
                }
                if gone > 0 { worker.count(self.counters.freed, gone) }
            }
            if isArmed || !expired.isEmpty { round.withLock { $0.noteArmed() } }
            for payload in expired {
                self.fire(payload, TransactionID(stripe: index, handle: payload.handle), worker)
            }
        }
    }

    /// What a timer that fired asks for, once the stripe is released.
    private struct Firing {
        var actions: TransactionActions = []
        var bytes = ByteString()
        var destination: Destination?
        var cancels = CancelOrder()
        /// Of a CANCEL to be repeated.
        var headers = ByteString()
        var isComplete = false
        var isRemoved = false
        /// The next address of a branch that gave no reply.
        var next: NextAttempt?
        /// Who gave none, and to what.
        var silent: (destination: Destination, method: Method)?
    }

    private func fire(_ payload: TimerPayload, _ id: TransactionID, _ worker: any WorkerServices) {
        let now = worker.now
        var fired = Firing()
        let isKnown = self.table.withStripe(id) { stripe, handle -> Bool in
            switch payload.role {
            case .server: self.fireServer(&stripe, handle, payload.timer, now, &fired)
            case .client:
                self.fireClient(&stripe, handle, Int(payload.branch), payload.timer, now, id, worker, &fired)
            case .cancel: self.fireCancel(&stripe, handle, Int(payload.branch), payload.timer, now, &fired)
            case .suspension: fired.isComplete = self.suspensionExpired(&stripe, handle)
            }
            if fired.actions.contains(.terminate) { fired.isRemoved = stripe.removeIfOver(handle) }
            return true
        }
        guard isKnown == true else { return }
        if let destination = fired.destination, !fired.bytes.isEmpty {
            if payload.role == .cancel {
                self.sendCancel(fired.bytes, destination, fired.headers, by: worker)
            } else {
                let token = payload.role == .client ? id.token(branch: Int(payload.branch)) : 0
                self.send(fired.bytes, to: destination, token: token, by: worker)
            }
        }
        if !fired.cancels.requests.isEmpty { self.carryOut(fired.cancels, by: worker) }
        if let silent = fired.silent { self.noteSilence(silent.destination, silent.method, by: worker) }
        if let next = fired.next { self.send(next, of: id, by: worker) }
        if fired.isRemoved { worker.count(self.counters.freed) }
        if fired.isComplete { self.settle(id, by: worker) }
    }

    private func fireServer(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ timer: TransactionTimer, _ now: Instant,
        _ firing: inout Firing
    ) {
        let reaction = stripe.records.withRecord(handle) { record in
            if timer.isRetransmission {
                record.serverTimers.retransmission = .none
            } else {
                record.serverTimers.deadline = .none
            }
            let reaction = record.server.timerFired(timer, record.timers)
            if reaction.actions.contains(.sendResponse) {
                firing.bytes = record.lastReply
                firing.destination = record.replyDestination
            }
            return reaction
        }
        guard let reaction else { return }
        firing.actions = reaction.actions
        stripe.applyServer(reaction, handle, now)
    }

    private func fireClient(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ branch: Int, _ timer: TransactionTimer, _ now: Instant,
        _ id: TransactionID, _ worker: any WorkerServices, _ firing: inout Firing
    ) {
        var decision = BranchDecision()
        let reaction = stripe.records.withRecord(handle) { record -> TransactionReaction? in
            guard branch < record.branches.count else { return nil }
            if timer.isRetransmission {
                record.branches[branch].timers.retransmission = .none
            } else {
                record.branches[branch].timers.deadline = .none
            }
            let reaction = record.branches[branch].machine.timerFired(timer, now, record.timers)
            if reaction.actions.contains(.timeout) {
                // Who rings is there: another server is asked only when this one has said nothing at all.
                if !record.responses.hasReplied(branch) {
                    firing.silent = (record.branches[branch].destination, record.method)
                    firing.next = record.failOver(from: branch, id, self.failoverRules(worker))
                }
                decision = record.responses.timeOut(branch, policy: record.policy)
                if firing.next == nil { record.noteFailure(of: branch) }
                firing.isComplete = decision.isComplete || !record.failedBranches.isEmpty
            }
            if reaction.actions.contains(.sendCancel) { decision.cancel.insert(branch) }
            if reaction.actions.contains(.sendRequest) {
                firing.bytes = record.branches[branch].sent
                firing.destination = record.branches[branch].destination
            }
            return reaction
        }
        guard let found = reaction, let reaction = found else { return }
        firing.actions = reaction.actions
        stripe.applyClient(reaction, handle, branch: branch, now)
        if let next = firing.next { stripe.applyClient(next.reaction, handle, branch: next.branch, now) }
        firing.cancels = self.orderCancel(&stripe, handle, decision, now)
    }

    private func fireCancel(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ branch: Int, _ timer: TransactionTimer, _ now: Instant,
        _ firing: inout Firing
    ) {
        let reaction = stripe.records.withRecord(handle) { record -> TransactionReaction? in
            guard branch < record.branches.count, record.branches[branch].cancel != nil else { return nil }
            if timer.isRetransmission {
                record.branches[branch].cancelTimers.retransmission = .none
            } else {
                record.branches[branch].cancelTimers.deadline = .none
            }
            let reaction = record.branches[branch].cancel?.timerFired(timer, timers: record.timers) ?? .absorb
            if reaction.actions.contains(.sendRequest) {
                firing.bytes = record.branches[branch].sent
                firing.destination = record.branches[branch].destination
                if let rare = record.rare { firing.headers = rare.cancelHeaders }
            }
            return reaction
        }
        guard let found = reaction, let reaction = found else { return }
        firing.actions = reaction.actions
        stripe.applyCancel(reaction, handle, branch: branch, now)
    }

    /// The transport could not deliver the request of a branch, or its connection ended before an answer came: as if a
    /// 477 had come from there (RFC 3261 §16.9).
    ///
    /// A connection that lived before may have been closed by the peer while it was idle, at the very moment that it
    /// was used again. So the request is sent once more over a new one; it is the same transaction to the peer.
    func sendFailed(_ worker: any WorkerServices, _ token: UInt64, over connection: ConnectionID) {
        let id = TransactionID(token: token)
        let branch = TransactionID.branch(ofToken: token)
        if connection.isPresent, self.resend(id, branch, by: worker) { return }
        self.branchFailedToSend(id, branch, by: worker)
    }

    /// Sends the request of a branch over a new connection; false when it was done once, or nothing can come of it.
    private func resend(_ id: TransactionID, _ branch: Int, by worker: any WorkerServices) -> Bool {
        let request = self.table.withTransaction(id) { record -> (ByteString, Destination)? in
            guard branch < record.branches.count, record.branches[branch].machine.isUnanswered,
                !record.branches[branch].isResent, record.branches[branch].destination.mayConnect,
                !record.branches[branch].sent.isEmpty
            else { return nil }
            record.branches[branch].isResent = true
            record.branches[branch].destination.connection = .none
            return (record.branches[branch].sent, record.branches[branch].destination)
        }
        guard let request, let (bytes, destination) = request else { return false }
        let buffer = worker.outgoing()
        buffer.append(bytes)
        return worker.send(buffer, to: destination, token: id.token(branch: branch))
    }

    func branchFailedToSend(_ id: TransactionID, _ branch: Int, by worker: any WorkerServices) {
        let now = worker.now
        let rules = self.failoverRules(worker)
        var next: NextAttempt?
        var lost: Destination?
        let isComplete = self.table.withStripe(id) { stripe, handle -> Bool in
            let outcome = stripe.records.withRecord(handle) { record -> (TransactionReaction, BranchDecision)? in
                guard branch < record.branches.count, record.branches[branch].machine.isUnanswered else { return nil }
                lost = record.branches[branch].destination
                let reaction = record.branches[branch].machine.transportFailed()
                next = record.failOver(from: branch, id, rules, wasSent: false)
                let decision = record.responses.receive(477, on: branch, policy: record.policy, isFaked: true)
                if next == nil { record.noteFailure(of: branch) }
                return (reaction, decision)
            }
            guard let outcome, let (reaction, decision) = outcome else { return false }
            stripe.applyClient(reaction, handle, branch: branch, now)
            if let next { stripe.applyClient(next.reaction, handle, branch: next.branch, now) }
            _ = self.orderCancel(&stripe, handle, decision, now)
            let hasFailedBranch = stripe.records.withRecord(handle) { !$0.failedBranches.isEmpty } ?? false
            return decision.isComplete || hasFailedBranch
        }
        if let lost { self.host.blocklist.add(lost.transport, lost.address, .sendFailed, at: now) }
        if let next { self.send(next, of: id, by: worker) }
        if isComplete == true { self.settle(id, by: worker) }
    }
}
