/// Sets of ASCII bytes as 128 bits; a byte above 127 is in none. A test compares each with its text.
struct ByteClass {
    let low: UInt64
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let bits = byte < 64 ? self.low : self.high
        return byte < 128 && bits >> UInt64(byte & 63) & 1 != 0
    }

    /// Letters, digits, `-` `.` and, as many devices send it, `_`.
    static var host: ByteClass { ByteClass(low: 0x03ff_6000_0000_0000, high: 0x07ff_fffe_87ff_fffe) }
    /// `token` of RFC 3261 §25.1.
    static var token: ByteClass { ByteClass(low: 0x03ff_6ca2_0000_0000, high: 0x47ff_ffff_87ff_fffe) }
}

extension UInt8 {
    @inline(__always) var isHostByte: Bool { ByteClass.host.contains(self) }
    @inline(__always) var isTokenByte: Bool { ByteClass.token.contains(self) }
    /// Blank or line end: what may stand between tokens, folding included.
    @inline(__always) var isSpace: Bool { self <= 32 && 0x1_0000_2600 as UInt64 >> UInt64(self) & 1 != 0 }
    /// `;` `,` `=`, white space or control.
    @inline(__always) var endsParameterName: Bool { self <= 32 || self == 59 || self == 61 || self == 44 }
    /// `;` `,`, white space or control.
    @inline(__always) var endsParameterValue: Bool { self <= 32 || self == 59 || self == 44 }
}

extension Span where Element == UInt8 {
    /// The first index of `from..<to` whose byte is not `wanted`, or `to`; `from` when that is past `to`.
    @inline(__always)
    func skip(from: Int, to: Int, while wanted: (UInt8) -> Bool) -> Int {
        // As a rule there is nothing to skip.
        guard from < to, wanted(self[from]) else { return from }
        // One check here instead of one per byte.
        let part = self.extracting(from..<to)
        var index = 1
        while index < part.count, wanted(part[index]) { index &+= 1 }
        return from &+ index
    }

    /// The first index of `from..<to` that is not of `ByteClass.host`, or `to`.
    @inline(__always)
    func skipHost(from: Int, to: Int) -> Int {
        self.nearIndex(from: from, to: to, inWord: \.nonHostBytes, where: { !$0.isHostByte })
    }

    /// The same, with more bytes that a host may hold.
    func skipHost(from: Int, to: Int, with extra: ByteClass) -> Int {
        guard !extra.isEmpty else { return from }
        return self.skip(from: from, to: to) { $0.isHostByte || extra.contains($0) }
    }

    /// The first index of `from..<to` that ends the name of a parameter, or `to`.
    @inline(__always)
    func parameterNameEnd(from: Int, to: Int) -> Int {
        self.nearIndex(
            from: from,
            to: to,
            inWord: {
                $0.bytes(below: 33) | ($0 ^ UInt64(repeating: 59)).zeroBytes | ($0 ^ UInt64(repeating: 61)).zeroBytes
                    | ($0 ^ UInt64(repeating: 44)).zeroBytes
            },
            where: \.endsParameterName
        )
    }

    /// The first index of `from..<to` that ends the unquoted value of a parameter, or `to`.
    @inline(__always)
    func parameterValueEnd(from: Int, to: Int) -> Int {
        self.nearIndex(
            from: from,
            to: to,
            inWord: {
                $0.bytes(below: 33) | ($0 ^ UInt64(repeating: 59)).zeroBytes | ($0 ^ UInt64(repeating: 44)).zeroBytes
            },
            where: \.endsParameterValue
        )
    }
}

extension UInt64 {
    /// The top bit of each byte that is not of `ByteClass.host`; exact for every byte.
    @inline(__always) var nonHostBytes: UInt64 {
        let top = UInt64(repeating: 0x80)
        let low = self & ~top
        let letter = low | UInt64(repeating: 0x20)
        let isLetter = (letter &+ UInt64(repeating: 0x80 - 97)) & ~(letter &+ UInt64(repeating: 0x80 - 123))
        let fromDash = (low &+ UInt64(repeating: 0x80 - 45)) & ~(low &+ UInt64(repeating: 0x80 - 58))  // - . / 0…9
        let notSlash = (low ^ UInt64(repeating: 47)) &+ UInt64(repeating: 0x7f)
        let notUnderscore = (low ^ UInt64(repeating: 95)) &+ UInt64(repeating: 0x7f)
        return ~((isLetter | (fromDash & notSlash) | ~notUnderscore) & ~self) & top
    }
}
