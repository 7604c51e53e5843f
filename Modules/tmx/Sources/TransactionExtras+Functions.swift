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
                body: { [unowned self] route, _ in
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
                body: { [unowned self] route, arguments in
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
                body: { [unowned self] route, _ in self.transactions.flushFlags(route) ? .success : .failure }
            ),
            ScriptFunction(
                "t_flush_xflags", in: .any, summary: "Copies the extended message flags into the transaction.",
                example: "t_flush_xflags();",
                body: { [unowned self] route, _ in self.transactions.flushExtendedFlags(route) ? .success : .failure }
            ),
        ]
            + [self.acknowledgement] + self.suspensionFunctions + self.outsideFunctions
            + ScriptFunction.notYet(
                "t_reuse_branch", "t_vbflag_set", "t_vbflag_reset", "t_vbflag_is_set"
            )
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
            body: { [unowned self] route, arguments in
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
