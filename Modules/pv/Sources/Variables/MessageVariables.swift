import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// The message itself: first line, body, lengths.
    var messageVariables: [ScriptVariable] {
        [
            ScriptVariable("mt", summary: "1 in requests, 2 in replies.") { .int($0.message.isResponse ? 2 : 1) },
            ScriptVariable("mts", summary: "rq in requests, rp in replies.") {
                $0.message.isResponse ? Self.reply : Self.request
            },
            ScriptVariable("ml", summary: "Length of the message in bytes.") { .int($0.message.length) },
            ScriptVariable("mb", summary: "The message as received.") { .slice(ByteRange(0, $0.message.length)) },
            ScriptVariable("mbu", summary: "The message with the changes made so far.") { route in
                let buffer = ByteBuffer(capacity: route.message.length + 256)
                MessageWriter.write(route.message, route.edits, into: buffer)
                return .bytes(ByteString(buffer.span))
            },
            ScriptVariable("rm", summary: "Method; of a reply that in CSeq.", reference: "RFC 3261 §7.1") { route in
                let message = route.message
                return .slice(ifPresent: message.isResponse ? message.cSeq.methodRange : message.methodRange)
            },
            ScriptVariable("rmid", summary: "Number of the method: 1 INVITE, 2 CANCEL, 4 ACK, 8 BYE and so on.") {
                .int(Int($0.message.method.rawValue))
            },
            ScriptVariable("rv", summary: "Protocol version in the first line.") {
                .slice(ifPresent: $0.message.versionRange)
            },
            ScriptVariable("rs", summary: "Status code of the reply.") {
                $0.message.isResponse ? .int($0.message.statusCode) : .null
            },
            ScriptVariable("rsi", summary: "Status code of the reply, 0 in requests.") { .int($0.message.statusCode) },
            ScriptVariable("rr", summary: "Reason phrase of the reply.") { .slice(ifPresent: $0.message.reason) },
            ScriptVariable("rb", summary: "The body.") { .slice($0.message.body) },
            ScriptVariable("bs", summary: "Length of the body in bytes.") { .int($0.message.body.length) },
            ScriptVariable(
                "msg", inner: .required,
                summary: "Pieces of the message: (len) (buf) (body) (body_len) (hdrs) (fline) (fpart) (lpart)."
            ) { name, _ in
                guard case .literal(let piece) = name else { throw ArgumentError("$msg takes a fixed name") }
                switch piece {
                case "len": return VariableAccess { route, _ in .int(route.message.length) }
                case "body_len": return VariableAccess { route, _ in .int(route.message.body.length) }
                case "buf": return Self.piece { ByteRange(0, $0.length) }
                case "body": return Self.piece { $0.body }
                case "hdrs": return Self.piece { ByteRange($0.firstHeaderStart, Self.headersEnd($0)) }
                case "fline": return Self.piece { Self.firstLine($0) }
                case "fpart": return Self.piece { ByteRange($0.start, Self.headersEnd($0)) }
                case "lpart": return Self.piece { ByteRange($0.firstHeaderStart, $0.length) }
                default: throw ArgumentError("$msg has no piece \(piece.string)")
                }
            },
        ]
    }

    private static let request = Value.bytes("rq")
    private static let reply = Value.bytes("rp")

    private static func piece(_ range: @escaping @Sendable (Message) -> ByteRange) -> VariableAccess {
        VariableAccess { route, _ in .slice(range(route.message)) }
    }

    /// Where the last header field ends, its line end not included.
    private static func headersEnd(_ message: Message) -> Int {
        let span = message.span
        var end = message.headersEnd
        while end > message.firstHeaderStart, span[end - 1] == 10 || span[end - 1] == 13 { end -= 1 }
        return end
    }

    private static func firstLine(_ message: Message) -> ByteRange {
        let span = message.span
        var end = message.firstHeaderStart
        while end > message.start, span[end - 1] == 10 || span[end - 1] == 13 { end -= 1 }
        return ByteRange(message.start, end)
    }
}
