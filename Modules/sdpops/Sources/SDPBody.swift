import Bytes
import SIPMessage

/// Where in a message its session description lies.
enum SDPBody {
    enum Place {
        /// There is no body.
        case absent
        /// The body is something else.
        case other
        case at(ByteRange)
    }

    private static let type: StaticString = "application/sdp"

    static func find(in message: Message) -> Place {
        let body = message.body
        guard body.count > 0 else { return .absent }
        let span = message.span
        let type = message.contentType
        if span.equalsIgnoringCase(type, Self.type) { return .at(body) }
        guard Self.isMultipart(span, type), let boundary = Self.boundary(message) else { return .other }
        return Self.part(span, body, boundary).map { .at($0) } ?? .other
    }

    /// Whether the header says that there is a session description, or the parts of the body do.
    static func isAnnounced(in message: Message) -> Bool {
        let span = message.span
        let type = message.contentType
        if span.equalsIgnoringCase(type, Self.type) { return message.body.count > 0 }
        guard Self.isMultipart(span, type) else { return false }
        let body = message.body
        let length = Self.type.utf8CodeUnitCount
        guard body.length >= length else { return false }
        for start in body.lower...(body.upper - length)
        where span.equalsIgnoringCase(ByteRange(start: start, count: length), Self.type) {
            return true
        }
        return false
    }

    private static func isMultipart(_ span: Span<UInt8>, _ type: ByteRange) -> Bool {
        type.length > 10 && span.equalsIgnoringCase(ByteRange(start: type.lower, count: 10), "multipart/")
    }

    /// The boundary parameter of Content-Type (RFC 2046 §5.1.1), quoted or not.
    private static func boundary(_ message: Message) -> ByteRange? {
        let value = message.value(.contentType)
        let span = message.span
        var start = span.firstIndex(of: UInt8(ascii: ";"), from: value.lower, to: value.upper) + 1
        while start < value.upper {
            let end = span.firstIndex(of: UInt8(ascii: ";"), from: start, to: value.upper)
            var name = ByteRange(start, span.firstIndex(of: UInt8(ascii: "="), from: start, to: end))
            var text = ByteRange(min(name.upper + 1, end), end)
            name = span.trimmed(name)
            text = span.trimmed(text)
            if span.equalsIgnoringCase(name, "boundary") {
                if text.length >= 2, span[text.lower] == UInt8(ascii: "\"") {
                    text = ByteRange(text.lower + 1, text.upper - 1)
                }
                return text.length > 0 && text.length <= 70 ? text : nil
            }
            start = end + 1
        }
        return nil
    }

    /// The content of the first part that is a session description.
    private static func part(_ span: Span<UInt8>, _ body: ByteRange, _ boundary: ByteRange) -> ByteRange? {
        var lines = LineScanner(body)
        // Of the part that the lines belong to: whether its header is over, and what it says.
        var isWanted = false
        var content: Int?
        var isInside = false
        while let line = lines.next(span) {
            if Self.isDelimiter(line.text, span, boundary) {
                if isWanted, let content { return ByteRange(content, line.whole.lower) }
                isInside = true
                isWanted = false
                content = nil
            } else if isInside, content == nil {
                if line.text.count == 0 {
                    content = line.whole.upper
                } else if Self.saysSDP(line.text, span) {
                    isWanted = true
                }
            }
        }
        // The last delimiter is missing.
        if isWanted, let content { return ByteRange(content, body.upper) }
        return nil
    }

    private static func isDelimiter(_ line: ByteRange, _ span: Span<UInt8>, _ boundary: ByteRange) -> Bool {
        guard line.length >= boundary.length + 2, span[line.lower] == 45, span[line.lower + 1] == 45 else {
            return false
        }
        return span.equals(
            ByteRange(start: line.lower + 2, count: boundary.length), span.extracting(boundary.indices))
    }

    private static func saysSDP(_ line: ByteRange, _ span: Span<UInt8>) -> Bool {
        let colon = span.firstIndex(of: UInt8(ascii: ":"), from: line.lower, to: line.upper)
        let name = span.trimmed(ByteRange(line.lower, colon))
        guard span.equalsIgnoringCase(name, "content-type") || span.equalsIgnoringCase(name, "c") else { return false }
        let semicolon = span.firstIndex(of: UInt8(ascii: ";"), from: min(colon + 1, line.upper), to: line.upper)
        return span.equalsIgnoringCase(span.trimmed(ByteRange(min(colon + 1, line.upper), semicolon)), Self.type)
    }
}

/// Walks lines; they end with a line feed, with or without a carriage return.
struct LineScanner {
    private var position: Int
    private let end: Int

    init(_ range: ByteRange) {
        self.position = range.lower
        self.end = range.upper
    }

    /// The next line: its text, and the whole of it with its end.
    mutating func next(_ span: Span<UInt8>) -> (text: ByteRange, whole: ByteRange)? {
        guard self.position < self.end else { return nil }
        let start = self.position
        let feed = span.firstIndex(of: 10, from: start, to: self.end)
        self.position = min(feed + 1, self.end)
        let upper = feed > start && feed < self.end && span[feed - 1] == 13 ? feed - 1 : feed
        return (ByteRange(start, upper), ByteRange(start, self.position))
    }
}

extension Span where Element == UInt8 {
    /// The range without blanks at either end.
    func trimmed(_ range: ByteRange) -> ByteRange {
        guard range.isPresent else { return range }
        var lower = range.lower
        var upper = range.upper
        while lower < upper, self[lower].isBlank { lower += 1 }
        while upper > lower, self[upper - 1].isBlank { upper -= 1 }
        return ByteRange(lower, upper)
    }

    /// The words of a range.
    func words(_ range: ByteRange) -> [ByteRange] {
        var words: [ByteRange] = []
        var start = range.lower
        while start < range.upper {
            while start < range.upper, self[start].isBlank { start += 1 }
            var end = start
            while end < range.upper, !self[end].isBlank { end += 1 }
            if end > start { words.append(ByteRange(start, end)) }
            start = end
        }
        return words
    }

    func hasPrefix(_ range: ByteRange, _ prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        return range.isPresent && range.length >= count
            && self.equals(ByteRange(start: range.lower, count: count), prefix)
    }

    func hasPrefix(_ range: ByteRange, _ prefix: Span<UInt8>) -> Bool {
        range.isPresent && range.length >= prefix.count
            && self.equals(ByteRange(start: range.lower, count: prefix.count), prefix)
    }
}
