import Bytes
import SIPMessage

/// What is written from a message that was received: it has to be a message, and to say what it should.
enum WrittenMessages {
    private static let via: StaticString = "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKours\r\n"

    static func request(_ message: Message) {
        let out = ByteBuffer(capacity: message.length + 512)
        let source = MessageTargets.source
        if message.topVia.isValid, !self.hasEmptyVia(message) {
            MessageWriter.forwardRequest(
                message, EditList(), newRequestURI: ("sip:new@host" as StaticString).span, topHeaders: self.via.span,
                source: source, forceRport: true, into: out)
            let sent = self.parsed(out, "a forwarded request")
            claim(sent.topVia.branch.length == 11, "our Via is not the first one")
            claim(
                sent.via(at: 1).isValid && self.same(sent, sent.via(at: 1).branch, message, message.topVia.branch),
                "another branch in the second Via")
            self.checkCall(sent, message)
            out.removeAll()
        }
        // Behind a comment of its Via stands what a reply adds to the parameters that are there, as in Kamailio.
        let via = message.topVia
        let isUsable = message.unusableField == nil && via.addition == via.parameters.upper
        MessageWriter.response(
            to: message, code: 404, reason: ("Not Found" as StaticString).span, toTag: ("ourtag" as StaticString).span,
            extraHeaders: ("X: y\r\n" as StaticString).span, serverHeader: ("Server: s\r\n" as StaticString).span,
            contentType: ("text/plain" as StaticString).span, body: ("body" as StaticString).span,
            copyRecordRoute: true, source: source, forceRport: true, into: out)
        if isUsable {
            let reply = self.parsed(out, "a reply")
            claim(reply.isResponse && reply.statusCode == 404, "another reply")
            claim(reply.unusableField == nil, "a reply that could not be used")
            claim(reply.to.hasTag, "a reply without tag")
            claim(reply.body.length == 4 && reply.contentLength == 4, "another body")
            claim(self.same(reply, reply.topVia.branch, message, message.topVia.branch), "another branch")
            self.checkCall(reply, message)
            // The ACK of the reply, and the CANCEL, are hop by hop.
            for isACK in [true, false] {
                out.removeAll()
                if isACK {
                    MessageWriter.ack(forNegative: reply, to: message, into: out)
                } else {
                    MessageWriter.cancel(message, extraHeaders: ("" as StaticString).span, into: out)
                }
                let hop = self.parsed(out, "an ACK or CANCEL")
                claim(self.same(hop, hop.callID, message, message.callID), "another call")
                claim(hop.cSeq.number == message.cSeq.number, "another number")
            }
        }
        self.refusal(message, out)
    }

    private static func refusal(_ message: Message, _ out: ByteBuffer) {
        guard let glance = RequestGlance(message.span), message.start == 0 else { return }
        out.removeAll()
        MessageWriter.refusal(
            of: glance, in: message.span, code: 503, reason: ("Busy" as StaticString).span,
            extraHeaders: ("Retry-After: 1\r\n" as StaticString).span, serverHeader: ("" as StaticString).span,
            source: MessageTargets.source, forceRport: false, into: out
        ) { $0.append("ourtag") }
        let reply = self.parsed(out, "a refusal")
        claim(reply.statusCode == 503 && reply.to.hasTag, "another refusal")
        self.checkCall(reply, message)
    }

    static func reply(_ message: Message) {
        let out = ByteBuffer(capacity: message.length + 64)
        MessageWriter.forwardResponse(message, EditList(), into: out)
        let sent = self.parsed(out, "a forwarded reply")
        claim(sent.statusCode == message.statusCode, "another code")
        self.checkCall(sent, message)
        guard message.topVia.isValid, !self.hasEmptyVia(message) else { return }
        let second = message.via(at: 1)
        claim(sent.topVia.isValid == second.isValid, "one Via too many or too few")
        claim(self.same(sent, sent.topVia.branch, message, second.branch), "another Via")
    }

    /// Such a field counts as the first one, and is passed over behind it.
    private static func hasEmptyVia(_ message: Message) -> Bool {
        (0..<message.headerCount).contains { index in
            let field = message.field(at: index)
            return field.name == .via && field.value.length == 0
        }
    }

    /// Fields taken out, values replaced, a member of a list removed.
    static func edited(_ message: Message) {
        let out = ByteBuffer(capacity: message.length + 64)
        let edits = EditList()
        for index in 0..<message.headerCount where index % 3 == message.length % 3 {
            edits.replaceValue(at: index, with: ("1" as StaticString).span, message)
        }
        MessageWriter.write(message, edits, into: out)
        let replaced = self.parsed(out, "with other values")
        claim(replaced.headerCount == message.headerCount, "another number of fields")
        out.removeAll()
        edits.removeAll()
        for index in 0..<message.headerCount where index % 3 == message.length % 3 {
            edits.removeHeader(at: index, message)
        }
        edits.appendHeader(ByteString("X-Last: 1\r\n"), message)
        MessageWriter.write(message, edits, into: out)
        _ = self.parsed(out, "with fewer fields")
        for name in [HeaderName.contact, .route] { self.withoutMember(of: name, message, out) }
    }

    private static func withoutMember(of name: HeaderName, _ message: Message, _ out: ByteBuffer) {
        let members = self.members(of: name, message)
        guard members.count > 1, members.allSatisfy(\.isValid) else { return }
        let chosen = members[message.length % members.count]
        out.removeAll()
        let edits = EditList()
        edits.removeListMember(chosen.range, listEnd: chosen.listEnd, field: chosen.fieldIndex, message)
        MessageWriter.write(message, edits, into: out)
        let left = self.parsed(out, "with a member less")
        let after = self.members(of: name, left)
        let wanted = members.filter { $0.start != chosen.start }
        claim(after.count == wanted.count, "not one member less")
        for (one, other) in zip(after, wanted) {
            claim(self.same(left, one.range, message, other.range), "another member")
        }
    }

    private static func members(of name: HeaderName, _ message: Message) -> [NameAddress] {
        var members: [NameAddress] = []
        message.forEachNameAddress(in: name) {
            members.append($0)
            return true
        }
        return members
    }

    private static func parsed(_ out: ByteBuffer, _ what: StaticString) -> Message {
        guard let message = Message(out.span) else { fatalError("\(what) is no message") }
        return message
    }

    private static func checkCall(_ one: Message, _ other: Message) {
        claim(self.same(one, one.callID, other, other.callID), "another call")
        claim(self.same(one, one.value(.cSeq), other, other.value(.cSeq)), "another CSeq")
        claim(self.same(one, one.value(.from), other, other.value(.from)), "another From")
    }

    private static func same(_ one: Message, _ range: ByteRange, _ other: Message, _ otherRange: ByteRange) -> Bool {
        guard range.length > 0, otherRange.length > 0 else { return range.length <= 0 && otherRange.length <= 0 }
        return one.text(range) == other.text(otherRange)
    }
}
