/// The binary RPC format that kamcmd speaks: packets of typed records.
///
/// A packet is a header (magic, kind, payload length, cookie) and a payload of records. A record begins with one byte:
/// bit 7 says whether bits 4 to 6 are the length itself or the number of length bytes that follow; bits 0 to 3 are the
/// type. All numbers are big-endian, in as few bytes as they need.
public enum BinaryRPC {
    public enum Kind: UInt8 {
        case request = 0
        case reply = 1
        case fault = 3
    }

    enum RecordType: UInt8 {
        case int = 0
        case string = 1
        case double = 2
        case structure = 3
        case array = 4
        case name = 5
        case bytes = 6
    }

    /// What the first bytes of a stream are.
    public enum Framing: Equatable {
        case incomplete
        /// Not this protocol, or longer than `limit`.
        case broken
        case packet(headerLength: Int, payloadLength: Int, cookie: UInt64, cookieLength: Int, kind: UInt8)
    }

    /// Longest payload that is taken, bytes.
    public static let limit = 1 << 20

    /// Looks at the beginning of `bytes`.
    public static func frame(_ bytes: [UInt8]) -> Framing {
        guard let magic = bytes.first else { return .incomplete }
        guard magic == 0xa1 else { return .broken }
        guard bytes.count >= 2 else { return .incomplete }
        let lengthBytes = Int(bytes[1] >> 2 & 3) + 1
        let cookieBytes = Int(bytes[1] & 3) + 1
        let header = 2 + lengthBytes + cookieBytes
        guard bytes.count >= header else { return .incomplete }
        let length = self.number(bytes, 2, lengthBytes)
        guard length <= self.limit else { return .broken }
        let cookie = self.number(bytes, 2 + lengthBytes, cookieBytes)
        guard bytes.count >= header + Int(length) else { return .incomplete }
        return .packet(
            headerLength: header, payloadLength: Int(length), cookie: cookie, cookieLength: cookieBytes,
            kind: bytes[1] >> 4)
    }

    static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}
