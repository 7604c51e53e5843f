import Bytes

/// The difference between two URIs, as a Record-Route parameter carries it: from either of them and the difference
/// follows the other.
///
/// The bytes of both exclusive-or each other, the shorter one filled up with zeros; with a key, exclusive-or that too,
/// over and over. Written in base 64, with `-` for padding.
struct URIDelta: Equatable, Sendable {
    private let bytes: [UInt8]

    init(_ first: ByteString, _ second: ByteString) {
        let length = max(first.count, second.count)
        self.bytes = (0..<length).map { index in
            (index < first.count ? first.bytes[index] : 0) ^ (index < second.count ? second.bytes[index] : 0)
        }
    }

    /// - Returns: nil when the text is no base 64.
    init?(_ text: ByteString, key: ByteString) {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text.bytes where byte != UInt8(ascii: "-") && byte != UInt8(ascii: "=") {
            guard let value = Self.value(byte) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        self.bytes = Self.mixed(bytes, key)
    }

    /// The other URI.
    func applied(to uri: ByteString) -> ByteString {
        var other: [UInt8] = []
        for index in 0..<max(self.bytes.count, uri.count) {
            let byte =
                (index < self.bytes.count ? self.bytes[index] : 0) ^ (index < uri.count ? uri.bytes[index] : 0)
            // What the longer one had beyond the shorter one's end.
            guard byte != 0 else { break }
            other.append(byte)
        }
        return ByteString(other)
    }

    func text(key: ByteString) -> ByteString {
        let bytes = Self.mixed(self.bytes, key)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for offset in 0..<3 { bits = bits << 8 | UInt32(offset < part.count ? part[start + offset] : 0) }
            for position in 0..<4 {
                if position > part.count {
                    text.append(UInt8(ascii: "-"))
                } else {
                    text.append(Self.alphabet[Int(bits >> UInt32(18 - position * 6) & 63)])
                }
            }
        }
        return ByteString(text)
    }

    private static func mixed(_ bytes: [UInt8], _ key: ByteString) -> [UInt8] {
        guard !key.isEmpty else { return bytes }
        return bytes.indices.map { bytes[$0] ^ key.bytes[$0 % key.count] }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
