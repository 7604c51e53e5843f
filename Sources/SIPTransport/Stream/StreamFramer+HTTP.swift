import Bytes

extension StreamFramer {
    /// What a connection speaks. Its first message decides, once: nothing that comes behind is taken for the other.
    enum Language: UInt8, Sendable {
        case unknown, sip, http
    }

    /// Whether the messages are requests of HTTP.
    public var speaksHTTP: Bool { self.language == .http }

    /// A first line that begins the stream: which language it is in.
    mutating func decide(by bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        guard HTTPHeaderReader.isRequestLine(bytes, start, end) else {
            self.language = .sip
            return
        }
        self.language = .http
        self.reset()
    }

    /// The next request from `start`.
    mutating func nextRequest(in bytes: Span<UInt8>, from start: Int) -> Step {
        var position = start
        if !self.isInsideMessage {
            // Old clients send an empty line behind a body (RFC 9112 §2.2). It is no ping here.
            while position < bytes.count, bytes[position] == 13 || bytes[position] == 10 { position &+= 1 }
            guard position < bytes.count else { return .incomplete(start: position) }
            self.http = HTTPHeaderReader()
        }
        if self.total == 0 {
            if let refusal = self.scanRequest(bytes, position) { return .failed(.http(refusal)) }
            guard self.total > 0 else { return .incomplete(start: position) }
        }
        guard bytes.count &- position >= Int(self.total) else { return .incomplete(start: position) }
        let request = ByteRange(start: position, count: Int(self.total))
        self.reset()
        return .request(request)
    }

    /// Whether the sender of the request that has begun is to be told to go on with its body; asked once.
    public mutating func takeLeave() -> Bool {
        guard self.owesLeave else { return false }
        self.owesLeave = false
        return true
    }

    /// Reads header lines from where the last look ended; sets `total` at the empty line.
    private mutating func scanRequest(_ bytes: Span<UInt8>, _ start: Int) -> HTTPRefusal? {
        while true {
            let end = bytes.firstIndex(of: 10, from: start &+ Int(self.scanned), to: bytes.count)
            guard end < bytes.count else {
                guard bytes.count &- start <= self.limits.maximumMessage else { return .headerTooLong }
                self.scanned = Int32(truncatingIfNeeded: bytes.count &- start)
                return nil
            }
            guard end &- start < self.limits.maximumMessage else { return .headerTooLong }
            let line = start &+ Int(self.lineStart)
            guard end > line, bytes[end &- 1] == 13 else { return .badLineEnd }
            let isFirst = self.lineStart == 0
            self.scanned = Int32(truncatingIfNeeded: end &+ 1 &- start)
            self.lineStart = self.scanned
            if end &- 1 == line { return self.endRequest() }
            let refusal =
                isFirst
                ? self.http.readRequestLine(bytes, line, end &- 1) : self.http.readField(bytes, line, end &- 1)
            if let refusal { return refusal }
        }
    }

    private mutating func endRequest() -> HTTPRefusal? {
        if let refusal = self.http.finish() { return refusal }
        let total = Int(self.scanned) &+ Int(max(self.http.bodyLength, 0))
        guard total <= self.limits.maximumMessage else { return .bodyTooLong }
        self.total = Int32(truncatingIfNeeded: total)
        self.owesLeave = self.http.waitsForLeave
        return nil
    }
}
