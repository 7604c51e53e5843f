import Bytes

extension HeaderName {
    /// Size of tables indexed by raw value.
    static let tableSize = 112

    /// The field `range` of `span` names, in either form and any case; `other` when it has no number.
    public init(parsing span: Span<UInt8>, _ range: ByteRange) {
        self = HeaderNameTable.shared.name(span, range)
    }

    /// The field called `name`, in either form and any case; `other` when it has no number.
    public init(named name: ByteString) {
        self.init(parsing: name.span, ByteRange(start: 0, count: name.count))
    }
}

/// A hash table from names to numbers, built once: a name of at most 24 bytes is three words, compared as such.
final class HeaderNameTable: Sendable {
    static let shared = HeaderNameTable()

    private struct Entry: BitwiseCopyable {
        var first: UInt64
        var middle: UInt64
        var last: UInt64
        var length: Int32
        var name: HeaderName
    }

    private let slots: InlineArray<512, UInt8>
    private let entries: InlineArray<128, Entry>

    private init() {
        var slots = InlineArray<512, UInt8>(repeating: 0)
        var entries = InlineArray<128, Entry>(
            repeating: Entry(first: 0, middle: 0, last: 0, length: 0, name: .other)
        )
        var used = 0
        func enter(_ text: Span<UInt8>, _ name: HeaderName) {
            guard text.count > 0, text.count <= 24, used < 127 else { return }
            let entry = Self.key(text, ByteRange(start: 0, count: text.count), name)
            used += 1
            entries[used] = entry
            var slot = Self.slot(entry)
            while slots[slot] != 0 { slot = (slot + 1) & 511 }
            slots[slot] = UInt8(used)
        }
        for name in HeaderName.allCases where name != .other {
            enter(name.canonicalName.span, name)
            if name.compactForm != 0 {
                let compact = [name.compactForm]
                enter(compact.span, name)
            }
        }
        self.slots = slots
        self.entries = entries
    }

    @inline(__always)
    private static func slot(_ entry: Entry) -> Int {
        let mixed =
            (entry.first &+ entry.last &* 31 &+ UInt64(truncatingIfNeeded: entry.length))
            &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed >> 55)
    }

    @inline(__always)
    private static func key(_ span: Span<UInt8>, _ range: ByteRange, _ name: HeaderName) -> Entry {
        let length = range.length
        let lower = range.lower
        var first: UInt64
        var middle: UInt64 = 0
        var last: UInt64 = 0
        if length >= 8 {
            first = span.word(at: lower).lowercasedBytes
            last = span.word(at: lower &+ length &- 8).lowercasedBytes
            if length > 16 { middle = span.word(at: lower &+ 8).lowercasedBytes }
        } else {
            first = span.lowercasedWord(range)
        }
        return Entry(first: first, middle: middle, last: last, length: Int32(truncatingIfNeeded: length), name: name)
    }

    /// The field whose name begins at `start`, with fewer than eight bytes before a colon, and the offset of that; `other`
    /// when there is none such.
    @inline(__always)
    func shortName(_ span: Span<UInt8>, _ start: Int) -> (name: HeaderName, end: Int) {
        guard start &+ 8 <= span.count else { return (.other, start) }
        let word = span.word(at: start)
        let length = (word ^ UInt64(repeating: 58)).zeroBytes.trailingZeroBitCount >> 3
        guard length > 0, length < 8 else { return (.other, start) }
        let kept = UInt64.max >> UInt64(truncatingIfNeeded: 64 &- length &* 8)
        let wanted = Entry(
            first: (word & kept).lowercasedBytes, middle: 0, last: 0, length: Int32(truncatingIfNeeded: length),
            name: .other)
        return (self.find(wanted), start &+ length)
    }

    @inline(__always)
    func name(_ span: Span<UInt8>, _ range: ByteRange) -> HeaderName {
        guard range.length > 0, range.length <= 24 else { return .other }
        return self.find(Self.key(span, range, .other))
    }

    @inline(__always)
    private func find(_ wanted: Entry) -> HeaderName {
        var slot = Self.slot(wanted)
        while true {
            let number = self.slots[slot]
            guard number != 0 else { return .other }
            let entry = self.entries[Int(number)]
            if entry.first == wanted.first, entry.last == wanted.last, entry.length == wanted.length,
                entry.middle == wanted.middle
            {
                return entry.name
            }
            slot = (slot &+ 1) & 511
        }
    }
}
