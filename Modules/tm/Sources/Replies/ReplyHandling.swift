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
    }

    /// A reply came: finds its branch, lets the machine decide, runs the armed reply route, then goes on in `pass`.
    /// - Returns: nil when it belongs to no transaction of ours.
    func replyArrived(_ route: RouteContext) -> Outcome? {
        let message = route.message
        guard let parameter = BranchParameter(message.span, message.topVia.branch) else { return nil }
        let id = TransactionID(stripe: self.table.index(of: UInt64(parameter.hash)), handle: parameter.handle)
        let found = self.table.withStripe(id) { stripe, handle in
            self.receive(&stripe, handle, parameter, message, route.worker.now)
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
            return .success
        }
        route.transaction = id.rawValue
        route.branchIndex = parameter.branch
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
        _ now: Instant
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
            let received = Received(
                actions: reaction.actions, isCancelReply: isCancelReply, replyRoute: record.routes.reply,
                flags: record.flags, branchFlags: record.branches[branch].flags, attributes: record.attributes,
                sent: reaction.actions.contains(.sendAck) ? record.branches[branch].sent : ByteString(),
                destination: record.branches[branch].destination, program: record.program, local: record.local,
                editor: record.replyEditor)
            return (reaction, received)
        }
        guard let outcome, var (reaction, received) = outcome else { return nil }
        if received.isCancelReply {
            stripe.applyCancel(reaction, handle, branch: branch, now)
            return received
        }
        stripe.applyClient(reaction, handle, branch: branch, now)
        if reaction.actions.contains(.sendCancel) {
            received.cancels = self.orderCancel(&stripe, handle, BranchDecision(cancel: [branch]), now)
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
        MessageWriter.ack(forNegative: reply, to: invite, into: buffer)
        worker.send(buffer, to: destination, token: 0)
    }

    /// RFC 3261 §16.7, steps 4 to 9: a provisional or 2xx goes on at once, others wait for the best.
    private func pass(
        _ route: RouteContext, _ id: TransactionID, _ branch: Int, _ received: Received, ranRoute: Bool
    ) -> Outcome {
        if let local = received.local { return self.passLocal(route, id, branch, local, ranRoute: ranRoute) }
        if let editor = received.editor { self.edit(route, id, editor) }
        let worker = route.worker
        let status = route.message.statusCode
        let buffer = worker.outgoing()
        MessageWriter.forwardResponse(route.message, route.edits, into: buffer)
        route.completeReplyVia(in: buffer)
        let bytes = ByteString(buffer.span)
        let now = worker.now
        let verdict = self.table.withStripe(id) { stripe, handle -> (BranchDecision, Destination, CancelOrder)? in
            let decided = stripe.records.withRecord(handle) { record in
                if ranRoute {
                    record.flags = route.flags
                    record.attributes = route.attributes
                }
                let decision = record.responses.receive(status, on: branch, policy: record.policy)
                var reaction = TransactionReaction.absorb
                if decision.forward != .nothing {
                    record.lastReply = bytes
                    record.lastStatus = status
                    reaction = record.server.respond(status, timers: record.timers)
                } else if status >= 300 {
                    record.branches[branch].reply = bytes
                }
                return (decision, reaction, record.replyDestination)
            }
            guard let (decision, reaction, destination) = decided else { return nil }
            stripe.applyServer(reaction, handle, now)
            return (decision, destination, self.orderCancel(&stripe, handle, decision, now))
        }
        guard let verdict, let (decision, destination, cancels) = verdict else { return .success }
        switch decision.forward {
        case .nothing: worker.count(self.counters.absorbed)
        case .provisional, .final:
            worker.send(buffer, to: destination, token: 0)
            worker.count(self.counters.relayed)
            worker.count(self.counters.sent)
            self.countFinal(status, worker)
        }
        self.carryOut(cancels, by: worker, headers: self.answeredElsewhere(status))
        if decision.forward == .final {
            self.report(id, status, route.copy(route.message.reason), bytes, isLocal: false, in: nil, by: worker)
        }
        if decision.isComplete { self.settle(id, by: worker) }
        return .success
    }
}
