import Bytes

/// Why a stream of bytes cannot be cut into messages.
public enum FramingError: Error, Equatable, Sendable {
    /// The first byte of a message is none that a request or response can begin with.
    case notText
    /// Header without `Content-Length`, which streams must have (RFC 3261 §18.3).
    case missingLength
    /// `Content-Length` that is no number, or two that differ.
    case badLength
    /// Longer than the limit, by its header alone or by its `Content-Length`.
    case tooLong
    /// A request of HTTP that is to be answered so.
    case http(HTTPRefusal)
}

/// Finds where messages begin and end in the bytes of a stream: SIP (RFC 3261 §18.3), or HTTP when the first message is.
///
/// A plain value beside the bytes, which it does not hold: it is shown the same bytes again, with more behind them, until
/// a message is whole, and never looks at a byte twice.
public struct StreamFramer: Sendable, BitwiseCopyable {
    /// What the stream may hold.
    public struct Limits: Sendable, BitwiseCopyable {
        /// Bytes of the longest message, header and body.
        public var maximumMessage = 65_535
        /// Take a message without `Content-Length` as one without a body (`tcp_accept_no_cl`).
        public var acceptsMissingLength = false
        /// Take packets of HEP version 3 between messages (`tcp_accept_hep3`).
        public var acceptsHEP = false
        /// The defaults.
        public init() {}
    }

    /// What comes next in the stream.
    public enum Step: Equatable, Sendable {
        /// A whole message; go on after it.
        case message(ByteRange)
        /// A whole request of HTTP; go on after it.
        case request(ByteRange)
        /// A keepalive ping, CRLF CRLF between messages (RFC 5626 §3.5.1); go on at `next`.
        case ping(next: Int)
        /// No whole message yet.
        ///
        /// What is before `start` is used up; show the rest again when there is more.
        case incomplete(start: Int)
        case failed(FramingError)
    }

    /// What is accepted.
    public var limits: Limits
    var scanned: Int32 = 0  // bytes of the header searched for line ends; all offsets count from its start
    var lineStart: Int32 = 0
    private var bodyLength: Int32 = -1  // value of Content-Length; -1: none seen
    var total: Int32 = 0  // bytes of the message; 0: header not complete
    private var pingBytes: UInt8 = 0  // bytes of CR LF CR LF seen between messages
    private var awaitsLengthValue = false  // Content-Length whose value stands on a folded line
    private var isInLength = false  // the last field was Content-Length; folded lines belong to it
    var language = Language.unknown
    var http = HTTPHeaderReader()
    var owesLeave = false  // the header is complete, and its sender waits before the body

    /// At the beginning of a stream.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Whether the header or body of a message has begun and not ended.
    public var isInsideMessage: Bool { self.scanned > 0 || self.total > 0 }

    /// Looks for the next message from `start`, which is where the last step said to go on.
    public mutating func next(in bytes: Span<UInt8>, from start: Int) -> Step {
        if self.language == .http { return self.nextRequest(in: bytes, from: start) }
        var position = start
        if !self.isInsideMessage {
            while position < bytes.count, bytes[position] == 13 || bytes[position] == 10 || bytes[position].isBlank {
                position &+= 1
                if self.isPing(endingWith: bytes[position &- 1]) { return .ping(next: position) }
            }
            guard position < bytes.count else { return .incomplete(start: position) }
            self.pingBytes = 0
            guard bytes[position].isToken else { return .failed(.notText) }
            if self.limits.acceptsHEP, let step = self.takeHEP(bytes, position) { return step }
        }
        if self.total == 0 {
            if let error = self.scanHeader(bytes, position) { return .failed(error) }
            guard self.total > 0 else {
                // The first line of the stream may just have told.
                return self.language == .http
                    ? self.nextRequest(in: bytes, from: position) : .incomplete(start: position)
            }
        }
        guard bytes.count &- position >= Int(self.total) else { return .incomplete(start: position) }
        let message = ByteRange(start: position, count: Int(self.total))
        self.reset()
        return .message(message)
    }

    /// A HEP packet, which says its own length (HEP3 §2: `HEP3`, then 16 bits); nil when there is none.
    private func takeHEP(_ bytes: Span<UInt8>, _ start: Int) -> Step? {
        let count = bytes.count &- start
        let mark: InlineArray<4, UInt8> = [0x48, 0x45, 0x50, 0x33]
        for index in 0..<min(count, 4) where bytes[start &+ index] != mark[index] { return nil }
        guard count >= 6 else { return .incomplete(start: start) }
        let length = Int(bytes[start &+ 4]) << 8 | Int(bytes[start &+ 5])
        guard length >= 6 else { return .failed(.badLength) }
        guard length <= self.limits.maximumMessage else { return .failed(.tooLong) }
        return count >= length ? .message(ByteRange(start: start, count: length)) : .incomplete(start: start)
    }

    mutating func reset() {
        self.scanned = 0
        self.lineStart = 0
        self.bodyLength = -1
        self.total = 0
        self.awaitsLengthValue = false
        self.isInLength = false
    }

    /// Counts CR and LF among the white space between messages; true when it completes CR LF CR LF.
    private mutating func isPing(endingWith byte: UInt8) -> Bool {
        let expectsCR = self.pingBytes & 1 == 0
        if byte == 13 {
            self.pingBytes = expectsCR ? self.pingBytes &+ 1 : 1
        } else if byte != 10 {
            self.pingBytes = 0
        } else if !expectsCR {
            self.pingBytes &+= 1
        }
        guard self.pingBytes == 4 else { return false }
        self.pingBytes = 0
        return true
    }

    /// Reads header lines from where the last look ended; sets `total` at the empty line.
    private mutating func scanHeader(_ bytes: Span<UInt8>, _ start: Int) -> FramingError? {
        while true {
            let end = bytes.firstIndex(of: 10, from: start &+ Int(self.scanned), to: bytes.count)
            guard end < bytes.count else {
                guard bytes.count &- start <= self.limits.maximumMessage else { return .tooLong }
                self.scanned = Int32(truncatingIfNeeded: bytes.count &- start)
                return nil
            }
            guard end &- start < self.limits.maximumMessage else { return .tooLong }
            let line = start &+ Int(self.lineStart)
            let lineEnd = end > line && bytes[end &- 1] == 13 ? end &- 1 : end
            self.scanned = Int32(truncatingIfNeeded: end &+ 1 &- start)
            let isFirst = self.lineStart == 0
            if isFirst, self.language == .unknown {
                self.decide(by: bytes, line, lineEnd)
                if self.language == .http { return nil }
            }
            self.lineStart = self.scanned
            if lineEnd == line { return self.endHeader() }
            guard !isFirst, let error = self.readLine(bytes, line, lineEnd) else { continue }
            return error
        }
    }

    private mutating func endHeader() -> FramingError? {
        if self.awaitsLengthValue { return .badLength }
        if self.bodyLength < 0, !self.limits.acceptsMissingLength { return .missingLength }
        let total = Int(self.scanned) &+ Int(max(self.bodyLength, 0))
        guard total <= self.limits.maximumMessage else { return .tooLong }
        self.total = Int32(truncatingIfNeeded: total)
        return nil
    }

    /// One header line, its line end cut off.
    private mutating func readLine(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> FramingError? {
        let first = bytes[start]
        if first.isBlank {
            if self.awaitsLengthValue { return self.readLength(bytes, start, end) }
            // A length that goes on behind its number is none to the parser.
            guard self.isInLength else { return nil }
            for index in start..<end where !bytes[index].isBlank { return .badLength }
            return nil
        }
        if self.awaitsLengthValue { return .badLength }
        self.isInLength = false
        var position: Int
        switch first | 0x20 {
        case UInt8(ascii: "l"): position = start &+ 1
        case UInt8(ascii: "c"):
            position = start &+ 14
            // Its ninth byte tells it from every other common name with a c.
            guard position < end, bytes[start &+ 8] | 0x20 == UInt8(ascii: "l"),
                bytes.equalsIgnoringCase(ByteRange(start, position), "content-length")
            else { return nil }
        default: return nil
        }
        while position < end, bytes[position].isBlank { position &+= 1 }
        guard position < end, bytes[position] == UInt8(ascii: ":") else { return nil }
        self.isInLength = true
        return self.readLength(bytes, position &+ 1, end)
    }

    private mutating func readLength(_ bytes: Span<UInt8>, _ from: Int, _ to: Int) -> FramingError? {
        var start = from
        var end = to
        while start < end, bytes[start].isBlank { start &+= 1 }
        while end > start, bytes[end &- 1].isBlank { end &-= 1 }
        self.awaitsLengthValue = start == end
        if start == end { return nil }
        var value = 0
        for index in start..<end {
            guard bytes[index].isDigit else { return .badLength }
            value = min(value &* 10 &+ Int(bytes[index] &- 48), 1 << 30)
        }
        guard value <= self.limits.maximumMessage else { return .tooLong }
        guard self.bodyLength < 0 || Int(self.bodyLength) == value else { return .badLength }
        self.bodyLength = Int32(truncatingIfNeeded: value)
        return nil
    }
}
