import Bytes
import ModuleKit

extension PseudoVariables {
    /// Flags as numbers.
    var flagVariables: [ScriptVariable] {
        Self.flags("m", "M", "Message", read: { $0.flags }, write: { $0.flags = $1 })
            + Self.flags("b", "B", "Branch", read: { $0.target.flags }, write: { $0.target.flags = $1 })
            + Self.flags("s", "S", "Script", read: { $0.scriptFlags }, write: { $0.scriptFlags = $1 })
            + [ScriptVariable("true", summary: "1.") { _ in .int(1) }]
    }

    private static func flags(
        _ letter: String, _ capital: String, _ kind: String, read: @escaping @Sendable (RouteContext) -> UInt32,
        write: @escaping @Sendable (RouteContext, UInt32) -> Void
    ) -> [ScriptVariable] {
        let assign: @Sendable (RouteContext, Value) -> Bool = { route, value in
            guard let number = route.int(value) else { return false }
            write(route, UInt32(truncatingIfNeeded: number))
            return true
        }
        return [
            ScriptVariable(
                "\(letter)f", summary: "\(kind) flags as a decimal number.", read: { .int(Int(read($0))) },
                write: assign),
            ScriptVariable(
                "\(letter)F", summary: "\(kind) flags as eight hexadecimal digits.",
                read: { route in
                    let buffer = ByteBuffer(capacity: 8)
                    buffer.append(hex: UInt64(read(route)), digits: 8)
                    return .labelled(Int(read(route)), ByteString(buffer.span))
                },
                write: assign
            ),
            ScriptVariable(
                "\(capital)f", inner: .required, writable: true, summary: "One \(kind.lowercased()) flag as 0 or 1."
            ) { name, compiler in
                guard case .literal(let text) = name, let number = compiler.flag(text), (0...31).contains(number) else {
                    throw ArgumentError("$\(capital)f takes the number of a flag, 0 to 31, or its name")
                }
                let mask: UInt32 = 1 << UInt32(number)
                return VariableAccess { route, _ in
                    .int(read(route) & mask != 0 ? 1 : 0)
                } write: { route, _, value in
                    guard let isSet = route.int(value) else { return false }
                    write(route, isSet != 0 ? read(route) | mask : read(route) & ~mask)
                    return true
                }
            },
        ]
    }
}
