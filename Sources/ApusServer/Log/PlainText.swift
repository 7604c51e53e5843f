import Bytes

/// Texts as lines of a log that people read: what comes from a message can neither begin a line nor steer a terminal.
enum PlainText {
    /// Appends `bytes`: a line end inside is followed by a tab, other control bytes are written `\x1b`. Tabs stay, and so
    /// do colours (`$C(xy)`).
    static func append(_ bytes: Span<UInt8>, to buffer: ByteBuffer) {
        guard Self.mayHoldControls(bytes) else { return buffer.append(bytes) }
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case 10: buffer.append("\n\t")
            case 13 where index + 1 < bytes.count && bytes[index + 1] == 10: break
            case 27:
                let length = Self.colour(bytes, from: index)
                if length > 0 {
                    for place in index..<(index + length) { buffer.append(bytes[place]) }
                    index += length
                    continue
                }
                Self.escape(byte, to: buffer)
            case 9, 32..<127, 128...: buffer.append(byte)
            default: Self.escape(byte, to: buffer)
            }
            index += 1
        }
    }

    /// Whether control bytes, tabs among them, are in the text.
    private static func mayHoldControls(_ span: Span<UInt8>) -> Bool {
        let delete = UInt64(repeating: 127)
        let first = span.nearIndex(
            from: 0, to: span.count, inWord: { $0.bytes(below: 32) | ($0 ^ delete).zeroBytes },
            where: { $0 < 32 || $0 == 127 })
        return first < span.count
    }

    private static func escape(_ byte: UInt8, to buffer: ByteBuffer) {
        buffer.append("\\x")
        buffer.append(hex: UInt64(byte), digits: 2)
    }

    /// Length of the colour that begins at `start`: ESC, `[`, numbers, `m`; 0: none.
    private static func colour(_ bytes: Span<UInt8>, from start: Int) -> Int {
        guard bytes.count - start > 2, bytes[start + 1] == UInt8(ascii: "[") else { return 0 }
        for index in (start + 2)..<min(start + 18, bytes.count) {
            if bytes[index] == UInt8(ascii: "m") { return index - start + 1 }
            guard bytes[index] == UInt8(ascii: ";") || bytes[index].isDigit else { return 0 }
        }
        return 0
    }
}
