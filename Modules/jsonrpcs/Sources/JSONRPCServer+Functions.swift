import Bytes
import ControlProtocol
import ModuleKit

/// The answer that a script has got, for `$jsonrpl(…)`.
final class LastReply {
    let reply: JSONRPCReply
    init(_ reply: JSONRPCReply) { self.reply = reply }
}

extension JSONRPCServer {
    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "jsonrpc_exec", Argument("request", .format, "The document."), in: .any,
                summary: """
                    Carries a request out; $jsonrpl(code), $jsonrpl(text) and $jsonrpl(body) have the answer. The script \
                    waits for a command that waits, and for apus.reload.
                    """,
                outcomes: [1: "carried out, or refused: $jsonrpl(code) tells", -1: "the document is no JSON"],
                example: #"jsonrpc_exec('{"jsonrpc":"2.0","method":"core.uptime","id":1}'); xlog("$jsonrpl(body)\n");"#,
                body: { [unowned self] route, arguments in
                    self.carryOut(arguments.text(0, in: route), "jsonrpc_exec", route) { route, reply in
                        route.setState(LastReply(reply))
                        return .success
                    }
                }
            ),
            self.dispatch,
        ]
    }

    public var variables: [ScriptVariable] {
        [
            ScriptVariable(
                "jsonrpl", inner: .required,
                summary: "`$jsonrpl(code)`, `$jsonrpl(text)`, `$jsonrpl(body)`: the answer to the last jsonrpc_exec().",
                bind: { name, _ in
                    guard case .literal(let part) = name, let read = Self.parts[part.string] else {
                        throw ArgumentError("$jsonrpl has code, text and body", suggestion: "body")
                    }
                    return VariableAccess(read: { route, _ in
                        route.state(LastReply.self).map { read($0.reply) } ?? .null
                    })
                }
            )
        ]
    }

    private static let parts: [String: @Sendable (JSONRPCReply) -> Value] = [
        "code": { .int($0.code) }, "text": { .bytes(ByteString($0.text)) }, "body": { .bytes($0.document) },
    ]

    typealias Use = @Sendable (RouteContext, JSONRPCReply) -> Outcome

    /// Carries out a document that a script has, now or while the script waits, and gives the answer to `use`.
    func carryOut(
        _ document: ByteString, _ function: StaticString, _ route: RouteContext, _ use: @escaping Use
    ) -> Outcome {
        let request: JSONRPCRequest
        do throws(JSONError) {
            request = try JSONRPCRequest(document.bytes)
        } catch {
            route.log(.error, "\(function): the document is no JSON: \(error)")
            return .failure
        }
        let command = self.host.command(named: request.method.string)
        if let command, command.later != nil || command.isReload { return self.wait(for: request, route, use) }
        let place = Lock<JSONRPCReply?>(nil)
        self.answer(request) { reply in place.withLock { $0 = reply } }
        // What does not wait has answered by now.
        guard let reply = place.withLock({ $0 }) else { return .failure }
        return use(route, reply)
    }

    /// Has a thread that may block carry it out; workers must not.
    private func wait(for request: JSONRPCRequest, _ route: RouteContext, _ use: @escaping Use) -> Outcome {
        let token = route.suspend()
        self.host.runBlocking { [self] in
            self.answer(request) { token.resume(ResumeResult(code: 1, payload: $0)) }
        }
        return .suspended(
            Continuation { route, result in
                // Woken without an answer: too many scripts wait.
                guard let reply = result.payload as? JSONRPCReply else { return .failure }
                return use(route, reply)
            })
    }
}
