import Bytes
import ModuleKit
import SIPMessage
import tm

extension TransactionExtras {
    public var functions: [ScriptFunction] {
        self.routeTests + [
            ScriptFunction(
                "t_precheck_trans", in: .request,
                summary: "Tells whether the same request is being worked on at this moment.",
                outcomes: [1: "it is", -1: "it is not; never for ACK and CANCEL"],
                example: "if (t_precheck_trans()) { t_check_trans(); exit; }",
                body: { [self] route, _ in
                    guard self.settings.prechecks else { return .failure }
                    switch route.message.method {
                    case .ack, .cancel: return .failure
                    default: return self.inProgress.enter(route) ? .failure : .success
                    }
                }
            ),
            ScriptFunction(
                "t_cancel_branches", Argument("which", .literal, "`all`, `others` or `this`."),
                in: [.reply, .transactionReply], summary: "Cancels branches that are still under way.",
                example: "t_cancel_branches(\"others\");",
                body: { [self] route, arguments in
                    guard route.transaction != 0 else { return .failure }
                    switch arguments.text(0, in: route) {
                    case "all": self.transactions.cancelBranches(route, .all)
                    case "others": self.transactions.cancelBranches(route, .others(than: route.branchIndex))
                    case "this": self.transactions.cancelBranches(route, .only(route.branchIndex))
                    default: return .failure
                    }
                    return .success
                }
            ),
            ScriptFunction(
                "t_flush_flags", in: .any, summary: "Copies the message flags into the transaction.",
                example: "t_flush_flags();",
                body: { [self] route, _ in self.transactions.flushFlags(route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_flush_xflags", in: .any, summary: "Copies the extended message flags into the transaction.",
                example: "t_flush_xflags();",
                body: { [self] route, _ in self.transactions.flushExtendedFlags(route) ? .success : .failure }
            ),
        ]
            + [self.acknowledgement] + self.suspensionFunctions + self.outsideFunctions + self.viaFlagFunctions
    }

    /// Flags that belong to the transaction's request, beside the message flags.
    private var viaFlagFunctions: [ScriptFunction] {
        let flag = Argument("flag", .int, "Its number, 0 to 31.")
        let outcomes = [1: "done", -1: "no transaction, or no such flag"]
        return [
            ScriptFunction(
                "t_reuse_branch", in: [.branchFailure, .event],
                summary:
                    "Makes the target of the branch that failed the main branch again: Request-URI, next hop, path, flags.",
                reference: "RFC 5626 §5.3", outcomes: [1: "done", -1: "not in tm:branch-failure"],
                example: "t_reuse_branch();",
                body: { [self] route, _ in self.transactions.reuseBranch(route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_vbflag_set", flag, in: .any, summary: "Sets a flag of the transaction's request.",
                outcomes: outcomes, example: "t_vbflag_set(\"3\");",
                body: { [self] route, arguments in
                    self.changeViaFlag(route, arguments) { $0 |= $1 }
                }
            ),
            ScriptFunction(
                "t_vbflag_reset", flag, in: .any, summary: "Clears a flag of the transaction's request.",
                outcomes: outcomes, example: "t_vbflag_reset(\"3\");",
                body: { [self] route, arguments in
                    self.changeViaFlag(route, arguments) { $0 &= ~$1 }
                }
            ),
            ScriptFunction(
                "t_vbflag_is_set", flag, in: .any, summary: "Tells whether a flag of the transaction's request is set.",
                outcomes: [1: "set", -1: "not set, no transaction, or no such flag"],
                example: "if (t_vbflag_is_set(\"3\")) { exit; }",
                body: { [self] route, arguments in
                    guard let bit = Self.bit(arguments, route) else { return .failure }
                    return self.transactions.withViaFlags(route) { $0 & bit != 0 } == true ? .success : .failure
                }
            ),
        ]
    }

    private static func bit(_ arguments: Arguments, _ route: RouteContext) -> UInt32? {
        guard let number = arguments.int(0, in: route), (0..<32).contains(number) else { return nil }
        return 1 << UInt32(number)
    }

    private func changeViaFlag(
        _ route: RouteContext, _ arguments: Arguments, _ change: (inout UInt32, UInt32) -> Void
    ) -> Outcome {
        guard let bit = Self.bit(arguments, route) else { return .failure }
        let done: Void? = self.transactions.withViaFlags(route) { change(&$0, bit) }
        return done == nil ? .failure : .success
    }

    private var acknowledgement: ScriptFunction {
        ScriptFunction(
            "t_uac_ack_local", Argument("callid", .format, "Call-ID of the INVITE."),
            Argument("cseq", .format, "CSeq number of the INVITE."),
            Argument("headers", .format, "Header lines for the ACK, each with its CRLF.", optional: true),
            Argument("body", .format, "Body of the ACK.", optional: true), in: .any,
            summary: "Sends the ACK that t_set_no_auto_ack() held back when the 2xx to a local INVITE came.",
            reference: "RFC 3261 §13.2.2.4", outcomes: [1: "sent", -1: "no such INVITE waits for its ACK"],
            example: "t_uac_ack_local(\"$ci\", \"$cs\");",
            body: { [self] route, arguments in
                guard let cSeq = arguments.int(1, in: route) else { return .failure }
                return self.transactions.acknowledgeLocal(
                    callID: arguments.text(0, in: route), cSeq: cSeq, headers: arguments.text(2, in: route),
                    body: arguments.text(3, in: route), by: route.worker) ? .success : .failure
            }
        )
    }

    private var routeTests: [ScriptFunction] {
        [
            ("t_is_failure_route", RouteKinds.failure, "failure"), ("t_is_branch_route", .branch, "branch"),
            ("t_is_reply_route", [.reply, .transactionReply], "reply"), ("t_is_request_route", .request, "request"),
        ].map { name, kinds, what in
            ScriptFunction(
                name, in: .any, summary: "Tells whether the script runs for a \(what) route.",
                example: "if (\(name)()) { return; }",
                body: { route, _ in kinds.contains(route.routeKind) ? .success : .failure }
            )
        }
    }
}
