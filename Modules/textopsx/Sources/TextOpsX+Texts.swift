import Bytes
import ModuleKit

extension TextOpsX {
    var textFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "fnmatch", Argument("text", .format, "The text."),
                Argument("pattern", .format, "* any text, ? any character, [a-z] one of a set."),
                Argument("flags", .format, "i ignores case.", optional: true), in: .any,
                summary: "Tells whether a text fits a shell pattern.", outcomes: [1: "it fits", -1: "it does not"],
                example: #"if (fnmatch("$rU", "49*")) { setflag(1); }"#
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                let pattern = arguments.text(1, in: route)
                let ignoresCase = arguments.text(2, in: route).bytes.contains(UInt8(ascii: "i"))
                return ShellPattern(pattern).matches(text, ignoringCase: ignoresCase) ? .success : .failure
            }
        ]
    }
}
