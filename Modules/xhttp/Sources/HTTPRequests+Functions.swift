import Bytes
import ModuleKit

extension HTTPRequests {
    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "xhttp_reply",
                Argument("code", .int, "Status, 200 to 699."), Argument("reason", .format, "Reason phrase, not empty."),
                Argument("type", .format, "Content-Type; empty: none."),
                Argument("body", .format, "Body, perhaps empty."),
                in: .request,
                summary: "Answers an HTTP request, over the connection that it came in on.",
                reference: "RFC 9112 §4",
                outcomes: [1: "sent", -1: "bad code, reason or type, answered already, or no HTTP request"],
                example: #"xhttp_reply("200", "OK", "text/plain", "Hello $si\n");"#
            ) { [self] route, arguments in
                let reason = arguments.text(1, in: route)
                guard let code = arguments.int(0, in: route), !reason.isEmpty else {
                    route.log(.error, "xhttp_reply: the code is no number, or the reason is empty")
                    return .failure
                }
                let type = arguments.text(2, in: route)
                let body = arguments.text(3, in: route)
                return self.answer(route, code, reason, type, body)
            }
        ]
    }

    private func answer(
        _ route: RouteContext, _ code: Int, _ reason: ByteString, _ type: ByteString, _ body: ByteString
    ) -> Outcome {
        switch self.reply.send(code, reason.span, type: type.span, body: body.span, for: route) {
        case .sent: return .success
        case .notHTTP: route.log(.error, "xhttp_reply: the message is no HTTP request")
        case .repeated: route.log(.error, "xhttp_reply: the request has been answered already")
        case .badCode: route.log(.error, "xhttp_reply: \(code) is no status of an answer (200 to 699)")
        case .badText: route.log(.error, "xhttp_reply: reason or type has control characters")
        case .unreachable: route.log(.info, "xhttp_reply: the connection of \(route.arrival.source) is gone")
        }
        return .failure
    }
}
