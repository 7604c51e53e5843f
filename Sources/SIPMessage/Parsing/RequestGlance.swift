import Bytes

/// A request seen at a glance: as much of it as a server needs that has no time for it, to refuse it or to let it pass.
///
/// One pass over the bytes, no index, no allocation: a quarter of what `Message.parse` costs. It is strict where that
/// is lenient. What has any form that is not the usual one (folded lines, blanks before a colon, a field twice that
/// there is once, a To that does not end in `>`) gives nil, and whoever looks takes the long way. So a glance never
/// sees anything else in a message than the parser does.
public struct RequestGlance: BitwiseCopyable {
    /// Lines that a reply copies, at most; one with more of them is looked at in full.
    public static let lineLimit = 12

    /// Never `other`.
    public private(set) var method = Method.other
    /// To has a tag: the request is within a dialog, or an ACK.
    public var hasToTag: Bool { self.toTag.isPresent }
    public private(set) var toTag = ByteRange.absent
    public private(set) var callID = ByteRange.absent
    public private(set) var cSeq: UInt32 = 0
    /// Valid.
    public private(set) var topVia = Via()
    /// See `Message.isEmergency`.
    public private(set) var isEmergency = false

    /// Via, From, To, Call-ID and CSeq, in their order, each without its line end.
    var lines = InlineArray<12, ByteRange>(repeating: .absent)
    var lineCount = 0
    var viaLine = -1
    var toLine = -1
    private var hasFrom = false
    private var hasPriority = false
    private var hasCSeq = false

    /// - Returns: nil for replies, for requests of rare methods or of any unusual form, and for what is no message.
    public init?(_ span: Span<UInt8>) {
        guard let headers = self.takeFirstLine(span), self.takeHeaders(span, from: headers),
            self.viaLine >= 0, self.toLine >= 0, self.hasFrom, self.hasCSeq, self.callID.isPresent
        else { return nil }
    }

    /// - Returns: where the header fields begin.
    private mutating func takeFirstLine(_ span: Span<UInt8>) -> Int? {
        let count = span.count
        let lineFeed = span.firstIndex(of: 10, from: 0, to: count)
        // ` SIP/2.0` and the line end.
        let uriEnd = lineFeed &- 9
        guard lineFeed < count, uriEnd > 4, span[lineFeed &- 1] == 13, span[uriEnd] == 32,
            span.equals(ByteRange(start: uriEnd &+ 1, count: 7), "SIP/2.0")
        else { return nil }
        let space = span.nearIndex(of: 32, from: 0, to: uriEnd)
        self.method = Method(parsing: span, ByteRange(0, space))
        let known: Method = [
            .invite, .cancel, .ack, .bye, .info, .register, .subscribe, .notify, .message, .options, .prack, .update,
            .refer, .publish,
        ]
        let uri = ByteRange(space &+ 1, uriEnd)
        guard known.contains(self.method), uri.length > 0,
            span.nearIndex(of: 32, from: uri.lower, to: uriEnd) == uriEnd
        else { return nil }
        self.isEmergency = span.isEmergencyURI(uri)
        return lineFeed &+ 1
    }

    private mutating func takeHeaders(_ span: Span<UInt8>, from start: Int) -> Bool {
        let count = span.count
        var cursor = start
        var fields = 0
        while cursor &+ 1 < count {
            let byte = span[cursor]
            if byte == 13 { return span[cursor &+ 1] == 10 }
            // A folded line belongs to a field that may be one of ours.
            fields &+= 1
            guard byte > 32, fields <= 100 else { return false }
            let lineFeed = span.firstIndex(of: 10, from: cursor, to: count)
            guard lineFeed < count, self.takeField(span, cursor, lineFeed) else { return false }
            cursor = lineFeed &+ 1
        }
        return false
    }

    /// Takes what is in the line `start..<end`.
    /// - Returns: false when the request has to be looked at in full.
    @inline(__always)
    private mutating func takeField(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        let colon = Self.endOfName(span, start, end)
        guard colon < end, colon > start, span[colon] == 58 else { return false }
        switch span[start] | 0x20 {
        case 0x76, 0x66, 0x74, 0x69, 0x63, 0x70, 0x72: break  // v f t i c p r
        default: return true
        }
        var upper = end
        while upper > colon, span[upper &- 1].isSpace { upper &-= 1 }
        let lower = span.skip(from: colon &+ 1, to: upper) { $0.isSpace }
        let value = ByteRange(lower, upper)
        let name = ByteRange(start, colon)
        switch (span[start] | 0x20, name.length) {
        case (0x76, 1): return self.takeVia(span, start, value)
        case (0x76, 3): return !span.equalsIgnoringCase(name, "via") || self.takeVia(span, start, value)
        case (0x66, 1): return self.takeFrom(start, value)
        case (0x66, 4): return !span.equalsIgnoringCase(name, "from") || self.takeFrom(start, value)
        case (0x74, 1): return self.takeTo(span, start, value)
        case (0x74, 2): return !span.equalsIgnoringCase(name, "to") || self.takeTo(span, start, value)
        case (0x69, 1): return self.takeCallID(start, value)
        case (0x63, 7): return !span.equalsIgnoringCase(name, "call-id") || self.takeCallID(start, value)
        case (0x63, 4): return !span.equalsIgnoringCase(name, "cseq") || self.takeCSeq(span, start, value)
        case (0x70, 8):
            guard span.equalsIgnoringCase(name, "priority") else { return true }
            // Of two the parser takes the first.
            guard !self.hasPriority else { return false }
            self.hasPriority = true
            if span.equalsIgnoringCase(value, "emergency") { self.isEmergency = true }
        case (0x72, 17): if span.equalsIgnoringCase(name, "resource-priority") { self.isEmergency = true }
        default: break
        }
        return true
    }

    /// The first byte from `start` on that stands in no name: the colon, when all is as usual.
    @inline(__always)
    private static func endOfName(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        let colons = UInt64(repeating: 58)
        let deletes = UInt64(repeating: 127)
        return span.nearIndex(
            from: start, to: end,
            inWord: {
                ($0 ^ colons).zeroBytes | ($0 ^ deletes).zeroBytes | $0.bytes(below: 33)
                    | ($0 & UInt64(repeating: 128))
            },
            where: { $0 == 58 || $0 <= 32 || $0 >= 127 })
    }

    private mutating func note(_ start: Int, _ value: ByteRange) -> Bool {
        guard value.length > 0, self.lineCount < Self.lineLimit else { return false }
        self.lines[self.lineCount] = ByteRange(start, value.upper)
        self.lineCount &+= 1
        return true
    }

    private mutating func takeVia(_ span: Span<UInt8>, _ start: Int, _ value: ByteRange) -> Bool {
        if self.viaLine < 0 {
            self.topVia = Via(span, from: value.lower, to: value.upper, field: 0)
            guard self.topVia.isValid else { return false }
            self.viaLine = self.lineCount
        }
        return self.note(start, value)
    }

    private mutating func takeFrom(_ start: Int, _ value: ByteRange) -> Bool {
        guard !self.hasFrom else { return false }
        self.hasFrom = true
        return self.note(start, value)
    }

    private mutating func takeCallID(_ start: Int, _ value: ByteRange) -> Bool {
        guard !self.callID.isPresent else { return false }
        self.callID = value
        return self.note(start, value)
    }

    private mutating func takeCSeq(_ span: Span<UInt8>, _ start: Int, _ value: ByteRange) -> Bool {
        let cSeq = CSeq(span, value)
        guard !self.hasCSeq, cSeq.isValid else { return false }
        self.hasCSeq = true
        self.cSeq = cSeq.number
        return self.note(start, value)
    }

    /// To is a name and `<uri>`, or that and parameters of which one is the tag.
    private mutating func takeTo(_ span: Span<UInt8>, _ start: Int, _ value: ByteRange) -> Bool {
        guard self.toLine < 0, value.length > 0 else { return false }
        self.toLine = self.lineCount
        var index = value.lower
        while true {
            index = span.nearIndex(of: UInt8(ascii: "="), from: index, to: value.upper)
            guard index < value.upper else { break }
            if index &- 3 > value.lower, span.equalsIgnoringCase(ByteRange(start: index &- 3, count: 3), "tag") {
                let end = span.nearIndex(of: UInt8(ascii: ";"), from: index, to: value.upper)
                self.toTag = ByteRange(index &+ 1, end)
                return end > index &+ 1 && self.isParameter(span, index &- 4, value) && self.note(start, value)
            }
            guard !span[index &- 1].isBlank else { return false }
            index &+= 1
        }
        // One value, and nothing behind the URI.
        guard self.endOfAddress(span, value.lower, value.upper) == value.upper &- 1 else { return false }
        return self.note(start, value)
    }

    /// Whether a parameter begins with the semicolon at `place`, and all else is of the usual form: an address, and
    /// parameters with neither blanks nor quotes nor commas.
    private func isParameter(_ span: Span<UInt8>, _ place: Int, _ value: ByteRange) -> Bool {
        guard place > value.lower, span[place] == UInt8(ascii: ";") else { return false }
        let close = self.endOfAddress(span, value.lower, place)
        guard close > 0, span[close &+ 1] == UInt8(ascii: ";") else { return false }
        var index = close &+ 1
        while index < value.upper {
            switch span[index] {
            case 0...32, UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: "<"), UInt8(ascii: ">"),
                UInt8(ascii: "\\"):
                return false
            default: index &+= 1
            }
        }
        return true
    }

    /// Where the `>` is of a name, without quotes or in quotes, and a URI in brackets; -1 for any other form.
    private func endOfAddress(_ span: Span<UInt8>, _ start: Int, _ limit: Int) -> Int {
        guard start < limit else { return -1 }
        var index = start
        if span[index] == UInt8(ascii: "\"") {
            let end = span.nearIndex(of: UInt8(ascii: "\""), from: index &+ 1, to: limit)
            guard end < limit, span.nearIndex(of: UInt8(ascii: "\\"), from: index, to: end) == end else { return -1 }
            index = span.skip(from: end &+ 1, to: limit) { $0.isBlank }
            guard index < limit, span[index] == UInt8(ascii: "<") else { return -1 }
        }
        while index < limit, span[index] != UInt8(ascii: "<") {
            switch span[index] {
            case UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "\""): return -1
            default: index &+= 1
            }
        }
        let close = span.nearIndex(of: UInt8(ascii: ">"), from: index, to: limit)
        return close < limit && close > index &+ 1 && span[index &+ 1] > 32 ? close : -1
    }
}
