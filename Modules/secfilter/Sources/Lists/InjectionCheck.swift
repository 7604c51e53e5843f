/// Looks for what texts have in them that want to get out of an SQL statement.
///
/// A seat belt: whatever this server writes to a database is bound to its statement and never part of it.
enum InjectionCheck {
    /// Quotes, comments (`--`), and `$`, `'` and `` ` `` written with percent signs.
    static func finds(_ span: Span<UInt8>) -> Bool {
        for index in 0..<span.count {
            switch span[index] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): return true
            case UInt8(ascii: "-"):
                if index + 1 < span.count, span[index + 1] == UInt8(ascii: "-") { return true }
            case UInt8(ascii: "%"):
                guard index + 2 < span.count else { continue }
                switch (span[index + 1], span[index + 2]) {
                case (UInt8(ascii: "2"), UInt8(ascii: "4")), (UInt8(ascii: "2"), UInt8(ascii: "7")),
                    (UInt8(ascii: "6"), UInt8(ascii: "0")):
                    return true
                default: continue
                }
            default: continue
            }
        }
        return false
    }
}
