import Bytes
import SIPMessage

/// The key of a user: the user part without escapes, in lower case unless case matters, and with `@domain` where
/// domains count (RFC 3261 §10.3 step 5).
struct AddressOfRecord: Sendable {
    /// Most bytes of a key.
    static let limit = 255

    var usesDomain = false
    var isCaseSensitive = false
    var realmPrefix = ByteString()

    enum Outcome {
        case written
        /// The key has more than 255 bytes.
        case tooLong
        /// The user part has an escape that is none, or one that stands for a control byte.
        case badEscape
    }

    /// Appends the key of `uri`.
    func write(_ span: Span<UInt8>, _ uri: SIPURI, to buffer: ByteBuffer) -> Outcome {
        let start = buffer.count
        if uri.user.isPresent, !self.writeUser(span, uri.user, to: buffer) { return .badEscape }
        if self.usesDomain, uri.host.isPresent {
            if buffer.count > start { buffer.append(UInt8(ascii: "@")) }
            var lower = uri.host.lower
            let prefix = self.realmPrefix.count
            if prefix > 0, uri.host.length > prefix,
                span.equalsIgnoringCase(ByteRange(start: lower, count: prefix), self.realmPrefix.span)
            {
                lower += prefix
            }
            for index in lower..<uri.host.upper { buffer.append(span[index].lowercased) }
        }
        return buffer.count - start <= Self.limit ? .written : .tooLong
    }

    private func writeUser(_ span: Span<UInt8>, _ user: ByteRange, to buffer: ByteBuffer) -> Bool {
        var index = user.lower
        while index < user.upper {
            var byte = span[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < user.upper, let high = span[index + 1].hexValue,
                    let low = span[index + 2].hexValue, high << 4 | low >= 32, high << 4 | low != 127
                else { return false }
                byte = high << 4 | low
                index += 2
            }
            buffer.append(self.isCaseSensitive ? byte : byte.lowercased)
            index += 1
        }
        return true
    }
}
