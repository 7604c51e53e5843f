/// RFC 4648 §4 and §5.
public enum Base64 {
    private static func character(_ value: UInt8, isURL: Bool) -> UInt8 {
        switch value {
        case 0..<26: value + 65
        case 26..<52: value + 71
        case 52..<62: value - 4
        case 62: isURL ? UInt8(ascii: "-") : UInt8(ascii: "+")
        default: isURL ? UInt8(ascii: "_") : UInt8(ascii: "/")
        }
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
        for index in stride(from: 0, to: span.count, by: 3) {
            let count = min(3, span.count - index)
            var bits: UInt32 = 0
            for offset in 0..<3 { bits = bits << 8 | (offset < count ? UInt32(span[index + offset]) : 0) }
            for position in 0...3 {
                if position <= count {
                    out.append(self.character(UInt8(bits >> UInt32(18 - 6 * position) & 63), isURL: isURL))
                } else if isPadded {
                    out.append(UInt8(ascii: "="))
                }
            }
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
