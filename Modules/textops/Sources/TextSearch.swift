import Bytes

/// Finding texts in texts.
enum TextSearch {
    /// Offset of the first `text` in `span` from `start` on, or -1. An empty text is nowhere.
    static func find(_ text: Span<UInt8>, in span: Span<UInt8>, from start: Int = 0, ignoringCase: Bool = false) -> Int
    {
        guard text.count > 0, text.count <= span.count else { return -1 }
        var index = max(start, 0)
        let last = span.count - text.count
        while index <= last {
            let range = ByteRange(start: index, count: text.count)
            if ignoringCase ? span.equalsIgnoringCase(range, text) : span.equals(range, text) { return index }
            index += 1
        }
        return -1
    }

    /// Whether a member of the list equals `text` or, with `byPrefix`, is how it begins. Blanks round members do not
    /// count.
    static func isMember(_ text: ByteString, of list: ByteString, separator: UInt8, byPrefix: Bool = false) -> Bool {
        for part in list.bytes.split(separator: separator) {
            let trimmed = Array(part.drop { $0 <= 32 }.reversed().drop { $0 <= 32 }.reversed())
            guard !trimmed.isEmpty else { continue }
            if byPrefix ? text.bytes.starts(with: trimmed) : text.bytes == trimmed { return true }
        }
        return false
    }
}
