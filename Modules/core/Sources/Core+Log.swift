import Bytes
import ModuleKit

extension Core {
    var logFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "log", Argument("level", .literal, "Level, -5 to 3, or the text when there is no second argument."),
                Argument("text", .literal, "Text to log; variables are not expanded.", optional: true), in: .any,
                summary: "Writes a line to the log; xlog() expands variables.", outcomes: [1: "always"],
                example: #"log(1, "here\n");"#
            ) { route, arguments in
                var level = LogLevel.error
                if arguments.has(1) {
                    level = LogLevel(rawValue: min(max(arguments.int(0, in: route) ?? -1, -5), 3)) ?? .error
                }
                let text = arguments.text(arguments.has(1) ? 1 : 0, in: route)
                route.program.logger.write(level, prefix: route.program.logPrefix(for: route).span, text.span)
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
