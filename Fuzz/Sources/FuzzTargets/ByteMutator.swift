/// Changes messages of protocols: bits, lengths, pieces doubled, moved and cut, and now and then a word of SIP.
extension ScriptMutator {
    /// - Returns: at most `limit` bytes.
    public mutating func mutateBytes(_ bytes: [UInt8], limit: Int) -> [UInt8] {
        var bytes = bytes
        for _ in 0...self.next(4) { self.changeByte(&bytes) }
        if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
        return bytes
    }

    private mutating func changeByte(_ bytes: inout [UInt8]) {
        let place = self.next(bytes.count + 1)
        switch self.next(8) {
        case 0: if place < bytes.count { bytes[place] ^= 1 << UInt8(self.next(8)) }
        case 1: if place < bytes.count { bytes[place] = Self.edges[self.next(Self.edges.count)] }
        case 2: bytes.insert(UInt8(self.next(256)), at: place)
        case 3: bytes.removeSubrange(place..<min(place + 1 + self.next(16), bytes.count))
        case 4:
            let from = self.next(bytes.count + 1)
            let part = Array(bytes[from..<min(from + 1 + self.next(40), bytes.count)])
            bytes.insert(contentsOf: part, at: place)
        case 5: bytes.removeLast(self.next(min(bytes.count, 64) + 1))
        case 6:
            // A length of two bytes, as DNS and PROXY 2 have them.
            guard place + 1 < bytes.count else { return }
            let length = [0, 1, 12, 36, bytes.count, 520, 521, 0xc00c, 0xffff][self.next(9)]
            bytes[place] = UInt8(truncatingIfNeeded: length >> 8)
            bytes[place + 1] = UInt8(truncatingIfNeeded: length)
        default: bytes.insert(contentsOf: Array(Self.words[self.next(Self.words.count)].utf8), at: place)
        }
    }

    private static let edges: [UInt8] = [0, 1, 9, 10, 13, 32, 34, 44, 58, 59, 60, 62, 127, 128, 192, 255]

    private static let words = [
        "\r\n", "\r\n\r\n", "\r\n ", "PROXY TCP4 ", "PROXY TCP6 ", "PROXY UNKNOWN\r\n", "65535", "65536",
        "255.255.255.255",
        "::ffff:1.2.3.4", "Via: SIP/2.0/UDP a", "v: SIP/2.0/TCP b;branch=z9hG4bK1", ", SIP/2.0/UDP c;branch=",
        ";branch=x",
        "From: <sip:a@b>;tag=1\r\n", "t: <sip:a@b>;tag=", ";tag=", "i: 1\r\n", "Call-ID: ", "CSeq: 1 INVITE\r\n",
        "CSeq: 4294967296 ACK\r\n", "Priority: emergency\r\n", "l: 0\r\n", "INVITE sip:a SIP/2.0\r\n",
        "urn:service:sos", "sip:112@", "SIP/2.0 200 OK\r\n", "\"", "\\\"", "<", ">", "\u{0}",
    ]
}
