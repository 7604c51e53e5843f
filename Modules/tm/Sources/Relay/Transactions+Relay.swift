import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// `t_relay` and its kin.
    func relay(_ route: RouteContext, _ order: RelayOrder = RelayOrder()) -> Outcome {
        guard route.isRequest else { return .failure }
        switch route.message.method {
        case .cancel: if let outcome = self.relayCancel(route) { return outcome }
        case .ack: return self.relayAck(route, order)
        default: break
        }
        if route.transaction == 0 { return self.relayAnew(route, order) }
        var isNew = false
        if route.routeKind == .request || route.state(ContinuedTransaction.self) != nil {
            isNew = self.refresh(route)
        }
        let id = route.transactionID
        guard let targets = Self.targets(of: route) else { return .code(-1) }
        let isForBranch = route.routeKind == .branchFailure
        let mustTry = self.table.withTransaction(id) { record in
            record.isForking = true
            record.marks.formUnion(order.marks)
            // What a branch's own failure adds belongs to the leg of that branch.
            if record.responses.count > 0, !isForBranch {
                record.responses.startLeg(record.policy, dropping: record.dropsReplies)
            }
            return record.isInvite && record.lastStatus == 0
        }
        if isNew, mustTry == true, order.sendsTrying, self.sendsTrying(route) {
            self.sendTrying(route, id)
        }
        var forwarding = Forwarding(self, id, route, targets: targets, order: order, isNew: isNew)
        return forwarding.step(route)
    }

    /// Relays a request that has no transaction yet.
    private func relayAnew(_ route: RouteContext, _ order: RelayOrder) -> Outcome {
        guard let targets = Self.targets(of: route) else { return .code(-1) }
        guard let first = self.begin(route, relayedBy: order) else {
            // A retransmission that has been answered ends the script, and so does a refusal.
            return Self.withoutTransaction(route)
        }
        let id = route.transactionID
        if route.message.method == .invite, order.sendsTrying, self.sendsTrying(route) { self.sendTrying(route, id) }
        var forwarding = Forwarding(self, id, route, targets: targets, order: order, isNew: true, first: first)
        return forwarding.step(route)
    }

    /// The targets of the request; empty: the context's own alone. nil: there is none.
    private static func targets(of route: RouteContext) -> [BranchTarget]? {
        let others = route.branches
        if route.isTargetConsumed {
            if others.isEmpty {
                route.log(.error, "t_relay: there is no target left to relay to")
                return nil
            }
            return others
        }
        return others.isEmpty ? [] : [route.target] + others
    }

    /// Takes over what the script changed between `t_newtran` and `t_relay`. Returns whether nothing was relayed yet.
    private func refresh(_ route: RouteContext) -> Bool {
        self.keep(route, route.transactionID, edits: false)
        if self.finalResponseVariable != nil || self.finalInviteVariable != nil {
            let found = self.table.withTransaction(route.transactionID) { $0.timers }
            if var timers = found {
                self.applyVariables(route, to: &timers)
                _ = self.table.withTransaction(route.transactionID) { $0.timers = timers }
            }
        }
        return self.table.withTransaction(route.transactionID) { $0.branches.isEmpty } ?? false
    }

    /// Whether the caller of an INVITE is told to wait before anything comes from a callee.
    func sendsTrying(_ route: RouteContext) -> Bool {
        route.state(TransactionIntent.self)?.sendsTrying ?? (route[self.settings.sendsTrying] != 0)
    }

    /// `100 trying -- your call is important to us`, at once, so that the caller stops repeating itself.
    func sendTrying(_ route: RouteContext, _ id: TransactionID) {
        // What the script added to it is kept.
        self.sendLocalReply(
            route, id, 100, route[self.settings.tryingReason], isKept: route.replyHeaders.count > 0)
    }

    /// An ACK for a negative reply ends here, hop by hop (RFC 3261 §17.2.1); one for a 2xx goes on without a
    /// transaction (§16.6, §17.1.1.3).
    private func relayAck(_ route: RouteContext, _ order: RelayOrder) -> Outcome {
        self.checkAck(route) == 0 ? .stop : StatelessForwarder.forwardRequest(route, to: order.nextHop(of: route))
    }

    /// Writes what a failed relay owes, and lets go of a transaction that nothing came of.
    func routeEnded(_ route: RouteContext) {
        guard route.transaction != 0, route.isRequest else { return }
        guard let intent = route.state(TransactionIntent.self) else { return }
        guard intent.owesErrorReply else {
            if intent.isLeftToScript { self.releaseForgotten(route, intent) }
            return
        }
        intent.owesErrorReply = false
        let id = route.transactionID
        let isUnanswered = self.table.withTransaction(id) { $0.lastStatus < 200 && $0.branches.isEmpty }
        guard isUnanswered == true else { return }
        if route.options.contains(.hasReplied) {
            self.table.withStripe(id) { stripe, handle in stripe.remove(handle) }
            return
        }
        let failure = route.lastFailure
        self.sendLocalReply(route, id, failure.code, failure.reason("TM"))
    }

    /// Lets go of a transaction that the script has begun and left alone, as no timer would: after `wt_timer`.
    private func releaseForgotten(_ route: RouteContext, _ intent: TransactionIntent) {
        // What goes on after a wait is answered with 500 instead.
        guard route.state(ContinuedTransaction.self) == nil else { return }
        let most = intent.hasFailedRelay ? 100 : 0
        let now = route.worker.now
        let isReleased = self.table.withStripe(route.transactionID) { stripe, handle -> Bool in
            let reaction = stripe.records.withRecord(handle) { record -> TransactionReaction in
                guard record.lastStatus <= most, record.branches.isEmpty, !record.isForking, !record.isFailing,
                    record.suspension == .running
                else { return .absorb }
                return record.server.abandon(for: record.timers.waitTimer)
            }
            guard let reaction, !reaction.isAbsorbed else { return false }
            stripe.applyServer(reaction, handle, now)
            return true
        }
        guard isReleased == true, !route.options.contains(.hasReplied) else { return }
        route.log(.warning, "tm: the script has begun a transaction and ended without an answer: there will be none")
    }
}
