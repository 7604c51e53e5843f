/// A run of bytes inside some buffer: where it starts and how many bytes it has.
///
/// Ranges stand in for text wherever a message is concerned: a header value is a range into the received bytes, so
/// nothing is copied. A range says nothing about which buffer it belongs to; its owner's documentation does.
public struct ByteRange: Hashable, Sendable, BitwiseCopyable {
    /// Offset of the first byte, or -1 when the thing it would name is absent.
    public var start: Int32
    public var count: Int32

    @inlinable
    public init(start: Int, count: Int) {
        self.start = Int32(truncatingIfNeeded: start)
        self.count = Int32(truncatingIfNeeded: count)
    }

    /// Bytes from `start` up to, not including, `end`; empty when `end` is not past `start`.
    @inlinable
    public init(_ start: Int, _ end: Int) {
        self.init(start: start, count: end > start ? end &- start : 0)
    }

    /// Names nothing: what was asked for is not in the buffer.
    public static var absent: ByteRange { @inlinable get { ByteRange(start: -1, count: 0) } }

    @inlinable public var isPresent: Bool { self.start >= 0 }
    @inlinable public var isEmpty: Bool { self.count == 0 }
    @inlinable public var lower: Int { Int(self.start) }
    @inlinable public var upper: Int { Int(self.start) &+ Int(self.count) }
    @inlinable public var length: Int { Int(self.count) }
    @inlinable public var indices: Range<Int> { self.lower..<self.upper }
}
