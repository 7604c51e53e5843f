import Bytes

/// Texts that others may begin with. Capitals count as small letters.
///
/// A question is a binary search among those that have no other one as their beginning, so it costs the logarithm of
/// their number, however long a list somebody keeps.
struct PrefixSet: Sendable {
    /// As they were added.
    private(set) var texts: [ByteString] = []
    /// In small letters, sorted; none begins with another.
    private var beginnings: [ByteString] = []
    private var known: Set<ByteString> = []

    init() {}

    init(_ texts: [ByteString]) {
        self.texts = texts.filter { !$0.isEmpty }
        for text in self.texts { self.known.insert(text.lowercased) }
        for text in self.known.sorted() {
            if let last = self.beginnings.last, Self.begins(text, with: last) { continue }
            self.beginnings.append(text)
        }
    }

    mutating func add(_ text: ByteString) { self = PrefixSet(self.texts + [text]) }

    /// Whether it is in the list as a whole.
    func has(_ text: ByteString) -> Bool { self.known.contains(text.lowercased) }

    /// Whether it begins with one of the list.
    func matches(_ text: ByteString) -> Bool {
        guard !text.isEmpty, !self.beginnings.isEmpty else { return false }
        let text = text.lowercased
        // The beginning, if there is one, is the greatest that is not greater than the text.
        var lower = 0
        var upper = self.beginnings.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if self.beginnings[middle] <= text { lower = middle + 1 } else { upper = middle }
        }
        return lower > 0 && Self.begins(text, with: self.beginnings[lower - 1])
    }

    private static func begins(_ text: ByteString, with beginning: ByteString) -> Bool {
        text.count >= beginning.count && text.bytes[..<beginning.count] == beginning.bytes[...]
    }
}
