import Bytes
import SIPMessage

/// The parts of a body of several parts (RFC 2046 §5.1.1). Ranges are into the message.
struct MultipartBody {
    struct Part {
        /// First byte of the delimiter line in front of it.
        var delimiter: Int
        /// Its header fields, the empty line and its content; the line end before the next delimiter is not in it.
        var whole: ByteRange
        /// What follows the empty line.
        var content: ByteRange
        /// `application/sdp`, without parameters; absent when the part does not say.
        var type: ByteRange
    }

    let boundary: ByteString
    private(set) var parts: [Part] = []
    /// First byte of the closing delimiter; the end of the body when there is none.
    private(set) var end: Int
    private(set) var isClosed = false

    /// nil when the message has no body of several parts.
    init?(_ message: Message) {
        guard message.body.count > 0, let boundary = Self.boundary(message) else { return nil }
        self.boundary = boundary
        self.end = message.length
        let span = message.span
        var open: (delimiter: Int, start: Int)?
        var line = message.bodyStart
        while line < message.length {
            let feed = span.firstIndex(of: 10, from: line, to: message.length)
            let next = min(feed + 1, message.length)
            if let kind = Self.delimiter(span, line, feed, boundary) {
                if let open { self.parts.append(Self.part(span, open, before: line)) }
                open = (line, next)
                if kind == .closing {
                    self.isClosed = true
                    self.end = line
                    return
                }
            }
            line = next
        }
        // A last delimiter with nothing behind it only lacks its two hyphens.
        guard let open else { return }
        if open.start >= message.length {
            self.end = open.delimiter
        } else {
            self.parts.append(Self.part(span, open, before: message.length))
        }
    }

    /// The first part of that type; the case of letters does not count.
    func part(of type: ByteString, _ message: Message) -> Int? {
        let span = message.span
        return self.parts.firstIndex { span.equalsIgnoringCase($0.type, type.span) }
    }

    /// Where the delimiter behind a part begins.
    func next(after index: Int) -> Int { index + 1 < self.parts.count ? self.parts[index + 1].delimiter : self.end }

    // MARK: Reading

    private enum Delimiter {
        case opening, closing
    }

    private static func boundary(_ message: Message) -> ByteString? {
        let span = message.span
        let type = message.contentType
        guard type.length > 10, span.equalsIgnoringCase(ByteRange(start: type.lower, count: 10), "multipart/") else {
            return nil
        }
        var parameters = ParameterScanner(ByteRange(type.upper, message.value(.contentType).upper))
        while parameters.next(span) {
            guard span.equalsIgnoringCase(parameters.name, "boundary"), parameters.value.count > 0 else { continue }
            let value = parameters.value
            guard span[value.lower] == 34 else { return ByteString(span, value) }
            guard value.length > 2 else { return nil }
            return ByteString(span, ByteRange(value.lower + 1, value.upper - 1))
        }
        return nil
    }

    /// What the line is; white space behind the boundary does not count.
    private static func delimiter(_ span: Span<UInt8>, _ start: Int, _ end: Int, _ boundary: ByteString) -> Delimiter? {
        var upper = end
        while upper > start, span[upper - 1] <= 32 { upper -= 1 }
        let length = upper - start
        guard length >= boundary.count + 2, span[start] == UInt8(ascii: "-"), span[start + 1] == UInt8(ascii: "-"),
            span.equals(ByteRange(start: start + 2, count: boundary.count), boundary.span)
        else { return nil }
        if length == boundary.count + 2 { return .opening }
        let isClosing =
            length == boundary.count + 4 && span[upper - 1] == UInt8(ascii: "-") && span[upper - 2] == UInt8(ascii: "-")
        return isClosing ? .closing : nil
    }

    private static func part(_ span: Span<UInt8>, _ open: (delimiter: Int, start: Int), before end: Int) -> Part {
        var upper = end
        // The line end in front of a delimiter belongs to it.
        if upper > open.start, span[upper - 1] == 10 { upper -= 1 }
        if upper > open.start, span[upper - 1] == 13 { upper -= 1 }
        var type = ByteRange.absent
        var line = open.start
        while line < upper {
            let feed = span.firstIndex(of: 10, from: line, to: upper)
            var stop = min(feed, upper)
            if stop > line, span[stop - 1] == 13 { stop -= 1 }
            let next = min(feed + 1, upper)
            if stop == line {
                line = next
                break
            }
            if !type.isPresent { type = Self.type(span, ByteRange(line, stop)) }
            line = next
        }
        return Part(
            delimiter: open.delimiter, whole: ByteRange(open.start, upper), content: ByteRange(line, upper), type: type)
    }

    /// The media type in a line `Content-Type: type;parameters`.
    private static func type(_ span: Span<UInt8>, _ line: ByteRange) -> ByteRange {
        let colon = span.firstIndex(of: UInt8(ascii: ":"), from: line.lower, to: line.upper)
        let name = ByteRange(line.lower, colon)
        guard colon < line.upper, span.equalsIgnoringCase(name, "Content-Type") || span.equalsIgnoringCase(name, "c")
        else { return .absent }
        var start = colon + 1
        var end = span.firstIndex(of: UInt8(ascii: ";"), from: start, to: line.upper)
        while start < end, span[start] <= 32 { start += 1 }
        while end > start, span[end - 1] <= 32 { end -= 1 }
        return ByteRange(start, end)
    }
}
