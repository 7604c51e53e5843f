import Bytes
import ModuleKit
import SIPMessage

extension Corex {
    /// Extended message flags, 0 to 63.
    var flagFunctions: [ScriptFunction] {
        func function(
            _ name: String, _ summary: String, _ body: @escaping @Sendable (RouteContext, UInt64) -> Bool
        ) -> ScriptFunction {
            ScriptFunction(
                name, Argument("flag", .int, "Number of the flag, 0 to 63."), in: .any, summary: summary,
                outcomes: [1: "yes", -1: "no, or no such flag"], example: "\(name)(\"40\");"
            ) { route, arguments in
                guard let number = arguments.int(0, in: route), number >= 0, number < 64 else { return .failure }
                return body(route, 1 << UInt64(number)) ? .success : .failure
            }
        }
        return [
            function("setxflag", "Sets an extended message flag.") { route, mask in
                route.extendedFlags |= mask
                return true
            },
            function("resetxflag", "Clears an extended message flag.") { route, mask in
                route.extendedFlags &= ~mask
                return true
            },
            function("isxflagset", "Tells whether an extended message flag is set.") { $0.extendedFlags & $1 != 0 },
        ]
    }

    var questionFunctions: [ScriptFunction] {
        func question(
            _ name: String, _ summary: String, _ body: @escaping @Sendable (RouteContext) -> Bool
        ) -> ScriptFunction {
            ScriptFunction(
                name, in: .any, summary: summary, outcomes: [1: "yes", -1: "no"],
                example: "if (\(name)()) { setflag(1); }"
            ) { route, _ in body(route) ? .success : .failure }
        }
        return [
            question("is_faked_msg", "Tells whether the message was built by the server itself.") {
                $0.options.contains(.isLocal)
            },
            question(
                "is_incoming", "Tells in event_route[network:msg] whether the bytes came in; else they are to leave."
            ) { $0.state(NetworkDirection.self)?.isIncoming ?? false },
            question("has_ruri_user", "Tells whether the Request-URI has a user.") { route in
                route.isRequest && route.withRequestURI { $1?.hasUser ?? false }
            },
            question("has_user_agent", "Tells whether the message has User-Agent.") { $0.message.has(.userAgent) },
        ]
    }
}
