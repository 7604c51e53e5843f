extension Span where Element == UInt8 {
    /// A hash for tables whose keys strangers choose: without the seed nobody can prepare keys that collide.
    ///
    /// Eight bytes a step, folded by a 64-by-64-bit product. All bits of the result are good.
    /// - Parameters:
    ///   - range: the bytes to hash; an absent range hashes as no bytes.
    ///   - seed: secret of the table or of the process (`HashSeed.process`).
    @inlinable
    public func keyedHash(_ range: ByteRange, seed: UInt64) -> UInt64 {
        guard range.isPresent, range.count > 0 else { return HashSeed.fold(seed, 0x9e37_79b9_7f4a_7c15) }
        let part = self.extracting(range.indices)
        let secret = seed ^ 0x2d35_8dcc_aa6c_78a5
        var value = HashSeed.fold(seed ^ 0x8bb8_4b93_962e_acc9, UInt64(part.count) ^ secret)
        var index = 0
        while index &+ 8 <= part.count {
            value = HashSeed.fold(part.word(at: index) ^ secret, value ^ 0x4b33_a62e_d433_d4a3)
            index &+= 8
        }
        var tail: UInt64 = 0
        while index < part.count {
            tail = tail << 8 | UInt64(part[index])
            index &+= 1
        }
        return HashSeed.fold(tail ^ secret, value ^ 0x4d5a_2da5_1de1_aa47)
    }

    /// `keyedHash` of text that names the same in either case, such as a host: ASCII letters count in lower case. Some
    /// pairs of other characters, `[` and `{`, count as one.
    @inlinable
    public func keyedHashIgnoringCase(_ range: ByteRange, seed: UInt64) -> UInt64 {
        guard range.isPresent, range.count > 0 else { return HashSeed.fold(seed, 0x9e37_79b9_7f4a_7c15) }
        let part = self.extracting(range.indices)
        var value = seed ^ UInt64(part.count)
        var index = 0
        while index &+ 8 <= part.count {
            let word = part.word(at: index) | 0x2020_2020_2020_2020
            value = HashSeed.fold(word ^ 0x2d35_8dcc_aa6c_78a5 ^ seed, value ^ 0x4b33_a62e_d433_d4a3)
            index &+= 8
        }
        var tail: UInt64 = 0
        while index < part.count {
            tail = tail << 8 | UInt64(part[index] | 0x20)
            index &+= 1
        }
        return HashSeed.fold(tail ^ 0x2d35_8dcc_aa6c_78a5 ^ seed, value ^ 0x4d5a_2da5_1de1_aa47)
    }

    @inlinable
    public func keyedHash(seed: UInt64) -> UInt64 { self.keyedHash(ByteRange(start: 0, count: self.count), seed: seed) }
}

/// The secret behind the hashes of one process.
public enum HashSeed {
    /// Drawn at random when first asked for.
    public static let process = UInt64.random(in: .min ... .max)

    /// Mixes two words: the two halves of their product, folded.
    @inlinable @inline(__always)
    public static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
