import Bytes

extension Message {
    /// Indexes `buffer`: first line and all header fields, in one pass, without looking into values.
    ///
    /// Lenient where it costs nothing: line ends may lack the carriage return, white space before the message is
    /// skipped, blanks may stand before a colon. Nothing is allocated unless the message has more header fields than
    /// any before it.
    /// - Returns: nil, or why the bytes are no message; the index is empty then.
    public func parse() -> ParseFailure? {
        self.reset()
        var failure = self.index(self.span)
        if failure != nil {
            self.reset()
            if SyntaxAllowances.takesHTTPReplies {
                failure = self.index(self.span, takesHTTPReplies: true)
                if failure != nil { self.reset() }
            }
        }
        return failure
    }

    private func index(_ span: Span<UInt8>, takesHTTPReplies: Bool = false) -> ParseFailure? {
        let count = span.count
        guard count < Int(Int32.max) else { return ParseFailure(.tooLong, at: 0) }
        var start = 0
        while start < count, span[start].isSpace { start &+= 1 }
        guard start < count else { return ParseFailure(.empty, at: start) }
        let lineFeed = span.firstIndex(of: 10, from: start, to: count)
        guard lineFeed < count else { return ParseFailure(.firstLineUnfinished, at: count) }
        let lineEnd = lineFeed > start && span[lineFeed &- 1] == 13 ? lineFeed &- 1 : lineFeed

        var line = FirstLine()
        line.start = Int32(truncatingIfNeeded: start)
        if let failure = line.parse(span, start, lineEnd, takesHTTPReplies: takesHTTPReplies) { return failure }
        line.firstHeaderStart = Int32(truncatingIfNeeded: lineFeed &+ 1)

        var cursor = lineFeed &+ 1
        while cursor < count {
            let byte = span[cursor]
            if byte == 10 || (byte == 13 && cursor &+ 1 < count && span[cursor &+ 1] == 10) {
                line.headersEnd = Int32(truncatingIfNeeded: cursor)
                line.bodyStart = Int32(truncatingIfNeeded: byte == 10 ? cursor &+ 1 : cursor &+ 2)
                self.line.value = line
                return nil
            }
            let end = self.indexField(span, cursor)
            guard end > 0 else {
                return ParseFailure(self.fields.count >= Self.headerLimit ? .tooManyHeaders : .badHeader, at: cursor)
            }
            cursor = end
        }
        return ParseFailure(.headerUnfinished, at: count)
    }

    /// Indexes the field that starts at `start`; returns the offset past it, or -1 when it is malformed.
    @inline(__always)
    private func indexField(_ span: Span<UInt8>, _ start: Int) -> Int {
        let count = span.count
        let index = self.fields.count
        guard index < Self.headerLimit else { return -1 }
        var lineFeed = span.firstIndex(of: 10, from: start, to: count)
        // Most names end within eight bytes and are known.
        var (name, nameEnd) = self.names.shortName(span, start)
        var colon = nameEnd
        if name == .other {
            colon = span.nearIndex(of: 58, from: start, to: lineFeed)
            guard colon < lineFeed, colon > start else { return -1 }
            nameEnd = colon
            while nameEnd > start, span[nameEnd &- 1].isBlank { nameEnd &-= 1 }
            name = self.names.name(span, ByteRange(start: start, count: nameEnd &- start))
            if name == .other {
                guard nameEnd > start else { return -1 }
                for position in start..<nameEnd where span[position] <= 32 || span[position] >= 127 { return -1 }
            }
        }
        guard colon < lineFeed else { return -1 }
        while lineFeed &+ 1 < count, span[lineFeed &+ 1].isBlank {
            lineFeed = span.firstIndex(of: 10, from: lineFeed &+ 1, to: count)
        }
        let end = lineFeed < count ? lineFeed &+ 1 : count

        var lower = colon &+ 1
        while lower < lineFeed, span[lower].isSpace { lower &+= 1 }
        var upper = lineFeed
        if lower == lineFeed {
            // An empty value stands right after the colon, where a text in its place belongs.
            lower = colon &+ 1
            upper = lower
        }
        while upper > lower, span[upper &- 1].isSpace { upper &-= 1 }

        let raw = Int(name.rawValue)
        let number = Int16(truncatingIfNeeded: index)
        let previous = Int(self.chains.value.last[raw])
        if previous >= 0 {
            self.fields[previous].next = number
        } else {
            self.chains.value.first[raw] = number
        }
        self.chains.value.last[raw] = number
        self.fields.append(
            HeaderField(
                nameRange: ByteRange(start: start, count: nameEnd &- start),
                value: ByteRange(start: lower, count: upper &- lower),
                start: Int32(truncatingIfNeeded: start),
                end: Int32(truncatingIfNeeded: end),
                next: -1,
                name: name
            )
        )
        return end
    }
}
