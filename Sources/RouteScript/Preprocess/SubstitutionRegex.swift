import Bytes

/// The expression of a substitution, over arrays of bytes.
struct SubstitutionRegex {
    /// Groups that can be asked for: the whole match and nine subexpressions.
    static let groupCount = 10

    private let expression: RegularExpression

    init(_ pattern: [UInt8], ignoringCase: Bool) throws(RegularExpression.Failure) {
        self.expression = try RegularExpression(ByteString(pattern), ignoringCase: ignoringCase)
    }

    /// The groups of the first match that begins at or after `start`; nil for none. Group 0 is the whole match, groups
    /// that took no part are nil.
    func firstMatch(in bytes: [UInt8], from start: Int) -> [Range<Int>?]? {
        guard let match = self.expression.firstMatch(in: bytes.span, from: start) else { return nil }
        return (0..<Self.groupCount).map { match[$0].isPresent ? match[$0].indices : nil }
    }
}
