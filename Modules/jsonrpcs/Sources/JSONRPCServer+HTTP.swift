import Bytes
import ControlProtocol
import ModuleKit
import SIPMessage

/// JSON-RPC in the body of HTTP requests, which the script of `event_route[xhttp:request]` hands over.
extension JSONRPCServer {
    var dispatch: ScriptFunction {
        ScriptFunction(
            "jsonrpc_dispatch", in: .request,
            summary: """
                Carries out the JSON-RPC in the body of an HTTP request and answers it. The script waits for a command that \
                waits, and for apus.reload.
                """,
            outcomes: [1: "answered", -1: "no HTTP request, transport without 1, no JSON: nothing was answered"],
            example: #"if (!jsonrpc_dispatch()) { xhttp_reply("400", "Bad Request", "text/plain", "no JSON\n"); }"#,
            body: { [unowned self] route, _ in self.dispatch(route) }
        )
    }

    private func dispatch(_ route: RouteContext) -> Outcome {
        guard self.settings.serves(.http) else {
            route.log(.error, "jsonrpc_dispatch: the parameter transport of jsonrpcs has no 1 (HTTP) in it")
            return .failure
        }
        let message = route.message
        guard message.kind == .http else {
            route.log(.error, "jsonrpc_dispatch: the message is no HTTP request")
            return .failure
        }
        return self.carryOut(ByteString(message.span, message.body), "jsonrpc_dispatch", route) { [self] route, reply in
            self.answer(route, reply)
        }
    }

    /// The status is that of the fault, as far as HTTP has it.
    private func answer(_ route: RouteContext, _ reply: JSONRPCReply) -> Outcome {
        let isStatus = (200...699).contains(reply.code)
        let type: StaticString = "application/json"
        let phrase = ByteString(reply.text.isEmpty ? "Fault" : Self.line(reply.text))
        let document = reply.document
        let outcome = self.replies.send(
            isStatus ? reply.code : 500, phrase.span, type: type.span, body: document.span, for: route)
        guard outcome == .sent else {
            route.log(.error, "jsonrpc_dispatch: the answer could not be sent: \(outcome)")
            return .failure
        }
        return .success
    }

    /// A reason phrase is one line.
    private static func line(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 32 || $0 == 127 ? 32 : $0 }, as: UTF8.self)
    }
}
