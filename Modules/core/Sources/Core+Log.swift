import Bytes
import ModuleKit

extension Core {
    var logFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "log",
                Argument(
                    "level", .literal,
                    "Level, 0 and above, or the text when there is no second argument: its level is 4."),
                Argument("text", .literal, "Text to log; variables are not expanded.", optional: true), in: .any,
                summary: "Writes a line to the log; xlog() expands variables.", outcomes: [1: "always"],
                example: #"log(1, "here\n");"#
            ) { route, arguments in
                // Without a level a line is for those who look for the smallest things: debug = 4.
                let number = arguments.has(1) ? arguments.int(0, in: route) ?? -1 : 4
                let logger = route.program.logger
                guard number <= logger.threshold else { return .success }
                let level = LogLevel(rawValue: min(max(number, -5), 3)) ?? .error
                let text = "<script>: " + arguments.text(arguments.has(1) ? 1 : 0, in: route)
                logger.write(level, facility: nil, text.span, about: route)
                return .success
            },
            ScriptFunction(
                "error", Argument("first", .literal, "Text."), Argument("second", .literal, "Text."), in: .any,
                summary: "Writes its two texts to the log, nothing else.", outcomes: [1: "always"],
                example: #"error("here", "there");"#
            ) { route, arguments in
                route.log(
                    .notice, "error(\(arguments.text(0, in: route).string), \(arguments.text(1, in: route).string))")
                return .success
            },
        ]
    }
}
