import Bytes
import ModuleKit

/// `/expression/replacement/flags`: any character separates; `\1` to `\9` in the replacement are groups, `\0` is the
/// whole match, variables are expanded. Flags: `i` ignores case, `g` replaces every match, `s` lets `.` match line
/// ends.
public final class Substitution: Sendable {
    enum Piece: Sendable {
        case format(FormatString)
        case group(Int)
    }

    let pattern: RegularExpression
    let pieces: [Piece]
    let isGlobal: Bool

    public init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        let parts = try Self.split(text.bytes)
        for flag in parts.flags where !"igs".utf8.contains(flag) {
            throw ArgumentError("substitution flags are i, g and s, not \(String(decoding: [flag], as: UTF8.self))")
        }
        self.isGlobal = parts.flags.contains(UInt8(ascii: "g"))
        do {
            self.pattern = try RegularExpression(
                ByteString(parts.pattern), ignoringCase: parts.flags.contains(UInt8(ascii: "i")),
                isLineWise: !parts.flags.contains(UInt8(ascii: "s"))
            )
        } catch {
            throw ArgumentError("\(text.string) holds no regular expression: \(error.message)")
        }
        self.pieces = try Self.pieces(parts.replacement, compiler)
    }

    private static func split(_ text: [UInt8]) throws -> (pattern: [UInt8], replacement: [UInt8], flags: [UInt8]) {
        guard let separator = text.first, !separator.isLetter, !separator.isDigit, separator != UInt8(ascii: "\\")
        else {
            throw ArgumentError("a substitution is written /expression/replacement/flags")
        }
        var parts: [[UInt8]] = [[]]
        var index = 1
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\\"), index + 1 < text.count, parts.count < 3 {
                if text[index + 1] != separator { parts[parts.count - 1].append(byte) }
                parts[parts.count - 1].append(text[index + 1])
                index += 2
                continue
            }
            if byte == separator, parts.count < 3 { parts.append([]) } else { parts[parts.count - 1].append(byte) }
            index += 1
        }
        guard parts.count == 3 else { throw ArgumentError("a substitution is written /expression/replacement/flags") }
        return (parts[0], parts[1], parts[2])
    }

    private static func pieces(_ replacement: [UInt8], _ compiler: any ScriptCompiling) throws -> [Piece] {
        var pieces: [Piece] = []
        var text: [UInt8] = []
        func flush() throws {
            guard !text.isEmpty else { return }
            pieces.append(.format(try compiler.format(ByteString(text))))
            text = []
        }
        var index = 0
        while index < replacement.count {
            let byte = replacement[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < replacement.count else {
                text.append(byte)
                index += 1
                continue
            }
            let next = replacement[index + 1]
            switch next {
            case 48...57:
                try flush()
                pieces.append(.group(Int(next - 48)))
            case UInt8(ascii: "n"): text.append(10)
            case UInt8(ascii: "r"): text.append(13)
            case UInt8(ascii: "t"): text.append(9)
            default: text.append(next)
            }
            index += 2
        }
        try flush()
        return pieces
    }

    /// Calls `body` with each match in `span` and what comes in its place; how many there were is returned.
    func forEachMatch(in span: Span<UInt8>, _ route: RouteContext, _ body: (ByteRange, Span<UInt8>) -> Void) -> Int {
        var position = 0
        var count = 0
        let buffer = ByteBuffer(capacity: 64)
        let last = self.isGlobal ? self.pattern.lastStart(in: span) : span.count
        while position <= last, let match = self.pattern.firstMatch(in: span, from: position) {
            buffer.removeAll()
            for piece in self.pieces {
                switch piece {
                case .format(let format): format.write(to: buffer, in: route)
                case .group(let group): buffer.append(span, match[group])
                }
            }
            body(match.range, buffer.span)
            count += 1
            position = match.range.count > 0 ? match.range.upper : match.range.upper + 1
            guard self.isGlobal else { break }
        }
        return count
    }

    /// `text` with the replacements made; nil when nothing matches.
    public func apply(to text: Span<UInt8>, in route: RouteContext) -> ByteString? {
        let out = ByteBuffer(capacity: text.count + 32)
        var done = 0
        let count = self.forEachMatch(in: text, route) { range, replacement in
            out.append(text, ByteRange(done, range.lower))
            out.append(replacement)
            done = range.upper
        }
        guard count > 0 else { return nil }
        out.append(text, ByteRange(done, text.count))
        return ByteString(out.span)
    }
}
