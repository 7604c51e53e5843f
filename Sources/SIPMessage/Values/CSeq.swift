import Bytes

/// The CSeq header field: number and method (RFC 3261 §20.16).
public struct CSeq: BitwiseCopyable, Sendable {
    /// False when the field is missing or broken: a number from 0 to 2³²-1 and a method token are wanted.
    ///
    /// When only the number is broken, `method` and both ranges are set all the same.
    public var isValid = false
    public var method = Method.other
    public var number: UInt32 = 0
    public var numberRange = ByteRange.absent
    public var methodRange = ByteRange.absent

    public init() {}

    /// Parses a CSeq value.
    public init(_ span: Span<UInt8>, _ range: ByteRange) {
        guard range.isPresent else { return }
        let upper = range.upper
        var index = span.skip(from: range.lower, to: upper) { !$0.isSpace }
        let number = ByteRange(range.lower, index)
        guard number.count > 0, index < upper else { return }
        index = span.skip(from: index, to: upper) { $0.isSpace }
        let start = index
        index = span.skip(from: index, to: upper) { $0.isTokenByte }
        guard index == upper, index > start else { return }
        self.numberRange = number
        self.methodRange = ByteRange(start, upper)
        self.method = Method(parsing: span, self.methodRange)
        var value: UInt64 = 0
        for digit in number.indices {
            guard span[digit].isDigit else { return }
            value = value &* 10 &+ UInt64(span[digit] &- 48)
            guard value <= UInt64(UInt32.max) else { return }
        }
        self.number = UInt32(truncatingIfNeeded: value)
        self.isValid = true
    }
}
