import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// `t_relay` and its kin.
    /// - Parameter proxy: where to send whatever the targets say; nil goes by `$du` and `$ru`.
    func relay(_ route: RouteContext, proxy: Destination? = nil) -> Outcome {
        guard route.isRequest else { return .failure }
        switch route.message.method {
        case .cancel: return self.relayCancel(route)
        case .ack: return self.relayAck(route)
        default: break
        }
        var isNew = false
        if route.transaction == 0 {
            guard self.begin(route) != nil else {
                // A retransmission that has been answered ends the script; without room it is an error.
                return route.transaction != 0 ? .stop : .failure
            }
            isNew = true
        } else if route.routeKind == .request || route.state(ContinuedTransaction.self) != nil {
            isNew = self.refresh(route)
        }
        let id = route.transactionID
        var targets: [BranchTarget] = []
        if !route.isTargetConsumed { targets.append(route.target) }
        targets.append(contentsOf: route.branches)
        guard !targets.isEmpty else {
            route.log(.error, "t_relay: there is no target left to relay to")
            return .code(-1)
        }
        let mustTry = self.table.withTransaction(id) { record in
            record.isForking = true
            if record.responses.count > 0 { record.responses.startLeg(record.policy, dropping: record.dropsReplies) }
            return record.isInvite && record.lastStatus == 0
        }
        if isNew, mustTry == true, route.state(TransactionIntent.self)?.sendsTrying ?? self.settings.sendsTrying {
            self.sendTrying(route, id)
        }
        return Forwarding(self, id, route, targets: targets, proxy: proxy, isNew: isNew).step(route)
    }

    /// Takes over what the script changed between `t_newtran` and `t_relay`. Returns whether nothing was relayed yet.
    private func refresh(_ route: RouteContext) -> Bool {
        self.keep(route, route.transactionID, edits: false)
        return self.table.withTransaction(route.transactionID) { $0.branches.isEmpty } ?? false
    }

    /// `100 trying -- your call is important to us`, at once, so that the caller stops repeating itself.
    private func sendTrying(_ route: RouteContext, _ id: TransactionID) {
        self.sendLocalReply(route, id, 100, self.settings.tryingReason)
    }

    /// An ACK for a negative reply ends here, hop by hop (RFC 3261 §17.2.1); one for a 2xx goes on without a
    /// transaction (§16.6, §17.1.1.3).
    private func relayAck(_ route: RouteContext) -> Outcome {
        self.checkAck(route) == 0 ? .stop : StatelessForwarder.forwardRequest(route)
    }

    /// Writes what a failed relay owes, and lets go of a transaction that nothing came of.
    func routeEnded(_ route: RouteContext) {
        guard route.transaction != 0, route.isRequest else { return }
        guard let intent = route.state(TransactionIntent.self), intent.owesErrorReply else { return }
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
}
