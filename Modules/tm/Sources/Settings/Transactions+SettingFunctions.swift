import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// What a script sets for one transaction, beside its timers.
    var settingFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_set_auto_inv_100", Argument("flag", .int, "0 leaves the 100 to the script."), in: .request,
                summary: "Says whether this INVITE is answered 100 when it is relayed.",
                example: "t_set_auto_inv_100(0);",
                body: { route, arguments in
                    route.transactionIntent.sendsTrying = arguments.int(0, in: route) != 0
                    return .success
                }
            ),
            ScriptFunction(
                "t_set_disable_6xx", Argument("flag", .int, "1 treats 6xx like other replies."), in: Self.inTransaction,
                summary: "Says whether a 6xx leaves the other branches alone.", example: "t_set_disable_6xx(1);",
                body: { [self] route, arguments in
                    let isOn = arguments.int(0, in: route) != 0
                    route.transactionIntent.disablesSixHundredBlock = isOn
                    _ = self.table.withTransaction(route.transactionID) { $0.policy.blocksOn6xx = !isOn }
                    return .success
                }
            ),
            ScriptFunction(
                "t_set_disable_internal_reply", Argument("flag", .int, "1: a failed relay is not answered."),
                in: Self.inTransaction, summary: "Says whether a failed relay is left to the script to answer.",
                example: "t_set_disable_internal_reply(1);",
                body: { route, arguments in
                    route.transactionIntent.suppressesErrorReply = arguments.int(0, in: route) != 0
                    return .success
                }
            ),
            ScriptFunction(
                "t_is_expired", in: Self.inTransaction,
                summary: "Tells whether the transaction has lived as long as it may.",
                example: "if (t_is_expired()) { exit; }",
                body: { [self] route, _ in
                    let now = route.worker.now
                    let isExpired = self.table.withTransaction(route.transactionID) { record in
                        record.timers.lifetimeEnd(isInvite: record.isInvite, now: record.created) <= now
                    }
                    return isExpired == true ? .success : .failure
                }
            ),
            self.marking(
                "t_set_disable_failover", .skipsFailover,
                "Says whether the further addresses of a target are left alone.", "1 leaves them alone."),
            self.marking(
                "t_set_no_e2e_cancel_reason", .keepsReason,
                "Says whether the Reason of the caller's CANCEL stays here.", "1 keeps it."),
            self.marking(
                "t_disable_e2e_cancel_reason", .keepsReason,
                "Says whether the Reason of the caller's CANCEL stays here.", "1 keeps it."),
            ScriptFunction(
                "t_is_retr_async_reply", in: .transactionReply,
                summary: "Tells whether the reply repeats one whose onreply_route is still waiting for something.",
                example: "if (t_is_retr_async_reply()) { drop; }",
                body: { route, _ in route.state(RepeatedReply.self) == nil ? .failure : .success }
            ),
            ScriptFunction(
                "t_use_uac_headers", in: .any,
                summary: "Does nothing: CANCEL and ACK always have the From and To of the request as it was sent.",
                reference: "RFC 3261 §9.1, §17.1.1.3", example: "t_use_uac_headers();", body: { _, _ in .success }
            ),
            ScriptFunction(
                "t_clean", in: .any, summary: "Removes transactions that have outlived all their timers.",
                example: "t_clean();",
                body: { [self] route, _ in
                    _ = self.removeOutlived(now: route.worker.now)
                    return .success
                }
            ),
        ]
    }

    private func marking(
        _ name: String, _ mark: TransactionMarks, _ summary: String, _ flag: String
    ) -> ScriptFunction {
        ScriptFunction(
            name, Argument("flag", .int, flag, optional: name == "t_disable_e2e_cancel_reason"), in: Self.inTransaction,
            summary: summary, example: "\(name)(1);",
            body: { [self] route, arguments in
                let isOn = arguments.has(0) ? arguments.int(0, in: route) != 0 : true
                func change(_ marks: inout TransactionMarks) {
                    if isOn { marks.insert(mark) } else { marks.remove(mark) }
                }
                change(&route.transactionIntent.marks)
                _ = self.table.withTransaction(route.transactionID) { change(&$0.marks) }
                return .success
            }
        )
    }

    /// Whether the further addresses of a target are left alone in the transaction of `route`.
    public func skipsFailover(_ route: RouteContext) -> Bool {
        self.table.withTransaction(route.transactionID) { $0.marks.contains(.skipsFailover) }
            ?? route.state(TransactionIntent.self)?.marks.contains(.skipsFailover) ?? false
    }

    /// Removes what should have ended long ago: twice the longest life, and the wait after it.
    /// - Returns: how many.
    func removeOutlived(now: Instant) -> Int {
        var removed = 0
        for index in 0..<self.table.stripes.count {
            removed += self.table.stripes.withStripe(at: index) { stripe in
                var stuck: [Handle] = []
                stripe.records.forEach { handle, record in
                    let timers = record.timers
                    let life = max(timers.maxInviteLifetime, timers.maxNonInviteLifetime, timers.inviteFinalResponse)
                    guard record.suspension != .waiting else { return }
                    if record.created + life * 2 + timers.waitTimer + timers.sixtyFourT1 < now { stuck.append(handle) }
                }
                for handle in stuck { stripe.remove(handle) }
                return stuck.count
            }
        }
        return removed
    }
}
