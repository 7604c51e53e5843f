import Bytes

/// The CSeq header field: number and method (RFC 3261 §20.16).
public struct CSeq: BitwiseCopyable, Sendable {
    /// False when the field is missing or broken: a number from 0 to 2³¹-1 and a method token are wanted.
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
        var index = range.lower
        var value: UInt64 = 0
        while index < upper, span[index].isDigit {
            value = value &* 10 &+ UInt64(span[index] &- 48)
            guard value <= UInt64(UInt32.max) else { return }
            index &+= 1
        }
        self.numberRange = ByteRange(range.lower, index)
        guard self.numberRange.count > 0, value < 1 << 31, index < upper, span[index].isSpace else { return }
        index = span.skip(from: index, to: upper) { $0.isSpace }
        let start = index
        index = span.skip(from: index, to: upper) { $0.isTokenByte }
        guard index == upper, index > start else { return }
        self.number = UInt32(truncatingIfNeeded: value)
        self.methodRange = ByteRange(start, upper)
        self.method = Method(parsing: span, self.methodRange)
        self.isValid = true
    }
}
