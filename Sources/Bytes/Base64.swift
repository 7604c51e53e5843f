/// RFC 4648 §4 and §5.
public enum Base64 {
    /// The characters of four values below 64, a value in each of the four lowest bytes.
    @inline(__always)
    private static func characters(_ values: UInt64, isURL: Bool) -> UInt64 {
        /// 1 in each byte that is at least `limit`.
        func reaching(_ limit: UInt64) -> UInt64 { (values &+ (128 &- limit) &* 0x0101_0101) >> 7 & 0x0101_0101 }
        let (pastCapitals, pastLetters, pastDigits, last) = (reaching(26), reaching(52), reaching(62), reaching(63))
        // Each byte stays between 0 and 255 at each step.
        let letters = values &+ (0x0101_0101 &- pastLetters) &* 65 &+ (pastCapitals &- pastLetters) &* 6
        let alphanumeric = letters &- (pastLetters &- pastDigits) &* 4
        return isURL
            ? alphanumeric &- (pastDigits &- last) &* 17 &+ last &* 32
            : alphanumeric &- (pastDigits &- last) &* 19 &- last &* 16
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 65...90: UInt32(byte) - 65
        case 97...122: UInt32(byte) - 71
        case 48...57: UInt32(byte) + 4
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    public static func encode(_ span: Span<UInt8>, isURL: Bool, isPadded: Bool, to out: ByteBuffer) {
        var index = 0
        while index < span.count {
            let count = min(3, span.count - index)
            var bits = UInt64(span[index]) << 16
            if count > 1 { bits |= UInt64(span[index + 1]) << 8 }
            if count > 2 { bits |= UInt64(span[index + 2]) }
            let values = bits >> 18 & 63 | (bits >> 12 & 63) << 8 | (bits >> 6 & 63) << 16 | (bits & 63) << 24
            let padding = UInt64(repeating: UInt8(ascii: "=")) << UInt64(8 * (count + 1))
            let kept = UInt64.max >> UInt64(64 - 8 * (count + 1))
            out.append(
                word: self.characters(values, isURL: isURL) & kept | padding, count: isPadded ? 4 : count + 1)
            index += 3
        }
    }

    /// Takes both alphabets, with padding or without.
    public static func decode(_ span: Span<UInt8>, to out: ByteBuffer) -> Bool {
        var bits: UInt32 = 0
        var count = 0
        for index in 0..<span.count {
            if span[index] == UInt8(ascii: "=") { break }
            guard let value = self.value(span[index]) else { return false }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return count < 6
    }
}
