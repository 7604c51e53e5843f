import Bytes
import ModuleKit
import SIPMessage

/// Flags that travel in our Via, as its parameter `vbf`: set on a request, found again on its replies.
extension Corex {
    var viaFlagFunctions: [ScriptFunction] {
        let flag = Argument("flag", .int, "0 to 31.")
        func function(
            _ name: String, _ summary: String, _ outcomes: [Int: String],
            _ body: @escaping @Sendable (RouteContext, UInt32) -> Outcome
        ) -> ScriptFunction {
            ScriptFunction(
                name, flag, in: .any, summary: summary, outcomes: outcomes, example: "\(name)(\"3\");"
            ) { route, arguments in
                guard let number = arguments.int(0, in: route), (0...31).contains(number) else { return .failure }
                return body(route, 1 << UInt32(number))
            }
        }
        return [
            function("msg_vbflag_set", "Sets a flag that our Via carries.", [1: "set", -1: "no such flag"]) {
                $0.viaFlags |= $1
                return .success
            },
            function("msg_vbflag_reset", "Clears a flag that our Via carries.", [1: "cleared", -1: "no such flag"]) {
                $0.viaFlags &= ~$1
                return .success
            },
            function(
                "msg_vbflag_is_set", "Tells whether a flag that our Via carries is set.",
                [1: "it is", -1: "it is not, or there is no such flag"]
            ) { $0.viaFlags & $1 != 0 ? .success : .failure },
            ScriptFunction(
                "msg_vbflag_parse", in: .any, summary: "Takes the flags from the top Via of the message.",
                outcomes: [1: "taken", -1: "it carries none"],
                example: "if (msg_vbflag_parse() && msg_vbflag_is_set(\"3\")) xlog(\"marked\\n\");"
            ) { route, _ in
                let message = route.message
                let span = message.span
                let via = message.topVia
                guard via.isValid, let range = via.parameter(span, named: ("vbf" as StaticString).span),
                    let flags = UInt32(ByteString(span, range).string, radix: 16)
                else { return .failure }
                route.viaFlags = flags
                return .success
            },
        ]
    }
}
