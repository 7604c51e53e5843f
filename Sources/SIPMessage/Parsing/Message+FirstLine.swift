import Bytes

extension Message.FirstLine {
    /// Reads `start..<end`, a line without its line end: RFC 3261 §7.1 and §7.2, RFC 9112 §3.
    /// - Parameter takesHTTPReplies: the status line of HTTP begins a reply too.
    mutating func parse(
        _ span: Span<UInt8>, _ start: Int, _ end: Int, takesHTTPReplies: Bool = false
    ) -> ParseFailure? {
        if end &- start >= 4, Self.isSIP(span, start) {
            return self.parseStatusLine(span, start, end)
        }
        if takesHTTPReplies, end &- start >= 8,
            span.equalsIgnoringCase(ByteRange(start: start, count: 7), "HTTP/1.")
        {
            return self.parseStatusLine(span, start, end, isHTTP: true)
        }
        let methodEnd = span.nearIndex(of: 32, from: start, to: end)
        guard methodEnd < end else { return ParseFailure(.badFirstLine, at: start) }
        guard methodEnd > start else { return ParseFailure(.badMethod, at: start) }
        self.methodRange = ByteRange(start, methodEnd)
        self.method = Method(parsing: span, self.methodRange)
        if self.method == .other {
            for index in start..<methodEnd where !span[index].isTokenByte { return ParseFailure(.badMethod, at: index) }
        }
        let uriStart = methodEnd &+ 1
        let uriEnd = span.firstIndex(of: 32, from: uriStart, to: end)
        guard uriEnd < end else { return ParseFailure(.badFirstLine, at: uriStart) }
        // Blanks round the version are let pass, elsewhere they are not (RFC 4475 §3.1.2.8 and §3.1.2.9). An empty
        // Request-URI is one that cannot be parsed, and answered as such.
        let versionStart = span.skip(from: uriEnd &+ 1, to: end) { $0 == 32 }
        var end = end
        while end > versionStart, span[end &- 1].isBlank { end &-= 1 }
        self.requestURI = ByteRange(uriStart, uriEnd)
        self.version = ByteRange(versionStart, end)
        if end &- versionStart >= 5, span[versionStart].lowercased == 0x68,
            span.equalsIgnoringCase(ByteRange(start: versionStart, count: 5), "HTTP/")
        {
            self.kind = .http
            return Self.isVersion(span, versionStart &+ 5, end) ? nil : ParseFailure(.badVersion, at: versionStart)
        }
        self.kind = .request
        guard end &- versionStart >= 4, Self.isSIP(span, versionStart),
            Self.isVersion(span, versionStart &+ 4, end)
        else { return ParseFailure(.badVersion, at: versionStart) }
        return nil
    }

    private mutating func parseStatusLine(
        _ span: Span<UInt8>, _ start: Int, _ end: Int, isHTTP: Bool = false
    ) -> ParseFailure? {
        let versionEnd = span.nearIndex(of: 32, from: start, to: end)
        // A response of another version cannot be answered, so it is none.
        guard
            isHTTP
                ? Self.isVersion(span, start &+ 5, versionEnd)
                : span.equalsIgnoringCase(ByteRange(start, versionEnd), "SIP/2.0")
        else {
            return ParseFailure(.badVersion, at: start)
        }
        guard versionEnd &+ 4 <= end else { return ParseFailure(.badStatusCode, at: versionEnd) }
        let codeEnd = versionEnd &+ 4
        guard codeEnd < end, span[codeEnd] == 32,
            let code = span.decimal(in: ByteRange(versionEnd &+ 1, codeEnd)), code >= 100, code <= 699
        else { return ParseFailure(.badStatusCode, at: versionEnd &+ 1) }
        self.kind = .response
        self.version = ByteRange(start, versionEnd)
        self.statusCode = Int32(truncatingIfNeeded: code)
        self.reason = ByteRange(min(codeEnd &+ 1, end), end)
        return nil
    }

    /// Whether the four bytes are `SIP/`.
    @inline(__always)
    private static func isSIP(_ span: Span<UInt8>, _ start: Int) -> Bool {
        span.lowercasedWord(ByteRange(start: start, count: 4)) == 0x2f70_6973
    }

    /// Whether the bytes are `digits.digits`.
    private static func isVersion(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var index = start
        index = span.skip(from: index, to: end) { $0.isDigit }
        guard index > start, index < end, span[index] == 46 else { return false }
        let minor = index &+ 1
        index = minor
        index = span.skip(from: index, to: end) { $0.isDigit }
        return index == end && index > minor
    }
}
