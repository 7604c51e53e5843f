import Bytes
import SIPMessage
import Testing

@testable import SIPTransport

@Suite("RFC 9112: HTTP requests in a stream")
struct HTTPFramerTests {
    private static let get = "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"
    private static let post = "POST /RPC HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"

    private func cut(_ text: String, segment: Int = 1000, limit: Int = 65_535) -> [String] {
        var limits = StreamFramer.Limits()
        limits.maximumMessage = limit
        return StreamFramerTests.cut(text, segment: segment, limits: limits)
    }

    private func request(_ fields: String, _ line: String = "POST / HTTP/1.1") -> String {
        "\(line)\r\nHost: h\r\n\(fields)\r\nabc"
    }

    @Test(arguments: [1, 2, 3, 7, 40, 1000])
    func `requests come out whole whatever the segments`(segment: Int) {
        #expect(
            self.cut(Self.get + Self.post + Self.get, segment: segment) == [Self.get, Self.post, Self.get])
    }

    @Test(arguments: [
        "Content-Length: 3\r\n", "CONTENT-LENGTH:3\r\n", "Content-Length:\t003 \r\n", "l: 9\r\nContent-Length: 3\r\n",
    ])
    func `the body is as long as Content-Length says, and no field of SIP`(fields: String) {
        let text = self.request(fields)
        #expect(self.cut(text + Self.get, segment: 3) == [text, Self.get])
    }

    @Test func `without a length there is no body, whatever SIP is allowed`() {
        #expect(self.cut("DELETE /x HTTP/1.1\r\nHost:\r\n\r\n" + Self.get).count == 2)
        #expect(self.cut("GET / HTTP/1.0\r\n\r\n" + Self.get).count == 2)
        #expect(self.cut("GET / HTTP/1.7\r\nHost: h\r\n\r\n").count == 1)
    }

    @Test func `empty lines between requests are skipped and make no ping`() {
        #expect(self.cut(Self.post + "\r\n\r\n\r\n" + Self.get, segment: 1) == [Self.post, Self.get])
        // Before the first message nobody knows what is spoken.
        #expect(self.cut("\r\n\r\n" + Self.get + "\r\n\r\n", segment: 1) == ["ping", Self.get])
    }

    @Test(arguments: [
        ("Content-Length: 3\r\nContent-Length: 3\r\n", HTTPRefusal.repeatedLength),
        ("Content-Length: 3\r\ncontent-length: 30\r\n", .repeatedLength),
        ("Content-Length: 3, 3\r\n", .badLength), ("Content-Length: +3\r\n", .badLength),
        ("Content-Length: 0x3\r\n", .badLength), ("Content-Length:\r\n", .badLength),
        ("Content-Length: 3 0\r\n", .badLength),
        ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", .lengthBesideCoding),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", .lengthBesideCoding),
        ("Transfer-Encoding: chunked\r\n", .transferCoding), ("transfer-encoding: x\r\n", .transferCoding),
        ("Transfer-Encoding:\r\n", .transferCoding),
        ("Content-Length : 3\r\n", .badFieldName), ("Content-Length\t: 3\r\n", .badFieldName),
        (": 3\r\n", .badFieldName), ("X\r\n", .badFieldName), ("X Y: 3\r\n", .badFieldName),
        ("X\u{0}: 3\r\n", .badFieldName),
        ("X: y\r\n Content-Length: 3\r\n", .foldedField), ("X: y\r\n\t\r\n", .foldedField),
        ("X: y\rContent-Length: 3\r\n", .badFieldValue), ("X: y\r\r\n", .badFieldValue),
        ("X: \u{0}\r\n", .badFieldValue), ("X: \u{7f}\r\n", .badFieldValue),
        ("X: y\nContent-Length: 3\r\n", .badLineEnd), ("X: y\n\n", .badLineEnd),
        ("Host: other\r\n", .badHost),
    ])
    func `what could be read in two ways is refused`(_ fields: String, _ reason: HTTPRefusal) {
        for segment in [1, 5, 1000] {
            #expect(self.cut(self.request(fields), segment: segment) == ["\(FramingError.http(reason))"])
        }
    }

    @Test(arguments: [
        ("GET  / HTTP/1.1", HTTPRefusal.badRequestLine), ("GET /  HTTP/1.1", .badRequestLine),
        ("GET / HTTP/1.1 ", .badRequestLine), ("GET / a HTTP/1.1", .badRequestLine),
        ("GET /\tb HTTP/1.1", .badRequestLine), ("GET /\u{0} HTTP/1.1", .badRequestLine),
        ("GET HTTP/1.1", .badRequestLine), ("G(T / HTTP/1.1", .badRequestLine), ("GET / http/1.1", .badRequestLine),
        ("GET / HTTP/11", .badRequestLine), ("GET / HTTP/1.10", .badRequestLine),
        ("PRI * HTTP/2.0", .unknownVersion), ("GET / HTTP/0.9", .unknownVersion),
    ])
    func `a first line of HTTP is exact`(_ line: String, _ reason: HTTPRefusal) {
        for segment in [1, 1000] {
            #expect(self.cut(self.request("", line), segment: segment) == ["\(FramingError.http(reason))"])
        }
    }

    @Test func `HTTP 1.1 needs a Host, HTTP 1.0 has no codings`() {
        #expect(self.cut("GET / HTTP/1.1\r\n\r\n") == ["\(FramingError.http(.badHost))"])
        #expect(
            self.cut(self.request("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0"))
                == ["\(FramingError.http(.codingInOldVersion))"])
    }

    @Test func `header and body have bounds`() {
        let long = "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "y", count: 100) + "\r\n\r\n"
        #expect(self.cut(long, segment: 9, limit: 100) == ["\(FramingError.http(.headerTooLong))"])
        #expect(self.cut(long, segment: 9, limit: long.utf8.count) == [long])
        let fields = String(repeating: "X: y\r\n", count: 200)
        #expect(self.cut(self.request(fields)) == ["\(FramingError.http(.headerTooLong))"])
        for length in ["90", "101", "99999999999999999999999"] {
            #expect(
                self.cut(self.request("Content-Length: \(length)\r\n"), limit: 100)
                    == ["\(FramingError.http(.bodyTooLong))"])
        }
    }

    @Test func `a stream speaks the language of its first message`() {
        let sip = StreamFramerTests.short
        // What is HTTP to the parser of messages comes by the rules of SIP here: the worker does not serve it.
        #expect(self.cut(sip + Self.post) == [sip, Self.post])
        #expect(self.cut(sip + Self.get) == [sip, "missingLength"])
        #expect(self.cut(Self.get + sip) == [Self.get, "\(FramingError.http(.badRequestLine))"])
        #expect(self.cut("SIP/2.0 200 HTTP/1.1\r\nl:0\r\n\r\n" + sip).count == 2)
    }

    @Test func `who waits for leave to send the body is told to go on, once`() {
        var framer = StreamFramer()
        let header = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n"
        let bytes = Array((header + "abc").utf8)
        func leave() -> Bool { framer.takeLeave() }
        #expect(framer.next(in: bytes.span.extracting(0..<10), from: 0) == .incomplete(start: 0))
        #expect(leave() == false)
        #expect(framer.next(in: bytes.span.extracting(0..<header.utf8.count), from: 0) == .incomplete(start: 0))
        #expect(leave())
        #expect(leave() == false)
        #expect(framer.next(in: bytes.span, from: 0) == .request(ByteRange(start: 0, count: bytes.count)))
        #expect(leave() == false)
    }

    @Test(arguments: HTTPRefusal.allCases) func `every refusal is an answer that says why`(_ refusal: HTTPRefusal) {
        #expect((400...505).contains(refusal.status))
        #expect(!refusal.explanation.isEmpty)
    }
}
