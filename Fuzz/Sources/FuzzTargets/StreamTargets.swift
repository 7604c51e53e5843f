import Bytes
import SIPMessage
import SIPTransport

/// A stream holds the same messages wherever it is cut, and in each the parser finds the body where the framer did.
enum StreamTargets {
    private struct Seen: Equatable {
        var messages: [ByteRange] = []
        var pings = 0
        var hasFailed = false
    }

    static func frame(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let stream = Array(bytes)
        let whole = self.read(stream, step: stream.count, first)
        for message in whole.messages { self.check(message, stream.span) }
        for step in [1, 2 + Int(first % 30)] {
            claim(self.read(stream, step: step, first) == whole, "other messages when the stream comes in pieces")
        }
    }

    private static func read(_ bytes: [UInt8], step: Int, _ options: UInt8) -> Seen {
        var limits = StreamFramer.Limits()
        limits.maximumMessage = 2048
        limits.acceptsMissingLength = options & 1 != 0
        limits.acceptsHEP = options & 2 != 0
        var framer = StreamFramer(limits: limits)
        var seen = Seen()
        var position = 0
        var available = 0
        while available < bytes.count {
            available = min(available + max(step, 1), bytes.count)
            var isMore = true
            while isMore {
                switch framer.next(in: bytes.span.extracting(0..<available), from: position) {
                case .message(let range), .request(let range):
                    claim(range.lower >= position && range.upper <= available, "a message outside of the bytes")
                    claim(range.length > 0, "a message of nothing")
                    seen.messages.append(range)
                    position = range.upper
                case .ping(let next):
                    claim(next > position, "a ping that uses nothing up")
                    seen.pings += 1
                    position = next
                case .incomplete(let start):
                    claim(start >= position && start <= available, "a beginning outside of the bytes")
                    position = start
                    isMore = false
                case .failed:
                    seen.hasFailed = true
                    return seen
                }
            }
        }
        return seen
    }

    /// What the framer takes for the body is what the parser takes for it: else a request could be hidden in one.
    private static func check(_ range: ByteRange, _ span: Span<UInt8>) {
        guard let message = Message(span.extracting(range.indices)), message.has(.contentLength) else { return }
        claim(message.contentLength == message.body.length, "two bodies")
    }
}
