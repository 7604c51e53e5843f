import Bytes
import Testing

@testable import SIPMessage

@Suite("What is taken beyond RFC 3261")
struct SyntaxAllowanceTests {
    @Test func `only printable bytes that end nothing can be allowed in hosts`() {
        let allowed = ByteClass(extra: "_{!:;?@[]<>\", \u{1}")
        for byte in UInt8.min...UInt8.max {
            #expect(allowed.contains(byte) == [UInt8(ascii: "_"), 0x7b, 0x21].contains(byte))
        }
        #expect(ByteClass(extra: "").isEmpty)
    }

    @Test func `a host goes on over bytes that are allowed, up to what ends it`() {
        let text = ByteString("ab{c!d:5060")
        func end(_ extra: ByteString) -> Int {
            text.span.skipHost(from: 2, to: text.count, with: ByteClass(extra: extra))
        }
        #expect(end("{!") == 6)
        #expect(end("{") == 4)
        #expect(end("") == 2)
    }

    @Test(arguments: [
        (SyntaxAllowances.IPv6Style.compact, "2001:db8::a1"),
        (.expanded, "2001:db8:0:0:0:0:0:a1"), (.expandedCapitals, "2001:DB8:0:0:0:0:0:A1"),
    ])
    func `an IPv6 address is written in one of three ways`(style: SyntaxAllowances.IPv6Style, expected: String) throws {
        let buffer = ByteBuffer(capacity: 48)
        try #require(IPAddress("2001:db8::a1")).write(to: buffer, style)
        #expect(ByteString(buffer.span).string == expected)
    }

    private func line(_ text: String, takesHTTPReplies: Bool) -> (Message.FirstLine, ParseFailure?) {
        var line = Message.FirstLine()
        let bytes = ByteString(text)
        let failure = line.parse(bytes.span, 0, bytes.count, takesHTTPReplies: takesHTTPReplies)
        return (line, failure)
    }

    @Test func `the status line of HTTP is a reply's when that is allowed`() {
        let (line, failure) = self.line("HTTP/1.1 404 Not Found", takesHTTPReplies: true)
        #expect(failure == nil && line.kind == .response && line.statusCode == 404)
        #expect(line.version == ByteRange(start: 0, count: 8))
        #expect(self.line("HTTP/1.1 404 Not Found", takesHTTPReplies: false).1 != nil)
        #expect(self.line("HTTP/1.1 99 Odd", takesHTTPReplies: true).1 != nil)
        #expect(self.line("HTTP/1. 200 OK", takesHTTPReplies: true).1 != nil)
    }

    private static let whole =
        "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a>;tag=1\r\nTo: <sip:b>\r\n"
        + "Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n"

    @Test(arguments: ["From: <sip:c>", "To: <sip:c>", "Call-ID: 2", "CSeq: 2 OPTIONS"])
    func `a field that is there twice is usable where doubles are allowed`(field: String) throws {
        let message = Message(buffer: ByteBuffer(ByteString(Self.whole + field + "\r\n\r\n").span))
        try #require(message.parse() == nil)
        #expect(message.unusableField != nil)
        #expect(message.unusableField(allowingDoubles: true) == nil)
        let callID = ByteString(message.span, message.callID)
        #expect(callID == "1" && message.cSeq.number == 1)
    }

    @Test func `a sender whose name the Via has gets no received`() throws {
        let message = Message(buffer: ByteBuffer(ByteString(Self.whole + "\r\n").span))
        try #require(message.parse() == nil)
        let source = IPAddress(ipv4: 0x7f00_0001)
        let isDue = message.topVia.needsReceived(message.span, source: source)
        let isDueWhenNamed = message.topVia.needsReceived(message.span, source: source, isNamed: true)
        #expect(isDue && !isDueWhenNamed)
    }
}
