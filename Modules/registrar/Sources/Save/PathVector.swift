import Bytes
import ModuleKit
import SIPMessage

/// The Path header fields of a REGISTER as one value (RFC 3327 §5).
enum PathVector {
    /// Appends all Path values as they came, a comma between fields; nothing when there are none.
    /// - Returns: false when one of them is no route.
    static func write(_ message: Message, to buffer: ByteBuffer) -> Bool {
        guard message.has(.path) else { return true }
        let span = message.span
        var entries = NameAddressIterator(.path)
        while let entry = entries.next(message) {
            guard entry.isValid, entry.hasBrackets, SIPURI(span, entry.uri)?.isSIP == true else { return false }
        }
        var index = message.first(.path)
        while index >= 0 {
            let field = message.field(at: index)
            if field.value.count > 0 {
                if buffer.count > 0 { buffer.append(UInt8(ascii: ",")) }
                buffer.append(span, field.value)
            }
            index = Int(field.next)
        }
        return true
    }

    /// The URI of the first value of the first Path field; nil when there is none.
    static func firstURI(_ message: Message) -> SIPURI? {
        var entries = NameAddressIterator(.path)
        guard let entry = entries.next(message), entry.isValid else { return nil }
        return SIPURI(message.span, entry.uri)
    }

    /// A stored vector from its first hop that is not `isSelf` on, with that hop's URI; empty when none is left.
    static func rest(
        _ vector: ByteString, _ isSelf: (Span<UInt8>, SIPURI) -> Bool
    ) -> (path: ByteString, hop: ByteString) {
        let span = vector.span
        let entry = NameAddress(span, ByteRange(start: 0, count: span.count), isList: true)
        guard entry.isValid else { return (vector, ByteString()) }
        guard let uri = SIPURI(span, entry.uri), isSelf(span, uri) else { return (vector, ByteString(span, entry.uri)) }
        var start = entry.listEnd
        while start < span.count, span[start] == UInt8(ascii: ",") || span[start] <= 32 { start += 1 }
        guard start < span.count else { return (ByteString(), ByteString()) }
        let next = NameAddress(span, ByteRange(start, span.count), isList: true)
        return (
            ByteString(span, ByteRange(start, span.count)), next.isValid ? ByteString(span, next.uri) : ByteString()
        )
    }

    /// Appends the address that the first Path says the client has (`received`, escapes undone).
    static func writeReceived(_ message: Message, to buffer: ByteBuffer) {
        guard let uri = self.firstURI(message) else { return }
        let span = message.span
        let (isThere, value) = uri.parameter(span, named: ("received" as StaticString).span)
        guard isThere, value.count > 0 else { return }
        var index = value.lower
        while index < value.upper {
            var byte = span[index]
            if byte == UInt8(ascii: "%"), index + 2 < value.upper, let high = span[index + 1].hexValue,
                let low = span[index + 2].hexValue
            {
                byte = high << 4 | low
                index += 2
            }
            // What would end a quoted string or a line cannot be part of an address.
            guard byte > 32, byte != UInt8(ascii: "\""), byte != 127 else { return buffer.removeAll() }
            buffer.append(byte)
            index += 1
        }
    }
}
