import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// What a script asks about its transaction.
    var stateFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_check_trans", in: [.request, .reply, .transactionReply, .branch],
                summary: "Answers a retransmission and stops; tells whether a CANCEL or ACK belongs to a known INVITE.",
                outcomes: [
                    1: "it belongs to a transaction", 0: "a retransmission or an absorbed ACK: the script stops",
                    -1: "new",
                ],
                example: "t_check_trans();",
                body: { [self] route, _ in .code(self.check(route)) }
            ),
            ScriptFunction(
                "t_lookup_request", in: .request, summary: "Tells whether the request has a transaction already.",
                example: "if (t_lookup_request()) { exit; }",
                body: { [self] route, _ in self.exists(route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_exists", in: .any, summary: "Tells whether the request has a transaction already.",
                example: "if (t_exists()) { xlog(\"known\\n\"); }",
                body: { [self] route, _ in self.exists(route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_lookup_cancel",
                Argument("copy_flags", .int, "1: take the INVITE's message flags over.", optional: true), in: .request,
                summary: "Tells whether the INVITE of this CANCEL is known.",
                example: "if (is_method(\"CANCEL\") && t_lookup_cancel()) { t_relay(); }",
                body: { [self] route, arguments in
                    guard route.message.method == .cancel else { return .failure }
                    let id = self.lookupInvite(ofCancel: route)
                    guard let flags = self.table.withTransaction(id, { $0.flags }) else { return .failure }
                    if arguments.int(0, in: route) == 1 { route.flags = flags }
                    return .success
                }
            ),
            ScriptFunction(
                "t_is_canceled", in: Self.inTransaction, summary: "Tells whether the caller has cancelled the request.",
                example: "if (t_is_canceled()) { exit; }",
                body: { [self] route, _ in
                    self.table.withTransaction(route.transactionID) { $0.responses.isCancelled } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_branch_timeout", in: [.failure, .branchFailure, .event],
                summary: "Tells whether the branch that the failure is about timed out.",
                example: "if (t_branch_timeout()) { xlog(\"late\\n\"); }",
                body: { [self] route, _ in
                    guard let failure = route.state(FailureState.self) else { return .failure }
                    let timedOut = self.table.withTransaction(route.transactionID) {
                        $0.responses.hasTimedOut(failure.branch)
                    }
                    return timedOut == true ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_branch_replied", in: [.failure, .branchFailure, .event],
                summary: "Tells whether the branch that the failure is about had any reply.",
                example: "if (t_branch_replied()) { xlog(\"heard of\\n\"); }",
                body: { [self] route, _ in
                    guard let failure = route.state(FailureState.self) else { return .failure }
                    let hasReplied = self.table.withTransaction(route.transactionID) {
                        $0.responses.hasReplied(failure.branch)
                    }
                    return hasReplied == true ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_any_timeout", in: Self.inTransaction, summary: "Tells whether any branch has timed out.",
                example: "if (t_any_timeout()) { xlog(\"late\\n\"); }",
                body: { [self] route, _ in
                    self.table.withTransaction(route.transactionID) { $0.responses.hasAnyTimedOut } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_any_replied", in: Self.inTransaction, summary: "Tells whether any branch has had a reply.",
                example: "if (t_any_replied()) { xlog(\"heard of\\n\"); }",
                body: { [self] route, _ in
                    self.table.withTransaction(route.transactionID) { $0.responses.hasAnyReplied } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_grep_status", Argument("code", .int, "Status code to look for."), in: Self.inTransaction,
                summary: "Tells whether some branch ended with this status.",
                example: "if (t_grep_status(\"486\")) { xlog(\"busy\\n\"); }",
                body: { [self] route, arguments in
                    guard let code = arguments.int(0, in: route) else { return .failure }
                    return self.table.withTransaction(route.transactionID) { $0.responses.hasStatus(code) } == true
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_check_status", Argument("regex", .regex, "Expression that the code must match."),
                in: [.request, .failure, .transactionReply, .reply, .branchFailure, .event],
                summary: "Matches the code of the reply: received, chosen to go upstream, or last sent.",
                example: "if (t_check_status(\"486|408\")) { xlog(\"no answer\\n\"); }",
                body: { [self] route, arguments in
                    guard let regex = arguments.object(0, as: RegularExpression.self), let code = self.statusCode(route)
                    else {
                        return .failure
                    }
                    return regex.matches(ByteString(decimal: code).span) ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_get_status_code", in: [.request, .failure, .transactionReply, .branch, .branchFailure],
                summary: "Gives the code of the reply as result.", example: "t_get_status_code();",
                body: { [self] route, _ in .code(self.statusCode(route) ?? -1) }
            ),
        ]
    }

    /// The status that a script means: of the reply at hand, of the chosen failure, else the last one sent.
    public func statusCode(_ route: RouteContext) -> Int? {
        if !route.isRequest { return route.message.statusCode }
        if let failure = route.state(FailureState.self) { return failure.code }
        let status = self.table.withTransaction(route.transactionID) { $0.lastStatus }
        return status == 0 ? nil : status
    }

    private func exists(_ route: RouteContext) -> Bool {
        if route.transaction != 0 { return true }
        guard route.isRequest else { return false }
        let hash = TransactionTable.hash(route.message)
        let rules = self.settings.matching(route.configuration)
        return self.table.stripes.withStripe(at: self.table.index(of: hash)) {
            !$0.find(route.message, hash: hash, created: nil, rules).isNone
        }
    }
}
