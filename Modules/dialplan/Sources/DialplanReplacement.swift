import Bytes
import ModuleKit
import PerlExpressions

/// What stands in `repl_exp`: text, `\0` to `\9` for what groups matched, variables, and escapes.
struct DialplanReplacement: Sendable {
    private enum Piece: Sendable {
        case text(ByteString)
        case group(Int)
        case format(FormatString)
    }

    private var pieces: [Piece] = []
    private(set) var highestGroup = 0
    private(set) var hasVariables = false

    /// - Throws: `ArgumentError` for a variable that there is not.
    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        var plain: [UInt8] = []
        var index = 0
        let bytes = text.bytes
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                plain.append(bytes[index])
                index += 1
                continue
            }
            try self.flush(&plain, compiler)
            let next = bytes[index + 1]
            switch next {
            case 48...57:
                self.pieces.append(.group(Int(next - 48)))
                self.highestGroup = max(self.highestGroup, Int(next - 48))
            case UInt8(ascii: "n"): self.pieces.append(.text("\n"))
            case UInt8(ascii: "r"): self.pieces.append(.text("\r"))
            case UInt8(ascii: "t"): self.pieces.append(.text("\t"))
            default: self.pieces.append(.text(ByteString([next])))
            }
            index += 2
        }
        try self.flush(&plain, compiler)
    }

    private mutating func flush(_ plain: inout [UInt8], _ compiler: any ScriptCompiling) throws {
        guard !plain.isEmpty else { return }
        defer { plain.removeAll() }
        let text = ByteString(plain)
        guard plain.contains(UInt8(ascii: "$")) else { return self.pieces.append(.text(text)) }
        let format = try compiler.format(text)
        if let constant = format.constant { return self.pieces.append(.text(constant)) }
        self.pieces.append(.format(format))
        self.hasVariables = true
    }

    /// The text for one match; variables are empty without a message.
    func filled(_ match: PerlExpression.Match, of input: ByteString, in route: RouteContext?) -> ByteString {
        let out = ByteBuffer(capacity: 64)
        for piece in self.pieces {
            switch piece {
            case .text(let text): out.append(text)
            case .group(let group): out.append(input.span, match[group])
            case .format(let format): if let route { format.write(to: out, in: route) }
            }
        }
        return ByteString(out.span)
    }

    /// An expression with variables in it; nil when it has none. A dollar at the end, or before what begins no name, is
    /// the anchor that it is in expressions.
    static func format(_ text: ByteString, _ compiler: any ScriptCompiling) throws -> FormatString? {
        let bytes = text.bytes
        var pieces: [FormatString.Piece] = []
        var start = 0
        var hasVariables = false
        func take(_ end: Int) throws {
            guard end > start else { return }
            let part = ByteString(Array(bytes[start..<end]))
            let format = part.bytes.contains(UInt8(ascii: "$")) ? try compiler.format(part) : nil
            if let format, format.constant == nil {
                hasVariables = true
                pieces += format.pieces
            } else {
                pieces.append(.literal(format?.constant ?? part))
            }
        }
        for index in bytes.indices where bytes[index] == UInt8(ascii: "$") {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            guard !next.isLetter, next != UInt8(ascii: "_"), next != UInt8(ascii: "(") else { continue }
            try take(index)
            pieces.append(.literal("$"))
            start = index + 1
        }
        try take(bytes.count)
        return hasVariables ? FormatString(pieces) : nil
    }
}
