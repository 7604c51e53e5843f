import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// What the client machine of a branch made of a reply, and what the rest of the work needs.
    private struct Received {
        var actions: TransactionActions
        var isCancelReply: Bool
        var replyRoute: RouteID
        var flags: UInt32
        var branchFlags: UInt32
        var attributes: AttributeStack
        /// The INVITE as sent, when an ACK is due.
        var sent: ByteString
        var destination: Destination
        var program: any RouteProgram
        var local: LocalTransaction?
        var editor: (any ReplyEditor)?
        var cancels = CancelOrder()
        /// A final reply whose first copy is still in its script.
        var isRepeat = false
    }

    /// A reply came: finds its branch, lets the machine decide, runs the armed reply route, then goes on in `pass`.
    /// - Returns: nil when it belongs to no transaction of ours.
    func replyArrived(_ route: RouteContext) -> Outcome? {
        let message = route.message
        guard let parameter = BranchParameter(message.span, message.topVia.branch) else { return nil }
        let id = TransactionID(stripe: self.table.index(of: UInt64(parameter.hash)), handle: parameter.handle)
        let now = route.worker.now
        let givesReasons = self.givesReasons(route.worker)
        let found = self.table.withStripe(id) { stripe, handle in
            self.receive(&stripe, handle, parameter, message, now, givesReasons: givesReasons)
        }
        guard let found, let received = found else { return nil }
        let worker = route.worker
        worker.count(self.counters.received)
        if received.actions.contains(.sendAck) {
            self.acknowledge(message, received.sent, received.destination, by: worker)
        }
        self.carryOut(received.cancels, by: worker)
        guard !received.isCancelReply, received.actions.contains(.deliver) else {
            worker.count(self.counters.absorbed)
            if received.actions.contains(.terminate) { self.releaseIfOver(id, by: worker) }
            return .success
        }
        route.transaction = id.rawValue
        route.branchIndex = parameter.branch
        if received.isRepeat { route.setState(RepeatedReply()) }
        guard received.replyRoute.isPresent else {
            return self.pass(route, id, parameter.branch, received, ranRoute: false)
        }
        route.flags = received.flags
        route.target.flags = received.branchFlags
        route.attributes = received.attributes
        if route.program !== received.program { route.program = received.program }
        return .run(
            RouteCall(route: received.replyRoute, kind: .transactionReply) { [self] route, result in
                // Only a provisional reply can be dropped: a final one would leave the caller without an answer.
                if result.isDropped, route.message.statusCode < 200 {
                    route.worker.count(self.counters.absorbed)
                    return .success
                }
                return self.pass(route, id, parameter.branch, received, ranRoute: true)
            })
    }

    /// Hands the reply to the machine of its branch, or of its CANCEL; under the stripe's lock.
    private func receive(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ parameter: BranchParameter, _ message: Message,
        _ now: Instant, givesReasons: Bool
    ) -> Received? {
        let branch = parameter.branch
        let status = message.statusCode
        let method = message.cSeq.method
        let outcome = stripe.records.withRecord(handle) { record -> (TransactionReaction, Received)? in
            guard record.random == parameter.random, branch < record.branches.count else { return nil }
            let isCancelReply = method == .cancel && record.isInvite
            guard isCancelReply || method == record.method else { return nil }
            let reaction: TransactionReaction
            if isCancelReply {
                reaction = record.branches[branch].cancel?.receiveResponse(status, timers: record.timers) ?? .absorb
            } else {
                reaction = record.branches[branch].machine.receiveResponse(status, now, record.timers)
            }
            var received = Received(
                actions: reaction.actions, isCancelReply: isCancelReply,
                replyRoute: record.branches[branch].replyRoute,
                flags: record.flags, branchFlags: record.branches[branch].flags, attributes: record.attributes,
                sent: reaction.actions.contains(.sendAck) ? record.branches[branch].sent : ByteString(),
                destination: record.branches[branch].destination, program: record.program, local: record.local,
                editor: record.replyEditor)
            if status >= 200, !isCancelReply, reaction.actions.contains(.deliver), received.replyRoute.isPresent {
                received.isRepeat = record.branches[branch].isReplyHeld
                record.branches[branch].isReplyHeld = true
            }
            return (reaction, received)
        }
        guard let outcome, var (reaction, received) = outcome else { return nil }
        if received.isCancelReply {
            stripe.applyCancel(reaction, handle, branch: branch, now)
            return received
        }
        stripe.applyClient(reaction, handle, branch: branch, now)
        if reaction.actions.contains(.sendCancel) {
            let headers = givesReasons ? stripe.records.withRecord(handle) { Self.lateReason($0) } : nil
            received.cancels = self.orderCancel(
                &stripe, handle, BranchDecision(cancel: [branch]), now, headers: headers ?? ByteString())
        }
        reaction = .absorb
        return received
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

    /// What the transaction made of a reply, and what is still to be done about it.
    private struct Verdict {
        var decision: BranchDecision
        var destination: Destination
        var cancels: CancelOrder
        var isReplica: Bool
        var hasFailedBranch: Bool
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
        let bytes = ByteString(buffer.span)
        let now = worker.now
        let givesReasons = self.givesReasons(worker)
        let rules = self.settings.failoverCodes.contains(status) ? self.failoverRules(worker) : nil
        var next: NextAttempt?
        var unavailable: Destination?
        let verdict = self.table.withStripe(id) { stripe, handle -> Verdict? in
            let decided = stripe.records.withRecord(handle) { record -> (Verdict, TransactionReaction, ByteString) in
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
                var headers = ByteString()
                if givesReasons, !decision.cancel.isEmpty {
                    headers = status < 200 ? Self.lateReason(record) : Self.localReason(status)
                }
                var reaction = TransactionReaction.absorb
                if decision.forward != .nothing {
                    if !isReplica {
                        record.lastReply = bytes
                        record.lastStatus = status
                    }
                    if status >= 200 {
                        reaction = record.server.succeed(status, timers: record.timers)
                    } else if !isReplica {
                        reaction = record.server.respond(status, timers: record.timers)
                    }
                } else if status >= 300 {
                    record.branches[branch].reply = bytes
                    if next == nil { record.noteFailure(of: branch) }
                }
                let verdict = Verdict(
                    decision: decision, destination: record.replyDestination, cancels: CancelOrder(),
                    isReplica: isReplica, hasFailedBranch: !record.failedBranches.isEmpty)
                return (verdict, reaction, headers)
            }
            guard case (var verdict, let reaction, let headers)? = decided else { return nil }
            stripe.applyServer(reaction, handle, now)
            if let next { stripe.applyClient(next.reaction, handle, branch: next.branch, now) }
            verdict.cancels = self.orderCancel(&stripe, handle, verdict.decision, now, headers: headers)
            return verdict
        }
        defer { if received.actions.contains(.terminate) { self.releaseIfOver(id, by: worker) } }
        guard let found = verdict, let verdict = found else { return .success }
        self.carryOut(verdict.cancels, by: worker)
        if let unavailable { self.noteUnavailable(unavailable, route.message, by: worker) }
        if let next { self.send(next, of: id, by: worker) }
        guard verdict.decision.forward != .nothing, !verdict.isReplica else {
            worker.count(self.counters.absorbed)
            if verdict.decision.isComplete || verdict.hasFailedBranch { self.settle(id, by: worker) }
            return .success
        }
        guard route.asksBeforeSending, worker.host.settings.onsendRouteReply else {
            self.sendUpstream(buffer, to: verdict.destination, bytes, route, id, verdict.decision)
            return .success
        }
        return route.askBeforeSending(bytes, to: verdict.destination) { [self] route, maySend in
            if maySend { self.sendUpstream(buffer, to: verdict.destination, bytes, route, id, verdict.decision) }
            return .success
        }
    }

    /// Sends a callee's reply that goes on at once.
    private func sendUpstream(
        _ buffer: ByteBuffer, to destination: Destination, _ bytes: ByteString, _ route: RouteContext,
        _ id: TransactionID, _ decision: BranchDecision
    ) {
        let worker = route.worker
        let status = route.message.statusCode
        worker.send(buffer, to: destination, token: 0)
        worker.count(self.counters.relayed)
        worker.count(self.counters.sent)
        self.countFinal(status, worker)
        if decision.forward == .final {
            self.report(id, status, route.copy(route.message.reason), bytes, isLocal: false, in: nil, by: worker)
        } else if worker[self.settings.passesProvisionals] != 0 {
            self.report(id, status, route.copy(route.message.reason), bytes, isLocal: false, in: nil, by: worker)
        }
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
