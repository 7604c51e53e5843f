/// A pattern that is nothing but texts to look for, `friendly-scanner|sipcli`: found without a machine for expressions.
///
/// For short texts: the time goes by the length of the text times that of the pattern.
struct LiteralPattern: Sendable {
    private let alternatives: [ByteString]
    private let isCaseIgnored: Bool
    /// A bit for each byte that an alternative begins with.
    private let beginnings: InlineArray<4, UInt64>

    /// - Returns: nil for a pattern that has an operator, a backslash or an empty alternative.
    init?(_ pattern: ByteString, ignoringCase: Bool) {
        let parts = pattern.bytes.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
        guard parts.allSatisfy({ part in !part.isEmpty && part.allSatisfy(Self.isPlain) }) else { return nil }
        self.alternatives = parts.map { ByteString($0.map { ignoringCase ? $0.lowercased : $0 }) }
        self.isCaseIgnored = ignoringCase
        var beginnings = InlineArray<4, UInt64>(repeating: 0)
        for part in self.alternatives {
            let first = part.bytes[0]
            beginnings[Int(first >> 6)] |= 1 << UInt64(first & 63)
        }
        self.beginnings = beginnings
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || " -_/:@%,;=!#&<>~'\"".utf8.contains(byte)
    }

    func matches(_ text: Span<UInt8>) -> Bool {
        for start in 0..<text.count {
            let first = self.folded(text[start])
            guard self.beginnings[Int(first >> 6)] & 1 << UInt64(first & 63) != 0 else { continue }
            for wanted in self.alternatives where self.stands(wanted.span, in: text, at: start) { return true }
        }
        return false
    }

    private func stands(_ wanted: Span<UInt8>, in text: Span<UInt8>, at start: Int) -> Bool {
        guard wanted.count <= text.count - start else { return false }
        for index in 0..<wanted.count where self.folded(text[start + index]) != wanted[index] { return false }
        return true
    }

    @inline(__always)
    private func folded(_ byte: UInt8) -> UInt8 { self.isCaseIgnored ? byte.lowercased : byte }
}
