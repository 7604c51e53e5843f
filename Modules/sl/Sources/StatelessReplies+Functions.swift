import Bytes
import ModuleKit

extension StatelessReplies {
    public var functions: [ScriptFunction] {
        let code = Argument("code", .int, "Status code, 100 to 699.")
        let reason = Argument("reason", .format, "Reason phrase.")
        let outcomes = [1: "sent", -1: "nothing to reply to, or it could not be sent"]
        return [
            ScriptFunction(
                "sl_send_reply",
                aliases: ["sl_reply"],
                code, reason,
                in: .request,
                summary:
                    "Replies without a transaction; a 3xx lists the changed Request-URI and the branches as Contact.",
                reference: "RFC 3261 §8.2.7",
                outcomes: outcomes,
                example: #"sl_send_reply("404", "Not Found");"#
            ) { [self] route, arguments in
                .code(self.reply(to: route, code: self.code(arguments, route), reason: arguments.text(1, in: route)))
            },
            ScriptFunction(
                "send_reply",
                code, reason,
                in: [.request, .failure, .transactionReply, .reply],
                summary: "Replies through the transaction when there is one, else without.",
                reference: "RFC 3261 §8.2.6",
                outcomes: outcomes,
                example: #"send_reply("404", "Not Found");"#
            ) { [self] route, arguments in
                .code(self.send(to: route, code: self.code(arguments, route), reason: arguments.text(1, in: route)))
            },
            ScriptFunction(
                "send_reply_mode",
                code, reason, Argument("mode", .int, "Sum of 1 (open no connection) and 2 (close the connection)."),
                in: [.request, .failure, .transactionReply, .reply],
                summary: "Like send_reply, and says what becomes of the connection.",
                reference: "RFC 3261 §18.2.2",
                outcomes: outcomes,
                example: #"send_reply_mode("403", "Forbidden", "2");"#
            ) { [self] route, arguments in
                let mode = arguments.int(2, in: route) ?? 0
                if mode & 1 != 0 { route.options.insert(.replyNoConnect) }
                if mode & 2 != 0 { route.options.insert(.replyClose) }
                return .code(
                    self.send(to: route, code: self.code(arguments, route), reason: arguments.text(1, in: route))
                )
            },
            ScriptFunction(
                "sl_reply_error",
                in: .request,
                summary: "Replies without a transaction with the reason of the last internal failure.",
                reference: "RFC 3261 §21.5.1",
                outcomes: outcomes,
                example: "if (!t_relay()) { sl_reply_error(); }"
            ) { [self] route, _ in
                let failure = route.lastFailure
                let reason = failure.reason("SL")
                route.log(.error, "sl: stateless error reply used: \(reason)")
                return .code(self.reply(to: route, code: failure.code, reason: reason))
            },
            ScriptFunction(
                "send_reply_error",
                in: [.request, .failure, .transactionReply, .reply],
                summary:
                    "Replies with the reason of the last internal failure, through the transaction when there is one.",
                reference: "RFC 3261 §21.5.1",
                outcomes: outcomes,
                example: "if (!t_relay()) { send_reply_error(); }"
            ) { [self] route, _ in self.sendError(to: route) },
        ] + ScriptFunction.notYet("sl_forward_reply")
    }

    private func sendError(to route: RouteContext) -> Outcome {
        let failure = route.lastFailure
        if self.settings.usesTransactions, route.transaction != 0, let stateful = route.program.hooks.statefulReply,
            let result = stateful(route, failure.code, failure.reason("TM"))
        {
            return .code(result)
        }
        return .code(self.reply(to: route, code: failure.code, reason: failure.reason("SL")))
    }

    /// The code argument; 0, which means the default, when a variable holds no number.
    private func code(_ arguments: Arguments, _ route: RouteContext) -> Int {
        arguments.int(0, in: route) ?? self.settings.defaultCode
    }
}
