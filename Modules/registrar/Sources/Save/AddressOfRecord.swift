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

    /// Appends the key of `uri`.
    /// - Returns: false when it has more than 255 bytes.
    func write(_ span: Span<UInt8>, _ uri: SIPURI, to buffer: ByteBuffer) -> Bool {
        let start = buffer.count
        if uri.user.isPresent { self.writeUser(span, uri.user, to: buffer) }
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
        return buffer.count - start <= Self.limit
    }

    private func writeUser(_ span: Span<UInt8>, _ user: ByteRange, to buffer: ByteBuffer) {
        var index = user.lower
        while index < user.upper {
            var byte = span[index]
            if byte == UInt8(ascii: "%"), index + 2 < user.upper, let high = span[index + 1].hexValue,
                let low = span[index + 2].hexValue
            {
                byte = high << 4 | low
                index += 2
            }
            buffer.append(self.isCaseSensitive ? byte : byte.lowercased)
            index += 1
        }
    }
}
