import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// What becomes of edits in branches, and branches for other transactions.
    var editFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_save_lumps", in: .request,
                summary:
                    "Fixes the header edits that branches of later legs get: those made so far. The transaction must exist.",
                outcomes: [1: "fixed", -1: "no transaction"],
                example: "t_newtran(); t_save_lumps();",
                body: { [self] route, _ in
                    guard route.transaction != 0 else { return .failure }
                    let request = StoredRequest(route, keepingEdits: true)
                    let done: Void? = self.table.withTransaction(route.transactionID) { record in
                        record.request = request
                        record.marks.insert(.hasSavedEdits)
                    }
                    return done == nil ? .failure : .success
                }
            ),
            ScriptFunction(
                "t_msg_apply_changes", in: .branch,
                summary: "Applies the edits to the message that this branch_route reads; other branches do not see it.",
                outcomes: [1: "applied", -1: "the result is no message"],
                example: "t_msg_apply_changes();",
                body: { route, _ in AppliedBranchChanges.apply(in: route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_cell_append_branches", Argument("tindex", .int, "`$T(id_index)` of the transaction."),
                Argument("tlabel", .int, "`$T(id_label)` of it."), in: .any,
                summary: "Relays another transaction to the destination set of this message as well.",
                outcomes: [1: "it is going to be", -1: "no such transaction, it is over, or there is no target"],
                example: "t_cell_append_branches(\"$var(index)\", \"$var(label)\");",
                body: { [self] route, arguments in
                    guard let index = arguments.int(0, in: route), let label = arguments.int(1, in: route),
                        let id = TransactionID(index: index, label: label)
                    else { return .failure }
                    return self.append(route, to: id) ? .success : .failure
                }
            ),
        ]
    }

    /// Adds the targets of `route` to another transaction, after the script in progress.
    func append(_ route: RouteContext, to id: TransactionID) -> Bool {
        var targets: [BranchTarget] = []
        if !route.isTargetConsumed, route.isRequest {
            var main = route.target
            main.uri = route.text(route.requestURI)
            targets.append(main)
        }
        targets.append(contentsOf: route.branches)
        guard !targets.isEmpty else { return false }
        let found = self.table.withTransaction(id) { record in
            record.server.isOpen && !record.responses.isCancelled ? record.request : nil
        }
        guard let known = found, let request = known, let context = self.requestContext(request, route.worker) else {
            return false
        }
        self.fill(context, id)
        context.isTargetConsumed = true
        context.branches = targets
        route.worker.schedule(
            RouteCall(route: .none, kind: .request) { [self] context, _ in
                let mayRelay = self.table.withTransaction(id) { record in
                    guard record.server.isOpen, !record.responses.isCancelled else { return false }
                    record.isForking = true
                    return true
                }
                guard mayRelay == true else { return .failure }
                var forwarding = Forwarding(
                    self, id, context, targets: targets, order: RelayOrder(), isNew: false)
                return forwarding.step(context)
            },
            in: context)
        return true
    }
}

extension TransactionID {
    /// The transaction that the two halves of `$T(id_index)` and `$T(id_label)` name; nil when they name none.
    public init?(index: Int, label: Int) {
        guard let stripe = UInt16(exactly: index), let handle = UInt32(exactly: label), handle != 0 else { return nil }
        self.init(rawValue: UInt64(stripe) << 32 | UInt64(handle))
    }
}
