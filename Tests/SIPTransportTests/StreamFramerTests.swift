import Bytes
import SIPTransport
import Testing

@Suite("RFC 3261 §18.3: messages in a stream")
struct StreamFramerTests {
    static let options =
        "OPTIONS sip:a@example.org SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nContent-Length: 4\r\n\r\nbody"
    static let short = "ACK sip:a SIP/2.0\r\nl:0\r\n\r\n"

    /// What a framer finds when the bytes come in segments of `size`, with all that is unused shown again.
    static func cut(_ text: String, segment size: Int, limits: StreamFramer.Limits = .init()) -> [String] {
        var framer = StreamFramer(limits: limits)
        let kept = ByteBuffer(capacity: 64)
        let all = Array(text.utf8)
        var found: [String] = []
        var index = 0
        while index < all.count {
            let end = min(index + size, all.count)
            kept.append(all.span.extracting(index..<end))
            index = end
            var position = 0
            scan: while true {
                switch framer.next(in: kept.span, from: position) {
                case .message(let range), .request(let range):
                    found.append(ByteString(kept.span, range).string)
                    position = range.upper
                case .ping(let next):
                    found.append("ping")
                    position = next
                case .incomplete(let start):
                    kept.removeFirst(start)
                    break scan
                case .failed(let error):
                    found.append("\(error)")
                    return found
                }
            }
        }
        if kept.count > 0 { found.append("rest \(kept.count)") }
        return found
    }

    @Test(arguments: [1, 3, 7, 500])
    func `packets of HEP stand between messages when they are allowed`(segment: Int) {
        var limits = StreamFramer.Limits()
        let packet = "HEP3\u{0}\u{9}abc"
        #expect(Self.cut(packet + Self.short, segment: segment, limits: limits).contains(packet) == false)
        limits.acceptsHEP = true
        #expect(
            Self.cut(Self.short + packet + packet + Self.short, segment: segment, limits: limits)
                == [Self.short, packet, packet, Self.short])
    }

    @Test(arguments: [1, 5, 500])
    func `a length that goes on in a folded line is none`(segment: Int) {
        let head = "OPTIONS sip:a SIP/2.0\r\n"
        #expect(
            Self.cut(head + "l:\r\n 3\r\n \r\nX: y\r\n folded\r\n\r\nabc", segment: segment).first?.hasSuffix("abc")
                == true)
        #expect(Self.cut(head + "l: 3\r\n 3\r\n\r\nabc", segment: segment) == ["badLength"])
        #expect(Self.cut(head + "l:\r\n 3\r\n\t1\r\n\r\nabc", segment: segment) == ["badLength"])
    }

    @Test(arguments: [1, 2, 3, 7, 40, 1000])
    func `messages come out whole whatever the segments`(size: Int) {
        let text = Self.options + Self.short + "\r\n" + Self.options
        #expect(Self.cut(text, segment: size) == [Self.options, Self.short, Self.options])
    }

    @Test(arguments: [1, 3, 1000])
    func `a double CRLF between messages is a ping`(size: Int) {
        let text = "\r\n\r\n" + Self.short + "\r\n" + Self.short + "\r\n\r\n\r\n\r\n"
        #expect(Self.cut(text, segment: size) == ["ping", Self.short, Self.short, "ping", "ping"])
    }

    @Test func `blanks between messages are skipped and make no ping`() {
        #expect(Self.cut("  \t" + Self.short + " \r\n " + Self.short, segment: 1) == [Self.short, Self.short])
        #expect(Self.cut("\r\n \r\n", segment: 1) == [])
    }

    @Test func `a single CRLF is nothing`() {
        #expect(Self.cut("\r\n", segment: 1) == [])
        #expect(Self.cut("\n\n\n\n", segment: 1) == [])
    }

    @Test(arguments: [
        "INVITE sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc",
        "INVITE sip:a SIP/2.0\r\nCONTENT-LENGTH : 3 \r\n\r\nabc",
        "INVITE sip:a SIP/2.0\r\nL:\t3\r\n\r\nabc",
        "INVITE sip:a SIP/2.0\r\nContent-Length:\r\n 3\r\n\r\nabc",
        "INVITE sip:a SIP/2.0\nl: 3\n\nabc",
        "INVITE sip:a SIP/2.0\r\nl: 3\r\nContent-Length: 3\r\n\r\nabc",
        "SIP/2.0 200 OK\r\nSubject: l\r\n l: 9\r\nl: 003\r\n\r\nabc",
    ])
    func `the length is read in every form`(text: String) {
        #expect(Self.cut(text + Self.short, segment: 5) == [text, Self.short])
    }

    @Test(arguments: ["x", "-1", "3;a", "3 4", "0x3", "3\r\nl: 4", "\r\nX: 1"])
    func `a bad length ends the stream`(value: String) {
        #expect(Self.cut("INVITE sip:a SIP/2.0\r\nl: \(value)\r\n\r\nabc", segment: 1000) == ["badLength"])
    }

    @Test func `no length is an error unless it may be missing`() {
        let text = "OPTIONS sip:h SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n\r\n"
        #expect(Self.cut(text, segment: 1000) == ["missingLength"])
        var limits = StreamFramer.Limits()
        limits.acceptsMissingLength = true
        #expect(Self.cut(text + text, segment: 4, limits: limits) == [text, text])
    }

    @Test(arguments: [0x16, 0, 0x80, 0x20, 0x3a])
    func `what begins with no token is no message`(byte: UInt8) {
        var framer = StreamFramer()
        let bytes = [byte, 3, 1]
        #expect(framer.next(in: bytes.span, from: 0) == .failed(.notText))
    }

    @Test func `a header that does not end is too long`() {
        var limits = StreamFramer.Limits()
        limits.maximumMessage = 100
        #expect(Self.cut(String(repeating: "A", count: 101), segment: 10, limits: limits) == ["tooLong"])
        #expect(Self.cut(String(repeating: "A: b\r\n", count: 30), segment: 7, limits: limits) == ["tooLong"])
    }

    @Test(arguments: ["90", "101", "99999999999999999999999"])
    func `a body past the limit is refused before it arrives`(length: String) {
        var limits = StreamFramer.Limits()
        limits.maximumMessage = 100
        let text = "INVITE sip:a SIP/2.0\r\nl: \(length)\r\n\r\n"
        #expect(Self.cut(text, segment: 1000, limits: limits) == ["tooLong"])
    }

    @Test func `a message of exactly the limit passes`() {
        var limits = StreamFramer.Limits()
        limits.maximumMessage = Self.options.utf8.count
        #expect(Self.cut(Self.options, segment: 1, limits: limits) == [Self.options])
        limits.maximumMessage -= 1
        #expect(Self.cut(Self.options, segment: 1, limits: limits).last == "tooLong")
    }

    @Test func `bytes after the message stay`() {
        #expect(Self.cut(Self.short + "INV", segment: 1000) == [Self.short, "rest 3"])
    }
}
