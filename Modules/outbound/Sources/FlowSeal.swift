import Bytes
import Digests
import SIPMessage

/// Both ends of a flow.
struct Flow: Equatable, Sendable {
    var transport: TransportProtocol
    var local: SocketAddress
    var remote: SocketAddress
}

/// Writes flows as tokens and reads them again (RFC 5626 §5.2).
///
/// A token is Base64 (RFC 4648 §5) of: seal (10 bytes), protocol (1), local address (4 or 16) and port (2), remote
/// address and port. The seal is HMAC-SHA-256 (RFC 2104) of the rest, cut.
struct FlowSeal: Sendable {
    enum Reading: Equatable {
        case absent
        case forged
        case flow(Flow)
    }

    private static let sealLength = 10
    private static let blockLength = 64
    private static let transports: [TransportProtocol] = [.udp, .tcp, .tls, .sctp, .ws, .wss]

    private let innerKey: ByteString
    private let outerKey: ByteString

    init(key: ByteString) {
        let block = ByteBuffer(capacity: Self.blockLength)
        if key.count > Self.blockLength {
            DigestAlgorithm.sha256.append(of: key.span, to: block)
        } else {
            block.append(key)
        }
        while block.count < Self.blockLength { block.append(0) }
        self.innerKey = Self.masked(block, 0x36)
        self.outerKey = Self.masked(block, 0x5c)
    }

    private static func masked(_ block: ByteBuffer, _ mask: UInt8) -> ByteString {
        let buffer = ByteBuffer(capacity: self.blockLength)
        for index in 0..<block.count { buffer.append(block[index] ^ mask) }
        return ByteString(buffer.span)
    }

    func token(_ flow: Flow) -> ByteString? {
        guard let number = Self.transports.firstIndex(of: flow.transport) else { return nil }
        let facts = ByteBuffer(capacity: 64)
        facts.append(UInt8(number))
        Self.append(flow.local, to: facts)
        Self.append(flow.remote, to: facts)
        let token = ByteBuffer(capacity: 64)
        self.seal(facts.span, to: token)
        token.append(facts.span)
        let text = ByteBuffer(capacity: 96)
        Base64.encode(token.span, isURL: true, isPadded: false, to: text)
        return ByteString(text.span)
    }

    func read(_ span: Span<UInt8>, _ range: ByteRange) -> Reading {
        // 23 bytes for IPv4, 47 for IPv6.
        guard range.length == 31 || range.length == 63 else { return .absent }
        let token = ByteBuffer(capacity: 64)
        guard Base64.decode(span.extracting(range.indices), to: token) else { return .absent }
        guard token.count == 23 || token.count == 47 else { return .absent }
        let facts = ByteBuffer(token.span.extracting(Self.sealLength..<token.count))
        let seal = ByteBuffer(capacity: Self.sealLength)
        self.seal(facts.span, to: seal)
        guard seal.span.equalsInConstantTime(token.span.extracting(0..<Self.sealLength)),
            Int(facts[0]) < Self.transports.count
        else { return .forged }
        let length = token.count == 23 ? 4 : 16
        return .flow(
            Flow(
                transport: Self.transports[Int(facts[0])], local: Self.address(facts, 1, length),
                remote: Self.address(facts, length + 3, length)))
    }

    private func seal(_ facts: Span<UInt8>, to out: ByteBuffer) {
        let inner = ByteBuffer(capacity: 128)
        inner.append(self.innerKey)
        inner.append(facts)
        let outer = ByteBuffer(capacity: 128)
        outer.append(self.outerKey)
        DigestAlgorithm.sha256.append(of: inner.span, to: outer)
        let digest = ByteBuffer(capacity: 64)
        DigestAlgorithm.sha256.append(of: outer.span, to: digest)
        out.append(digest.span.extracting(0..<min(Self.sealLength, digest.count)))
    }

    private static func append(_ address: SocketAddress, to buffer: ByteBuffer) {
        if address.ip.isIPv6 { self.append(address.ip.high, 8, to: buffer) }
        self.append(address.ip.low, address.ip.isIPv6 ? 8 : 4, to: buffer)
        self.append(UInt64(address.port), 2, to: buffer)
    }

    private static func append(_ value: UInt64, _ bytes: Int, to buffer: ByteBuffer) {
        for index in (0..<bytes).reversed() { buffer.append(UInt8(truncatingIfNeeded: value >> UInt64(index * 8))) }
    }

    /// - Parameter length: 4 or 16; the port follows.
    private static func address(_ buffer: ByteBuffer, _ start: Int, _ length: Int) -> SocketAddress {
        func number(_ from: Int, _ count: Int) -> UInt64 {
            (from..<from + count).reduce(0) { $0 << 8 | UInt64(buffer[$1]) }
        }
        let port = UInt16(truncatingIfNeeded: number(start + length, 2))
        guard length == 16 else {
            return SocketAddress(ip: IPAddress(ipv4: UInt32(truncatingIfNeeded: number(start, 4))), port: port)
        }
        return SocketAddress(ip: IPAddress(ipv6High: number(start, 8), low: number(start + 8, 8)), port: port)
    }
}
