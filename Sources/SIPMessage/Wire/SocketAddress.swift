import Bytes

/// An IP address without a port: IPv4, or IPv6 with an optional scope.
public struct IPAddress: Hashable, Sendable, BitwiseCopyable {
    /// IPv4: the 32 address bits in the low half of `low`, `high` 0. IPv6: network order, `high` first.
    public var high: UInt64
    public var low: UInt64
    public var isIPv6: Bool

    @inlinable
    public init(ipv4 bits: UInt32) {
        self.high = 0
        self.low = UInt64(bits)
        self.isIPv6 = false
    }

    @inlinable
    public init(ipv6High high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        self.isIPv6 = true
    }

    public static let anyIPv4 = IPAddress(ipv4: 0)
    public static let anyIPv6 = IPAddress(ipv6High: 0, low: 0)

    /// Whether it is the wildcard of its family.
    public var isAny: Bool { self.high == 0 && self.low == 0 }
    public var isLoopback: Bool {
        self.isIPv6 ? self.high == 0 && self.low == 1 : self.low >> 24 == 127
    }

    /// Whether the first `length` bits (of 32 or 128) are those of `network`; false across families.
    public func isInside(_ network: IPAddress, prefixLength length: Int) -> Bool {
        guard self.isIPv6 == network.isIPv6 else { return false }
        if !self.isIPv6 {
            guard length > 0 else { return true }
            let shift = UInt64(32 - min(length, 32))
            return self.low >> shift == network.low >> shift
        }
        guard length > 0 else { return true }
        if length <= 64 { return self.high >> UInt64(64 - length) == network.high >> UInt64(64 - length) }
        guard self.high == network.high else { return false }
        let shift = UInt64(128 - min(length, 128))
        return self.low >> shift == network.low >> shift
    }
}

/// Where bytes come from or go to: address and port.
public struct SocketAddress: Hashable, Sendable, BitwiseCopyable {
    public var ip: IPAddress
    public var port: UInt16
    /// Interface index of a link-local IPv6 address, else 0.
    public var scope: UInt32

    @inlinable
    public init(ip: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.ip = ip
        self.port = port
        self.scope = scope
    }
}

extension IPAddress: CustomStringConvertible {
    /// Reads an IPv4 dotted quad, or IPv6 with or without brackets; nil for anything else, host names included.
    public init?(_ span: Span<UInt8>, _ range: ByteRange) {
        guard range.isPresent, range.count > 0 else { return nil }
        var lower = range.lower
        var upper = range.upper
        if span[lower] == UInt8(ascii: "[") {
            guard upper - lower > 2, span[upper - 1] == UInt8(ascii: "]") else { return nil }
            lower += 1
            upper -= 1
        } else if span[lower].isDigit, let value = Self.parseIPv4(span, lower, upper) {
            self.init(ipv4: value)
            return
        }
        guard let (high, low) = Self.parseIPv6(span, lower, upper) else { return nil }
        self.init(ipv6High: high, low: low)
    }

    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(bytes.span, ByteRange(start: 0, count: bytes.count))
    }

    static func parseIPv4(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> UInt32? {
        guard upper - lower <= 15 else { return nil }
        var value: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var dots = 0
        for index in lower..<upper {
            let byte = span[index]
            if byte.isDigit {
                part = part * 10 + UInt32(byte - 48)
                digits += 1
                guard digits <= 3, part <= 255 else { return nil }
            } else if byte == UInt8(ascii: ".") {
                guard digits > 0, dots < 3 else { return nil }
                value = value << 8 | part
                part = 0
                digits = 0
                dots += 1
            } else {
                return nil
            }
        }
        guard digits > 0, dots == 3 else { return nil }
        return value << 8 | part
    }

    /// The grammar of RFC 3261 has a third colon before an IPv4 address at the end; both forms are taken (RFC 5118 §4.10).
    private static func pastThirdColon(_ span: Span<UInt8>, _ index: Int, _ upper: Int) -> Int {
        guard index < upper, span[index] == UInt8(ascii: ":"), self.parseIPv4(span, index + 1, upper) != nil else {
            return index
        }
        return index + 1
    }

    static func parseIPv6(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> (UInt64, UInt64)? {
        guard upper - lower >= 2, upper - lower <= 45 else { return nil }
        var groups = InlineArray<8, UInt16>(repeating: 0)
        var used = 0
        var gap = -1
        var index = lower
        if span[index] == UInt8(ascii: ":") {
            guard span[index + 1] == UInt8(ascii: ":") else { return nil }
            gap = 0
            index = Self.pastThirdColon(span, 2 + index, upper)
        }
        while index < upper {
            let start = index
            var value: UInt32 = 0
            while index < upper, let digit = span[index].hexValue {
                value = value << 4 | UInt32(digit)
                index += 1
                guard index - start <= 4 else { return nil }
            }
            if index < upper, span[index] == UInt8(ascii: ".") {
                guard used <= 6, let tail = Self.parseIPv4(span, start, upper) else { return nil }
                groups[used] = UInt16(tail >> 16)
                groups[used + 1] = UInt16(tail & 0xffff)
                used += 2
                index = upper
                break
            }
            guard index > start, used < 8 else { return nil }
            groups[used] = UInt16(value)
            used += 1
            guard index < upper else { break }
            guard span[index] == UInt8(ascii: ":") else { return nil }
            index += 1
            if index < upper, span[index] == UInt8(ascii: ":") {
                guard gap < 0 else { return nil }
                gap = used
                index = Self.pastThirdColon(span, 1 + index, upper)
            } else if index == upper {
                return nil
            }
        }
        if gap < 0 {
            guard used == 8 else { return nil }
        } else {
            guard used < 8 else { return nil }
            let tail = used - gap
            for step in 0..<tail {
                groups[7 - step] = groups[used - 1 - step]
            }
            for position in gap..<(8 - tail) { groups[position] = 0 }
        }
        var high: UInt64 = 0
        var low: UInt64 = 0
        for position in 0..<4 { high = high << 16 | UInt64(groups[position]) }
        for position in 4..<8 { low = low << 16 | UInt64(groups[position]) }
        return (high, low)
    }

    /// Dotted quad, or IPv6 without brackets: compressed (RFC 5952) unless `ipv6_hex_style` asks for another form.
    public func write(to buffer: ByteBuffer) {
        self.write(to: buffer, SyntaxAllowances.ipv6Style)
    }

    func write(to buffer: ByteBuffer, _ style: @autoclosure () -> SyntaxAllowances.IPv6Style) {
        if !self.isIPv6 {
            for shift in [24, 16, 8, 0] {
                if shift < 24 { buffer.append(UInt8(ascii: ".")) }
                buffer.append(decimal: Int(self.low >> UInt64(shift) & 255))
            }
            return
        }
        func group(_ index: Int) -> UInt64 {
            index < 4 ? self.high >> UInt64(48 - index * 16) & 0xffff : self.low >> UInt64(112 - index * 16) & 0xffff
        }
        let style = style()
        guard style == .compact else {
            for index in 0..<8 {
                if index > 0 { buffer.append(UInt8(ascii: ":")) }
                buffer.append(hex: group(index), isCapital: style == .expandedCapitals)
            }
            return
        }
        var bestStart = -1
        var bestCount = 1
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, group(end) == 0 { end += 1 }
            if end - index > bestCount {
                bestStart = index
                bestCount = end - index
            }
            index = max(end, index + 1)
        }
        index = 0
        while index < 8 {
            if index == bestStart {
                buffer.append("::")
                index += bestCount
                continue
            }
            if index > 0, index != bestStart + bestCount || bestStart < 0 { buffer.append(UInt8(ascii: ":")) }
            buffer.append(hex: group(index))
            index += 1
        }
    }

    /// As in URIs and Via: IPv6 in brackets.
    public func writeBracketed(to buffer: ByteBuffer) {
        if self.isIPv6 { buffer.append(UInt8(ascii: "[")) }
        self.write(to: buffer)
        if self.isIPv6 { buffer.append(UInt8(ascii: "]")) }
    }

    public var description: String {
        let buffer = ByteBuffer(capacity: 48)
        self.write(to: buffer)
        return String(decoding: ByteString(buffer.span).bytes, as: UTF8.self)
    }

    /// With brackets round IPv6.
    public var bracketed: String { self.isIPv6 ? "[\(self.description)]" : self.description }
}

extension SocketAddress: CustomStringConvertible {
    public var description: String { "\(self.ip.bracketed):\(self.port)" }
}
