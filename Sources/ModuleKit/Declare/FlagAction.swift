/// The bit of a message flag, as an argument.
public final class FlagBit: Sendable {
    public let number: Int
    @inlinable public var mask: UInt32 { 1 << UInt32(truncatingIfNeeded: self.number & 31) }
    /// - Parameter number: 0 to 31.
    public init(_ number: Int) { self.number = number }
}

/// What a function does whose only argument is a `FlagBit` and that touches nothing but message flags: the machine does
/// it without a call.
public enum FlagAction: Int, Sendable {
    case set
    case reset
    /// 1 when it is set, else -1.
    case test
}
