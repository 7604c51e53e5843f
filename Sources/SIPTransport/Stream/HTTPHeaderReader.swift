import Bytes

/// Reads the header of a request of HTTP, line by line, for what tells where the request ends (RFC 9112 §6).
///
/// Stricter than for SIP. A proxy in front may take for a body what we take for the next request, unless there is only one
/// way to read a header: what has two is refused, be it allowed or not.
struct HTTPHeaderReader: BitwiseCopyable {
    /// Fields of one request, at most.
    static let fieldLimit = 128

    /// Value of Content-Length; -1: none.
    private(set) var bodyLength: Int32 = -1
    private var fieldCount: UInt8 = 0
    private var isOldVersion = false
    private var hasHost = false
    private var hasTransferCoding = false
    private var expectsContinue = false

    /// Whether a first line is one of HTTP: its last word begins with `HTTP/`.
    ///
    /// All that the parser of messages takes for HTTP is among it.
    static func isRequestLine(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var end = end
        while end > start, bytes[end &- 1].isBlank { end &-= 1 }
        var word = end
        while word > start, bytes[word &- 1] != 32 { word &-= 1 }
        guard word > start, end &- word >= 5,
            bytes.equalsIgnoringCase(ByteRange(start: word, count: 5), "HTTP/")
        else { return false }
        return end &- start < 4 || !bytes.equalsIgnoringCase(ByteRange(start: start, count: 4), "SIP/")
    }

    /// Method, target and version with one space between; the line end is cut off.
    mutating func readRequestLine(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> HTTPRefusal? {
        var position = start
        while position < end, bytes[position].isToken { position &+= 1 }
        guard position > start, position < end, bytes[position] == 32 else { return .badRequestLine }
        let target = position &+ 1
        position = target
        while position < end, bytes[position] > 32, bytes[position] != 127 { position &+= 1 }
        guard position > target, position < end, bytes[position] == 32 else { return .badRequestLine }
        let version = position &+ 1
        guard end &- version == 8, bytes.equals(ByteRange(start: version, count: 5), "HTTP/"),
            bytes[version &+ 5].isDigit, bytes[version &+ 6] == UInt8(ascii: "."), bytes[version &+ 7].isDigit
        else { return .badRequestLine }
        guard bytes[version &+ 5] == UInt8(ascii: "1") else { return .unknownVersion }
        self.isOldVersion = bytes[version &+ 7] == UInt8(ascii: "0")
        return nil
    }

    /// One field, its line end cut off.
    mutating func readField(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> HTTPRefusal? {
        guard !bytes[start].isBlank else { return .foldedField }
        guard Int(self.fieldCount) < Self.fieldLimit else { return .headerTooLong }
        self.fieldCount &+= 1
        var colon = start
        while colon < end, bytes[colon].isToken { colon &+= 1 }
        guard colon > start, colon < end, bytes[colon] == UInt8(ascii: ":") else { return .badFieldName }
        for index in colon..<end where bytes[index] < 32 && bytes[index] != 9 || bytes[index] == 127 {
            return .badFieldValue
        }
        var lower = colon &+ 1
        var upper = end
        while lower < upper, bytes[lower].isBlank { lower &+= 1 }
        while upper > lower, bytes[upper &- 1].isBlank { upper &-= 1 }
        return self.take(bytes, ByteRange(start, colon), ByteRange(lower, upper))
    }

    private mutating func take(_ bytes: Span<UInt8>, _ name: ByteRange, _ value: ByteRange) -> HTTPRefusal? {
        switch name.length {
        case 4 where bytes.equalsIgnoringCase(name, "host"):
            guard !self.hasHost else { return .badHost }
            self.hasHost = true
        case 6 where bytes.equalsIgnoringCase(name, "expect"):
            if bytes.equalsIgnoringCase(value, "100-continue") { self.expectsContinue = true }
        case 14 where bytes.equalsIgnoringCase(name, "content-length"):
            guard self.bodyLength < 0 else { return .repeatedLength }
            guard value.length > 0 else { return .badLength }
            var length = 0
            for index in value.indices {
                guard bytes[index].isDigit else { return .badLength }
                length = min(length &* 10 &+ Int(bytes[index] &- 48), 1 << 30)
            }
            self.bodyLength = Int32(truncatingIfNeeded: length)
        case 17 where bytes.equalsIgnoringCase(name, "transfer-encoding"): self.hasTransferCoding = true
        default: break
        }
        return nil
    }

    /// The header is complete: whether what it says together can be taken.
    func finish() -> HTTPRefusal? {
        if self.hasTransferCoding {
            if self.isOldVersion { return .codingInOldVersion }
            return self.bodyLength >= 0 ? .lengthBesideCoding : .transferCoding
        }
        return self.isOldVersion || self.hasHost ? nil : .badHost
    }

    /// The sender waits for leave to send the body (RFC 9110 §10.1.1).
    var waitsForLeave: Bool { self.expectsContinue && !self.isOldVersion && self.bodyLength > 0 }
}
