import Bytes
import SIPMessage
import Testing

@testable import ApusServer
@testable import Simulation

/// A server whose messages wait as long as a test says.
private final class BusyScene {
    let scene: TransactionScene

    /// - Parameter readsAll: the script looks at bytes, so none are refused unread.
    init(_ settings: String = "", readsAll: Bool = false) throws {
        let reading =
            readsAll
            ? "modparam(\"corex\", \"nio_intercept\", 1)\nevent_route[network:msg] { xnotice(\"seen\"); }\n" : ""
        self.scene = try TransactionScene("$du = $hdr(X-1); t_relay(); }", settings: settings + "\n" + reading)
        // A worker that refuses: what is new has been late for longer than `overload_interval`.
        for _ in 0..<9 {
            self.arrive(self.request("OPTIONS"), waited: 150)
            self.scene.wait(milliseconds: 50)
        }
        self.scene.recorder.sent = []
    }

    func request(_ method: String = "INVITE", _ uri: String = "sip:service@127.0.0.1") -> PlainMessage {
        var message = self.scene.alice.request(method, uri)
        message.fields.append(.init("X-1", "sip:one@\(self.scene.phones[0].address)"))
        return message
    }

    func arrive(_ message: PlainMessage, waited: Int, bytes: ByteString? = nil) {
        self.scene.stage.send(message, from: self.scene.alice, bytes: bytes, waited: .milliseconds(waited))
    }

    /// What the server sends for a request that has waited for 50 ms.
    func answer(_ message: PlainMessage, bytes: ByteString? = nil, waited: Int = 50) -> [StageEvent.Departed] {
        self.scene.recorder.sent = []
        self.arrive(message, waited: waited, bytes: bytes)
        return self.scene.recorder.sent
    }

    func counter(_ name: String) -> Int? { self.scene.stage.server.counter("core", name) }
}

@Suite("Overload: what is refused unread")
struct OverloadTests {
    @Test func `a new request gets a 503 with Retry-After and a To tag`() throws {
        let busy = try BusyScene()
        let before = busy.counter("overload_refused") ?? 0
        let answers = busy.answer(busy.request())
        let reply = try #require(answers.first)
        #expect(answers.count == 1 && reply.message.status == 503 && reply.phone == "alice")
        let pause = try #require(Int(reply.message["Retry-After"] ?? ""))
        #expect((5...10).contains(pause))
        #expect(reply.message["To"]?.contains(";tag=") == true)
        #expect(reply.message["Content-Length"] == "0")
        #expect(busy.counter("overload_refused") == before + 1)
    }

    @Test func `it is the same refusal as of a request that was read`() throws {
        let unread = try BusyScene()
        let read = try BusyScene(readsAll: true)
        let via = "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa"
        let rest = "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: c@d\r\nCSeq: 1 INVITE\r\n"
        let variants = [
            "\(via)\r\n\(rest)",
            "\(via);rport\r\n\(rest)",
            "Via: SIP/2.0/UDP 10.0.0.9:5070;rport;branch=z9hG4bKa\r\n\(rest)",
            "Via: SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bKa\r\nVia: SIP/2.0/TCP host;branch=z9hG4bKb\r\n\(rest)",
            "\(via), SIP/2.0/UDP other;branch=z9hG4bKc\r\n\(rest)",
            "v: SIP/2.0/UDP phone.invalid;branch=z9hG4bKa;received=1.2.3.4\r\nf:<sip:a@b>;tag=1\r\nt: Bob <sip:b@c> \r\n"
                + "i: x\r\nCSEQ:7 INVITE\r\n",
            "CSeq: 1 INVITE\r\nCall-ID: c@d\r\nTo: \"Tag\" <sip:b@example.com;x=1>\r\nFrom: <sip:a@b>;tag=2\r\n\(via)\r\n",
            "Subject: folded\r\n here\r\n\(via)\r\n\(rest)",
            "\(via)\r\n\(rest)Record-Route: <sip:p;lr>\r\nContact: <sip:x@y>\r\nPriority: urgent\r\n",
            "\(via)\r\nFrom : <sip:a@b>;tag=1\r\nTo: sip:b@c\r\nCall-ID: q\r\nCSeq: 1 INVITE\r\n",
        ]
        for variant in variants {
            let bytes = ByteString("INVITE sip:b@127.0.0.1 SIP/2.0\r\n\(variant)Content-Length: 0\r\n\r\n")
            let first = try #require(unread.answer(unread.request(), bytes: bytes).first, "\(variant)")
            let second = try #require(read.answer(read.request(), bytes: bytes).first, "\(variant)")
            #expect(Self.masked(first) == Self.masked(second))
            #expect(first.destination.address == second.destination.address)
            #expect(first.message.status == 503)
        }
    }

    @Test func `refusals are of few sizes, so that several can be sent together`() throws {
        let busy = try BusyScene()
        let rest = "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCSeq: 1 INVITE\r\nCall-ID: "
        for length in 1...40 {
            let text =
                "INVITE sip:b@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\n\(rest)"
                + String(repeating: "c", count: length) + "\r\n\r\n"
            let reply = try #require(busy.answer(busy.request(), bytes: ByteString(text)).first)
            #expect(reply.bytes.count % 32 == 0 && reply.message["Content-Length"] == "0")
        }
    }

    /// The message with the secret part of the tag, another in every server, left out, and without blanks that fill up.
    private static func masked(_ sent: StageEvent.Departed) -> String {
        let text = sent.bytes.string
        guard let to = text.range(of: "tag=", after: "\r\nT") ?? text.range(of: "tag=", after: "\r\nt") else {
            return text
        }
        let tag = text[to.upperBound...].prefix(41)
        #expect(tag.count == 41 && tag.contains("."))
        return text.replacing(tag, with: "TAG").replacing(/Content-Length: +0/, with: "Content-Length: 0")
    }

    @Test func `a refused request that is repeated gets the same refusal, its ACK is dropped`() throws {
        let busy = try BusyScene()
        let invite = busy.request()
        let first = try #require(busy.answer(invite).first)
        let second = try #require(busy.answer(invite).first)
        #expect(first.bytes == second.bytes)
        var ack = PlainMessage("ACK sip:service@127.0.0.1 SIP/2.0")
        ack.fields = invite.fields.filter { ["Via", "From", "Call-ID", "Max-Forwards"].contains($0.name) }
        ack.fields.append(.init("To", first.message["To"] ?? ""))
        ack.fields.append(.init("CSeq", "1 ACK"))
        let acks = busy.counter("rcv_requests_ack") ?? 0
        #expect(busy.answer(ack).isEmpty)
        #expect(busy.counter("rcv_requests_ack") == acks + 1)
    }

    @Test(arguments: [
        ("sip:112@127.0.0.1", "Priority", "emergency"), ("sip:112@127.0.0.1", "Resource-Priority", "esnet.1"),
        ("urn:service:sos", "X", "y"), ("urn:service:sos.fire", "X", "y"), ("sip:sos@127.0.0.1", "X", "y"),
    ])
    func `emergency calls pass`(uri: String, name: String, value: String) throws {
        let busy = try BusyScene()
        var invite = busy.request("INVITE", uri)
        invite.fields.append(.init(name, value))
        #expect(busy.answer(invite).contains { $0.phone == "one" && $0.message.method == "INVITE" })
    }

    @Test func `what only looks like an emergency does not`() throws {
        let busy = try BusyScene()
        for uri in ["sip:sos.example.com", "sip:sosa@127.0.0.1", "urn:service:sosx", "urn:service:counseling"] {
            #expect(busy.answer(busy.request("INVITE", uri)).first?.message.status == 503, "\(uri)")
        }
    }

    @Test func `a call that has begun is finished`() throws {
        let busy = try BusyScene()
        let invite = busy.request()
        // In time, so it is taken although the worker refuses what is late.
        #expect(busy.answer(invite, waited: 1).contains { $0.phone == "one" && $0.message.method == "INVITE" })
        // Late repetitions get the last reply again and no 503.
        #expect(busy.answer(invite).map(\.message.status) == [100])
        try busy.scene.reply(1, 180)
        #expect(busy.answer(invite).map(\.message.status) == [180])
        try busy.scene.reply(1, 200)
        var bye = try #require(busy.scene.alice.followUp("BYE"))
        bye.fields.append(.init("X-1", "sip:one@\(busy.scene.phones[0].address)"))
        #expect(busy.answer(bye).contains { $0.phone == "one" && $0.message.method == "BYE" })
        var again = try #require(busy.scene.alice.followUp("INVITE"))
        again.fields.append(.init("X-1", "sip:one@\(busy.scene.phones[0].address)"))
        #expect(busy.answer(again).contains { $0.phone == "one" && $0.message.method == "INVITE" })
    }

    @Test func `CANCEL of a call that rings passes`() throws {
        let busy = try BusyScene()
        _ = busy.answer(busy.request(), waited: 1)
        try busy.scene.reply(1, 180)
        let cancel = try #require(busy.scene.alice.followUp("CANCEL"))
        let sent = busy.answer(cancel)
        #expect(sent.contains { $0.phone == "alice" && $0.message.status == 200 })
        #expect(sent.contains { $0.phone == "one" && $0.message.method == "CANCEL" })
    }

    @Test func `without a reply code nothing is answered`() throws {
        let busy = try BusyScene("overload_reply_code = 0")
        let before = busy.counter("overload_dropped") ?? 0
        #expect(busy.answer(busy.request()).isEmpty)
        #expect(busy.counter("overload_dropped") == before + 1)
    }

    @Test func `what was dropped for two seconds is dropped when there is time again`() throws {
        let busy = try BusyScene("overload_reply_code = 0")
        let old = busy.request()
        #expect(busy.answer(old).isEmpty)
        busy.scene.wait(milliseconds: 400)
        let young = busy.request()
        #expect(busy.answer(young).isEmpty)
        busy.scene.wait(milliseconds: 600)
        // Its second repetition comes in time.
        #expect(busy.answer(young, waited: 0).contains { $0.phone == "one" })
        busy.scene.wait(milliseconds: 3000)
        let before = busy.counter("overload_dropped") ?? 0
        #expect(busy.answer(old, waited: 0).isEmpty)
        #expect(busy.counter("overload_dropped") == before + 1)
        #expect(busy.answer(busy.request(), waited: 0).contains { $0.phone == "one" })
    }

    @Test func `code, reason and Retry-After are the configuration's`() throws {
        let busy = try BusyScene(
            "overload_reply_code = 480\noverload_reply_reason = \"Come Again\"\noverload_retry_after = 0")
        let reply = try #require(busy.answer(busy.request("REGISTER")).first?.message)
        #expect(reply.firstLine == "SIP/2.0 480 Come Again")
        #expect(reply["Retry-After"] == nil)
    }

    @Test func `switched off, nothing is refused`() throws {
        let busy = try BusyScene("overload_control = no")
        #expect(busy.answer(busy.request()).contains { $0.phone == "one" })
    }

    @Test func `it ends half a second after the last late request`() throws {
        let busy = try BusyScene()
        #expect(busy.answer(busy.request()).first?.message.status == 503)
        busy.scene.wait(milliseconds: 600)
        #expect(busy.answer(busy.request(), waited: 1).contains { $0.phone == "one" })
        #expect(busy.answer(busy.request(), waited: 50).contains { $0.phone == "one" })
    }

    @Test func `over TCP the refusal goes down the connection`() throws {
        let busy = try BusyScene("listen = tcp:127.0.0.1:5060\nlisten = udp:127.0.0.1:5060")
        let phone = busy.scene.stage.addPhone(
            "carol", SocketAddress(ip: IPAddress(ipv4: 0xC000_02C8), port: 40_000), .tcp)
        busy.scene.recorder.sent = []
        busy.scene.stage.send(
            phone.request("INVITE", "sip:service@127.0.0.1"), from: phone, waited: .milliseconds(50))
        let reply = try #require(busy.scene.recorder.sent.first)
        #expect(reply.message.status == 503 && reply.phone == "carol")
        #expect(reply.destination.transport == .tcp && reply.destination.connection.isPresent)
    }
}

extension String {
    fileprivate func range(of text: String, after mark: String) -> Range<String.Index>? {
        guard let start = self.firstRange(of: mark)?.upperBound else { return nil }
        return self[start...].firstRange(of: text)
    }
}
