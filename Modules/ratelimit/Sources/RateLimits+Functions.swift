import Bytes
import ModuleKit
import SIPMessage

extension RateLimits {
    private static let outcomes = [
        1: "the message is within the limit, or its queue leads to no pipe",
        -1: "it is over the limit, or there is no such pipe, or no queue for the method",
    ]

    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "rl_check",
                Argument(
                    "pipe", .int, "Number of a pipe; without it the queue for the method leads to one.", optional: true),
                in: .any, summary: "Counts the message, and tells whether it is within the limit.",
                outcomes: Self.outcomes,
                example: #"if (!rl_check()) { sl_send_reply("503", "Limiting"); exit; }"#
            ) { [unowned self] route, arguments in
                guard arguments.has(0) else {
                    return self.passes(Self.method(of: route)) ? .success : .failure
                }
                return self.check(arguments, in: route)
            },
            ScriptFunction(
                "rl_check_pipe", Argument("pipe", .int, "Number of a pipe."), in: .request,
                summary: "Counts the message for a pipe, and tells whether it is within the limit.",
                outcomes: Self.outcomes,
                example: #"if (!rl_check_pipe("1")) { sl_send_reply("503", "Limiting"); exit; }"#
            ) { [unowned self] route, arguments in
                self.check(arguments, in: route)
            },
        ]
    }

    private func check(_ arguments: Arguments, in route: RouteContext) -> Outcome {
        guard let number = arguments.int(0, in: route), let passes = self.passes(pipe: number) else {
            route.log(.error, "ratelimit: there is no pipe \(arguments.text(0, in: route))")
            return .failure
        }
        return passes ? .success : .failure
    }

    private static func method(of route: RouteContext) -> ByteString {
        let message = route.message
        return message.text(message.isResponse ? message.cSeq.methodRange : message.methodRange)
    }
}
