import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// What a script sets for one transaction, beside its timers.
    var settingFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_set_max_lifetime", Argument("inv", .int, "Longest life as an INVITE in ms; 0 keeps it."),
                Argument("noninv", .int, "Longest life as another request in ms; 0 keeps it."), in: Self.inTransaction,
                summary: "Sets how long this transaction lives at most, from its creation on.",
                example: "t_set_max_lifetime(60000, 10000);",
                body: { [unowned self] route, arguments in
                    let invite = arguments.int(0, in: route) ?? 0
                    let other = arguments.int(1, in: route) ?? 0
                    self.changeTimers(route) { timers in
                        if invite > 0 { timers.maxInviteLifetime = .milliseconds(invite) }
                        if other > 0 { timers.maxNonInviteLifetime = .milliseconds(other) }
                    }
                    return .success
                }
            ),
            ScriptFunction(
                "t_reset_max_lifetime", in: Self.inTransaction,
                summary: "Takes the longest life of this transaction back to the parameters.",
                example: "t_reset_max_lifetime();",
                body: { [unowned self] route, _ in
                    let defaults = self.settings.timers(route.configuration)
                    self.changeTimers(route) { timers in
                        timers.maxInviteLifetime = defaults.maxInviteLifetime
                        timers.maxNonInviteLifetime = defaults.maxNonInviteLifetime
                    }
                    return .success
                }
            ),
            ScriptFunction(
                "t_is_expired", in: Self.inTransaction,
                summary: "Tells whether the transaction has lived as long as it may.",
                example: "if (t_is_expired()) { exit; }",
                body: { [unowned self] route, _ in
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
                body: { [unowned self] route, _ in
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
            body: { [unowned self] route, arguments in
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
        for index in 0..<TransactionTable.stripes {
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
