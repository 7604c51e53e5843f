import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

extension Transactions {
    /// Answers of the script.
    var replyFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "t_reply", Argument("code", .int, "Status code."), Argument("reason", .format, "Reason phrase."),
                in: [.request, .failure, .transactionReply, .reply], summary: "Answers the request in its transaction.",
                reference: "RFC 3261 §8.2.6", example: "t_reply(\"404\", \"Not found\");",
                body: { [self] route, arguments in
                    let code = arguments.int(0, in: route) ?? route[self.settings.defaultCode]
                    return .code(self.answerFromScript(route, code, self.reason(arguments, route)))
                }
            ),
            ScriptFunction(
                "t_send_reply", Argument("code", .int, "Status code."), Argument("reason", .format, "Reason phrase."),
                in: [.request, .failure, .transactionReply, .reply],
                summary: "Answers the request in its transaction, which is created when there is none.",
                example: "t_send_reply(\"486\", \"Busy here\");",
                body: { [self] route, arguments in
                    if route.isRequest, route.transaction == 0, self.begin(route) == nil {
                        return Self.withoutTransaction(route)
                    }
                    let code = arguments.int(0, in: route) ?? route[self.settings.defaultCode]
                    return .code(self.answerFromScript(route, code, self.reason(arguments, route)))
                }
            ),
            ScriptFunction(
                "t_reply_error", in: [.request, .failure, .transactionReply, .reply],
                summary: "Answers with the reason of the last failure.", example: "t_reply_error();",
                body: { [self] route, _ in
                    let failure = route.lastFailure
                    return .code(self.answerFromScript(route, failure.code, failure.reason("TM")))
                }
            ),
            ScriptFunction(
                "t_retransmit_reply", in: .request, summary: "Sends the last reply again.",
                example: "t_retransmit_reply();",
                body: { [self] route, _ in
                    let last = self.table.withTransaction(route.transactionID) { ($0.lastReply, $0.replyDestination) }
                    guard let (bytes, destination) = last, !bytes.isEmpty else { return .failure }
                    self.send(bytes, to: destination, token: 0, by: route.worker)
                    return .success
                }
            ),
            ScriptFunction(
                "t_drop_replies",
                Argument("mode", .literal, "`a` all, `l` those of the last leg, `n` none.", optional: true),
                in: .failure,
                summary: "Forgets the replies received so far, when the script relays anew or answers.",
                example: "t_drop_replies();",
                body: { [self] route, arguments in
                    let mode = arguments.text(0, in: route)
                    let replies: ResponsePolicy.FailureReplies =
                        mode == "l" ? .dropLastLeg : mode == "n" ? .keepAll : .dropAll
                    let known: Void? = self.table.withTransaction(route.transactionID) { $0.dropsReplies = replies }
                    return known == nil ? .failure : .success
                }
            ),
        ]
    }
}
