import Bytes
import ModuleKit
import SIPMessage

/// `$avp(name)` as the functions of this module take it: the stack, not its newest value.
final class AttributeReference: Sendable {
    private enum Name: Sendable {
        case fixed(AttributeName)
        case variable(VariableReference)
    }

    private let name: Name

    /// - Parameter text: `$avp(x)`, `$avp(s:x)`, `$avp(i:5)`, `$avp($var(x))`; the dollar sign may be missing where no
    ///   variable can stand.
    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        guard let inner = Self.inner(text) else {
            throw ArgumentError("'\(text.string)' is no $avp: write $avp(name)")
        }
        if inner.bytes.first == UInt8(ascii: "$") {
            self.name = .variable(try compiler.variable(inner))
        } else {
            self.name = .fixed(Self.name(inner))
        }
    }

    /// What stands in the parentheses of `$avp(…)` or `$(avp(…))`; nil for anything else.
    static func inner(_ text: ByteString) -> ByteString? {
        var bytes = text.bytes[...]
        if bytes.starts(with: "$(avp(".utf8), bytes.last == UInt8(ascii: ")") {
            bytes = bytes.dropFirst(2).dropLast()
        } else if bytes.starts(with: "$avp(".utf8) {
            bytes = bytes.dropFirst()
        } else {
            return nil
        }
        guard bytes.last == UInt8(ascii: ")"), bytes.count > 5 else { return nil }
        return ByteString(Array(bytes.dropFirst(4).dropLast()))
    }

    /// `i:5` is a number, `s:x` and `x` are the same text.
    private static func name(_ text: ByteString) -> AttributeName {
        guard text.count > 2, text.bytes[1] == UInt8(ascii: ":") else { return .text(text) }
        let rest = ByteString(Array(text.bytes.dropFirst(2)))
        switch text.bytes[0] | 0x20 {
        case UInt8(ascii: "i"):
            return Value.integer(rest.span, ByteRange(start: 0, count: rest.count)).map { .number($0) } ?? .text(text)
        case UInt8(ascii: "s"): return .text(rest)
        default: return .text(text)
        }
    }

    func resolve(in route: RouteContext) -> AttributeName {
        switch self.name {
        case .fixed(let name): return name
        case .variable(let variable):
            let value = variable.read(in: route)
            if case .int(let number) = value { return .number(number) }
            return Self.name(route.text(value))
        }
    }
}

/// The parts of an argument between slashes that stand in no parentheses.
enum SlashText {
    /// - Parameter limit: at most so many parts; further slashes belong to the last one.
    static func split(_ text: ByteString, limit: Int = .max) -> [ByteString] {
        var parts: [[UInt8]] = [[]]
        var depth = 0
        for byte in text.bytes {
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
            if byte == UInt8(ascii: "/"), depth <= 0, parts.count < limit {
                parts.append([])
            } else {
                parts[parts.count - 1].append(byte)
            }
        }
        return parts.map { ByteString($0) }
    }

    /// The letters of a flag part in lower case, when all of them are in `allowed`.
    static func flags(_ text: ByteString?, _ allowed: String, of what: String) throws -> Set<UInt8> {
        let flags = Set((text?.bytes ?? []).map(\.lowercased))
        guard flags.isSubset(of: Set(allowed.utf8)) else {
            throw ArgumentError("flags of \(what) are \(allowed.map { String($0) }.joined(separator: ", "))")
        }
        return flags
    }
}

extension Set<UInt8> {
    func has(_ letter: Unicode.Scalar) -> Bool { self.contains(UInt8(ascii: letter)) }
}
