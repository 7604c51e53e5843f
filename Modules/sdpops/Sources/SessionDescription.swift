import Bytes
import SIPMessage

/// A session description (RFC 8866) in the body of a message, taken apart as far as scripts ask.
///
/// Ranges are into the message. Lenient in what it passes over, strict in what is used: without version, origin, media
/// and an address for each of them there is no description.
struct SessionDescription {
    /// A media description: its `m=` line and all up to the next one.
    struct Media {
        /// With line ends.
        var range: ByteRange
        var type: ByteRange
        var port: ByteRange
        var transport: ByteRange
        /// Payload numbers, or whatever the transport has in their place.
        var formats: [ByteRange]
        var hasConnection = false
    }

    /// `c=`, taken apart.
    struct Connection {
        var isIPv6: Bool
        var address: ByteRange
    }

    enum Outcome {
        case absent
        case malformed(StaticString)
        case found(SessionDescription)
    }

    /// The part of the body that it is, as it was received.
    let body: ByteRange
    /// From `v=` on.
    let range: ByteRange
    private(set) var media: [Media] = []
    /// Of the session, not of a medium.
    private(set) var connection: Connection?
    private(set) var firstConnection: Connection?
    private(set) var sessionVersion = ByteRange.absent
    private(set) var originAddress = ByteRange.absent

    static func find(in message: Message) -> Outcome {
        switch SDPBody.find(in: message) {
        case .absent: return .absent
        case .other: return .malformed("the body is none")
        case .at(let range): return SessionDescription.read(message.span, range)
        }
    }

    private static func read(_ span: Span<UInt8>, _ body: ByteRange) -> Outcome {
        var lines = LineScanner(body)
        var start: Int?
        while start == nil, let line = lines.next(span) {
            if span.hasPrefix(line.text, "v=") { start = line.whole.lower }
        }
        guard let start else { return .malformed("there is no v= line") }
        var description = SessionDescription(body: body, range: ByteRange(start, body.upper))
        var hasOrigin = false
        while let line = lines.next(span) {
            guard line.text.length >= 2, span[line.text.lower + 1] == UInt8(ascii: "=") else { continue }
            let value = ByteRange(line.text.lower + 2, line.text.upper)
            switch span[line.text.lower] {
            case UInt8(ascii: "o") where description.media.isEmpty && !hasOrigin:
                hasOrigin = true
                let words = span.words(value)
                guard words.count >= 3 else { return .malformed("o= has no version") }
                description.sessionVersion = words[2]
                if words.count >= 6 { description.originAddress = words[5] }
            case UInt8(ascii: "c"):
                guard let connection = Connection(span, value) else { return .malformed("c= has no address") }
                description.add(connection)
            case UInt8(ascii: "m"):
                let words = span.words(value)
                guard words.count >= 3 else { return .malformed("m= lacks port or transport") }
                description.close(at: line.whole.lower)
                description.media.append(
                    Media(
                        range: ByteRange(line.whole.lower, body.upper), type: words[0], port: words[1],
                        transport: words[2], formats: Array(words.dropFirst(3))))
            default: break
            }
        }
        guard hasOrigin else { return .malformed("there is no o= line") }
        guard !description.media.isEmpty else { return .malformed("there is no m= line") }
        guard description.connection != nil || description.media.allSatisfy(\.hasConnection) else {
            return .malformed("there is no address")
        }
        return .found(description)
    }

    private init(body: ByteRange, range: ByteRange) {
        self.body = body
        self.range = range
    }

    private mutating func add(_ connection: Connection) {
        self.firstConnection = self.firstConnection ?? connection
        if self.media.isEmpty {
            self.connection = self.connection ?? connection
        } else {
            self.media[self.media.count - 1].hasConnection = true
        }
    }

    /// The last medium ends where the next one begins.
    private mutating func close(at offset: Int) {
        guard let last = self.media.last else { return }
        self.media[self.media.count - 1].range = ByteRange(last.range.lower, offset)
    }
}

extension SessionDescription.Connection {
    /// `IN IP4 192.0.2.1`.
    init?(_ span: Span<UInt8>, _ value: ByteRange) {
        let words = span.words(value)
        guard words.count >= 3 else { return nil }
        if span.equalsIgnoringCase(words[1], "IP4") {
            self.isIPv6 = false
        } else if span.equalsIgnoringCase(words[1], "IP6") {
            self.isIPv6 = true
        } else {
            return nil
        }
        self.address = words[2]
    }
}

extension SessionDescription.Media {
    /// The lines behind `m=`.
    func attributes(_ span: Span<UInt8>) -> LineScanner {
        var lines = LineScanner(self.range)
        _ = lines.next(span)
        return lines
    }

    /// Port 0 refuses a stream, `inactive` stops it (RFC 3264 §6, §8.4).
    func isActive(_ span: Span<UInt8>) -> Bool {
        // `5004/2` has two ports.
        guard let port = self.portNumber(span), port > 0 else { return false }
        var lines = self.attributes(span)
        while let line = lines.next(span) {
            if span.equalsIgnoringCase(line.text, "a=inactive") { return false }
        }
        return true
    }

    func portNumber(_ span: Span<UInt8>) -> Int? {
        let end = span.firstIndex(of: UInt8(ascii: "/"), from: self.port.lower, to: self.port.upper)
        return span.decimal(in: ByteRange(self.port.lower, end), limit: 65535)
    }
}
