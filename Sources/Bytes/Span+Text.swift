import CLinux

// Comparisons and small searches over received bytes. Each is bounds-checked by the span it works on; memchr and
// memcmp get a pointer and a length that come from one span.

extension Span where Element == UInt8 {
    /// Index of `byte` in `from..<to`, or `to` when it is not there.
    @inlinable
    public func firstIndex(of byte: UInt8, from: Int, to: Int) -> Int {
        guard from < to else { return to }
        let part = self.extracting(from..<to)
        return unsafe part.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress, let hit = unsafe memchr(base, Int32(byte), bytes.count) else {
                return to
            }
            return unsafe from &+ (UnsafeRawPointer(hit) - UnsafeRawPointer(base))
        }
    }

    /// Whether both hold the same bytes.
    @inlinable
    public func equals(_ other: Span<UInt8>) -> Bool {
        guard self.count == other.count else { return false }
        return unsafe self.withUnsafeBufferPointer { a in
            unsafe other.withUnsafeBufferPointer { b in
                guard let left = a.baseAddress, let right = b.baseAddress else { return true }
                return unsafe memcmp(left, right, a.count) == 0
            }
        }
    }

    @inlinable
    public func equals(_ range: ByteRange, _ other: Span<UInt8>) -> Bool {
        guard range.isPresent, range.length == other.count else { return false }
        return self.extracting(range.indices).equals(other)
    }

    @inlinable
    public func equals(_ range: ByteRange, _ text: StaticString) -> Bool {
        guard range.isPresent, range.length == text.utf8CodeUnitCount else { return false }
        let part = self.extracting(range.indices)
        return unsafe part.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return true }
            return unsafe memcmp(base, text.utf8Start, bytes.count) == 0
        }
    }

    /// Whether both are the same but for the case of ASCII letters.
    @inlinable
    public func equalsIgnoringCase(_ range: ByteRange, _ other: Span<UInt8>) -> Bool {
        guard range.isPresent, range.length == other.count else { return false }
        for index in 0..<other.count where self[range.lower &+ index].lowercased != other[index].lowercased {
            return false
        }
        return true
    }

    @inlinable
    public func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
        self.equalsIgnoringCase(ByteRange(start: 0, count: self.count), other)
    }

    @inlinable
    public func equalsIgnoringCase(_ range: ByteRange, _ text: StaticString) -> Bool {
        guard range.isPresent, range.length == text.utf8CodeUnitCount else { return false }
        return unsafe self.equalsIgnoringCase(
            range,
            Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    /// Index of the quote that ends the quoted text of which `from` is the first byte, escapes honoured; `to` when there
    /// is none before.
    @inlinable
    public func quoteEnd(from: Int, to: Int) -> Int {
        let quote = UInt64(repeating: 34)
        let escape = UInt64(repeating: 92)
        var index = from
        while index < to {
            index = self.nearIndex(
                from: index, to: to, inWord: { ($0 ^ quote).zeroBytes | ($0 ^ escape).zeroBytes },
                where: { $0 == 34 || $0 == 92 })
            if index < to, self[index] == 34 { return index }
            index &+= 2
        }
        return to
    }

    /// Value of a run of decimal digits, or nil when it is empty, has another byte, or is past `limit`.
    @inlinable
    public func decimal(in range: ByteRange, limit: Int = Int(Int32.max)) -> Int? {
        guard range.isPresent, range.count > 0 else { return nil }
        var value = 0
        for index in range.indices {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
            guard value <= limit else { return nil }
        }
        return value
    }

    /// FNV-1a over `range`, folded from `seed`; case of ASCII letters ignored when `ignoringCase`.
    @inlinable
    public func hash(_ range: ByteRange, seed: UInt64 = 0xcbf2_9ce4_8422_2325, ignoringCase: Bool = false) -> UInt64 {
        guard range.isPresent else { return seed }
        var value = seed
        for index in range.indices {
            let byte = self[index]
            value = (value ^ UInt64(ignoringCase ? byte.lowercased : byte)) &* 0x100_0000_01b3
        }
        return value
    }
}

extension UInt8 {
    /// The lower-case form of an ASCII letter; any other byte as it is.
    @inlinable public var lowercased: UInt8 { self &- 65 < 26 ? self | 0x20 : self }
    @inlinable public var isDigit: Bool { self &- 48 < 10 }
    @inlinable public var isLetter: Bool { (self | 0x20) &- 97 < 26 }
    /// Space or horizontal tab.
    @inlinable public var isBlank: Bool { self == 32 || self == 9 }
    /// `token` of RFC 3261 §25.1.
    @inlinable public var isToken: Bool {
        if self.isDigit || self.isLetter { return true }
        switch self {
        case 0x2d, 0x2e, 0x21, 0x25, 0x2a, 0x5f, 0x2b, 0x60, 0x27, 0x7e: return true  // - . ! % * _ + ` ' ~
        default: return false
        }
    }
    /// Value of a hexadecimal digit, or nil.
    @inlinable public var hexValue: UInt8? {
        switch self {
        case 48...57: return self &- 48
        case 97...102: return self &- 87
        case 65...70: return self &- 55
        default: return nil
        }
    }
}
