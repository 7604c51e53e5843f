import Bytes
import ModuleKit
import SIPMessage

extension TextOps {
    /// Functions that read session descriptions.
    var holdFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "is_audio_on_hold", in: .any,
                summary: "Tells whether an audio stream of the session description is on hold.",
                reference: "RFC 3264 §8.4",
                outcomes: [1: "its address is 0.0.0.0", 2: "sendonly or inactive", -1: "no"],
                example: "if (is_audio_on_hold()) { setflag(1); }"
            ) { route, _ in
                let message = route.message
                guard message.body.count > 0 else { return .failure }
                return AudioHold(message.span, message.body).outcome
            }
        ]
    }
}

/// Reads the lines of a session description (RFC 8866) for audio streams on hold.
private struct AudioHold {
    private struct Level {
        var isZero: Bool
        var isHeld: Bool
        var isAudio: Bool
    }

    /// Of the stream that the lines belong to; before the first `m=` line those of the session.
    private var level = Level(isZero: false, isHeld: false, isAudio: false)
    private(set) var outcome = Outcome.failure
    private var isDecided = false

    init(_ span: Span<UInt8>, _ body: ByteRange) {
        var session: Level?
        var start = body.lower
        while start < body.upper, !self.isDecided {
            let feed = span.firstIndex(of: 10, from: start, to: body.upper)
            let end = feed > start && span[feed - 1] == 13 ? feed - 1 : feed
            let line = ByteRange(start, end)
            start = feed + 1
            guard line.length >= 2, span[line.lower + 1] == UInt8(ascii: "=") else { continue }
            let value = ByteRange(line.lower + 2, line.upper)
            switch span[line.lower] {
            case UInt8(ascii: "m"):
                self.closeStream()
                session = session ?? self.level
                self.level = session ?? self.level
                let media = ByteRange(start: value.lower, count: min(value.length, 6))
                self.level.isAudio = span.equalsIgnoringCase(media, "audio ")
            case UInt8(ascii: "c"): self.level.isZero = span.equals(value, "IN IP4 0.0.0.0")
            case UInt8(ascii: "a"):
                let isHeld = span.equalsIgnoringCase(value, "sendonly") || span.equalsIgnoringCase(value, "inactive")
                if isHeld { self.level.isHeld = true }
            default: break
            }
        }
        self.closeStream()
    }

    private mutating func closeStream() {
        guard !self.isDecided, self.level.isAudio, self.level.isZero || self.level.isHeld else { return }
        self.outcome = self.level.isZero ? .success : .code(2)
        self.isDecided = true
    }
}
