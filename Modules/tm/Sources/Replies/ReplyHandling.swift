import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// What the client machine of a branch made of a reply, and what the rest of the work needs.
    ///
    /// Filled in place, and only with what this reply needs: each reference that is copied costs.
    private struct Received {
        var actions: TransactionActions = []
        var isCancelReply = false
        var replyRoute = RouteID.none
        var local: LocalTransaction?
        var editor: (any ReplyEditor)?
        var cancels = CancelOrder()
        /// A final reply whose first copy is still in its script.
        var isRepeat = false
        /// The INVITE as sent and where to, when an ACK is due.
        var invite: (sent: ByteString, destination: Destination)?
        /// What its route begins with, when there is one.
        var beginning: (flags: UInt32, branchFlags: UInt32, attributes: AttributeStack, program: any RouteProgram)?
    }

    /// A reply came: finds its branch, lets the machine decide, runs the armed reply route, then goes on in `pass`.
    /// - Returns: nil when it belongs to no transaction of ours.
    func replyArrived(_ route: RouteContext) -> Outcome? {
        let message = route.message
        guard let parameter = BranchParameter(message.span, message.topVia.branch) else { return nil }
        let id = TransactionID(stripe: self.table.index(of: UInt64(parameter.hash)), handle: parameter.handle)
        let now = route.worker.now
        let givesReasons = self.givesReasons(route.worker)
        var received = Received()
        let isKnown = self.table.withStripe(id) { stripe, handle in
            self.receive(&stripe, handle, parameter, message, now, givesReasons: givesReasons, &received)
        }
        guard isKnown == true else { return nil }
        let worker = route.worker
        worker.count(self.counters.received)
        if let (sent, destination) = received.invite { self.acknowledge(message, sent, destination, by: worker) }
        if !received.cancels.requests.isEmpty { self.carryOut(received.cancels, by: worker) }
        guard !received.isCancelReply, received.actions.contains(.deliver) else {
            worker.count(self.counters.absorbed)
            if received.actions.contains(.terminate) { self.releaseIfOver(id, by: worker) }
            return .success
        }
        route.transaction = id.rawValue
        route.branchIndex = parameter.branch
        if received.isRepeat { route.setState(RepeatedReply()) }
        guard let beginning = received.beginning.take() else {
            return self.pass(route, id, parameter.branch, received, ranRoute: false)
        }
        route.flags = beginning.flags
        route.target.flags = beginning.branchFlags
        route.attributes = beginning.attributes
        if !route.goes(by: beginning.program), route.program.identity != beginning.program.identity {
            route.program = beginning.program
        }
        return .run(
            RouteCall(route: received.replyRoute, kind: .transactionReply) { [self, received] route, result in
                // Only a provisional reply can be dropped: a final one would leave the caller without an answer.
                if result.isDropped, route.message.statusCode < 200 {
                    route.worker.count(self.counters.absorbed)
                    return .success
                }
                return self.pass(route, id, parameter.branch, received, ranRoute: true)
            })
    }

    /// Hands the reply to the machine of its branch, or of its CANCEL; under the stripe's lock.
    /// - Returns: false when it is not for this transaction.
    private func receive(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ parameter: BranchParameter, _ message: Message,
        _ now: Instant, givesReasons: Bool, _ received: inout Received
    ) -> Bool {
        let branch = parameter.branch
        let status = message.statusCode
        let method = message.cSeq.method
        let reaction = stripe.records.withRecord(handle) { record -> TransactionReaction? in
            guard record.random == parameter.random, branch < record.branches.count else { return nil }
            let isCancelReply = method == .cancel && record.isInvite
            guard isCancelReply || method == record.method else { return nil }
            let reaction: TransactionReaction
            if isCancelReply {
                reaction = record.branches[branch].cancel?.receiveResponse(status, timers: record.timers) ?? .absorb
            } else {
                reaction = record.branches[branch].machine.receiveResponse(status, now, record.timers)
            }
            received.actions = reaction.actions
            received.isCancelReply = isCancelReply
            received.replyRoute = record.branches[branch].replyRoute
            if record.local != nil { received.local = record.local }
            if record.replyEditor != nil { received.editor = record.replyEditor }
            if reaction.actions.contains(.sendAck) {
                received.invite = (record.branches[branch].sent, record.branches[branch].destination)
            }
            guard received.replyRoute.isPresent else { return reaction }
            received.beginning = (record.flags, record.branches[branch].flags, record.attributes, record.program)
            if status >= 200, !isCancelReply, reaction.actions.contains(.deliver) {
                received.isRepeat = record.branches[branch].isReplyHeld
                record.branches[branch].isReplyHeld = true
            }
            return reaction
        }
        guard let found = reaction, let reaction = found else { return false }
        if received.isCancelReply {
            stripe.applyCancel(reaction, handle, branch: branch, now)
            return true
        }
        stripe.applyClient(reaction, handle, branch: branch, now)
        if reaction.actions.contains(.sendCancel) {
            let headers = givesReasons ? stripe.records.withRecord(handle) { Self.lateReason($0) } : nil
            received.cancels = self.orderCancel(
                &stripe, handle, BranchDecision(cancel: [branch]), now, headers: headers ?? ByteString())
        }
        return true
    }

    /// Sends the ACK for a negative final reply, on the way the INVITE took.
    private func acknowledge(
        _ reply: Message, _ sent: ByteString, _ destination: Destination, by worker: any WorkerServices
    ) {
        guard let invite = Message(sent.span) else { return }
        let buffer = worker.outgoing()
        let prefix = worker[self.settings.extraHeaderPrefix]
        MessageWriter.ack(forNegative: reply, to: invite, copying: prefix, into: buffer)
        worker.send(buffer, to: destination, token: 0)
    }

    /// What the transaction made of a reply, and what is still to be done about it; filled in place.
    private struct Verdict {
        var decision: BranchDecision
        /// Of the caller, when the reply goes on to him.
        var destination: Destination?
        var cancels = CancelOrder()
        var hasFailedBranch = false
        var isObserved = false
    }

    /// RFC 3261 §16.7, steps 4 to 9: a provisional or 2xx goes on at once, others wait for the best.
    private func pass(
        _ route: RouteContext, _ id: TransactionID, _ branch: Int, _ received: Received, ranRoute: Bool
    ) -> Outcome {
        if let local = received.local { return self.passLocal(route, id, branch, local, ranRoute: ranRoute) }
        if let editor = received.editor { self.edit(route, id, editor) }
        let worker = route.worker
        let status = route.message.statusCode
        let isRepeat = ranRoute && route.state(RepeatedReply.self) != nil
        if isRepeat, self.settings.relaysHeldReplies == 1 {
            worker.count(self.counters.absorbed)
            return .success
        }
        let buffer = worker.outgoing()
        MessageWriter.forwardResponse(route.message, route.edits, into: buffer)
        route.completeReplyVia(in: buffer)
        let now = worker.now
        let givesReasons = self.givesReasons(worker)
        let rules = self.settings.failoverCodes.contains(status) ? self.failoverRules(worker) : nil
        var next: NextAttempt?
        var unavailable: Destination?
        var verdict = Verdict(decision: BranchDecision())
        let isKnown = self.table.withStripe(id) { stripe, handle -> Bool in
            var headers = ByteString()
            let reaction = stripe.records.withRecord(handle) { record -> TransactionReaction in
                if ranRoute {
                    record.flags = route.flags
                    record.attributes = route.attributes
                    if !isRepeat { record.branches[branch].isReplyHeld = false }
                }
                if status == 503 { unavailable = record.branches[branch].destination }
                if let rules, record.responses.open.contains(branch) {
                    next = record.failOver(from: branch, id, rules)
                }
                let decision = record.responses.receive(status, on: branch, policy: record.policy)
                let isReplica = record.marks.contains(.isReplica)
                if givesReasons, !decision.cancel.isEmpty {
                    headers = status < 200 ? Self.lateReason(record) : Self.localReason(status)
                }
                verdict.decision = decision
                defer { verdict.hasFailedBranch = !record.failedBranches.isEmpty }
                if decision.forward != .nothing {
                    if !isReplica {
                        record.lastReply.replace(with: buffer.span)
                        record.lastStatus = status
                        verdict.destination = record.replyDestination
                        verdict.isObserved = record.isObserved
                    }
                    if status >= 200 {
                        defer { if !record.isObserved { record.slim() } }
                        return record.server.succeed(status, timers: record.timers)
                    }
                    return isReplica ? .absorb : record.server.respond(status, timers: record.timers)
                }
                if status >= 300 {
                    record.branches[branch].reply = ByteString(buffer.span)
                    if next == nil { record.noteFailure(of: branch) }
                }
                return .absorb
            }
            guard let reaction else { return false }
            stripe.applyServer(reaction, handle, now)
            if let next { stripe.applyClient(next.reaction, handle, branch: next.branch, now) }
            verdict.cancels = self.orderCancel(&stripe, handle, verdict.decision, now, headers: headers)
            return true
        }
        defer { if received.actions.contains(.terminate) { self.releaseIfOver(id, by: worker) } }
        guard isKnown == true else { return .success }
        if !verdict.cancels.requests.isEmpty { self.carryOut(verdict.cancels, by: worker) }
        if let unavailable { self.noteUnavailable(unavailable, route.message, by: worker) }
        if let next { self.send(next, of: id, by: worker) }
        guard let destination = verdict.destination else {
            worker.count(self.counters.absorbed)
            if verdict.decision.isComplete || verdict.hasFailedBranch { self.settle(id, by: worker) }
            return .success
        }
        let (decision, isObserved) = (verdict.decision, verdict.isObserved)
        guard route.asksBeforeSending, route.coreSettings.onsendRouteReply else {
            self.sendUpstream(buffer, to: destination, route, id, decision, isObserved)
            return .success
        }
        return route.askBeforeSending(ByteString(buffer.span), to: destination) { [self] route, maySend in
            if maySend { self.sendUpstream(buffer, to: destination, route, id, decision, isObserved) }
            return .success
        }
    }

    /// Sends a callee's reply that goes on at once.
    private func sendUpstream(
        _ buffer: ByteBuffer, to destination: Destination, _ route: RouteContext, _ id: TransactionID,
        _ decision: BranchDecision, _ isObserved: Bool
    ) {
        let worker = route.worker
        let status = route.message.statusCode
        let bytes = isObserved ? ByteString(buffer.span) : ByteString()
        worker.send(buffer, to: destination, token: 0)
        worker.count(self.counters.relayed)
        worker.count(self.counters.sent)
        self.countFinal(status, worker)
        guard isObserved else { return }
        if decision.forward == .final || worker[self.settings.passesProvisionals] != 0 {
            self.report(
                id, status, route.copy(route.message.reason), bytes, isLocal: false, in: nil,
                reply: route.edits.isEmpty ? route : nil, by: worker)
        }
        if decision.forward == .final { _ = self.table.withTransaction(id) { $0.slim() } }
    }

    // MARK: Replies of nobody's

    /// A reply that belongs to no transaction: `on_sl_reply` looks at it before it goes on by its Via.
    func unmatchedReply(_ route: RouteContext) -> Outcome? {
        guard !self.settings.unmatchedReplyRoute.isEmpty else { return nil }
        let id = route.program.route(.transactionReply, named: self.settings.unmatchedReplyRoute)
        guard id.isPresent else { return nil }
        return .run(
            RouteCall(route: id, kind: .transactionReply) { route, result in
                if result.isDropped || result.code == 0 { return .success }
                return StatelessForwarder.forwardReplyAsking(route) { _, _ in .success }
            })
    }
}

/// Marks a final reply that has come again while the script of its first copy waits for something.
final class RepeatedReply {
    init() {}
}
