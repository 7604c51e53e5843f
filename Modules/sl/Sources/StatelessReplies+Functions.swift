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
                let code = self.reply(to: route, code: failure.code, reason: reason)
                if code > 0 { route.worker.count(self.counters.sentErrors) }
                return .code(code)
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
            ScriptFunction(
                "sl_forward_reply",
                Argument("code", .format, "Status code of the same class; as received when left out.", optional: true),
                Argument("reason", .format, "Reason phrase; as received when left out.", optional: true),
                in: [.reply, .transactionReply],
                summary: "Sends the reply on by its Via, without a transaction, perhaps with another code or phrase.",
                reference: "RFC 3261 §16.7, §16.11",
                outcomes: [1: "on its way", -1: "a code of another class, or nowhere to send it to"],
                example: #"if (status == "183") { sl_forward_reply("180", "Ringing"); drop; }"#
            ) { [self] route, arguments in .code(self.forward(route, arguments)) },
        ]
    }

    private func forward(_ route: RouteContext, _ arguments: Arguments) -> Int {
        let message = route.message
        guard message.isResponse else { return -1 }
        let mark = route.edits.mark()
        // What is changed is for this copy: the reply itself stays as it was.
        defer { route.edits.rollback(to: mark) }
        if arguments.has(0) {
            let text = arguments.text(0, in: route)
            guard let code = text.span.decimal(in: ByteRange(start: 0, count: text.count)), (100...699).contains(code),
                code / 100 == message.statusCode / 100
            else {
                route.log(.error, "sl: a reply \(message.statusCode) does not become \(text)")
                return -1
            }
            let blank = message.span.firstIndex(of: 32, from: message.start, to: message.reason.lower)
            route.edits.replace(ByteRange(start: blank + 1, count: 3), withDecimal: code)
        }
        if arguments.has(1) {
            let reason = arguments.text(1, in: route)
            guard Self.isOneLine(reason) else { return -1 }
            if message.reason.count > 0 {
                route.edits.replace(message.reason, with: reason.span)
            } else {
                route.edits.insert(at: message.reason.lower, reason.span)
            }
        }
        guard StatelessForwarder.forwardReply(route) else {
            route.worker.count(self.counters.failures)
            return -1
        }
        return 1
    }

    private static func isOneLine(_ text: ByteString) -> Bool { !text.bytes.contains { $0 == 13 || $0 == 10 } }

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
