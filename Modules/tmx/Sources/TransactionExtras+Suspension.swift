import Bytes
import ModuleKit
import SIPMessage
import tm

// A transaction is put aside by one script and taken up again by another.
extension TransactionExtras {
    var suspensionFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_suspend", in: .any,
                summary:
                    "Puts the transaction of the request aside, creating it when there is none; end the script then. The caller gets a 100, and a 408 when nobody calls t_continue() before fr_timer.",
                reference: "RFC 3261 §17.2",
                outcomes: [1: "suspended", 0: "a retransmission: the script ends", -1: "not possible"],
                example: "if (t_suspend()) { xlog(\"$T(id_index):$T(id_label)\\n\"); exit; }",
                body: { [unowned self] route, _ in self.suspend(route) }
            ),
            ScriptFunction(
                "t_continue", Argument("index", .int, "`$T(id_index)` of the suspended one."),
                Argument("label", .int, "`$T(id_label)` of it."),
                Argument("route", .format, "Name of the route to go on with."), in: .any,
                summary: "Goes on with a suspended transaction: the route runs on its request, after this script.",
                outcomes: [
                    1: "the route is going to run", -1: "no such transaction waits: ended, cancelled, or timed out",
                ],
                example: "t_continue(\"$var(index)\", \"$var(label)\", \"LATER\");",
                body: { [unowned self] route, arguments in
                    guard let id = Self.transaction(arguments, route) else { return .failure }
                    let name = arguments.text(2, in: route)
                    if self.transactions.proceed(id, with: name, by: route.worker) { return .success }
                    route.log(.warning, "t_continue: no transaction waits there for route[\(name)]")
                    return .failure
                }
            ),
            ScriptFunction(
                "t_drop", Argument("code", .int, "Status that counts as sent, else 500.", optional: true), in: .any,
                summary: "Ends the transaction of the request without a reply; what is under way is cancelled.",
                example: "t_drop();",
                body: { [unowned self] route, arguments in
                    let code = arguments.has(0) ? arguments.int(0, in: route) ?? 500 : 500
                    guard (200...699).contains(code) else { return .failure }
                    return self.transactions.drop(route, code) ? .success : .failure
                }
            ),
        ]
    }

    private func suspend(_ route: RouteContext) -> Outcome {
        guard route.isRequest, route.routeKind == .request || route.routeKind == .failure else {
            route.log(.error, "t_suspend: only the script of a request or of its failure can be suspended")
            return .failure
        }
        switch self.transactions.suspend(route, keepingEdits: true) {
        case .waiting: return .success
        case .repeated: return .stop
        case .refused: return .failure
        }
    }

    /// The transaction that the first two arguments name.
    static func transaction(_ arguments: Arguments, _ route: RouteContext) -> TransactionID? {
        guard let index = arguments.int(0, in: route), let label = arguments.int(1, in: route),
            let id = TransactionID(index: index, label: label)
        else { return nil }
        return id
    }

    // MARK: Other transactions than the script's own

    var outsideFunctions: [ScriptFunction] {
        let callID = Argument("callid", .format, "Call-ID of the request.")
        let cSeq = Argument("cseq", .int, "Its CSeq number.")
        return [
            ScriptFunction(
                "t_cancel_callid", callID, cSeq, Argument("flag", .int, "Message flag to set in it, 0 to 31."),
                Argument("code", .int, "Status for the caller, else what the branches give.", optional: true), in: .any,
                summary: "Cancels the INVITE with this Call-ID and CSeq number.",
                outcomes: [1: "cancelled", -1: "no such INVITE"],
                example: "t_cancel_callid(\"$hdr(X-Call)\", \"$var(cseq)\", \"5\");",
                body: { [unowned self] route, arguments in
                    guard let number = arguments.int(1, in: route) else { return .failure }
                    let id = self.transactions.find(
                        callID: arguments.text(0, in: route), cSeq: number, isInvite: true)
                    let code = arguments.has(3) ? arguments.int(3, in: route) : nil
                    return self.transactions.cancel(
                        id, flag: arguments.int(2, in: route) ?? -1, code: code, by: route.worker)
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_cancel_branch_idx", Argument("index", .int, "`$T(id_index)` of the transaction."),
                Argument("label", .int, "`$T(id_label)` of it."), Argument("branch", .int, "Number of the branch."),
                in: .any, summary: "Cancels one branch of a transaction.",
                outcomes: [1: "cancelled, or over already", -1: "no such transaction"],
                example: "t_cancel_branch_idx(\"$var(index)\", \"$var(label)\", \"0\");",
                body: { [unowned self] route, arguments in
                    guard let id = Self.transaction(arguments, route), let branch = arguments.int(2, in: route) else {
                        return .failure
                    }
                    return self.transactions.cancelBranches(of: id, .only(branch), by: route.worker)
                        ? .success : .failure
                }
            ),
            ScriptFunction(
                "t_reply_callid", callID, cSeq, Argument("code", .int, "Status code."),
                Argument("reason", .format, "Reason phrase."), in: .any,
                summary: "Answers the request with this Call-ID and CSeq number in its transaction.",
                outcomes: [1: "answered", -1: "no such transaction, or it has its answer"],
                example: "t_reply_callid(\"$hdr(X-Call)\", \"$var(cseq)\", \"486\", \"Busy here\");",
                body: { [unowned self] route, arguments in
                    guard let number = arguments.int(1, in: route), let code = arguments.int(2, in: route) else {
                        return .failure
                    }
                    let id = self.transactions.find(
                        callID: arguments.text(0, in: route), cSeq: number, isInvite: false)
                    return self.transactions.answer(id, code, arguments.text(3, in: route), by: route.worker)
                        ? .success : .failure
                }
            ),
        ]
    }
}
