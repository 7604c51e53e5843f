import Bytes
import Testing

@testable import SIPMessage

@Suite("Addresses: RFC 3261 §20.10, §20.20, §20.39")
struct NameAddressTests {
    @Test func `a quoted name may hold escapes and brackets`() {
        let piece = Piece(#""J <R> \"\\" <sip:jdrosen@example.com;lr>;tag=98as;q=0.25;expires=60"#)
        let address = piece.address
        #expect(address.isValid)
        #expect(piece.string(address.displayName) == #""J <R> \"\\""#)
        #expect(piece.displayText == #"J <R> \"\\"#)
        #expect(piece.string(address.uri) == "sip:jdrosen@example.com;lr")
        #expect(piece.string(address.uriIncludingBrackets) == "<sip:jdrosen@example.com;lr>")
        #expect(piece.string(address.parameters) == ";tag=98as;q=0.25;expires=60")
        #expect(piece.string(address.tag) == "98as")
        #expect(address.q == 250)
        #expect(address.expires == 60)
        #expect(address.hasBrackets)
    }

    @Test func `white space round the URI in brackets is no part of it`() {
        let piece = Piece("A  <  sip:a@b\t> ; tag = 1")
        #expect(piece.address.isValid)
        #expect(piece.string(piece.address.uri) == "sip:a@b")
        #expect(piece.string(piece.address.uriIncludingBrackets) == "<  sip:a@b\t>")
        #expect(piece.address.hasBrackets)
        #expect(!Piece("<  >").address.isValid)
    }

    @Test func `without brackets parameters belong to the field`() {
        let piece = Piece("sip:alice@example.com;tag=1;lr")
        let address = piece.address
        #expect(address.isValid)
        #expect(piece.string(address.uri) == "sip:alice@example.com")
        #expect(piece.string(address.tag) == "1")
        #expect(!address.displayName.isPresent)
        #expect(!address.hasBrackets)
    }

    @Test func `an unquoted name may have several words`() {
        let piece = Piece("A. G. Bell <sip:a.g.bell@example.com>\r\n ;\r\n tag = q ; newparam")
        #expect(piece.address.isValid)
        #expect(piece.string(piece.address.displayName) == "A. G. Bell")
        #expect(piece.string(piece.address.tag) == "q")
    }

    @Test func `no parameters is an empty range at the end`() {
        let piece = Piece("<sip:a@b>")
        #expect(piece.address.parameters == ByteRange(9, 9))
        #expect(!piece.address.hasTag)
        #expect(piece.address.q == -1)
        #expect(piece.address.expires == -1)
    }

    @Test func `parameters are found by name`() {
        let piece = Piece(#"<sip:a@b>;+sip.instance="<urn:uuid:0;1,2>";reg-id=1;ob"#)
        #expect(piece.parameter("+SIP.instance") == #""<urn:uuid:0;1,2>""#)
        #expect(piece.parameter("reg-id") == "1")
        #expect(piece.parameter("ob") == "")
        #expect(piece.parameter("o") == nil)
    }

    @Test(arguments: [
        ("0", 0), ("1", 1000), ("1.000", 1000), ("0.5", 500), ("0.123", 123), ("0.", 0), ("1.001", -1), ("2", -1),
        ("0.1234", -1), (".5", -1), ("a", -1), ("", -1), ("00.5", -1),
    ])
    func `q is read in thousandths`(_ text: String, _ value: Int) {
        #expect(Piece("<sip:a@b>;q=\(text)").address.q == Int16(value))
    }

    @Test func `expires has a ceiling`() {
        #expect(Piece("<sip:a@b>;expires=99999999999999999999999").address.expires == Int(Int32.max))
        #expect(Piece("<sip:a@b>;expires=x").address.expires == -1)
    }

    @Test func `a star is a star`() throws {
        #expect(Piece("*").address.isStar)
        #expect(!Piece("<*>").address.isStar)
        let message = try request("REGISTER sip:b SIP/2.0", "Contact: * ", "Expires: 0")
        #expect(message.firstContact.isStar)
        #expect(message.expires == 0)
    }

    @Test(arguments: [
        "", "   ", "\"open", "\"name\" sip:a@b", "<sip:a@b", "<>", "name", "Bell, Alexander <sip:a@b>;tag=43",
        "sip:a b", "<sip:a@b> x", "<sip:a@b>, <sip:c@d>", ";tag=1", "na\"me <sip:a@b>",
    ])
    func `broken values are invalid`(_ text: String) {
        // A lone word is a URI as far as this layer can tell; the URI parser refuses it.
        if text == "name" {
            #expect(Piece(text).uri == nil)
        } else {
            #expect(!Piece(text).address.isValid)
        }
    }

    @Test func `lists go over commas and fields, quotes and brackets hide commas`() throws {
        let message = try request(
            "REGISTER sip:b SIP/2.0",
            #"Contact: "a,b" <sip:a,b@c;x=1,2>;q=0.1 , sip:d@e;expires=5,<sip:f@g>"#,
            "To: t",
            "m: <sip:h@i>;x=\"1,2\""
        )
        var uris: [String?] = []
        message.forEachNameAddress(in: .contact) {
            uris.append(message.string($0.uri))
            return $0.isValid
        }
        #expect(uris == ["sip:a,b@c;x=1,2", "sip:d@e", "sip:f@g", "sip:h@i"])
        var routes = message.routes
        #expect(routes.next(message) == nil)
    }

    @Test func `From and To are kept once parsed`() throws {
        let message = try parsed(inviteText)
        #expect(message.string(message.from.displayName) == "\"Alice\"")
        #expect(message.string(message.from.tag) == "1928301774")
        #expect(message.string(message.from.uri) == message.fromURI.flatMap { message.string($0.range) })
        #expect(message.to.isValid && !message.to.hasTag)
        #expect(message.toURI.map { message.string($0.user) } == "bob")
        #expect(try !request("OPTIONS sip:a@b SIP/2.0", "To: \"").to.isValid)
        #expect(try !request("OPTIONS sip:a@b SIP/2.0", "X: y").from.isValid)
    }

    @Test func `the top route is the first of the list`() throws {
        let message = try request("BYE sip:a@b SIP/2.0", "Route: <sip:p1;lr>, <sip:p2;lr>", "Route: <sip:p3>")
        #expect(message.string(message.topRoute.uri) == "sip:p1;lr")
        #expect(message.field(at: message.topRoute.fieldIndex).name == .route)
    }
}
