import Bytes
import ModuleKit

// Pauses suspend the script: its worker takes other messages meanwhile.
extension ConfigurationUtilities {
    /// Longest pause: what a script asks for beyond it is cut.
    private static let longest = 1_000_000_000

    var pauseFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "sleep", Argument("seconds", .int, "How long."), in: .any,
                summary: "Pauses the script; the server works on other messages meanwhile.",
                outcomes: [1: "the time has passed", -1: "no number, or too many scripts wait already"],
                example: "sleep(\"1\");",
                body: { route, arguments in Self.pause(route, arguments.int(0, in: route), millisecondsPer: 1000) }
            ),
            ScriptFunction(
                "usleep",
                Argument("microseconds", .int, "How long; rounded up to milliseconds."), in: .any,
                summary: "Pauses the script; the server works on other messages meanwhile.",
                outcomes: [1: "the time has passed", -1: "no number, or too many scripts wait already"],
                example: "usleep(\"20000\");",
                body: { route, arguments in
                    Self.pause(route, arguments.int(0, in: route).map { ($0 &+ 999) / 1000 }, millisecondsPer: 1)
                }
            ),
        ]
    }

    private static func pause(_ route: RouteContext, _ time: Int?, millisecondsPer unit: Int) -> Outcome {
        guard let time else { return .failure }
        guard time > 0 else { return .success }
        return route.pause(.milliseconds(min(time, Self.longest / unit) * unit))
    }
}
