import Bytes
import Testing

@testable import SIPMessage

/// A parsed message from lines joined with CRLF; the empty line and `body` follow.
func request(_ lines: String..., body: String = "") throws -> Message {
    let text = lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
    return try parsed(text)
}

func parsed(_ text: String) throws -> Message {
    let message = Message(buffer: ByteBuffer(text))
    if let failure = message.parse() { throw failure }
    return message
}

func failure(_ text: String) -> ParseFailure.Reason? { Message(buffer: ByteBuffer(text)).parse()?.reason }

extension Message {
    /// The text of a range; nil when it is absent.
    func string(_ range: ByteRange) -> String? { range.isPresent ? self.text(range).string : nil }
}

extension ByteBuffer {
    var string: String { ByteString(self.span).string }
}

/// Text with its own bytes, to parse pieces of messages.
struct Piece {
    let bytes: ByteString
    init(_ text: String) { self.bytes = ByteString(text) }
    var range: ByteRange { ByteRange(start: 0, count: self.bytes.count) }
    func string(_ range: ByteRange) -> String? { range.isPresent ? ByteString(self.bytes.span, range).string : nil }

    var uri: SIPURI? { SIPURI(self.bytes.span, self.range) }
    var address: NameAddress { NameAddress(self.bytes.span, self.range) }
    var via: Via { Via(self.bytes.span, from: 0, to: self.bytes.count, field: 0) }
}

let inviteText = """
    INVITE sip:bob@biloxi.example.com SIP/2.0\r
    Via: SIP/2.0/UDP pc33.atlanta.example.com:5066;branch=z9hG4bK776asdhds;rport\r
    Via: SIP/2.0/TCP 192.0.2.9\r
    Max-Forwards: 70\r
    To: Bob <sip:bob@biloxi.example.com>\r
    From: "Alice" <sip:alice@atlanta.example.com>;tag=1928301774\r
    Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r
    CSeq: 314159 INVITE\r
    Record-Route: <sip:192.0.2.9;lr>\r
    Contact: <sip:alice@pc33.atlanta.example.com>\r
    Content-Type: application/sdp\r
    Content-Length: 4\r
    \r
    v=0
    """ + "\n"

// Macros cannot take spans apart, so tests hand over text.

extension Message {
    func first(named text: String) -> Int { self.first(named: ByteString(text).span) }
    func lists(_ text: String, in name: HeaderName) -> Bool { self.lists(ByteString(text).span, in: name) }
}

extension Piece {
    /// Value of a parameter: nil when there is none, "" when it has no value.
    func parameter(_ name: String) -> String? {
        let value = self.address.parameter(self.bytes.span, named: ByteString(name).span)
        return value.map { self.string($0) ?? "" }
    }

    func viaParameter(_ name: String) -> String? {
        let value = self.via.parameter(self.bytes.span, named: ByteString(name).span)
        return value.map { self.string($0) ?? "" }
    }

    func uriParameter(_ name: String) -> String? {
        guard let uri = self.uri else { return nil }
        let parameter = uri.parameter(self.bytes.span, named: ByteString(name).span)
        return parameter.isPresent ? self.string(parameter.value) ?? "" : nil
    }

    var hostAddress: IPAddress? { self.uri?.hostAddress(self.bytes.span) ?? self.via.hostAddress(self.bytes.span) }
    var hasCookie: Bool { self.via.hasCookie(self.bytes.span) }
    var displayText: String? { self.string(self.address.displayText(self.bytes.span)) }

    func equals(_ other: Piece) -> Bool? {
        guard let a = self.uri, let b = other.uri else { return nil }
        return SIPURI.equal(a, self.bytes.span, b, other.bytes.span)
    }
}
