/// SplitMix64: numbers that look random, the same for the same seed on every machine. Not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { self.state = seed }

    public mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    /// A number in `0..<bound`.
    /// - Parameter bound: at least 1.
    public mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: self.next() % UInt64(bound)) }
}
