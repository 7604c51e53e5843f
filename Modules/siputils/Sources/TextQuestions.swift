import Bytes

/// What kind of text bytes are.
enum TextQuestions {
    static func isNumeric(_ text: ByteString) -> Bool { !text.isEmpty && text.bytes.allSatisfy(\.isDigit) }

    static func isAlphanumeric(_ text: ByteString, plus extra: [UInt8] = []) -> Bool {
        !text.isEmpty && text.bytes.allSatisfy { $0.isDigit || $0.isLetter || extra.contains($0) }
    }

    /// Digits with an optional plus sign in front.
    static func isNumber(_ text: ByteString) -> Bool {
        let digits = text.bytes.first == UInt8(ascii: "+") ? text.bytes.dropFirst() : text.bytes[...]
        return !digits.isEmpty && digits.allSatisfy(\.isDigit)
    }

    /// A plus sign and 2 to `maxLength` - 1 digits (ITU-T E.164).
    static func isE164(_ text: Span<UInt8>, maxLength: Int) -> Bool {
        guard text.count > 2, text.count <= maxLength, text[0] == UInt8(ascii: "+") else { return false }
        for index in 1..<text.count where !text[index].isDigit { return false }
        return true
    }
}
