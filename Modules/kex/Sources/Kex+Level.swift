import Bytes
import ModuleKit

extension Kex {
    /// The log level of the worker.
    static var levelFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "setdebug", Argument("level", .int, "Largest level that is written, -5 to 9."), in: .any,
                summary: "Gives the worker a log level of its own, for this message and those after it.",
                outcomes: [1: "done", -1: "no number"], example: #"setdebug("3");"#
            ) { route, arguments in
                guard let level = arguments.int(0, in: route) else { return .failure }
                route.worker.variables.logThreshold = min(max(level, -5), 9)
                return .success
            },
            ScriptFunction(
                "resetdebug", in: .any, summary: "Takes the worker's own log level away: the server's counts again.",
                outcomes: [1: "always"], example: "resetdebug();"
            ) { route, _ in
                route.worker.variables.logThreshold = nil
                return .success
            },
        ]
    }
}
