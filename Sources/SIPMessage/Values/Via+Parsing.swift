import Bytes

extension Via {
    /// Parses the value that starts in `lower..<upper` and ends there or at a comma.
    init(_ span: Span<UInt8>, from lower: Int, to upper: Int, field: Int) {
        self.init()
        self.fieldIndex = field
        self.isValid = self.parse(span, lower, upper)
    }

    /// Parses the first value of a field in place.
    mutating func take(_ span: Span<UInt8>, _ value: ByteRange, field: Int) {
        self = Via()
        self.fieldIndex = field
        self.isValid = self.parse(span, value.lower, value.upper)
    }

    private mutating func parse(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        self.listEnd = upper
        var index = lower
        index = span.skip(from: index, to: upper) { $0.isSpace }
        self.start = index
        self.end = upper
        index = Self.skipProtocol(span, index, upper)
        guard index > 0 else { return false }
        let transportStart = index
        index = span.skip(from: index, to: upper) { $0.isTokenByte }
        self.transportRange = ByteRange(start: transportStart, count: index &- transportStart)
        guard index > transportStart, index < upper, span[index].isSpace else { return false }
        self.transport = TransportProtocol(parsing: span, self.transportRange)
        index = span.skip(from: index, to: upper) { $0.isSpace }

        index = self.parseSentBy(span, index, upper)
        guard index > 0 else { return false }
        return self.parseParameters(span, index, upper)
    }

    /// Offset past `SIP/2.0/` with its optional white space, or -1.
    private static func skipProtocol(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Int {
        if lower &+ 8 <= upper, span.word(at: lower).lowercasedBytes == 0x2f30_2e32_2f70_6973 {  // "sip/2.0/"
            var index = lower &+ 8
            index = span.skip(from: index, to: upper) { $0.isSpace }
            return index
        }
        var index = lower
        func token(_ text: StaticString) -> Bool {
            let range = ByteRange(start: index, count: text.utf8CodeUnitCount)
            guard range.upper <= upper, span.equalsIgnoringCase(range, text) else { return false }
            index = range.upper
            index = span.skip(from: index, to: upper) { $0.isSpace }
            return true
        }
        guard token("SIP"), token("/"), token("2.0"), token("/") else { return -1 }
        return index
    }

    /// Reads `host [":" port]`; returns the offset past it, or -1.
    private mutating func parseSentBy(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Int {
        var index = lower
        if index < upper, span[index] == 91 {
            let close = span.nearIndex(of: 93, from: index, to: upper)
            guard close < upper, close > index &+ 1 else { return -1 }
            index = close &+ 1
        } else {
            index = span.skipHost(from: index, to: upper)
        }
        guard index > lower else { return -1 }
        self.host = ByteRange(start: lower, count: index &- lower)
        var sentByEnd = index
        var look = index
        look = span.skip(from: look, to: upper) { $0.isSpace }
        if look < upper, span[look] == 58 {
            look &+= 1
            look = span.skip(from: look, to: upper) { $0.isSpace }
            let digits = look
            var value = 0
            while look < upper, span[look].isDigit, look &- digits < 6 {
                value = value &* 10 &+ Int(span[look] &- 48)
                look &+= 1
            }
            guard look > digits, value <= 65535 else { return -1 }
            self.port = value
            sentByEnd = look
        }
        self.sentBy = ByteRange(start: lower, count: sentByEnd &- lower)
        return sentByEnd
    }

    private mutating func parseParameters(_ span: Span<UInt8>, _ lower: Int, _ upper: Int) -> Bool {
        var scanner = ParameterScanner(from: lower, to: upper)
        var last = lower
        var first = lower
        while scanner.next(span) {
            if last == lower { first = scanner.start }
            last = scanner.value.isPresent ? scanner.value.upper : max(scanner.name.upper, scanner.start &+ 1)
            switch span.lowercasedWord(scanner.name) {
            case Word.branch: self.branch = scanner.value
            case Word.rport:
                self.hasRport = true
                self.rport = scanner.value
                self.rportParameter = ByteRange(scanner.name.lower, last)
            case Word.received:
                self.received = scanner.value
                self.receivedParameter = ByteRange(scanner.name.lower, last)
            case Word.maddr: self.maddr = scanner.value
            case Word.ttl: self.ttl = scanner.value
            case Word.alias: self.alias = true
            case Word.i: self.i = scanner.value
            default: break
            }
        }
        self.parameters = ByteRange(first, last)
        self.end = last
        self.listEnd = scanner.position
        return !scanner.isBroken || self.skipComment(span, upper)
    }

    /// Whether a comment ends the value, as RFC 2543 §6.40 allowed; it belongs to the value then.
    private mutating func skipComment(_ span: Span<UInt8>, _ upper: Int) -> Bool {
        guard self.listEnd < upper, span[self.listEnd] == 40 else { return false }
        let close = span.nearIndex(of: 41, from: self.listEnd, to: upper)
        guard close < upper else { return false }
        self.end = close &+ 1
        self.listEnd = span.skip(from: close &+ 1, to: upper) { $0.isSpace }
        return self.listEnd == upper || span[self.listEnd] == 44
    }
}

extension TransportProtocol {
    /// The transport `range` of `span` names, in any case; nil for others.
    public init?(parsing span: Span<UInt8>, _ range: ByteRange) {
        guard range.length >= 2, range.length <= 4 else { return nil }
        switch span.lowercasedWord(range) {
        case Word.udp: self = .udp
        case Word.tcp: self = .tcp
        case Word.tls: self = .tls
        case Word.sctp: self = .sctp
        case Word.ws: self = .ws
        case Word.wss: self = .wss
        default: return nil
        }
    }
}
