import Bytes
import SIPMessage
import Testing

@Suite("A request at a glance")
struct RequestGlanceTests {
    private static let head = "INVITE sip:b@c SIP/2.0\r\n"
    private static let via = "Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
    private static let from = "From: <sip:a@b>;tag=1\r\n"
    private static let to = "To: <sip:b@c>\r\n"
    private static let call = "Call-ID: abc\r\nCSeq: 3 INVITE\r\n"

    private static func glance(_ text: String) -> RequestGlance? { Self.glance(ByteString(text)) }
    private static func glance(_ bytes: ByteString) -> RequestGlance? { RequestGlance(bytes.span) }
    private static func text(_ bytes: ByteString, _ range: ByteRange) -> String {
        range.isPresent ? ByteString(bytes.span.extracting(range.indices)).string : "absent"
    }

    @Test func `it knows what a refusal needs`() throws {
        let text = Self.head + Self.via + Self.from + Self.to + Self.call + "\r\n"
        let bytes = ByteString(text)
        let seen = try #require(Self.glance(bytes))
        #expect(seen.method == .invite && !seen.hasToTag && !seen.isEmergency && seen.cSeq == 3)
        #expect(Self.text(bytes, seen.callID) == "abc")
        #expect(Self.text(bytes, seen.topVia.branch) == "z9hG4bKx")
    }

    @Test(arguments: [
        "To: <sip:b@c>;tag=xyz", "To:\"B\" <sip:b@c>;a=b;TAG=xyz", "t: <sip:b@c>;tag=xyz;more",
    ])
    func `a To tag is seen`(line: String) throws {
        let bytes = ByteString(Self.head + Self.via + Self.from + line + "\r\n" + Self.call + "\r\n")
        let seen = try #require(Self.glance(bytes))
        #expect(Self.text(bytes, seen.toTag) == "xyz")
    }

    @Test(arguments: [
        "SIP/2.0 200 OK\r\n" + via + from + to + call + "\r\n",
        "FOO sip:b@c SIP/2.0\r\n" + via + from + to + call + "\r\n",
        "INVITE sip:b@c SIP/3.0\r\n" + via + from + to + call + "\r\n",
        "INVITE sip:b @c SIP/2.0\r\n" + via + from + to + call + "\r\n",
        head + from + to + call + "\r\n", head + via + to + call + "\r\n", head + via + from + call + "\r\n",
        head + via + from + to + "CSeq: 1 INVITE\r\n\r\n", head + via + from + to + "Call-ID: a\r\n\r\n",
        head + via + from + from + to + call + "\r\n", head + via + from + to + to + call + "\r\n",
        head + via + from + to + call + call + "\r\n", head + "Via : x\r\n" + via + from + to + call + "\r\n",
        head + "Via: nonsense\r\n" + from + to + call + "\r\n", head + via + from + to + call,
        head + via + from + to + call + "Subject: a\r\n folded\r\n\r\n",
        head + via + from + "To: sip:b@c\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c>;tag =x\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c>, <sip:d@e>\r\n" + call + "\r\n",
        head + via + from + "To: \u{0}sip:b@c>;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: \"B <sip:b@c>;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: \"B\\\" <sip:b@c>;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c>x;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: <>;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c>;a b;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: a, b <sip:b@c>\r\n" + call + "\r\n",
        head + via + from + to + call + "Priority: normal\r\nPriority: emergency\r\n\r\n",
        head + via + from + "To: a;b <sip:b@c>;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c;tag=1>\r\n" + call + "\r\n",
        head + via + from + "To: ,<sip:b@c>;tag=1\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c?tag=1>\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c>;xtag=1\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c>;tag=\r\n" + call + "\r\n",
        head + via + from + "To: \";tag=1\" <sip:b@c>\r\n" + call + "\r\n",
        head + via + from + "To: <sip:b@c>;a=\";tag=1\"\r\n" + call + "\r\n",
        head + via + from + to + "Call-ID: a\r\nCSeq: x\r\n\r\n", "", "\r\n\r\n", "INVITE",
        head + String(repeating: via, count: 20) + from + to + call + "\r\n",
        head + via + from + to + call + "no colon\r\n\r\n", head + via + from + to + call + "Bad name: x\r\n\r\n",
    ])
    func `anything unusual is left to the parser`(text: String) {
        #expect(Self.glance(text) == nil)
    }

    @Test func `it never sees what the parser does not`() {
        var generator = SystemRandomNumberGenerator()
        let text = Array(
            (Self.head + Self.via + "Via: SIP/2.0/TCP i\r\n" + Self.from + Self.to + Self.call
                + "Priority: emergency\r\n\r\n")
                .utf8)
        for _ in 0..<20_000 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = .random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert([9, 10, 13, 32, 44, 58, 59, 61].randomElement() ?? 0, at: place)
                default: bytes.removeLast(bytes.count - place)
                }
                if bytes.isEmpty { bytes = text }
            }
            let string = ByteString(bytes.span)
            guard let seen = RequestGlance(string.span) else { continue }
            guard let message = Message(string.span) else {
                Issue.record("no message: \(string)")
                return
            }
            #expect(message.method == seen.method, "\(string)")
            #expect(message.to.tag.isPresent == seen.hasToTag, "\(string)")
            #expect(message.isEmergency == seen.isEmergency, "\(string)")
            #expect(message.callID == seen.callID, "\(string)")
            #expect(message.topVia.branch == seen.topVia.branch, "\(string)")
            #expect(message.cSeq.number == seen.cSeq, "\(string)")
        }
    }
}
