import Bytes

/// A string as the script sees it, and the way back from each byte to its place.
public struct StringLiteral: Sendable {
    public enum Quote: Sendable { case single, double }

    /// From the value's byte `offset` on, bytes stand one by one at `location`, up to the next anchor.
    struct Anchor: Sendable {
        var offset: Int32
        var location: SourceLocation
    }

    /// Escapes resolved, adjacent literals joined, substitutions applied.
    public var value: ByteString
    public var quote: Quote
    /// Quotes included.
    public var range: SourceRange
    /// A substitution changed the value, so that offsets in it say nothing about the file.
    public var isSubstituted: Bool
    var anchors: [Anchor]

    public var text: String { self.value.string }

    /// The place of some bytes of the value; of the whole literal when a substitution changed it.
    public func range(of part: Range<Int>) -> SourceRange {
        guard !self.isSubstituted, let start = self.location(of: part.lowerBound) else { return self.range }
        guard part.count > 0, let last = self.location(of: part.upperBound - 1) else {
            return SourceRange(start: start, count: 1)
        }
        return SourceRange(start: start, end: last.advanced(by: 1))
    }

    private func location(of byte: Int) -> SourceLocation? {
        var low = 0
        var high = self.anchors.count
        guard high > 0 else { return nil }
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(self.anchors[middle].offset) <= byte { low = middle } else { high = middle }
        }
        let anchor = self.anchors[low]
        return anchor.location.advanced(by: byte - Int(anchor.offset))
    }

    /// A literal that no text stands for, such as a default.
    public init(_ text: String, quote: Quote = .double, at range: SourceRange = .none) {
        self.init(value: ByteString(text), quote: quote, range: range, isSubstituted: true, anchors: [])
    }

    init(value: ByteString, quote: Quote, range: SourceRange, isSubstituted: Bool, anchors: [Anchor]) {
        self.value = value
        self.quote = quote
        self.range = range
        self.isSubstituted = isSubstituted
        self.anchors = anchors
    }
}
