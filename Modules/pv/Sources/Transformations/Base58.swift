import Bytes

/// Base 58 as Bitcoin writes it: zeros in front are kept, each as a `1`.
enum Base58 {
    /// Longest text, in bytes: the work grows by the square of its length, and messages come from anybody.
    static let limit = 16_384

    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    /// Digits that are worked on at a time; so many powers of 58 fit in 30 bits.
    private static let digits = 5
    private static let base: UInt64 = 656_356_768

    /// - Returns: false when the text is too long.
    static func encode(_ span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        guard span.count <= self.limit else { return false }
        var zeros = 0
        while zeros < span.count, span[zeros] == 0 { zeros += 1 }
        // In base 58⁵, lowest first.
        var limbs: [UInt64] = []
        var index = zeros
        while index < span.count {
            let end = min(index + 4, span.count)
            let shift = UInt64(8 * (end - index))
            var carry: UInt64 = 0
            while index < end {
                carry = carry << 8 | UInt64(span[index])
                index += 1
            }
            for place in limbs.indices {
                let value = limbs[place] << shift + carry
                limbs[place] = value % self.base
                carry = value / self.base
            }
            while carry > 0 {
                limbs.append(carry % self.base)
                carry /= self.base
            }
        }
        for _ in 0..<zeros { out.append(self.alphabet[0]) }
        self.write(limbs, to: out)
        return true
    }

    private static func write(_ limbs: [UInt64], to out: ByteBuffer) {
        var isBegun = false
        for limb in limbs.reversed() {
            var unit = self.base
            for _ in 0..<self.digits {
                unit /= 58
                let digit = Int(limb / unit % 58)
                isBegun = isBegun || digit > 0
                if isBegun { out.append(self.alphabet[digit]) }
            }
        }
    }

    /// - Returns: false for letters that are none of the alphabet, and when the text is too long.
    static func decode(_ span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        guard span.count <= self.limit else { return false }
        var zeros = 0
        while zeros < span.count, span[zeros] == self.alphabet[0] { zeros += 1 }
        // In base 2³², lowest first.
        var limbs: [UInt64] = []
        var index = zeros
        while index < span.count {
            let end = min(index + self.digits, span.count)
            var factor: UInt64 = 1
            var carry: UInt64 = 0
            while index < end {
                guard let digit = self.alphabet.firstIndex(of: span[index]) else { return false }
                carry = carry * 58 + UInt64(digit)
                factor *= 58
                index += 1
            }
            for place in limbs.indices {
                let value = limbs[place] * factor + carry
                limbs[place] = value & 0xffff_ffff
                carry = value >> 32
            }
            if carry > 0 { limbs.append(carry) }
        }
        for _ in 0..<zeros { out.append(0) }
        var isBegun = false
        for limb in limbs.reversed() {
            for shift in [24, 16, 8, 0] as [UInt64] {
                let byte = UInt8(truncatingIfNeeded: limb >> shift)
                isBegun = isBegun || byte > 0
                if isBegun { out.append(byte) }
            }
        }
        return true
    }
}
