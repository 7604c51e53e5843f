import Bytes
import Testing

@testable import SIPMessage

@Suite("Any bytes")
struct RobustnessTests {
    static let seeds = [
        inviteText,
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=\"x,y\" , SIP / 2.0 / TCP [::1]:5060;rport=1;received=::1\r\n"
            + "Contact: \"a\\\"b\" <sip:a:b@[::1]:1;lr;transport=tcp?x=y>;q=0.1;expires=3, *, tel:+1;x\r\n"
            + "f: sip:a@b;tag=1\r\nt: <sips:%41@b>\r\nCSeq: 1 OPTIONS\r\nRoute: <sip:a;lr>\r\n \t,<sip:b>\r\nl: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ]

    /// Reads everything there is to read and writes everything there is to write.
    static func exercise(_ message: Message, _ edits: EditList, _ out: ByteBuffer) -> Int {
        guard message.parse() == nil else { return 0 }
        var sum = message.headerCount + message.statusCode + message.body.length
        for uri in [message.parsedRequestURI, message.fromURI, message.toURI] {
            guard let uri else { continue }
            sum += uri.port + uri.user.length + (uri.hostAddress(message.span) == nil ? 0 : 1)
            sum += SIPURI.equal(uri, message.span, uri, message.span) ? 1 : 0
        }
        message.forEachVia {
            sum += $0.port
            return true
        }
        for name in [HeaderName.contact, .route, .recordRoute, .other, .supported] {
            message.forEachNameAddress(in: name) {
                sum += $0.expires
                if let uri = SIPURI(message.span, $0.uri) { sum += uri.port }
                return true
            }
        }
        sum += Int(message.cSeq.number) + (message.contentLength ?? 0) + (message.maxForwards ?? 0)
        sum += (message.expires ?? 0) + message.contentType.length
        sum += message.lists("x", in: .supported) ? 1 : 0
        edits.removeAll()
        out.removeAll()
        for index in 0..<message.headerCount {
            if index % 3 == 0 { edits.removeHeader(at: index, message) }
            if index % 5 == 0 { edits.replaceValue(at: index, with: ByteString("new").span, message) }
        }
        edits.delete(ByteRange(message.bodyStart, message.bodyStart + 2))
        let source = SocketAddress(ip: .anyIPv4, port: 1)
        let text = ByteString("Via: x\r\n")
        MessageWriter.forwardRequest(
            message,
            edits,
            newRequestURI: text.span,
            topHeaders: text.span,
            source: source,
            forceRport: true,
            into: out
        )
        MessageWriter.forwardResponse(message, edits, into: out)
        MessageWriter.response(
            to: message,
            code: 200,
            reason: text.span,
            toTag: text.span,
            extraHeaders: text.span,
            serverHeader: text.span,
            contentType: text.span,
            body: text.span,
            copyRecordRoute: true,
            source: source,
            forceRport: true,
            into: out
        )
        MessageWriter.ack(forNegative: message, to: message, into: out)
        MessageWriter.cancel(message, extraHeaders: text.span, into: out)
        return sum &+ out.count
    }

    @Test(arguments: 0..<3)
    func `no mutation of a message traps`(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed + 1))
        let original = ByteString(Self.seeds[seed])
        let alphabet = ByteString("\r\n\t :;,=<>\"\\@[]()%*/?&0129azAZ\0\u{7f}\u{80}")
        let message = Message()
        let edits = EditList()
        let out = ByteBuffer()
        var parsed = 0
        for _ in 0..<4000 {
            message.buffer.removeAll()
            message.buffer.append(original)
            for _ in 0...Int.random(in: 0...5, using: &random) {
                let place = Int.random(in: 0..<max(message.buffer.count, 1), using: &random)
                let byte = alphabet.bytes[Int.random(in: 0..<alphabet.count, using: &random)]
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where message.buffer.count > place: message.buffer[place] = byte
                case 1: message.buffer.replace(at: place, deleting: 0, with: [byte].span)
                case 2:
                    let count = min(Int.random(in: 1...8, using: &random), message.buffer.count - place)
                    message.buffer.replace(at: place, deleting: max(count, 0), with: ByteString().span)
                default: if Int.random(in: 0..<20, using: &random) == 0 { message.buffer.truncate(to: place) }
                }
            }
            if Self.exercise(message, edits, out) != 0 { parsed += 1 }
        }
        #expect(parsed > 500)
    }

    @Test func `every prefix of a message is refused or parsed`() {
        let original = ByteString(Self.seeds[1])
        let message = Message()
        let edits = EditList()
        let out = ByteBuffer()
        var parsed = 0
        for count in 0...original.count {
            message.buffer.removeAll()
            message.buffer.append(original.span, ByteRange(start: 0, count: count))
            if Self.exercise(message, edits, out) != 0 { parsed += 1 }
        }
        #expect(parsed == 1)
    }
}
