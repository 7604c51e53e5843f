import Bytes
import ModuleKit
import SIPMessage

/// What a value is compared with or computed with: `i:5`, `s:text`, `text`, or a variable.
enum Operand: Sendable {
    case int(Int)
    case text(ByteString)
    /// All values of the stack count.
    case attribute(AttributeReference)
    case variable(VariableReference)

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        let bytes = text.bytes
        if bytes.first == UInt8(ascii: "$") {
            if AttributeReference.inner(text) != nil {
                self = .attribute(try AttributeReference(text, compiler))
            } else {
                self = .variable(try compiler.variable(text))
            }
            return
        }
        guard bytes.count >= 2, bytes[1] == UInt8(ascii: ":") else {
            self = .text(text)
            return
        }
        let rest = ByteString(Array(bytes.dropFirst(2)))
        switch bytes[0] | 0x20 {
        case UInt8(ascii: "i"):
            guard !rest.isEmpty, let number = Value.integer(rest.span, ByteRange(start: 0, count: rest.count)) else {
                throw ArgumentError("'\(rest.string)' is no number")
            }
            self = .int(number)
        case UInt8(ascii: "s"): self = .text(rest)
        default: self = .text(text)
        }
    }

    /// The values as they are now; none when the variable has none.
    func values(in route: RouteContext) -> [Value] {
        switch self {
        case .int(let number): return [.int(number)]
        case .text(let text): return [.bytes(text)]
        case .attribute(let reference): return route.attributes.values(reference.resolve(in: route))
        case .variable(let variable):
            let value = variable.read(in: route)
            return value.isNull ? [] : [value]
        }
    }
}
