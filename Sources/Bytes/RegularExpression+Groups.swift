import Glibc

extension RegularExpression {
    /// Where an expression matched, and where its parenthesised groups did.
    public struct Match: Sendable, BitwiseCopyable {
        var ranges = InlineArray<10, ByteRange>(repeating: .absent)

        /// The whole match.
        public var range: ByteRange { self.ranges[0] }

        /// Group 1 to 9; absent when it took no part in the match. 0 is the whole match.
        public subscript(group: Int) -> ByteRange { group >= 0 && group < 10 ? self.ranges[group] : .absent }
    }

    /// The first match that begins at `start` or later; nil when there is none. Ranges are into `text`.
    public func firstMatch(in text: Span<UInt8>, from start: Int = 0) -> Match? {
        guard start >= 0, start <= text.count, start > 0 || self.mayMatch(text) else { return nil }
        var groups = [regmatch_t](repeating: regmatch_t(rm_so: -1, rm_eo: -1), count: 10)
        groups[0] = regmatch_t(rm_so: regoff_t(start), rm_eo: regoff_t(text.count))
        var flags = REG_STARTEND
        if start > 0, text[start - 1] != 10 { flags |= REG_NOTBOL }
        // REG_STARTEND bounds the text by the first group, so it needs no terminator; regexec writes ten groups.
        let status = unsafe groups.withUnsafeMutableBufferPointer { groups -> Int32 in
            guard let first = groups.baseAddress else { return 1 }
            return unsafe text.withUnsafeBytes { bytes in
                var empty: CChar = 0
                if let base = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self) {
                    return unsafe regexec(self.compiled, base, 10, first, flags)
                }
                return unsafe regexec(self.compiled, &empty, 10, first, flags)
            }
        }
        guard status == 0 else { return nil }
        var match = Match()
        for index in 0..<10 where groups[index].rm_so >= 0 {
            match.ranges[index] = ByteRange(Int(groups[index].rm_so), Int(groups[index].rm_eo))
        }
        return match
    }
}
