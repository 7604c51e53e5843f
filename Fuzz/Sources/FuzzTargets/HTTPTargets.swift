import Bytes
import SIPMessage
import SIPTransport

/// Requests of HTTP in a stream: they are the same wherever it is cut, end where a reader that knows nothing but the plain
/// form of a header finds their end, and are to the parser what they are to the framer. So none hides in another.
enum HTTPTargets {
    private struct Seen: Equatable {
        var requests: [ByteRange] = []
        var messages = 0
        var failure: FramingError?
    }

    static func frame(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let whole = self.read(bytes, step: bytes.count)
        for request in whole.requests { self.check(request, bytes.span) }
        for step in [1, 2 + Int(first % 30)] {
            claim(self.read(bytes, step: step) == whole, "other requests when the stream comes in pieces")
        }
    }

    private static func read(_ bytes: [UInt8], step: Int) -> Seen {
        var limits = StreamFramer.Limits()
        limits.maximumMessage = 4096
        limits.acceptsMissingLength = true
        var framer = StreamFramer(limits: limits)
        var seen = Seen()
        var position = 0
        var available = 0
        while available < bytes.count {
            available = min(available + max(step, 1), bytes.count)
            var isMore = true
            while isMore {
                let span = bytes.span.extracting(0..<available)
                switch framer.next(in: span, from: position) {
                case .request(let range):
                    claim(range.lower >= position && range.upper <= available, "a request outside of the bytes")
                    claim(framer.speaksHTTP && seen.messages == 0, "HTTP behind SIP")
                    seen.requests.append(range)
                    position = range.upper
                case .message(let range):
                    claim(!framer.speaksHTTP, "SIP behind HTTP")
                    if seen.messages == 0, let message = Message(span.extracting(range.indices)) {
                        claim(message.kind != .http, "HTTP that was framed as SIP")
                    }
                    seen.messages += 1
                    position = range.upper
                case .ping(let next):
                    claim(!framer.speaksHTTP && next > position, "a ping in HTTP, or of nothing")
                    position = next
                case .incomplete(let start):
                    claim(start >= position && start <= available, "a beginning outside of the bytes")
                    position = start
                    isMore = false
                case .failed(let error):
                    seen.failure = error
                    return seen
                }
            }
        }
        return seen
    }

    private static func check(_ range: ByteRange, _ span: Span<UInt8>) {
        let request = span.extracting(range.indices)
        guard let message = Message(request) else { fatalError("a request that is no message") }
        claim(message.kind == .http, "a request of another kind")
        let header = self.plainHeader(request)
        claim(message.bodyStart == header.end && message.headerCount == header.fields, "another header")
        claim(request.count == header.end + header.length, "another end")
    }

    /// Lines that end in CR LF and have a name, a colon and no control character, up to an empty one.
    private static func plainHeader(_ request: Span<UInt8>) -> (end: Int, fields: Int, length: Int) {
        var start = request.firstIndex(of: 10, from: 0, to: request.count) + 1
        var fields = 0
        var length: Int?
        while true {
            let end = request.firstIndex(of: 13, from: start, to: request.count)
            claim(end + 1 < request.count && request[end + 1] == 10, "a line end of another form")
            if end == start { return (end + 2, fields, length ?? 0) }
            let colon = request.firstIndex(of: UInt8(ascii: ":"), from: start, to: end)
            claim(colon > start && colon < end, "a field without a name")
            for index in start..<end { claim(request[index] >= 32 || request[index] == 9, "a control character") }
            for index in start..<colon { claim(request[index] > 32, "white space in a name") }
            let name = ByteString(request, ByteRange(start, colon)).string.lowercased()
            claim(name != "transfer-encoding", "a coding")
            if name == "content-length" {
                claim(length == nil, "two lengths")
                let value = ByteString(request, ByteRange(colon + 1, end)).string
                length = Int(String(value.filter { $0 != " " && $0 != "\t" }))
                claim(length != nil, "a length that is no number")
            }
            fields += 1
            start = end + 2
        }
    }
}
