// Eight bytes at a time: names of header fields and parameters are compared as 64-bit words, the first byte lowest.

extension Span where Element == UInt8 {
    /// The eight bytes at `offset` as one word, the first byte in the lowest bits. Bounds are checked.
    @inlinable @inline(__always)
    public func word(at offset: Int) -> UInt64 {
        // Any bit pattern is a UInt64; the load itself checks that the eight bytes are inside the span.
        unsafe UInt64(littleEndian: self.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The bytes of a name of at most 8 bytes as one word with letters in lower case; zero bytes fill it up.
    @inlinable @inline(__always)
    public func lowercasedWord(_ range: ByteRange) -> UInt64 {
        let length = range.length
        guard length > 0 else { return 0 }
        guard length <= 8 else { return UInt64.max }
        if range.lower &+ 8 <= self.count {
            return (self.word(at: range.lower) & (UInt64.max >> UInt64(truncatingIfNeeded: 64 &- length &* 8)))
                .lowercasedBytes
        }
        var value: UInt64 = 0
        for index in 0..<length {
            value |= UInt64(self[range.lower &+ index].lowercased) << UInt64(truncatingIfNeeded: index &* 8)
        }
        return value
    }

    /// Index of `byte` in `from..<to`, or `to`: for runs that are expected to be short, without a call.
    @inlinable @inline(__always)
    public func nearIndex(of byte: UInt8, from: Int, to: Int) -> Int {
        let pattern = UInt64(repeating: byte)
        return self.nearIndex(from: from, to: to, inWord: { ($0 ^ pattern).zeroBytes }, where: { $0 == byte })
    }

    /// Index of the first byte of `from..<to` that is looked for, or `to`; eight bytes are looked at in one go.
    /// - Parameters:
    ///   - inWord: the top bit of each byte that is looked for; bytes after the first hit may be wrong.
    ///   - found: the same for one byte.
    @inlinable @inline(__always)
    public func nearIndex(
        from: Int,
        to: Int,
        inWord hits: (UInt64) -> UInt64,
        where found: (UInt8) -> Bool
    ) -> Int {
        var index = from
        while index < to {
            // Bytes past `to` are looked at as long as they are in the span; a hit there counts as none.
            guard index &+ 8 <= self.count else {
                while index < to, !found(self[index]) { index &+= 1 }
                return index
            }
            let hit = hits(self.word(at: index))
            if hit != 0 { return Swift.min(index &+ hit.trailingZeroBitCount >> 3, to) }
            index &+= 8
        }
        return to
    }
}

extension UInt64 {
    @inlinable @inline(__always)
    public init(repeating byte: UInt8) { self = UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The top bit of each byte that is zero, right up to the first one; later bytes may be wrong.
    @inlinable @inline(__always)
    public var zeroBytes: UInt64 { (self &- 0x0101_0101_0101_0101) & ~self & 0x8080_8080_8080_8080 }

    /// The top bit of each byte below `limit` (at most 128), right up to the first one; later bytes may be wrong.
    @inlinable @inline(__always)
    public func bytes(below limit: UInt8) -> UInt64 {
        (self &- UInt64(repeating: limit)) & ~self & 0x8080_8080_8080_8080
    }

    /// The four lowest bytes, the lowest first, as eight hexadecimal digits in lower case.
    @inlinable @inline(__always)
    public var hexadecimalDigits: UInt64 {
        var spread = self & 0xffff_ffff
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        let digits = spread >> 4 & 0x000f_000f_000f_000f | (spread & 0x000f_000f_000f_000f) << 8
        let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }

    /// Each of the eight bytes that is an ASCII capital in lower case, the others as they are.
    @inlinable @inline(__always)
    public var lowercasedBytes: UInt64 {
        let low = self & 0x7f7f_7f7f_7f7f_7f7f
        let pastZ = low &+ 0x2525_2525_2525_2525  // 0x7f - 'Z'
        let fromA = low &+ 0x3f3f_3f3f_3f3f_3f3f  // 0x80 - 'A'
        let capitals = (fromA ^ pastZ) & ~self & 0x8080_8080_8080_8080
        return self | capitals >> 2
    }
}

extension StaticString {
    /// The bytes of the literal, which live as long as the program.
    public var span: Span<UInt8> {
        @_lifetime(immortal) get {
            // A StaticString with a pointer representation names bytes of the program image.
            unsafe _overrideLifetime(
                Span(_unsafeStart: self.utf8Start, count: self.utf8CodeUnitCount),
                copying: ()
            )
        }
    }
}
