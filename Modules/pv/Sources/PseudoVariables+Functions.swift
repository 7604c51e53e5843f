import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// Questions about variables.
    public var functions: [ScriptFunction] {
        let variable = Argument("variable", .variable, "The variable.")
        return [
            ScriptFunction(
                "pv_isset", variable, in: .any, summary: "Tells whether a variable has a value.",
                outcomes: [1: "it has", -1: "it is $null"], example: #"if (pv_isset("$avp(x)")) { setflag(1); }"#
            ) { route, arguments in Self.answer(!Self.value(arguments, route).isNull) },
            ScriptFunction(
                "pv_unset", variable, in: .any, summary: "Assigns $null.", outcomes: [1: "always"],
                example: #"pv_unset("$avp(x)");"#
            ) { route, arguments in
                arguments.variable(0)?.write(.null, in: route)
                return .success
            },
            ScriptFunction(
                "is_int", variable, in: .any, summary: "Tells whether a variable is a number.",
                outcomes: [1: "a number", -1: "text or $null"], example: #"if (is_int("$avp(x)")) { setflag(1); }"#
            ) { route, arguments in
                switch Self.value(arguments, route) {
                case .int, .labelled: return .success
                default: return .failure
                }
            },
            ScriptFunction(
                "not_empty", variable, in: .any, summary: "Tells whether a variable is text and not an empty one.",
                outcomes: [1: "it is", -1: "a number, an empty text or $null"],
                example: #"if (not_empty("$avp(x)")) { setflag(1); }"#
            ) { route, arguments in
                let value = Self.value(arguments, route)
                return Self.answer(!value.isNull && !value.isInt && !route.isEmpty(value))
            },
            ScriptFunction(
                "typeof", variable,
                Argument("type", .custom { text, _ in try TypeName(text) }, "int, str or null."), in: .any,
                summary: "Tells whether a variable is of a type.", outcomes: [1: "it is", -1: "it is not"],
                example: #"if (typeof("$avp(x)", "int")) { setflag(1); }"#
            ) { route, arguments in
                let value = Self.value(arguments, route)
                switch arguments.object(1, as: TypeName.self)?.type {
                case .int: return Self.answer(value.isInt)
                case .text: return Self.answer(!value.isNull && !value.isInt)
                case .null: return Self.answer(value.isNull && arguments.variable(0)?.transforms.isEmpty == true)
                case nil: return .failure
                }
            },
        ]
            + self.evaluationFunctions + self.stackFunctions + self.stackListFunctions + self.printFunctions
            + self.staticBranchFunctions
    }

    private static func value(_ arguments: Arguments, _ route: RouteContext) -> Value {
        arguments.variable(0)?.read(in: route) ?? .null
    }

    private static func answer(_ isTrue: Bool) -> Outcome { isTrue ? .success : .failure }
}

/// The types that `typeof()` knows.
private final class TypeName: Sendable {
    enum Kind: Sendable {
        case int, text, null
    }

    let type: Kind

    init(_ text: ByteString) throws {
        switch text.string {
        case "int": self.type = .int
        case "str": self.type = .text
        case "null": self.type = .null
        default: throw ArgumentError("there is no type '\(text.string)': it is int, str or null")
        }
    }
}
