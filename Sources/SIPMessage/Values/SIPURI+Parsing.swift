import Bytes

extension SIPURI {
    /// Takes `range` of `span` apart; nil when it is not a URI, or not a proper one of a scheme known here.
    public init?(_ span: Span<UInt8>, _ range: ByteRange) {
        guard range.isPresent, range.count > 0 else { return nil }
        self.init()
        self.range = range
        guard self.parse(span, range.lower, range.upper) else { return nil }
    }

    /// The same in place.
    /// - Returns: false when it is nothing that can be taken apart; nothing in it means anything then.
    mutating func take(_ span: Span<UInt8>, _ range: ByteRange) -> Bool {
        self = SIPURI()
        guard range.isPresent, range.count > 0 else { return false }
        self.range = range
        return self.parse(span, range.lower, range.upper)
    }

    private mutating func parse(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        let colon = span.nearIndex(of: 58, from: lower, to: upper)
        guard colon < upper, colon > lower, span[lower].isLetter else { return false }
        self.schemeRange = ByteRange(start: lower, count: colon &- lower)
        let at = findAt(span, lower, upper)
        guard at > colon else { return false }
        switch span.lowercasedWord(self.schemeRange) {
        case Word.sip: self.scheme = .sip
        case Word.sips: self.scheme = .sips
        case Word.tel:
            self.scheme = .tel
            return self.parseNumber(span, colon &+ 1, upper)
        case Word.tels:
            self.scheme = .tels
            return self.parseNumber(span, colon &+ 1, upper)
        case Word.urn:
            self.scheme = .urn
            return self.parseName(span, colon &+ 1, upper)
        case Word.http, Word.https:
            self.scheme = .http
            return self.parseOpaque(colon &+ 1, upper)
        default:
            for index in lower..<colon {
                let byte = span[index]
                guard byte.isLetter || byte.isDigit || byte == 43 || byte == 45 || byte == 46 else { return false }
            }
            return self.parseOpaque(colon &+ 1, upper)
        }
        var index = colon &+ 1
        // The user part may hold ; and ? (RFC 3261 §25.1 user-unreserved), so @ decides first.
        if at < upper {
            let password = span.nearIndex(of: 58, from: index, to: at)
            self.user = ByteRange(start: index, count: password &- index)
            guard self.user.length > 0 else { return false }
            if password < at { self.password = ByteRange(start: password &+ 1, count: at &- password &- 1) }
            index = at &+ 1
        }
        index = self.parseHost(span, index, upper)
        guard index > 0 else { return false }
        return self.parseRest(span, index, upper)
    }

    @inline(__always)
    private mutating func parseHost(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Int {
        var index = lower
        if index < upper, span[index] == 91 {
            let close = span.nearIndex(of: 93, from: index, to: upper)
            guard close < upper,
                IPAddress.isIPv6Reference(span, index &+ 1, close)
            else { return -1 }
            index = close &+ 1
        } else {
            index = span.skipHost(from: index, to: upper)
            if index > lower, index < upper, span[index] != 58, span[index] != 59, span[index] != 63 {
                index = span.skipHost(from: index, to: upper, with: SyntaxAllowances.hostBytes)
            }
        }
        guard index > lower else { return -1 }
        self.host = ByteRange(start: lower, count: index &- lower)
        guard index < upper, span[index] == 58 else { return index }
        index &+= 1
        let digits = index
        var value = 0
        while index < upper, span[index].isDigit, index &- digits < 6 {
            value = value &* 10 &+ Int(span[index] &- 48)
            index &+= 1
        }
        // An empty port is let pass and counts as none.
        guard value <= 65535 else { return -1 }
        if index > digits { self.port = value }
        self.portRange = ByteRange(start: digits, count: index &- digits)
        return index
    }

    @inline(__always)
    private mutating func parseRest(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        guard lower < upper else { return true }
        var end = upper
        if span[lower] == 63 {
            end = lower
        } else {
            guard span[lower] == 59 else { return false }
            end = span.nearIndex(of: 63, from: lower, to: upper)
            self.parameters = ByteRange(start: lower &+ 1, count: end &- lower &- 1)
            self.parseParameters(span)
        }
        if end < upper { self.headers = ByteRange(start: end &+ 1, count: upper &- end &- 1) }
        return true
    }

    private mutating func parseParameters(_ span: Span<UInt8>) {
        var scanner = URIPartScanner(self.parameters, separator: 59)
        while scanner.next(span) {
            switch span.lowercasedWord(scanner.name) {
            case Word.lr: self.lr = true
            case Word.maddr: self.maddr = scanner.value
            case Word.ttl: self.ttl = scanner.value
            case Word.user: self.userParameter = scanner.value
            case Word.method: self.method = scanner.value
            case Word.ob: self.ob = true
            case Word.gr:
                self.hasGR = true
                self.gr = scanner.value
            case Word.r2: self.r2 = scanner.value
            default:
                if Word.isTransport(span, scanner.name) {
                    self.transportRange = scanner.value
                    self.transport = TransportProtocol(parsing: span, scanner.value)
                }
            }
        }
    }

    /// `tel:` number and parameters (RFC 3966).
    private mutating func parseNumber(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        let semicolon = span.nearIndex(of: 59, from: lower, to: upper)
        guard semicolon > lower else { return false }
        self.user = ByteRange(start: lower, count: semicolon &- lower)
        if semicolon < upper {
            self.parameters = ByteRange(start: semicolon &+ 1, count: upper &- semicolon &- 1)
            self.parseParameters(span)
        }
        return true
    }

    /// `urn:` namespace and name: `user` and `host`.
    private mutating func parseName(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        let colon = span.nearIndex(of: 58, from: lower, to: upper)
        guard colon > lower else { return false }
        self.user = ByteRange(start: lower, count: colon &- lower)
        if colon < upper { self.host = ByteRange(colon &+ 1, upper) }
        return true
    }

    private mutating func parseOpaque(_ lower: Int, _ upper: Int) -> Bool {
        guard lower < upper else { return false }
        self.user = ByteRange(start: lower, count: upper &- lower)
        return true
    }
}

/// Finds the first `@` of `lower..<upper`, or `upper`; -1 when a byte is there that no URI can hold: white space,
/// control, `"`, `<`, `>`.
private func findAt(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Int {
    var at = upper
    var bad: UInt64 = 0
    var index = lower
    while index < upper {
        guard index &+ 8 <= span.count else {
            while index < upper {
                let byte = span[index]
                if byte <= 32 || byte == 34 || byte == 60 || byte == 62 { return -1 }
                if byte == 64, at == upper { at = index }
                index &+= 1
            }
            break
        }
        var word = span.word(at: index)
        if upper &- index < 8 {
            // Bytes past the end count as letters.
            let kept = UInt64.max >> UInt64(truncatingIfNeeded: 64 &- (upper &- index) &* 8)
            word = (word & kept) | (UInt64(repeating: 97) & ~kept)
        }
        let brackets = (word | UInt64(repeating: 2)) ^ UInt64(repeating: 0x3e)  // < and >
        bad |= word.bytes(below: 33) | brackets.zeroBytes | (word ^ UInt64(repeating: 0x22)).zeroBytes
        let ats = (word ^ UInt64(repeating: 64)).zeroBytes
        if ats != 0, at == upper { at = index &+ ats.trailingZeroBitCount >> 3 }
        index &+= 8
    }
    return bad == 0 ? at : -1
}

extension IPAddress {
    /// Whether the bytes could stand between brackets: hexadecimal digits, colons, dots, at least two colons.
    static func isIPv6Reference(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        IPAddress(span, ByteRange(lower, upper))?.isIPv6 == true
    }
}
