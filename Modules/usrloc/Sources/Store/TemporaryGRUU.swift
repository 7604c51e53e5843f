import Bytes

/// The user part of a temporary GRUU (RFC 5627 §3.2): `ruid`, a minus sign, and where the binding lies, so that it is
/// found without a search and says nothing of who it belongs to.
///
/// It holds for as long as the binding does, but not beyond the end of the server.
struct TemporaryGRUU {
    let stripe: Int
    let handle: Handle

    static func write(_ ruid: ByteString, stripe: Int, _ handle: Handle, to buffer: ByteBuffer) {
        buffer.append(ruid)
        buffer.append(UInt8(ascii: "-"))
        buffer.append(hex: UInt64(stripe) << 32 | UInt64(handle.rawValue))
    }

    /// nil when `user` is none.
    init?(_ user: Span<UInt8>, stripes: Int) {
        guard user.starts(with: ("uloc-" as ByteString).span) else { return nil }
        var start = user.count
        while start > 0, user[start - 1] != UInt8(ascii: "-") { start -= 1 }
        guard start > 5, start < user.count, user.count - start <= 16 else { return nil }
        var value: UInt64 = 0
        for index in start..<user.count {
            guard let digit = user[index].hexValue else { return nil }
            value = value << 4 | UInt64(digit)
        }
        guard value >> 32 < UInt64(stripes) else { return nil }
        self.stripe = Int(value >> 32)
        self.handle = Handle(rawValue: UInt32(truncatingIfNeeded: value))
    }

    /// An instance without its angle brackets.
    static func bare(_ instance: Span<UInt8>) -> ByteRange {
        guard instance.count >= 2, instance[0] == UInt8(ascii: "<"), instance[instance.count - 1] == UInt8(ascii: ">")
        else { return ByteRange(start: 0, count: instance.count) }
        return ByteRange(start: 1, count: instance.count - 2)
    }
}

extension Span where Element == UInt8 {
    func starts(with other: Span<UInt8>) -> Bool {
        self.count >= other.count && self.extracting(0..<other.count).equals(other)
    }
}
