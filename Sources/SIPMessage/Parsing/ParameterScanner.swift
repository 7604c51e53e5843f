import Bytes

/// Walks `;name=value` parameters of a header value (RFC 3261 §25.1 `generic-param`), white space allowed anywhere.
///
/// It stands still at a comma outside quotes, at the end, or where the text is not parameters; `isBroken` tells.
public struct ParameterScanner: BitwiseCopyable, Sendable {
    /// Where the next parameter is looked for; after the last one, the comma or the end.
    public private(set) var position: Int
    public let end: Int
    /// The semicolon before the current parameter.
    public private(set) var start = 0
    public private(set) var name = ByteRange.absent
    /// Value as received, quotes included; absent when there is no `=`.
    public private(set) var value = ByteRange.absent
    public private(set) var isBroken = false

    /// - Parameter range: from the semicolon of the first parameter (or white space before it).
    public init(_ range: ByteRange) {
        self.position = max(range.lower, 0)
        self.end = range.upper
    }

    init(from position: Int, to end: Int) {
        self.position = position
        self.end = end
    }

    /// Moves to the next parameter; false when there is none.
    @inline(__always)
    public mutating func next(_ span: Span<UInt8>) -> Bool {
        var index = self.position
        let end = self.end
        index = span.skip(from: index, to: end) { $0.isSpace }
        self.position = index
        guard index < end, span[index] == 59 else {
            if index < end, span[index] != 44 { self.isBroken = true }
            return false
        }
        self.start = index
        index &+= 1
        index = span.skip(from: index, to: end) { $0.isSpace }
        let nameStart = index
        index = span.parameterNameEnd(from: index, to: end)
        self.name = ByteRange(start: nameStart, count: index &- nameStart)
        index = span.skip(from: index, to: end) { $0.isSpace }
        guard index < end, span[index] == 61 else {
            self.value = .absent
            self.position = index
            return true
        }
        index &+= 1
        let place = index
        index = span.skip(from: index, to: end) { $0.isSpace }
        let valueStart = index
        if index < end, span[index] == 34 {
            index = skipQuoted(span, index, end)
            if index < 0 {
                self.isBroken = true
                self.position = end
                return false
            }
        } else {
            index = span.parameterValueEnd(from: index, to: end)
        }
        // An empty value stands right after the sign, where a text in its place belongs.
        self.value = ByteRange(start: index > valueStart ? valueStart : place, count: index &- valueStart)
        self.position = index
        return true
    }
}

/// Offset past the quoted string that opens at `start`, escapes honoured; -1 when it is not closed before `end`.
func skipQuoted(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
    let quote = span.quoteEnd(from: start &+ 1, to: end)
    return quote < end ? quote &+ 1 : -1
}

/// Walks the members of a comma list (`Supported: path, gruu`); commas in quotes and angle brackets do not separate.
public struct ListScanner: BitwiseCopyable, Sendable {
    private var position: Int
    private let end: Int

    public init(_ range: ByteRange) {
        self.position = max(range.lower, 0)
        self.end = range.upper
    }

    /// The next member without white space round it; empty members are skipped.
    public mutating func next(_ span: Span<UInt8>) -> ByteRange? {
        while self.position < self.end {
            let lower = self.position
            var index = lower
            var depth = 0
            while true {
                index = Self.mark(span, index, self.end)
                guard index < self.end else { break }
                let byte = span[index]
                if byte == 34 {
                    let past = skipQuoted(span, index, self.end)
                    index = past < 0 ? self.end : past
                    continue
                }
                if byte == 60 { depth = 1 }
                if byte == 62 { depth = 0 }
                if byte == 44, depth == 0 { break }
                index &+= 1
            }
            self.position = index &+ 1
            let member = trim(span, lower, index)
            if member.count > 0 { return member }
        }
        return nil
    }
}

extension ListScanner {
    /// Index of the next byte that opens, closes or separates, or `end`.
    @inline(__always)
    private static func mark(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        let quote = UInt64(repeating: 34)
        let comma = UInt64(repeating: 44)
        let angle = UInt64(repeating: 62)
        let bit = UInt64(repeating: 2)  // that makes > of <
        return span.nearIndex(
            from: start, to: end,
            inWord: { ($0 ^ quote).zeroBytes | ($0 ^ comma).zeroBytes | (($0 | bit) ^ angle).zeroBytes },
            where: { $0 == 34 || $0 == 44 || $0 == 60 || $0 == 62 })
    }
}

/// `lower..<upper` without white space at either end.
func trim(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> ByteRange {
    var first = lower
    var last = upper
    first = span.skip(from: first, to: last) { $0.isSpace }
    while last > first, span[last &- 1].isSpace { last &-= 1 }
    return ByteRange(start: first, count: last &- first)
}
