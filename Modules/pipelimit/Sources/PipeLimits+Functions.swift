import Bytes
import ModuleKit
import SIPMessage
import ratelimit

extension PipeLimits {
    public var functions: [ScriptFunction] {
        [
            ScriptFunction(
                "pl_check", Argument("name", .format, "Name of the pipe, at most 255 bytes."),
                Argument(
                    "algorithm", .format, "TAILDROP, RED, FEEDBACK, NETWORK or NOP; then a limit has to follow.",
                    optional: true),
                Argument("limit", .int, "Limit of an interval; 0 leaves that of a pipe that is there.", optional: true),
                in: .any,
                summary:
                    "Counts the message for a pipe, and tells whether it is within the limit; with algorithm and limit the pipe is made when there is none.",
                outcomes: [
                    2: "the pipe has no limit", 1: "the message is within the limit",
                    -1: "it is over the limit, or the limit is no number", -2: "there is no such pipe, or algorithm",
                ],
                example: #"if (!pl_check("$si", "TAILDROP", "20")) { pl_drop("5"); exit; }"#
            ) { [unowned self] route, arguments in
                let name = arguments.text(0, in: route)
                guard arguments.has(1) else {
                    guard let answer = self.store.take(name) else {
                        route.log(.error, "pl_check: there is no pipe '\(name)'")
                        return -2
                    }
                    return .code(answer.rawValue)
                }
                return self.check(name, arguments, in: route)
            },
            ScriptFunction(
                "pl_active", Argument("name", .format, "Name of the pipe."), in: .any,
                summary: "Tells whether there is a pipe of that name.", outcomes: [1: "there is", -1: "there is none"],
                example: #"if (!pl_active("one")) { exit; }"#
            ) { [unowned self] route, arguments in
                self.store.has(arguments.text(0, in: route)) ? .success : .failure
            },
            ScriptFunction(
                "pl_drop", Self.seconds("min", "Seconds of Retry-After; with a second number the least."),
                Self.seconds("max", "The most seconds."), in: [.request, .failure, .branch, .onsend],
                summary: "Refuses the request with reply_code and reply_reason, and perhaps Retry-After.",
                reference: "RFC 3261 §21.5.4", outcomes: [1: "a reply was sent", -1: "there is nothing to reply to"],
                example: #"if (!pl_check("one")) { pl_drop("5", "15"); exit; }"#
            ) { [unowned self] route, arguments in
                self.drop(arguments, in: route)
            },
        ]
    }

    private final class Seconds: Sendable {
        let value: Int
        init(_ text: ByteString) throws(ArgumentError) {
            guard let value = Int(text.string), value > 0, value <= 1_000_000_000 else {
                throw ArgumentError("'\(text)' is no number of seconds above 0")
            }
            self.value = value
        }
    }

    private static func seconds(_ name: String, _ summary: String) -> Argument {
        Argument(name, .custom { text, _ in try Seconds(text) }, summary, optional: true)
    }

    private func check(_ name: ByteString, _ arguments: Arguments, in route: RouteContext) -> Outcome {
        guard let limit = arguments.int(2, in: route), limit >= 0 else {
            route.log(.error, "pl_check: '\(arguments.text(2, in: route))' is no limit")
            return .failure
        }
        let algorithm = arguments.text(1, in: route)
        guard let algorithm = LimitAlgorithm(name: algorithm.string), name.count <= PipeStore.longestName else {
            route.log(.error, "pl_check: no pipe '\(name)' with algorithm '\(algorithm)' can be made")
            return -2
        }
        return .code(self.store.take(name, algorithm, limit: limit)?.rawValue ?? -2)
    }

    private func drop(_ arguments: Arguments, in route: RouteContext) -> Outcome {
        let headers = route.replyHeaders
        let mark = headers.count
        if let least = arguments.object(0, as: Seconds.self)?.value {
            let most = arguments.object(1, as: Seconds.self)?.value ?? least
            headers.append("Retry-After: ")
            headers.append(decimal: least < most ? .random(in: least...most) : least)
            headers.append("\r\n")
        }
        let code = self.replies.send(
            to: route, code: route[self.settings.replyCode],
            reason: self.settings.replyReason.value(in: route.configuration))
        headers.truncate(to: mark)
        return .code(code)
    }
}
