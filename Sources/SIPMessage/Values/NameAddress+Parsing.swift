import Bytes

extension NameAddress {
    /// Parses the value that starts in `lower..<upper` and ends there or, in a list, at a comma.
    init(_ span: Span<UInt8>, from lower: Int, to upper: Int, isList: Bool, field: Int) {
        self.init()
        self.fieldIndex = field
        self.isValid = self.parse(span, lower, upper, isList)
    }

    /// Parses the value of a field in place.
    mutating func take(_ span: Span<UInt8>, _ value: ByteRange, field: Int) {
        self = NameAddress()
        self.fieldIndex = field
        self.isValid = self.parse(span, value.lower, value.upper, false)
    }

    private mutating func parse(_ span: Span<UInt8>, _ lower: Int, _ upper: Int, _ isList: Bool) -> Bool {
        self.listEnd = upper
        var index = lower
        index = span.skip(from: index, to: upper) { $0.isSpace }
        self.start = index
        self.end = upper
        guard index < upper else { return false }
        index = self.parseAddress(span, index, upper)
        guard index > 0 else { return false }
        return self.parseParameters(span, index, upper) && (isList || self.listEnd >= upper)
    }

    /// Reads display name and URI; returns the offset past them, or -1.
    private mutating func parseAddress(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Int {
        var index = lower
        if span[index] == 34 {
            index = skipQuoted(span, index, upper)
            guard index > 0 else { return -1 }
            self.displayName = ByteRange(lower, index)
            index = span.skip(from: index, to: upper) { $0.isSpace }
            guard index < upper, span[index] == 60 else { return -1 }
            return self.parseBracketed(span, index, upper)
        }
        while index < upper {
            switch span[index] {
            case 60:
                let name = trim(span, lower, index)
                if name.count > 0 { self.displayName = name }
                return self.parseBracketed(span, index, upper)
            case 59, 44: return self.parseBare(span, lower, index)
            case 34: return -1
            default: index &+= 1
            }
        }
        return self.parseBare(span, lower, index)
    }

    @inline(__always)
    private mutating func parseBracketed(_ span: Span<UInt8>, _ open: Int, _ upper: Int) -> Int {
        let close = span.nearIndex(of: 62, from: open, to: upper)
        guard close < upper, close > open &+ 1 else { return -1 }
        // White space round the URI is let pass.
        self.uri =
            span[open &+ 1].isSpace || span[close &- 1].isSpace
            ? trim(span, open &+ 1, close) : ByteRange(start: open &+ 1, count: close &- open &- 1)
        guard self.uri.length > 0 else { return -1 }
        self.uriIncludingBrackets = ByteRange(start: open, count: close &+ 1 &- open)
        return close &+ 1
    }

    private mutating func parseBare(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Int {
        let range = trim(span, lower, upper)
        guard range.count > 0 else { return -1 }
        for index in range.indices where span[index] <= 32 { return -1 }
        self.uri = range
        self.uriIncludingBrackets = range
        if range.count == 1, span[range.lower] == 42 { self.isStar = true }
        return range.upper
    }

    private mutating func parseParameters(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        var scanner = ParameterScanner(from: lower, to: upper)
        var last = lower
        var first = lower
        while scanner.next(span) {
            if last == lower { first = scanner.start }
            last = scanner.value.isPresent ? scanner.value.upper : max(scanner.name.upper, scanner.start &+ 1)
            switch span.lowercasedWord(scanner.name) {
            case Word.tag: self.tag = scanner.value
            case Word.q: self.q = Self.quality(span, scanner.value)
            case Word.expires: self.expires = Self.seconds(span, scanner.value)
            default: break
            }
        }
        self.parameters = ByteRange(first, last)
        self.end = last
        self.listEnd = scanner.position
        return !scanner.isBroken
    }

    /// A qvalue in thousandths (RFC 3261 §25.1), or -1.
    static func quality(_ span: Span<UInt8>, _ range: ByteRange) -> Int16 {
        guard range.length >= 1, range.length <= 5 else { return -1 }
        var value: Int16 = 0
        var scale: Int16 = 1000
        for (position, index) in range.indices.enumerated() {
            let byte = span[index]
            if position == 1 {
                guard byte == 46 else { return -1 }
                continue
            }
            guard byte.isDigit else { return -1 }
            value &+= Int16(byte &- 48) &* scale
            scale /= 10
        }
        return value <= 1000 ? value : -1
    }

    /// Decimal seconds; -1 when it is not a number, 2³¹-1 when it is more than that (RFC 3261 §20.19).
    static func seconds(_ span: Span<UInt8>, _ range: ByteRange) -> Int {
        guard range.length > 0 else { return -1 }
        var value = 0
        for index in range.indices {
            let digit = span[index] &- 48
            guard digit < 10 else { return -1 }
            value = min(value &* 10 &+ Int(digit), Int(Int32.max))
        }
        return value
    }
}
