import Bytes
import SIPMessage

/// The Path header fields of a REGISTER as one value (RFC 3327 §5).
enum PathVector {
    /// Appends all Path values, separated by commas; nothing when there are none.
    /// - Returns: false when one of them is no route.
    static func write(_ message: Message, to buffer: ByteBuffer) -> Bool {
        guard message.has(.path) else { return true }
        let span = message.span
        var entries = NameAddressIterator(.path)
        while let entry = entries.next(message) {
            guard entry.isValid, entry.hasBrackets, SIPURI(span, entry.uri)?.isSIP == true else { return false }
            if buffer.count > 0 { buffer.append(UInt8(ascii: ",")) }
            buffer.append(span, entry.range)
        }
        return true
    }

    /// URI of the first hop of a stored vector; empty when there is none.
    static func firstHop(_ vector: ByteString) -> ByteString {
        let span = vector.span
        let entry = NameAddress(span, ByteRange(start: 0, count: span.count), isList: true)
        return entry.isValid ? ByteString(span, entry.uri) : ByteString()
    }
}
