import Glibc

/// Bounds on what a text can cost that somebody else has written: patterns come from the owner of the server, texts from
/// anybody. `regexec` tries from each byte to the end, for `x.*y` by the square of the length: seconds for the largest
/// message. With any text put before the pattern, one pass tells whether something matches.
extension RegularExpression {
    /// From so many bytes on a text is asked first whether it can match at all.
    static let longText = 2048
    /// From so many bytes on it is found out first where the last match may begin.
    private static let veryLongText = 8192
    /// How near to it that is, in bytes.
    private static let nearness = 64
    /// Longest text, in bytes, for patterns that ask for a group again (`(.*)\1`): the C library needs memory by the square
    /// of it. Longer ones do not match.
    private static let backReferenceLimit = 2048

    /// False when nothing in `text` matches.
    func mayMatch(_ text: Span<UInt8>) -> Bool {
        guard text.count >= Self.longText else { return true }
        if self.measure.hasBackReference { return text.count <= Self.backReferenceLimit }
        return self.existingSieve()?.search(text) ?? true
    }

    /// Where in `text` the last match begins at the latest; -1: nothing matches. Whoever goes from match to match ends
    /// there, and need not find out anew behind each that there is still another.
    public func lastStart(in text: Span<UInt8>) -> Int {
        guard text.count >= Self.veryLongText else { return text.count }
        guard self.mayMatch(text) else { return -1 }
        guard let sieve = self.existingSieve() else { return text.count }
        var known = 0
        var none = text.count + 1
        while none - known > Self.nearness {
            let middle = (known + none) / 2
            if sieve.search(text.extracting(middle..<text.count), flags: REG_NOTBOL) {
                known = middle
            } else {
                none = middle
            }
        }
        return none - 1
    }

    private func existingSieve() -> RegularExpression? {
        self.sieve.withLock { known in
            if let known { return known }
            let made = self.makeSieve()
            known = .some(made)
            return made
        }
    }

    /// The pattern after any text from the very beginning; nil when it cannot be written so.
    private func makeSieve() -> RegularExpression? {
        guard self.measure.isBalanced else { return nil }
        // A dot would not match NUL, and none of this a line end alone in patterns of lines.
        let pattern = Array("\\`([^a]|a|\n)*(".utf8) + self.pattern.bytes + Array(")".utf8)
        return try? RegularExpression(ByteString(pattern), flags: self.flags | REG_NOSUB)
    }
}
