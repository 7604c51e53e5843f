import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// CANCELs that the stripe decided on, to be written and sent once it is released.
struct CancelOrder {
    /// The INVITE of each branch as sent, and where that went.
    var requests: [(sent: ByteString, destination: Destination)] = []
}

extension Transactions {
    /// Starts the CANCELs, and gives branches up, as a `BranchSet` decided; under the stripe's lock (RFC 3261 §9.1).
    func orderCancel(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ decision: BranchDecision, _ now: Instant
    ) -> CancelOrder {
        var order = CancelOrder()
        for branch in decision.abandon {
            let reaction = stripe.records.withRecord(handle) { record in
                record.branches[branch].machine.abandon(now, record.timers)
            }
            if let reaction { stripe.applyClient(reaction, handle, branch: branch, now) }
        }
        for branch in decision.cancel {
            if let request = self.startCancel(&stripe, handle, branch, now) { order.requests.append(request) }
        }
        return order
    }

    private func startCancel(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ branch: Int, _ now: Instant
    ) -> (ByteString, Destination)? {
        let started = stripe.records.withRecord(handle) {
            record -> (client: TransactionReaction, cancel: TransactionReaction, ByteString, Destination)? in
            guard branch < record.branches.count, record.branches[branch].cancel == nil else { return nil }
            let destination = record.branches[branch].destination
            var machine = NonInviteClientTransaction(isReliable: destination.transport.isReliable)
            let cancel = machine.start(now: now, timers: record.timers)
            record.branches[branch].cancel = machine
            let client = record.branches[branch].machine.cancelSent(now, record.timers)
            return (client, cancel, record.branches[branch].sent, destination)
        }
        guard let started, let (client, cancel, sent, destination) = started else { return nil }
        stripe.applyClient(client, handle, branch: branch, now)
        stripe.applyCancel(cancel, handle, branch: branch, now)
        return (sent, destination)
    }

    /// Writes and sends the CANCELs that were decided on.
    /// - Parameter headers: whole header lines to add, such as Reason.
    func carryOut(_ order: CancelOrder, by worker: any WorkerServices, headers: ByteString = ByteString()) {
        for (sent, destination) in order.requests { self.sendCancel(sent, destination, headers, by: worker) }
    }

    func sendCancel(
        _ sent: ByteString, _ destination: Destination, _ headers: ByteString, by worker: any WorkerServices
    ) {
        guard let invite = Message(sent.span) else { return }
        let buffer = worker.outgoing()
        MessageWriter.cancel(invite, extraHeaders: headers.span, into: buffer)
        if self.settings.localRequestEventMode != 0, !self.askAboutCancel(buffer, destination, by: worker) { return }
        worker.send(buffer, to: destination, token: 0)
    }

    /// The Reason of our own CANCELs when another branch has answered or declined for all (RFC 3326 §3.1).
    func answeredElsewhere(_ status: Int) -> ByteString {
        guard self.settings.addsLocalCancelReason else { return ByteString() }
        switch status {
        case 200..<300: return "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"
        case 600...: return ByteString("Reason: SIP;cause=\(status)\r\n")
        default: return ByteString()
        }
    }

    /// `t_relay` of a CANCEL: answers it 200 and cancels the branches of its INVITE, hop by hop (RFC 3261 §16.10).
    func relayCancel(_ route: RouteContext) -> Outcome {
        let id = self.lookupInvite(ofCancel: route)
        guard id.isPresent else { return self.relayUnmatchedCancel(route) }
        let now = route.worker.now
        var isOver = false
        var isIdle = false
        let order = self.table.withStripe(id) { stripe, handle -> CancelOrder in
            let decision = stripe.records.withRecord(handle) { record in
                isOver = record.responses.isFinalSent || !record.server.isOpen
                // Its script waits, or has not relayed it yet: whatever it does then comes too late.
                isIdle = record.server.isOpen && !record.isForking && record.responses.open.isEmpty
                return record.responses.cancel(policy: record.policy)
            }
            guard let decision else { return CancelOrder() }
            return self.orderCancel(&stripe, handle, decision, now)
        }
        if isIdle {
            self.terminate(id, by: route.worker)
            isOver = true
        }
        self.answerCancel(route, isOver ? "ok -- no more pending branches" : "canceling")
        if let order { self.carryOut(order, by: route.worker, headers: self.reasonHeaders(of: route)) }
        self.settle(id, by: route.worker)
        return .success
    }

    /// The 200 needs no memory: a repeated CANCEL gets it again.
    private func answerCancel(_ route: RouteContext, _ reason: ByteString) {
        let buffer = route.worker.outgoing()
        self.reply.write(200, reason.span, for: route, from: .transaction, into: buffer)
        route.options.insert(.hasReplied)
        route.worker.send(buffer, to: self.reply.destination(for: route), token: 0)
        route.worker.count(self.counters.generated)
        route.worker.count(self.counters.sent)
    }

    private func relayUnmatchedCancel(_ route: RouteContext) -> Outcome {
        switch self.settings.unmatchedCancel {
        case 2: .failure
        default: StatelessForwarder.forwardRequest(route)
        }
    }

    /// Reason header fields of a received CANCEL, to go on to the callees.
    private func reasonHeaders(of route: RouteContext) -> ByteString {
        guard self.settings.copiesCancelReason else { return ByteString() }
        let message = route.message
        let buffer = ByteBuffer(capacity: 128)
        var index = message.first(.reason)
        while index >= 0 {
            let field = message.field(at: index)
            buffer.append(message.span, field.range)
            index = Int(field.next)
        }
        return ByteString(buffer.span)
    }
}
