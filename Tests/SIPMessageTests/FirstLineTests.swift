import Bytes
import SIPMessage
import Testing

@Suite("First line: RFC 3261 §7.1 and §7.2")
struct FirstLineTests {
    @Test func `a request line gives method, URI and version`() throws {
        let message = try parsed(inviteText)
        #expect(message.kind == .request)
        #expect(message.method == .invite)
        #expect(message.string(message.methodRange) == "INVITE")
        #expect(message.string(message.requestURI) == "sip:bob@biloxi.example.com")
        #expect(message.string(message.versionRange) == "SIP/2.0")
        #expect(message.statusCode == 0)
    }

    @Test func `a status line gives code and reason`() throws {
        let message = try request("SIP/2.0 487 Request Terminated", "CSeq: 1 INVITE")
        #expect(message.kind == .response)
        #expect(message.statusCode == 487)
        #expect(message.string(message.reason) == "Request Terminated")
        #expect(message.method == .invite)
        #expect(!message.requestURI.isPresent)
    }

    @Test func `a reason phrase may be empty, its blank is wanted`() throws {
        #expect(try request("SIP/2.0 100 ", "To: a").reason.count == 0)
        #expect(failure("SIP/2.0 100\r\nTo: a\r\n\r\n") == .badStatusCode)
    }

    @Test func `an HTTP request is indexed too`() throws {
        let message = try request("GET /rpc?x=1 HTTP/1.1", "Host: example.org", "Upgrade: websocket")
        #expect(message.kind == .http)
        #expect(message.method == .get)
        #expect(message.string(message.requestURI) == "/rpc?x=1")
        #expect(message.has(.upgrade))
    }

    @Test func `line ends before the message are skipped`() throws {
        let message = try parsed("\r\n\r\n" + inviteText)
        #expect(message.start == 4)
        #expect(message.string(message.methodRange) == "INVITE")
    }

    @Test func `line feeds alone end lines`() throws {
        let message = try parsed(inviteText.replacing("\r\n", with: "\n"))
        #expect(message.headerCount == 11)
        #expect(message.string(message.versionRange) == "SIP/2.0")
        #expect(message.string(message.value(.callID)) == "a84b4c76e66710@pc33.atlanta.example.com")
        #expect(message.string(message.body) == "v=0\n")
    }

    @Test func `an unknown method is other and keeps its text`() throws {
        let message = try request("!interesting-Method0123456789_*+`.%indeed'~ sip:a@b SIP/2.0", "To: a")
        #expect(message.method == .other)
        #expect(message.string(message.methodRange) == "!interesting-Method0123456789_*+`.%indeed'~")
    }

    @Test func `methods are compared exactly`() throws {
        #expect(try request("invite sip:a@b SIP/2.0", "To: a").method == .other)
    }

    @Test func `another version is kept for the one who answers`() throws {
        let message = try request("OPTIONS sip:a@b SIP/7.0", "To: a")
        #expect(message.string(message.versionRange) == "SIP/7.0")
    }

    @Test(arguments: [
        " INVITE sip:a@b SIP/2.0", "\r\n \t\r\nINVITE sip:a@b SIP/2.0", "INVITE sip:a@b  SIP/2.0",
        "INVITE sip:a@b SIP/2.0 ",
    ])
    func `white space before the message and round the version is let pass`(_ line: String) throws {
        let message = try request(line, "To: a")
        #expect(message.method == .invite)
        #expect(message.string(message.requestURI) == "sip:a@b")
        #expect(message.string(message.versionRange) == "SIP/2.0")
    }

    @Test func `an empty Request-URI is left to who answers`() throws {
        let message = try request("INVITE  SIP/2.0", "To: a")
        #expect(message.requestURI.count == 0)
        #expect(message.parsedRequestURI == nil)
    }

    @Test(arguments: [
        ("", ParseFailure.Reason.empty),
        ("\r\n\r\n", .empty),
        ("INVITE sip:a@b SIP/2.0", .firstLineUnfinished),
        ("INVITE\r\n\r\n", .badFirstLine),
        ("INVITE sip:a@b\r\n\r\n", .badFirstLine),
        ("INVITE  sip:a@b  SIP/2.0\r\n\r\n", .badVersion),
        ("INVITE sip:a@b;lr ; x SIP/2.0\r\n\r\n", .badVersion),
        ("INVITE sip:a@b SIP/2\r\n\r\n", .badVersion),
        ("INVITE sip:a@b SIP/2.x\r\n\r\n", .badVersion),
        ("INVITE sip:a@b XYZ/2.0\r\n\r\n", .badVersion),
        ("IN(ITE sip:a@b SIP/2.0\r\n\r\n", .badMethod),
        ("SIP/2.0 99 x\r\n\r\n", .badStatusCode),
        ("SIP/2.0 700 x\r\n\r\n", .badStatusCode),
        ("SIP/2.0 2x0 x\r\n\r\n", .badStatusCode),
        ("SIP/2.0 4294967301 better not break the receiver\r\n\r\n", .badStatusCode),
        ("SIP/2.0\r\n\r\n", .badStatusCode),
        ("SIP/ 200 OK\r\n\r\n", .badVersion),
        ("SIP/3.0 200 OK\r\n\r\n", .badVersion),
    ])
    func `broken first lines are refused`(_ text: String, _ reason: ParseFailure.Reason) {
        #expect(failure(text) == reason)
    }

    @Test func `method bits are the numbers scripts know`() {
        let names: [(String, UInt32)] = [
            ("INVITE", 1), ("CANCEL", 2), ("ACK", 4), ("BYE", 8), ("INFO", 16), ("REGISTER", 32), ("SUBSCRIBE", 64),
            ("NOTIFY", 128), ("MESSAGE", 256), ("OPTIONS", 512), ("PRACK", 1024), ("UPDATE", 2048), ("REFER", 4096),
            ("PUBLISH", 8192), ("KDMQ", 16384), ("GET", 32768), ("POST", 65536), ("PUT", 131072), ("DELETE", 262144),
            ("WHATEVER", 524288),
        ]
        for (name, bit) in names {
            let method = Method(named: ByteString(name))
            #expect(method.rawValue == bit)
            if method != .other { #expect("\(method.name)" == name) }
        }
    }
}
