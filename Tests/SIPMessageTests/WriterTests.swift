import Bytes
import Testing

@testable import SIPMessage

private let source = SocketAddress(ip: IPAddress(ipv4: 0x7f00_0001), port: 21061)
private let nothing = ByteString()

@Suite("Writing messages")
struct WriterTests {
    let edits = EditList()
    let out = ByteBuffer()

    private func forwarded(_ via: String, force: Bool = false) throws -> String {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Via: \(via)")
        self.edits.removeAll()
        self.edits.fixTopVia(message, source: source, forceRport: force)
        self.out.removeAll()
        MessageWriter.write(message, self.edits, into: self.out)
        return String(self.out.string.dropFirst("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP ".count).dropLast(2))
    }

    // The expected values are what Kamailio 5.6.3 sent for the same requests.

    @Test func `a forwarded Via whose host is the source stays`() throws {
        #expect(try self.forwarded("SIP/2.0/UDP 127.0.0.1:21061;branch=z") == "127.0.0.1:21061;branch=z")
    }

    @Test func `received goes after sent-by of a forwarded Via`() throws {
        #expect(try self.forwarded("SIP/2.0/UDP 10.0.0.1:1;branch=b;z") == "10.0.0.1:1;received=127.0.0.1;branch=b;z")
        #expect(try self.forwarded("SIP/2.0/UDP host.invalid") == "host.invalid;received=127.0.0.1")
    }

    @Test func `white space after sent-by stays before what is added`() throws {
        #expect(try self.forwarded("SIP/2.0/UDP 10.0.0.1:1 ; branch=b") == "10.0.0.1:1 ;received=127.0.0.1; branch=b")
    }

    @Test func `a received that the sender made up is replaced`() throws {
        #expect(
            try self.forwarded("SIP/2.0/UDP 127.0.0.1:1;received=9.9.9.9;branch=b")
                == "127.0.0.1:1;received=127.0.0.1;branch=b"
        )
    }

    @Test func `rport of a forwarded Via is filled in place and brings received`() throws {
        #expect(
            try self.forwarded("SIP/2.0/UDP 127.0.0.1:1;rport;branch=b")
                == "127.0.0.1:1;received=127.0.0.1;rport=21061;branch=b"
        )
        #expect(
            try self.forwarded("SIP/2.0/UDP 10.0.0.1:1;received=9.9.9.9;rport=77;branch=b")
                == "10.0.0.1:1;received=127.0.0.1;rport=21061;branch=b"
        )
    }

    @Test func `a forced rport goes after sent-by, of the top value only`() throws {
        #expect(
            try self.forwarded("SIP/2.0/UDP 10.0.0.1:1;branch=b, SIP/2.0/UDP 1.2.3.4:5;branch=q", force: true)
                == "10.0.0.1:1;rport=21061;received=127.0.0.1;branch=b, SIP/2.0/UDP 1.2.3.4:5;branch=q"
        )
        #expect(try self.forwarded("SIP/2.0/UDP 127.0.0.1;branch=b", force: true) == "127.0.0.1;rport=21061;branch=b")
    }

    @Test func `an IPv6 source is written without brackets`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Via: SIP/2.0/UDP [2001:db8::9]:5060;branch=b")
        let ip = try #require(IPAddress("2001:db8::1"))
        self.edits.fixTopVia(message, source: SocketAddress(ip: ip, port: 5060), forceRport: false)
        MessageWriter.write(message, self.edits, into: self.out)
        #expect(self.out.string.contains("[2001:db8::9]:5060;received=2001:db8::1;branch=b"))
        self.edits.removeAll()
        let same = try #require(IPAddress("2001:db8:0::9"))
        self.edits.fixTopVia(message, source: SocketAddress(ip: same, port: 5060), forceRport: false)
        #expect(self.edits.isEmpty)
    }

    @Test func `a forwarded request has a new URI, our Via on top, and its edits`() throws {
        let message = try parsed(inviteText)
        self.edits.insertHeaderFirst("Record-Route: <sip:1.1.1.1;lr>\r\n", message)
        self.edits.replace(message.value(.maxForwards), withDecimal: 69)
        self.edits.appendHeader("P-Hint: x\r\n", message)
        let uri = ByteString("sip:bob@192.0.2.4:5062;x=y")
        let via = ByteString("Via: SIP/2.0/UDP 1.1.1.1:5060;branch=z9hG4bK1\r\n")
        MessageWriter.forwardRequest(
            message,
            self.edits,
            newRequestURI: uri.span,
            topHeaders: via.span,
            source: source,
            into: self.out
        )
        #expect(
            self.out.string == """
                INVITE sip:bob@192.0.2.4:5062;x=y SIP/2.0\r
                Record-Route: <sip:1.1.1.1;lr>\r
                Via: SIP/2.0/UDP 1.1.1.1:5060;branch=z9hG4bK1\r
                Via: SIP/2.0/UDP pc33.atlanta.example.com:5066;received=127.0.0.1;branch=z9hG4bK776asdhds;rport=21061\r
                Via: SIP/2.0/TCP 192.0.2.9\r
                Max-Forwards: 69\r
                To: Bob <sip:bob@biloxi.example.com>\r
                From: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774\r
                Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r
                CSeq: 314159 INVITE\r
                Record-Route: <sip:192.0.2.9;lr>\r
                Contact: <sip:alice@pc33.atlanta.example.com>\r
                Content-Type: application/sdp\r
                Content-Length: 4\r
                P-Hint: x\r
                \r
                v=0

                """
        )
        #expect(self.edits.count == 3)
    }

    @Test func `our Via goes before the first Via, wherever that is`() throws {
        let message = try parsed("\r\nOPTIONS sip:a@b SIP/2.0\r\nTo: t\r\nVia: SIP/2.0/UDP h\r\n\r\n")
        let via = ByteString("Via: V\r\n")
        MessageWriter.forwardRequest(message, self.edits, newRequestURI: nil, topHeaders: via.span, into: self.out)
        #expect(self.out.string == "OPTIONS sip:a@b SIP/2.0\r\nTo: t\r\nVia: V\r\nVia: SIP/2.0/UDP h\r\n\r\n")
    }

    @Test func `without a new URI its edits are written`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "To: t")
        self.edits.replace(message.requestURI, with: ByteString("sip:c@d").span)
        MessageWriter.forwardRequest(message, self.edits, newRequestURI: nil, topHeaders: nothing.span, into: self.out)
        #expect(self.out.string == "OPTIONS sip:c@d SIP/2.0\r\nTo: t\r\n\r\n")
        self.out.removeAll()
        let uri = ByteString("sip:e@f")
        MessageWriter.forwardRequest(
            message,
            self.edits,
            newRequestURI: uri.span,
            topHeaders: nothing.span,
            into: self.out
        )
        #expect(self.out.string == "OPTIONS sip:e@f SIP/2.0\r\nTo: t\r\n\r\n")
    }

    @Test func `a forwarded reply loses its top Via and nothing else`() throws {
        let one = try request("SIP/2.0 200 OK", "Via: SIP/2.0/UDP us", "v: SIP/2.0/UDP them", "To: t")
        self.edits.insertHeaderFirst("A: 1\r\n", one)
        MessageWriter.forwardResponse(one, self.edits, into: self.out)
        #expect(self.out.string == "SIP/2.0 200 OK\r\nA: 1\r\nv: SIP/2.0/UDP them\r\nTo: t\r\n\r\n")
        self.out.removeAll()
        self.edits.removeAll()
        let list = try request("SIP/2.0 200 OK", "Via: SIP/2.0/UDP us;branch=1 ,", " SIP/2.0/UDP them", "To: t")
        MessageWriter.forwardResponse(list, self.edits, into: self.out)
        #expect(self.out.string == "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP them\r\nTo: t\r\n\r\n")
    }

    private func reply(_ message: Message, force: Bool = false, from: SocketAddress? = source) -> String {
        self.out.removeAll()
        MessageWriter.response(
            to: message,
            code: 404,
            reason: ByteString("Not Found").span,
            toTag: ByteString("t1").span,
            extraHeaders: ByteString("X-A: 1\r\n").span,
            serverHeader: ByteString("Server: apus\r\n").span,
            contentType: nothing.span,
            body: nothing.span,
            copyRecordRoute: false,
            source: from,
            forceRport: force,
            into: self.out
        )
        return self.out.string
    }

    @Test func `a reply copies fields in the order of the request`() throws {
        let message = try request(
            "OPTIONS sip:a@b SIP/2.0",
            "CSeq: 1 OPTIONS",
            "i: c3",
            "To : <sip:c@d>",
            "From: <sip:a@b>;tag=f3",
            "Via: SIP/2.0/UDP 127.0.0.1:9;branch=b",
            "Record-Route: <sip:1.1.1.1;lr>",
            "v:SIP/2.0/UDP 7.7.7.7",
            "Max-Forwards: 70",
            "Content-Length: 0"
        )
        #expect(
            self.reply(message) == """
                SIP/2.0 404 Not Found\r
                CSeq: 1 OPTIONS\r
                i: c3\r
                To : <sip:c@d>;tag=t1\r
                From: <sip:a@b>;tag=f3\r
                Via: SIP/2.0/UDP 127.0.0.1:9;branch=b\r
                v:SIP/2.0/UDP 7.7.7.7\r
                X-A: 1\r
                Server: apus\r
                Content-Length: 0\r
                \r

                """
        )
    }

    @Test func `a reply with a body and a dialog copies Record-Route`() throws {
        let message = try parsed(inviteText)
        MessageWriter.response(
            to: message,
            code: 200,
            reason: ByteString("OK").span,
            toTag: nil,
            extraHeaders: nothing.span,
            serverHeader: nothing.span,
            contentType: ByteString("text/plain").span,
            body: ByteString("hello").span,
            copyRecordRoute: true,
            source: nil,
            forceRport: false,
            into: self.out
        )
        #expect(
            self.out.string == """
                SIP/2.0 200 OK\r
                Via: SIP/2.0/UDP pc33.atlanta.example.com:5066;branch=z9hG4bK776asdhds;rport\r
                Via: SIP/2.0/TCP 192.0.2.9\r
                To: Bob <sip:bob@biloxi.example.com>\r
                From: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774\r
                Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r
                CSeq: 314159 INVITE\r
                Record-Route: <sip:192.0.2.9;lr>\r
                Content-Type: text/plain\r
                Content-Length: 5\r
                \r
                hello
                """
        )
    }

    @Test func `a To tag that is there stays`() throws {
        let message = try request("BYE sip:a@b SIP/2.0", "To: <sip:c@d>;tag=old")
        #expect(self.reply(message).contains("To: <sip:c@d>;tag=old\r\n"))
    }

    @Test(arguments: [
        ("127.0.0.1:9;rport;branch=b", false, "127.0.0.1:9;rport=21061;branch=b;received=127.0.0.1"),
        ("10.0.0.1:9;branch=b;z", false, "10.0.0.1:9;branch=b;z;received=127.0.0.1"),
        ("10.0.0.1:9;branch=b", true, "10.0.0.1:9;branch=b;rport=21061;received=127.0.0.1"),
        ("127.0.0.1:9;branch=b", true, "127.0.0.1:9;branch=b;rport=21061"),
        ("10.0.0.1:9;received=9.9.9.9;rport=7;b", false, "10.0.0.1:9;received=127.0.0.1;rport=21061;b"),
        ("10.0.0.1:9;rport=7;received=9.9.9.9;b", false, "10.0.0.1:9;rport=21061;received=127.0.0.1;b"),
        ("10.0.0.1:9;received=9.9.9.9;b", true, "10.0.0.1:9;received=127.0.0.1;b;rport=21061"),
        ("127.0.0.1:9;foo=bar , SIP/2.0/UDP 1.2.3.4", true, "127.0.0.1:9;foo=bar;rport=21061 , SIP/2.0/UDP 1.2.3.4"),
        ("10.0.0.1", false, "10.0.0.1;received=127.0.0.1"),
    ])
    func `the top Via of a reply is completed`(_ via: String, _ force: Bool, _ expected: String) throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Via: SIP/2.0/UDP \(via)")
        #expect(self.reply(message, force: force).contains("\r\nVia: SIP/2.0/UDP \(expected)\r\n"))
        #expect(self.reply(message, force: force, from: nil).contains("\r\nVia: SIP/2.0/UDP \(via)\r\n"))
    }

    let sent = """
        INVITE sip:fwd@127.0.0.1:21060 SIP/2.0\r
        Record-Route: <sip:us;lr>\r
        Via: SIP/2.0/UDP 127.0.0.1:21060;branch=z9hG4bKe9f6.c9.0, SIP/2.0/UDP 10.0.0.1:21061\r
        v: SIP/2.0/UDP 5.5.5.5\r
        From: <sip:a@b>;tag=f1\r
        To: <sip:c@d>\r
        Call-ID: c1\r
        CSeq: 1 INVITE\r
        Max-Forwards: 70\r
        Route: <sip:127.0.0.1:21070;lr>, <sip:x@y;lr>\r
        Route: <sip:z@y;lr>\r
        Contact: <sip:a@b>\r
        Content-Length: 3\r
        \r
        v=0
        """

    @Test func `the ACK to a failure is made of the INVITE and the reply`() throws {
        let response = try request("SIP/2.0 486 Busy", "t: <sip:c@d>;tag=uas", "CSeq: 1 INVITE")
        MessageWriter.ack(forNegative: response, to: try parsed(self.sent), into: self.out)
        #expect(
            self.out.string == """
                ACK sip:fwd@127.0.0.1:21060 SIP/2.0\r
                Via: SIP/2.0/UDP 127.0.0.1:21060;branch=z9hG4bKe9f6.c9.0\r
                From: <sip:a@b>;tag=f1\r
                t: <sip:c@d>;tag=uas\r
                Call-ID: c1\r
                CSeq: 1 ACK\r
                Max-Forwards: 70\r
                Route: <sip:127.0.0.1:21070;lr>, <sip:x@y;lr>\r
                Route: <sip:z@y;lr>\r
                Content-Length: 0\r
                \r

                """
        )
    }

    @Test func `the CANCEL is made of the INVITE`() throws {
        let reason = ByteString("Reason: SIP;cause=1\r\n")
        MessageWriter.cancel(try parsed(self.sent), extraHeaders: reason.span, into: self.out)
        #expect(
            self.out.string == """
                CANCEL sip:fwd@127.0.0.1:21060 SIP/2.0\r
                Via: SIP/2.0/UDP 127.0.0.1:21060;branch=z9hG4bKe9f6.c9.0\r
                From: <sip:a@b>;tag=f1\r
                To: <sip:c@d>\r
                Call-ID: c1\r
                CSeq: 1 CANCEL\r
                Max-Forwards: 70\r
                Route: <sip:127.0.0.1:21070;lr>, <sip:x@y;lr>\r
                Route: <sip:z@y;lr>\r
                Content-Length: 0\r
                Reason: SIP;cause=1\r
                \r

                """
        )
    }

    private func replied(_ via: String) throws -> Message {
        let message = try request(
            "OPTIONS sip:a@b SIP/2.0", "Via: \(via)", "From: <sip:a@b>;tag=1", "To: <sip:a@b>", "Call-ID: 1",
            "CSeq: 1 OPTIONS")
        self.out.removeAll()
        MessageWriter.response(
            to: message, code: 200, reason: ByteString("OK").span, toTag: ByteString("t").span,
            extraHeaders: nothing.span, serverHeader: nothing.span, contentType: nothing.span, body: nothing.span,
            copyRecordRoute: false, source: source, forceRport: true, into: self.out)
        return try parsed(self.out.string)
    }

    @Test func `the first parameter of a Via stands before its comment`() throws {
        let reply = try self.replied("SIP/2.0/UDP a (x; y), SIP/2.0/UDP b")
        #expect(
            reply.text(reply.value(.via)).string
                == "SIP/2.0/UDP a;rport=21061;received=127.0.0.1 (x; y), SIP/2.0/UDP b")
        #expect(reply.topVia.isValid && reply.via(at: 1).isValid)
    }

    // What Kamailio 5.6.3 sent for the same request.
    @Test func `further parameters stand behind a comment`() throws {
        let reply = try self.replied("SIP/2.0/UDP a;branch=z (x)")
        #expect(reply.text(reply.value(.via)).string == "SIP/2.0/UDP a;branch=z (x);rport=21061;received=127.0.0.1")
    }
}
