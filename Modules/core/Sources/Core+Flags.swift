import Bytes
import ModuleKit

extension Core {
    static let flagArgument = Argument(
        "flag",
        .custom { text, compiler in
            guard let number = compiler.flag(text) else {
                throw ArgumentError("\(text.string) is no flag: give a number from 0 to 31 or a name declared by flags")
            }
            guard (0...31).contains(number) else { throw ArgumentError("flag \(number) is not between 0 and 31") }
            return FlagBit(number)
        },
        "Number of the flag, 0 to 31, or its name."
    )

    /// Message flags: they go with the transaction.
    var flagFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "setflag", Self.flagArgument, in: .any, summary: "Sets a message flag.", outcomes: [1: "always"],
                example: "setflag(1);"
            ) { route, arguments in
                guard let flag = arguments.object(0, as: FlagBit.self) else { return .failure }
                route.flags |= flag.mask
                return .success
            }.asFlagAction(.set),
            ScriptFunction(
                "resetflag", Self.flagArgument, in: .any, summary: "Clears a message flag.", outcomes: [1: "always"],
                example: "resetflag(1);"
            ) { route, arguments in
                guard let flag = arguments.object(0, as: FlagBit.self) else { return .failure }
                route.flags &= ~flag.mask
                return .success
            }.asFlagAction(.reset),
            ScriptFunction(
                "isflagset", Self.flagArgument, in: .any, summary: "Tells whether a message flag is set.",
                outcomes: [1: "set", -1: "not set"], example: "if (isflagset(1)) { exit; }"
            ) { route, arguments in
                guard let flag = arguments.object(0, as: FlagBit.self) else { return .failure }
                return route.flags & flag.mask != 0 ? .success : .failure
            }.asFlagAction(.test),
        ]
    }
}
