import Glibc

/// Unpredictable numbers of the system, drawn 32 at a time: one call of the kernel for each would cost as much as
/// parsing a header.
@safe
public struct RandomPool: ~Copyable {
    private var numbers = [UInt64](repeating: 0, count: 32)
    private var rest = 0

    public init() {}

    public mutating func next() -> UInt64 {
        if self.rest == 0 { self.fill() }
        self.rest -= 1
        let number = self.numbers[self.rest]
        // What has been handed out is not kept.
        self.numbers[self.rest] = 0
        return number
    }

    private mutating func fill() {
        unsafe self.numbers.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { unsafe arc4random_buf(base, bytes.count) }
        }
        self.rest = self.numbers.count
    }
}
