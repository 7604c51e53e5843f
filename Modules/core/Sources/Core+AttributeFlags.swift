import Bytes
import ModuleKit

/// The attribute that a flag belongs to, and the flag's bit.
private final class AttributeArgument: Sendable {
    let name: AttributeName
    init(_ name: AttributeName) { self.name = name }
}

extension Core {
    /// Flags of attributes, an inheritance of SIP Express Router: they belong to the newest value.
    var attributeFlagFunctions: [ScriptFunction] {
        [
            Self.attributeFunction(
                "setavpflag", "Sets a flag of the newest value of an attribute.", [1: "set", -1: "no such attribute"]
            ) { route, name, mask in route.attributes.setFlags(name, route.attributes.flags(name) | mask) },
            Self.attributeFunction(
                "resetavpflag", "Clears a flag of the newest value of an attribute.",
                [1: "cleared", -1: "no such attribute"]
            ) { route, name, mask in route.attributes.setFlags(name, route.attributes.flags(name) & ~mask) },
            Self.attributeFunction(
                "isavpflagset", "Tells whether the newest value of an attribute has a flag.", [1: "set", -1: "not set"]
            ) { route, name, mask in route.attributes.flags(name) & mask != 0 },
        ]
    }

    private static func attributeFunction(
        _ function: String, _ summary: String, _ outcomes: [Int: String],
        _ body: @escaping @Sendable (RouteContext, AttributeName, UInt32) -> Bool
    ) -> ScriptFunction {
        let attribute = Argument.Kind.custom { text, _ in
            text.span.startsWithNumberMark
                ? AttributeArgument(.number(Value.integer(text.span, ByteRange(2, text.count)) ?? 0))
                : AttributeArgument(.text(text))
        }
        let flag = Argument.Kind.custom { text, compiler in
            guard let number = compiler.attributeFlag(text), 0...31 ~= number else {
                throw ArgumentError("\(text) is no flag: give a number from 0 to 31 or a name declared by avpflags")
            }
            return FlagBit(number)
        }
        return ScriptFunction(
            function, Argument("attribute", attribute, "Name of the attribute, as in $avp(name); i:5 for a number."),
            Argument("flag", flag, "Number of the flag, 0 to 31, or its name."), in: .any, summary: summary,
            outcomes: outcomes, example: "\(function)(\"name\", 1);"
        ) { route, arguments in
            guard let attribute = arguments.object(0, as: AttributeArgument.self),
                let bit = arguments.object(1, as: FlagBit.self)
            else { return .failure }
            return body(route, attribute.name, bit.mask) ? .success : .failure
        }
    }
}

extension Span<UInt8> {
    /// `i:5`.
    fileprivate var startsWithNumberMark: Bool {
        self.count > 2 && self[0] == UInt8(ascii: "i") && self[1] == UInt8(ascii: ":")
    }
}
