import Bytes
import Testing

@testable import SIPMessage

@Suite("URIs: RFC 3261 §19.1")
struct SIPURITests {
    @Test func `all parts are found`() throws {
        let piece = Piece(
            "sips:alice:secret@atlanta.example.com:5071;transport=TLS;lr;maddr=m;ttl=1;user=phone;method=INVITE"
                + ";ob;gr=urn:x;r2=on;x=y?subject=a&to=b"
        )
        let uri = try #require(piece.uri)
        #expect(uri.scheme == .sips)
        #expect(piece.string(uri.user) == "alice")
        #expect(piece.string(uri.password) == "secret")
        #expect(piece.string(uri.host) == "atlanta.example.com")
        #expect(piece.string(uri.hostPort) == "atlanta.example.com:5071")
        #expect(uri.port == 5071)
        #expect(uri.transport == .tls)
        #expect(piece.string(uri.transportRange) == "TLS")
        #expect(uri.lr && uri.ob && uri.hasGR)
        #expect(piece.string(uri.maddr) == "m")
        #expect(piece.string(uri.ttl) == "1")
        #expect(piece.string(uri.userParameter) == "phone")
        #expect(piece.string(uri.method) == "INVITE")
        #expect(piece.string(uri.gr) == "urn:x")
        #expect(piece.string(uri.r2) == "on")
        #expect(piece.string(uri.headers) == "subject=a&to=b")
        #expect(piece.string(uri.parameters)?.hasSuffix("x=y") == true)
        #expect(piece.uriParameter("X") == "y")
        #expect(piece.uriParameter("lr") == "")
        #expect(piece.uriParameter("l") == nil)
    }

    @Test func `a host alone is enough`() throws {
        let piece = Piece("SIP:example.com")
        let uri = try #require(piece.uri)
        #expect(uri.scheme == .sip)
        #expect(!uri.user.isPresent && !uri.hasUser)
        #expect(uri.port == -1 && uri.effectivePort == 5060)
        #expect(!uri.parameters.isPresent && !uri.headers.isPresent)
    }

    @Test func `the user part may hold reserved characters`() throws {
        let piece = Piece("sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d@example.com")
        let uri = try #require(piece.uri)
        #expect(piece.string(uri.user) == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*")
        #expect(piece.string(uri.password) == "&it+has=1,weird!*pas$wo~d")
        #expect(piece.string(uri.host) == "example.com")
    }

    @Test func `IPv6 hosts keep their brackets`() throws {
        let piece = Piece("sip:[2001:db8::10]:5070;transport=tcp")
        let uri = try #require(piece.uri)
        #expect(piece.string(uri.host) == "[2001:db8::10]")
        #expect(uri.port == 5070)
        #expect(piece.hostAddress == IPAddress("2001:db8::10"))
        #expect(Piece("sip:192.0.2.1").hostAddress == IPAddress("192.0.2.1"))
    }

    @Test func `a parameter that is there twice does not make a URI differ from itself`() {
        let twice = Piece("sip:a@b;x=1;x=2;transport=tls;transport=tcp")
        #expect(twice.equals(twice) == true)
        #expect(twice.equals(Piece("sip:a@b;x=1;transport=tcp")) == false)
        #expect(Piece("sip:a@b;x=1;transport=tcp").equals(twice) == false)
    }

    @Test func `headers are compared both ways`() {
        let one = Piece("sip:a@b?a=1&b=2&a=1")
        let other = Piece("sip:a@b?x=1&b=2&a=1")
        #expect(one.equals(other) == false && other.equals(one) == false && one.equals(one) == true)
    }

    /// By their square it would take seconds.
    @Test func `thousands of parameters are compared as they stand`() {
        let many = (0..<10_000).map { ";p\($0)" }.joined()
        let one = Piece("sip:a@b" + many)
        #expect(one.equals(one) == true)
        #expect(one.equals(Piece("sip:a@b" + many.dropLast())) == false)
        #expect(one.equals(Piece("sip:a@b;x")) == false && Piece("sip:a@b").equals(one) == false)
    }

    @Test func `a third colon before an IPv4 address is let pass`() {
        #expect(Piece("sip:a@[2001:db8:::192.0.2.1]").hostAddress == IPAddress("2001:db8::192.0.2.1"))
        #expect(Piece("sip:a@[:::192.0.2.1]").hostAddress == IPAddress("::192.0.2.1"))
        for other in ["sip:[2001:::1]", "sip:[:::]", "sip:[1::::192.0.2.1]", "sip:[1:::192.0.2]"] {
            #expect(Piece(other).uri == nil)
        }
    }

    @Test func `tel URIs have a number and parameters`() throws {
        let piece = Piece("tel:+358-555-1234567;phone-context=example.com;lr")
        let uri = try #require(piece.uri)
        #expect(uri.scheme == .tel)
        #expect(piece.string(uri.user) == "+358-555-1234567")
        #expect(!uri.host.isPresent)
        #expect(piece.uriParameter("phone-context") == "example.com")
    }

    @Test func `a URN has namespace and name`() throws {
        let piece = Piece("urn:service:sos")
        let uri = try #require(piece.uri)
        #expect(uri.scheme == .urn)
        #expect(piece.string(uri.user) == "service")
        #expect(piece.string(uri.host) == "sos")
    }

    @Test func `unknown schemes are told from broken URIs`() throws {
        #expect(try #require(Piece("soap.beep://192.0.2.103:3002").uri).scheme == .other)
        #expect(try #require(Piece("name:x").uri).scheme == .other)
    }

    @Test func `an empty port counts as none`() throws {
        #expect(try #require(Piece("sip:a@127.0.0.1:").uri).port == -1)
    }

    @Test(arguments: [
        "", "sip", "sip:", ":", "sip:@", "sip:@b", "sip:a@", "sip:a@b@c", "sip:a@b:99999", "sip:a@b:5x", "sip:a@b c",
        "<sip:a@b>",
        "sip:a@[::1", "sip:a@[zz]", "sip:a@[1.2.3.4]", "sip:a@b\"", "tel:", "urn:", "1sip:a@b", "si p:a@b", "s!p:a",
        "sip:a@b/c", " sip:a@b",
    ])
    func `broken URIs are refused`(_ text: String) {
        #expect(Piece(text).uri == nil)
    }

    @Test func `escapes are resolved, broken ones kept`() {
        func unescape(_ text: String) -> String {
            let piece = Piece(text)
            let buffer = ByteBuffer()
            SIPURI.unescape(piece.bytes.span, piece.range, into: buffer)
            #expect(SIPURI.unescaped(piece.bytes.span, piece.range).string == buffer.string)
            return buffer.string
        }
        #expect(unescape("sips%3Auser%40example.com") == "sips:user@example.com")
        #expect(unescape("%41%zz%4") == "A%zz%4")
        #expect(unescape("%") == "%")
    }

    @Test(arguments: [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x"
        ),
        ("tel:+1234", "TEL:+1234"),
    ])
    func `equal URIs of RFC 3261 §19.1.4 are equal`(_ left: String, _ right: String) {
        #expect(Piece(left).equals(Piece(right)) == true)
        #expect(Piece(right).equals(Piece(left)) == true)
    }

    @Test(arguments: [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:a@b", "sips:a@b"), ("sip:a:x@b", "sip:a@b"), ("tel:+1234", "tel:+12345"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ])
    func `different URIs of RFC 3261 §19.1.4 differ`(_ left: String, _ right: String) {
        #expect(Piece(left).equals(Piece(right)) == false)
        #expect(Piece(right).equals(Piece(left)) == false)
    }
}
