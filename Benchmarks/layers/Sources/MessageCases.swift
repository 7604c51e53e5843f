import Bytes
import Digests
import SIPMessage

/// Messages as phones send them, behind one proxy.
enum Sample {
    private static let fields = """
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-524287-1---a1b2c3d4e5f60718;rport
        Max-Forwards: 70
        From: "Alice" <sip:alice@example.org>;tag=1928301774
        To: <sip:bob@example.org>
        Call-ID: a84b4c76e66710-31415926@192.0.2.1
        CSeq: 314159 METHOD
        Contact: <sip:alice@192.0.2.1:5060;transport=udp>
        User-Agent: a phone of some kind 1.2.3
        Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE, INFO

        """
    private static let body = """
        v=0
        o=- 20518 0 IN IP4 192.0.2.1
        s=-
        c=IN IP4 192.0.2.1
        t=0 0
        m=audio 49170 RTP/AVP 0 8 101
        a=rtpmap:101 telephone-event/8000

        """

    static func message(_ first: String, _ method: String, _ more: String = "", hasBody: Bool = false) -> ByteBuffer {
        ByteBuffer(Self.wire(Self.text(first, method, more, hasBody: hasBody)))
    }

    /// With plain line ends.
    static func text(_ first: String, _ method: String, _ more: String = "", hasBody: Bool = false) -> String {
        let body = hasBody ? Self.body : ""
        let type = hasBody ? "Content-Type: application/sdp\n" : ""
        let fields = Self.fields.replacing("METHOD", with: method) + more + type
        return first + "\n" + fields + "Content-Length: \(Self.wire(body).utf8.count)\n\n" + body
    }

    private static func wire(_ text: String) -> String { text.replacing("\n", with: "\r\n") }
}

@MainActor private let invite = Sample.message("INVITE sip:bob@example.org SIP/2.0", "INVITE", hasBody: true)
@MainActor private let register = Sample.message("REGISTER sip:example.org SIP/2.0", "REGISTER", "Expires: 3600\n")
@MainActor private let ok = Sample.message(
    "SIP/2.0 200 OK", "INVITE", "Record-Route: <sip:192.0.2.9;lr>\n", hasBody: true)

/// Parsing, header values, writing, digests.
@MainActor let messageCases: [Case] = {
    let message = Message(buffer: ByteBuffer(capacity: 64))
    let parsed = Message(buffer: invite)
    _ = parsed.parse()
    let edits = EditList()
    let out = ByteBuffer(capacity: 4096)
    let via = ByteString("Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK5f3a9c1d7e2b4860\r\n")
    let source = SocketAddress(ip: IPAddress("192.0.2.1") ?? .anyIPv4, port: 5060)
    let uri = ByteString("sip:alice@example.org:5061;transport=tcp;lr?Subject=x")
    let answer = ByteString("alice:example.org:a fairly long password of somebody")

    func parse(_ name: String, _ bytes: ByteBuffer, _ more: @escaping (Message) -> Void = { _ in }) -> Case {
        Case(name) {
            message.buffer = bytes
            _ = message.parse()
            more(message)
        }
    }
    func values(_ message: Message) {
        _ = message.topVia.isValid
        _ = message.from.tag.isPresent
        _ = message.to.tag.isPresent
        _ = message.cSeq.number
    }

    return [
        parse("parse INVITE", invite), parse("parse REGISTER", register), parse("parse 200", ok),
        parse("parse INVITE and Via, From, To, CSeq", invite, values),
        Case("parse a URI") { _ = SIPURI(uri.span, ByteRange(start: 0, count: uri.count)) },
        Case("write a forwarded INVITE") {
            out.removeAll()
            MessageWriter.forwardRequest(
                parsed, edits, newRequestURI: nil, topHeaders: via.span, source: source, into: out)
        },
        Case("hash a Call-ID") { _ = parsed.span.keyedHash(parsed.callID, seed: 7) },
        Case("MD5 of a password") {
            out.removeAll()
            _ = DigestAlgorithm.md5.appendHex(of: answer.span, to: out)
        },
    ]
}()
