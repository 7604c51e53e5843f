import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// CANCELs that the stripe decided on, to be written and sent once it is released.
struct CancelOrder {
    /// The INVITE of each branch as sent, and where that went.
    var requests: [(sent: ByteString, destination: Destination)] = []
    /// Whole header lines to add, such as Reason.
    var headers = ByteString()
}

extension Transactions {
    /// Starts the CANCELs, and gives branches up, as a `BranchSet` decided; under the stripe's lock (RFC 3261 §9.1).
    /// - Parameter headers: whole header lines that these CANCELs, and those of branches still silent, are to carry.
    func orderCancel(
        _ stripe: inout TransactionStripe, _ handle: Handle, _ decision: BranchDecision, _ now: Instant,
        headers: ByteString = ByteString()
    ) -> CancelOrder {
        var order = CancelOrder()
        if !headers.isEmpty {
            stripe.records.withRecord(handle) { record in
                guard !decision.cancel.isEmpty || record.responses.isCancelled else { return }
                record.rareState.cancelHeaders = headers
            }
        }
        if !decision.cancel.isEmpty {
            let kept = stripe.records.withRecord(handle) { $0.rare?.cancelHeaders ?? ByteString() }
            order.headers = kept ?? ByteString()
        }
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
    func carryOut(_ order: CancelOrder, by worker: any WorkerServices) {
        for (sent, destination) in order.requests { self.sendCancel(sent, destination, order.headers, by: worker) }
    }

    func sendCancel(
        _ sent: ByteString, _ destination: Destination, _ headers: ByteString, by worker: any WorkerServices
    ) {
        guard let invite = Message(sent.span) else { return }
        let buffer = worker.outgoing()
        let prefix = worker[self.settings.extraHeaderPrefix]
        MessageWriter.cancel(invite, extraHeaders: headers.span, copying: prefix, into: buffer)
        if self.settings.localRequestEventMode != 0, !self.askAboutCancel(buffer, destination, by: worker) { return }
        worker.send(buffer, to: destination, token: 0)
    }

    /// The Reason of our own CANCELs when another branch, or the script, has answered for all (RFC 3326 §3.1).
    static func localReason(_ status: Int) -> ByteString {
        switch status {
        case 200..<300: "Reason: SIP;cause=200;text=\"Call completed elsewhere\"\r\n"
        default: ByteString("Reason: SIP;cause=\(status)\r\n")
        }
    }

    /// The Reason of a CANCEL that had to wait for a provisional reply: the final reply's code; none when it was the
    /// caller who cancelled, whose header lines are kept.
    static func lateReason(_ record: borrowing TransactionRecord) -> ByteString {
        guard record.responses.isFinalSent, !record.responses.isCancelled, record.lastStatus >= 200 else {
            return ByteString()
        }
        return ByteString("Reason: SIP;cause=\(record.lastStatus)\r\n")
    }

    /// Whether our own CANCELs say why (`local_cancel_reason`).
    func givesReasons(_ worker: any WorkerServices) -> Bool { worker[self.settings.addsLocalCancelReason] != 0 }

    /// `t_relay` of a CANCEL: answers it 200 and cancels the branches of its INVITE, hop by hop (RFC 3261 §16.10).
    /// - Returns: nil when its INVITE is not known, and it is to be relayed like any request.
    func relayCancel(_ route: RouteContext) -> Outcome? {
        let id = self.lookupInvite(ofCancel: route)
        guard id.isPresent else { return self.relayUnmatchedCancel(route) }
        let now = route.worker.now
        let reasons = self.reasonHeaders(of: route)
        let others = self.otherHeaders(of: route)
        var isOver = false
        var isIdle = false
        let order = self.table.withStripe(id) { stripe, handle -> CancelOrder in
            let decision = stripe.records.withRecord(handle) { record in
                isOver = record.responses.isFinalSent || !record.server.isOpen
                // Its script waits, or has not relayed it yet: whatever it does then comes too late.
                isIdle = record.server.isOpen && !record.isForking && record.responses.open.isEmpty
                let headers = record.marks.contains(.keepsReason) ? others : reasons + others
                return (record.responses.cancel(policy: record.policy), headers)
            }
            guard let (decision, headers) = decision else { return CancelOrder() }
            return self.orderCancel(&stripe, handle, decision, now, headers: headers)
        }
        if isIdle {
            self.terminate(id, by: route.worker)
            isOver = true
        }
        self.answerCancel(route, isOver ? "ok -- no more pending branches" : "canceling")
        if let order { self.carryOut(order, by: route.worker) }
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

    private func relayUnmatchedCancel(_ route: RouteContext) -> Outcome? {
        switch route[self.settings.unmatchedCancel] {
        case 2: .failure
        case 1: StatelessForwarder.forwardRequest(route)
        default: nil
        }
    }

    /// Reason header fields of a received CANCEL, to go on to the callees.
    private func reasonHeaders(of route: RouteContext) -> ByteString {
        guard route[self.settings.copiesCancelReason] != 0 else { return ByteString() }
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

    /// Header fields of a received CANCEL that are not the hop's own, to go on to the callees (`headers_mode`).
    private func otherHeaders(of route: RouteContext) -> ByteString {
        guard self.settings.cancelHeadersMode == 1 else { return ByteString() }
        let message = route.message
        let buffer = ByteBuffer(capacity: 256)
        for index in 0..<message.headerCount {
            let field = message.field(at: index)
            switch field.name {
            case .via, .from, .to, .callID, .cSeq, .maxForwards, .route, .recordRoute, .contact, .contentLength,
                .contentType, .reason:
                continue
            default: buffer.append(message.span, field.range)
            }
        }
        return ByteString(buffer.span)
    }
}
