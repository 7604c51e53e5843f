import Bytes
import ModuleKit

/// Which items of a table are meant, by name or by value.
struct ItemCondition: Sendable {
    enum Test: Sendable {
        case matches(RegularExpression)
        case equals(ByteString)
        case differs(ByteString)
        case begins(ByteString)
        case ends(ByteString)
        case number(Comparison, Int)
    }

    enum Comparison: Sendable { case equal, greater, less }

    var test: Test
    var byName: Bool

    /// The operators of `sht_match_name` and its kin: `re`, `eq`, `ne`, `sw`, `ew`; those of `sht_rm_…` are fewer.
    init?(_ operation: ByteString, _ text: ByteString, byName: Bool) {
        self.byName = byName
        switch operation.string {
        case "re":
            guard let regex = try? RegularExpression(text, ignoringCase: false) else { return nil }
            self.test = .matches(regex)
        case "eq": self.test = .equals(text)
        case "ne": self.test = .differs(text)
        case "sw": self.test = .begins(text)
        case "ew": self.test = .ends(text)
        default: return nil
        }
    }

    /// The expression of `$shtcn` and `$shtcv`.
    init?(counting expression: ByteString, byName: Bool) {
        self.byName = byName
        let rest = ByteString(Array(expression.bytes.dropFirst(2)))
        let number = Int(rest.string)
        switch (String(decoding: expression.bytes.prefix(2), as: UTF8.self), number) {
        case ("==", _): self.test = .equals(rest)
        case ("%~", _): self.test = .begins(rest)
        case ("~%", _): self.test = .ends(rest)
        case ("eq", let number?) where !byName: self.test = .number(.equal, number)
        case ("gt", let number?) where !byName: self.test = .number(.greater, number)
        case ("lt", let number?) where !byName: self.test = .number(.less, number)
        case ("~~", _):
            guard let regex = try? RegularExpression(rest, ignoringCase: false) else { return nil }
            self.test = .matches(regex)
        default:
            guard let regex = try? RegularExpression(expression, ignoringCase: false) else { return nil }
            self.test = .matches(regex)
        }
    }

    init(name regex: RegularExpression) {
        self.test = .matches(regex)
        self.byName = true
    }

    init(value regex: RegularExpression) {
        self.test = .matches(regex)
        self.byName = false
    }

    /// Texts are compared with texts; a number among the values fits only comparisons of numbers.
    func holds(_ stripe: borrowing TableStripe, _ item: TableStripe.Item) -> Bool {
        if case .number(let comparison, let number) = self.test {
            guard !item.isText else { return false }
            return switch comparison {
            case .equal: Int(item.payload) == number
            case .greater: Int(item.payload) > number
            case .less: Int(item.payload) < number
            }
        }
        if self.byName { return stripe.withKey(item) { self.holds($0) } }
        return item.isText && stripe.withText(item) { self.holds($0) }
    }

    private func holds(_ text: Span<UInt8>) -> Bool {
        switch self.test {
        case .matches(let regex): return regex.matches(text)
        case .equals(let other): return text.equals(other.span)
        case .differs(let other): return !text.equals(other.span)
        case .begins(let start):
            guard text.count >= start.count else { return false }
            return text.extracting(0..<start.count).equals(start.span)
        case .ends(let end):
            guard text.count >= end.count else { return false }
            return text.extracting((text.count - end.count)..<text.count).equals(end.span)
        case .number: return false
        }
    }
}
