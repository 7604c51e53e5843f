import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    static let inTransaction: RouteKinds = [.request, .failure, .transactionReply, .branch, .branchFailure]

    public var functions: [ScriptFunction] {
        self.relayFunctions + self.lifeFunctions + self.stateFunctions + self.armingFunctions + self.replyFunctions
            + self.timerFunctions + self.settingFunctions + self.contactFunctions + self.editFunctions
            + self.localFunctions + self.applicationFunctions
    }

    private var lifeFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_relay_cancel", in: .request,
                summary: "Relays a CANCEL whose INVITE is known, and ends the script; false when it is not known.",
                outcomes: [0: "relayed", -1: "no such INVITE"],
                example: "if (is_method(\"CANCEL\")) { if (!t_relay_cancel()) { exit; } }",
                body: { [self] route, _ in
                    guard route.message.method == .cancel, self.lookupInvite(ofCancel: route).isPresent else {
                        return .failure
                    }
                    if let outcome = self.relayCancel(route), case .suspended = outcome { return outcome }
                    return .stop
                }
            ),
            ScriptFunction(
                "t_newtran", in: .request, summary: "Creates the transaction of the request.",
                outcomes: [
                    1: "created", 0: "a retransmission, answered again, or refused with 503 (max_transactions)",
                    -1: "it exists",
                ],
                example: "if (!t_newtran()) { sl_reply_error(); exit; }",
                body: { [self] route, _ in
                    guard route.isRequest, route.transaction == 0, route.message.method != .ack else { return .failure }
                    if self.begin(route) != nil { return .success }
                    return Self.withoutTransaction(route)
                }
            ),
            ScriptFunction(
                "t_release", in: .request, summary: "Lets go of the transaction, which has been answered.",
                example: "t_release();",
                body: { [self] route, _ in
                    let removed = self.table.withStripe(route.transactionID) { stripe, handle -> Bool in
                        let isAnswered = stripe.records.withRecord(handle) { !$0.server.isOpen }
                        return isAnswered ?? false
                    }
                    return removed == nil ? .failure : .success
                }
            ),
        ]
    }
}
