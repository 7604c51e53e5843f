import Bytes
import SIPMessage

/// The branch parameter that this server puts into its own Via: it says which transaction and which branch a reply
/// belongs to, so that a reply finds its record without hashing or searching.
///
/// `z9hG4bK` HASH `.` HANDLE RANDOM `.` BRANCH, in hexadecimal: 4 digits of the transaction's hash (its stripe), 8 of
/// its handle, 16 that nobody can guess, then the number of the branch.
public struct BranchParameter: Equatable, Sendable {
    public var hash: UInt16
    public var handle: Handle
    public var random: UInt64
    public var branch: Int

    public init(hash: UInt16, handle: Handle, random: UInt64, branch: Int) {
        self.hash = hash
        self.handle = handle
        self.random = random
        self.branch = branch
    }

    private static let cookieLength = 7
    private static let fixedLength = 7 + 4 + 1 + 8 + 16 + 1

    public func write(to buffer: ByteBuffer) {
        buffer.append("z9hG4bK")
        buffer.append(hex: UInt64(self.hash), digits: 4)
        buffer.append(UInt8(ascii: "."))
        buffer.append(hex: UInt64(self.handle.rawValue), digits: 8)
        buffer.append(hex: self.random, digits: 16)
        buffer.append(UInt8(ascii: "."))
        buffer.append(hex: UInt64(self.branch))
    }

    /// Reads a branch parameter; nil when it is not one of ours.
    public init?(_ span: Span<UInt8>, _ range: ByteRange) {
        guard range.isPresent, range.length > Self.fixedLength, range.length <= Self.fixedLength + 2 else { return nil }
        var index = range.lower
        guard span.equals(ByteRange(start: index, count: Self.cookieLength), "z9hG4bK") else { return nil }
        index += Self.cookieLength
        guard let hash = Self.hex(span, index, 4), span[index + 4] == UInt8(ascii: "."),
            let handle = Self.hex(span, index + 5, 8),
            let random = Self.hex(span, index + 13, 16), span[index + 29] == UInt8(ascii: "."),
            let branch = Self.hex(span, index + 30, range.upper - index - 30)
        else { return nil }
        self.hash = UInt16(truncatingIfNeeded: hash)
        self.handle = Handle(rawValue: UInt32(truncatingIfNeeded: handle))
        self.random = random
        self.branch = Int(branch)
    }

    private static func hex(_ span: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64? {
        var value: UInt64 = 0
        for index in start..<start + count {
            guard let digit = span[index].hexValue else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}
