import Bytes
import SIPMessage

/// `host`, `host:port`, `[address]:port`, taken apart.
enum HostPort {
    /// - Returns: nil when there is no host or the port is none.
    static func split(_ text: ByteString) -> (host: ByteString, port: UInt16)? {
        let bytes = text.bytes
        guard let last = bytes.lastIndex(of: UInt8(ascii: ":")), last > 0, bytes.last != UInt8(ascii: "]"),
            bytes[0] == UInt8(ascii: "[") || bytes.firstIndex(of: UInt8(ascii: ":")) == last
        else { return text.isEmpty ? nil : (text, 5060) }
        let place = ByteRange(start: last + 1, count: bytes.count - last - 1)
        guard let port = text.span.decimal(in: place, limit: 65535), port > 0 else { return nil }
        return (ByteString(Array(bytes[..<last])), UInt16(port))
    }
}
