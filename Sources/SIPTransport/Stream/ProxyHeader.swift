import Bytes
import SIPMessage

/// The header with which a load balancer says whose connection it passes on: PROXY protocol, version 1 (a line of text)
/// or 2 (binary), as haproxy's proxy-protocol.txt has it.
///
/// Of what it says only the client's address is used. Whoever can connect can send one, so listeners that take it
/// belong behind a firewall.
public enum ProxyHeader {
    /// What the beginning of a connection is.
    public enum Reading: Equatable, Sendable {
        /// No PROXY header: the bytes are the first message already.
        case absent
        /// It may become one; show the bytes again when there are more.
        case incomplete
        /// A header of `length` bytes; the client, or nil when the balancer speaks for itself.
        case header(client: SocketAddress?, length: Int)
        case malformed
    }

    /// Bytes of the longest header that is taken: addresses and a reasonable number of extensions.
    public static let maximumLength = 16 + 520
    /// A header of version 1 is no longer than this, line end included.
    private static let longestLine = 107

    private static let signature: InlineArray<12, UInt8> = [
        0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
    ]
    private static let word: InlineArray<6, UInt8> = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20]

    /// Reads the header at the beginning of `bytes`.
    /// - Parameter isDatagram: they are one datagram, of whose sender version 2 may speak as such.
    public static func read(_ bytes: Span<UInt8>, isDatagram: Bool = false) -> Reading {
        guard bytes.count > 0 else { return .incomplete }
        if bytes[0] == 0x0d {
            for index in 0..<min(bytes.count, 12) where bytes[index] != self.signature[index] { return .absent }
            return bytes.count < 16 ? .incomplete : self.readBinary(bytes, isDatagram)
        }
        for index in 0..<min(bytes.count, 6) where bytes[index] != self.word[index] { return .absent }
        return bytes.count < 6 ? .incomplete : self.readLine(bytes)
    }

    // MARK: Version 1

    private static func readLine(_ bytes: Span<UInt8>) -> Reading {
        let limit = min(bytes.count, self.longestLine)
        let end = bytes.firstIndex(of: 0x0a, from: 6, to: limit)
        guard end < limit else { return bytes.count < self.longestLine ? .incomplete : .malformed }
        guard bytes[end - 1] == 0x0d else { return .malformed }
        var words = Words(start: 6, end: end - 1)
        let family = words.next(bytes)
        if bytes.equals(family, "UNKNOWN") { return .header(client: nil, length: end + 1) }
        let isIPv6 = bytes.equals(family, "TCP6")
        guard isIPv6 || bytes.equals(family, "TCP4") else { return .malformed }
        let source = words.next(bytes)
        let destination = words.next(bytes)
        let sourcePort = words.next(bytes)
        let destinationPort = words.next(bytes)
        guard words.isAtEnd, let client = self.address(bytes, source, isIPv6),
            self.address(bytes, destination, isIPv6) != nil,
            let port = self.port(bytes, sourcePort), self.port(bytes, destinationPort) != nil
        else { return .malformed }
        return .header(client: SocketAddress(ip: client, port: port), length: end + 1)
    }

    private static func address(_ bytes: Span<UInt8>, _ range: ByteRange, _ isIPv6: Bool) -> IPAddress? {
        // Brackets, which other places allow round an address, are none of this protocol's.
        guard range.count > 0, bytes[range.lower] != UInt8(ascii: "["), let ip = IPAddress(bytes, range),
            ip.isIPv6 == isIPv6
        else { return nil }
        return ip
    }

    private static func port(_ bytes: Span<UInt8>, _ range: ByteRange) -> UInt16? {
        guard range.count > 0, range.count <= 5 else { return nil }
        var value = 0
        for index in range.lower..<range.upper {
            guard bytes[index].isDigit else { return nil }
            value = value * 10 + Int(bytes[index] - 48)
        }
        return UInt16(exactly: value)
    }

    /// Words parted by exactly one space.
    private struct Words {
        var start: Int
        let end: Int
        var isAtEnd: Bool { self.start > self.end }

        mutating func next(_ bytes: Span<UInt8>) -> ByteRange {
            guard self.start <= self.end else { return ByteRange(start: self.end, count: 0) }
            let stop = bytes.firstIndex(of: 0x20, from: self.start, to: self.end)
            let word = ByteRange(self.start, stop)
            self.start = stop + 1
            return word
        }
    }

    // MARK: Version 2

    private static func readBinary(_ bytes: Span<UInt8>, _ isDatagram: Bool) -> Reading {
        let command = bytes[12]
        guard command >> 4 == 2, command & 15 <= 1 else { return .malformed }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        let total = 16 + length
        guard total <= self.maximumLength else { return .malformed }
        guard bytes.count >= total else { return .incomplete }
        if command & 15 == 0 { return .header(client: nil, length: total) }
        // The low half of the byte is 1 for streams, 2 for datagrams.
        switch isDatagram && bytes[13] & 15 == 2 ? bytes[13] &- 1 : bytes[13] {
        case 0x00: return .header(client: nil, length: total)  // family unspecified: the balancer does not know
        case 0x11:
            guard length >= 12 else { return .malformed }
            let ip = IPAddress(ipv4: UInt32(truncatingIfNeeded: self.number(bytes, 16, 4)))
            let port = UInt16(truncatingIfNeeded: self.number(bytes, 24, 2))
            return .header(client: SocketAddress(ip: ip, port: port), length: total)
        case 0x21:
            guard length >= 36 else { return .malformed }
            let ip = IPAddress(ipv6High: self.number(bytes, 16, 8), low: self.number(bytes, 24, 8))
            let port = UInt16(truncatingIfNeeded: self.number(bytes, 48, 2))
            return .header(client: SocketAddress(ip: ip, port: port), length: total)
        default: return .malformed
        }
    }

    private static func number(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in start..<start + count { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}
