import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

// Functions that are not inlined are so for one reason: what a function is handed is borrowed, what a closure captures and
// what is read from elsewhere is counted, and a reply passes by a dozen objects.

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
    @inline(never)
    func replyArrived(_ route: RouteContext) -> Outcome? {
        let message = route.message
        guard let parameter = BranchParameter(message.span, message.topVia.branch) else { return nil }
        let id = TransactionID(stripe: self.table.index(of: UInt64(parameter.hash)), handle: parameter.handle)
        let now = route.worker.now
        let givesReasons = self.givesReasons(route.worker)
        var received = Received()
        let isKnown = self.receive(
            message, parameter, id, now, givesReasons: givesReasons, &received, in: self.stripes)
        guard isKnown else { return nil }
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
        return self.runReplyRoute(id, parameter.branch, received)
    }

    /// Goes on with the reply in its armed route.
    @inline(never)
    private func runReplyRoute(_ id: TransactionID, _ branch: Int, _ received: Received) -> Outcome {
        .run(
            RouteCall(route: received.replyRoute, kind: .transactionReply) { [self, received] route, result in
                // Only a provisional reply can be dropped: a final one would leave the caller without an answer.
                if result.isDropped, route.message.statusCode < 200 {
                    route.worker.count(self.counters.absorbed)
                    return .success
                }
                return self.pass(route, id, branch, received, ranRoute: true)
            })
    }

    /// Hands the reply to the machine of its branch, or of its CANCEL.
    /// - Returns: false when it is not for this transaction.
    @inline(never)
    private func receive(
        _ message: Message, _ parameter: BranchParameter, _ id: TransactionID, _ now: Instant, givesReasons: Bool,
        _ received: inout Received, in stripes: StripedTable<TransactionStripe>
    ) -> Bool {
        guard id.isPresent, id.stripe < stripes.count else { return false }
        let (branch, status, method) = (parameter.branch, message.statusCode, message.cSeq.method)
        var stripe = stripes.lock(at: id.stripe)
        guard stripe.state.records.contains(id.handle),
            let reaction = Self.receive(
                &stripe.state.records[present: id.handle], parameter, status, method, now, &received)
        else { return false }
        if received.isCancelReply {
            stripe.state.applyCancel(reaction, id.handle, branch: branch, now)
            return true
        }
        stripe.state.applyClient(reaction, id.handle, branch: branch, now)
        if reaction.actions.contains(.sendCancel) {
            let headers = givesReasons ? Self.lateReason(stripe.state.records[present: id.handle]) : ByteString()
            received.cancels = self.orderCancel(
                &stripe.state, id.handle, BranchDecision(cancel: [branch]), now, headers: headers)
        }
        stripe.unlock()
        return true
    }

    /// - Returns: nil when the reply is not for this transaction.
    private static func receive(
        _ record: inout TransactionRecord, _ parameter: BranchParameter, _ status: Int, _ method: Method,
        _ now: Instant, _ received: inout Received
    ) -> TransactionReaction? {
        let branch = parameter.branch
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
        /// Where a branch goes whose reply makes it look further.
        var next: NextAttempt?
        /// It answered 503.
        var unavailable: Destination?
        /// Reason for the CANCELs.
        var headers = ByteString()
    }

    /// A reply as the record of its transaction wants to know it.
    private struct PassedReply {
        var branch: Int
        var status: Int
        /// Its route ran; not for the first time, when it is a repetition.
        var ranRoute: Bool
        var isRepeat: Bool
        var givesReasons: Bool
    }

    /// RFC 3261 §16.7, steps 4 to 9: a provisional or 2xx goes on at once, others wait for the best.
    @inline(never)
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
        var verdict = Verdict(decision: BranchDecision())
        let reply = PassedReply(
            branch: branch, status: status, ranRoute: ranRoute, isRepeat: isRepeat, givesReasons: givesReasons)
        let isKnown = self.pass(reply, buffer, route, id, rules, now, &verdict, in: self.stripes)
        defer { if received.actions.contains(.terminate) { self.releaseIfOver(id, by: worker) } }
        guard isKnown else { return .success }
        if !verdict.cancels.requests.isEmpty { self.carryOut(verdict.cancels, by: worker) }
        if let unavailable = verdict.unavailable { self.noteUnavailable(unavailable, route.message, by: worker) }
        if let next = verdict.next { self.send(next, of: id, by: worker) }
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
        return self.ask(buffer, to: destination, route, id, decision, isObserved)
    }

    /// Tells the transaction of the reply.
    /// - Parameters:
    ///   - buffer: the reply as it goes on.
    ///   - rules: by which another address of the target is tried; nil: none is.
    ///   - stripes: of the table.
    /// - Returns: false when there is no such transaction.
    @inline(never)
    private func pass(
        _ reply: PassedReply, _ buffer: ByteBuffer, _ route: RouteContext, _ id: TransactionID,
        _ rules: FailoverRules?, _ now: Instant, _ verdict: inout Verdict,
        in stripes: StripedTable<TransactionStripe>
    ) -> Bool {
        guard id.isPresent, id.stripe < stripes.count else { return false }
        var stripe = stripes.lock(at: id.stripe)
        guard stripe.state.records.contains(id.handle) else { return false }
        let reaction = Self.pass(reply, buffer, route, id, rules, &stripe.state.records[present: id.handle], &verdict)
        stripe.state.applyServer(reaction, id.handle, now)
        if let next = verdict.next { stripe.state.applyClient(next.reaction, id.handle, branch: next.branch, now) }
        verdict.cancels = self.orderCancel(&stripe.state, id.handle, verdict.decision, now, headers: verdict.headers)
        stripe.unlock()
        return true
    }

    private static func pass(
        _ reply: PassedReply, _ buffer: ByteBuffer, _ route: RouteContext, _ id: TransactionID,
        _ rules: FailoverRules?, _ record: inout TransactionRecord, _ verdict: inout Verdict
    ) -> TransactionReaction {
        let (branch, status) = (reply.branch, reply.status)
        if reply.ranRoute {
            record.flags = route.flags
            record.attributes = route.attributes
            if !reply.isRepeat { record.branches[branch].isReplyHeld = false }
        }
        if status == 503 { verdict.unavailable = record.branches[branch].destination }
        if let rules, record.responses.open.contains(branch) {
            verdict.next = record.failOver(from: branch, id, rules)
        }
        let decision = record.responses.receive(status, on: branch, policy: record.policy)
        let isReplica = record.marks.contains(.isReplica)
        if reply.givesReasons, !decision.cancel.isEmpty {
            verdict.headers = status < 200 ? Self.lateReason(record) : Self.localReason(status)
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
            if verdict.next == nil { record.noteFailure(of: branch) }
        }
        return .absorb
    }

    /// Has `onsend_route` decide whether the reply goes on.
    @inline(never)
    private func ask(
        _ buffer: ByteBuffer, to destination: Destination, _ route: RouteContext, _ id: TransactionID,
        _ decision: BranchDecision, _ isObserved: Bool
    ) -> Outcome {
        route.askBeforeSending(ByteString(buffer.span), to: destination) { [self] route, maySend in
            if maySend { self.sendUpstream(buffer, to: destination, route, id, decision, isObserved) }
            return .success
        }
    }

    /// Sends a callee's reply that goes on at once.
    @inline(never)
    private func sendUpstream(
        _ buffer: ByteBuffer, to destination: Destination, _ route: RouteContext, _ id: TransactionID,
        _ decision: BranchDecision, _ isObserved: Bool
    ) {
        let worker = route.worker
        let status = route.message.statusCode
        let isEdited = !route.edits.isEmpty
        let bytes = isObserved && isEdited ? ByteString(buffer.span) : ByteString()
        worker.send(buffer, to: destination, token: 0)
        worker.count(self.counters.relayed)
        worker.count(self.counters.sent)
        self.countFinal(status, worker)
        guard isObserved else { return }
        if decision.forward == .final || worker[self.settings.passesProvisionals] != 0 {
            self.report(
                id, status, route.copy(route.message.reason), bytes, isLocal: false, in: nil,
                reply: isEdited ? nil : route, by: worker)
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
