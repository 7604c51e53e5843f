import Bytes
import Testing

@testable import SIPMessage

@Suite("Via: RFC 3261 §20.42, RFC 3581")
struct ViaTests {
    @Test func `parts and parameters are found`() {
        let piece = Piece(
            "SIP/2.0/UDP pc33.example.com:5066;branch=z9hG4bK7;rport;Received=192.0.2.1;maddr=m;ttl=3;alias;i=1f;x=y"
        )
        let via = piece.via
        #expect(via.isValid)
        #expect(via.transport == .udp)
        #expect(piece.string(via.host) == "pc33.example.com")
        #expect(piece.string(via.sentBy) == "pc33.example.com:5066")
        #expect(via.port == 5066)
        #expect(piece.string(via.branch) == "z9hG4bK7")
        #expect(piece.hasCookie)
        #expect(via.hasRport && !via.rport.isPresent)
        #expect(piece.string(via.rportParameter) == "rport")
        #expect(piece.string(via.received) == "192.0.2.1")
        #expect(piece.string(via.receivedParameter) == "Received=192.0.2.1")
        #expect(piece.string(via.maddr) == "m")
        #expect(piece.string(via.ttl) == "3")
        #expect(piece.string(via.i) == "1f")
        #expect(via.alias)
        #expect(piece.viaParameter("X") == "y")
        #expect(piece.viaParameter("alias") == "")
        #expect(piece.viaParameter("none") == nil)
    }

    @Test func `a comment at the end belongs to the value`() {
        let piece = Piece("SIP/2.0/UDP a;branch=b (own comment) , next")
        #expect(piece.via.isValid)
        #expect(piece.string(piece.via.branch) == "b")
        #expect(piece.string(piece.via.range) == "SIP/2.0/UDP a;branch=b (own comment)")
        #expect(!Piece("SIP/2.0/UDP a;branch=b (open").via.isValid)
        #expect(!Piece("SIP/2.0/UDP a;branch=b (c) d").via.isValid)
    }

    @Test func `white space and folding may stand anywhere`() {
        let piece = Piece(
            "SIP  / 2.0\r\n / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ;\r\n alias , next"
        )
        let via = piece.via
        #expect(via.isValid)
        #expect(via.transport == .tcp)
        #expect(piece.string(via.host) == "spindle.example.com")
        #expect(via.port == -1)
        #expect(piece.string(via.branch) == "z9hG4bK9ikj8")
        #expect(via.alias)
        #expect(piece.string(ByteRange(via.listEnd, piece.bytes.count)) == ", next")
        #expect(piece.string(via.range)?.hasSuffix("alias") == true)
    }

    @Test func `IPv6 addresses keep their brackets`() {
        let piece = Piece("SIP/2.0/TLS [2001:db8::9:1]:5061;received=[2001:db8::9:255];branch=z9hG4bKas3")
        let via = piece.via
        #expect(via.isValid)
        #expect(via.transport == .tls)
        #expect(piece.string(via.host) == "[2001:db8::9:1]")
        #expect(via.port == 5061)
        #expect(piece.hostAddress == IPAddress("2001:db8::9:1"))
        #expect(piece.string(via.received) == "[2001:db8::9:255]")
    }

    @Test func `an unknown transport keeps its text`() {
        let piece = Piece("SIP/2.0/UNKNOWN h;branch=1")
        #expect(piece.via.isValid)
        #expect(piece.via.transport == nil)
        #expect(piece.string(piece.via.transportRange) == "UNKNOWN")
    }

    @Test func `a colon may have white space round it`() {
        let via = Piece("SIP/2.0/UDP first.example.com : 4000 ; ttl=16").via
        #expect(via.isValid)
        #expect(via.port == 4000)
    }

    @Test(arguments: [
        "", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/ h", "SIP/3.0/UDP h", "XIP/2.0/UDP h", "SIP/2.0/UDP :5060",
        "SIP/2.0/UDP h:", "SIP/2.0/UDP h:70000", "SIP/2.0/UDP h:999999999999999999999", "SIP/2.0/UDP [::1",
        "SIP/2.0/UDP []", "SIP/2.0/UDP h x", "SIP/2.0/UDP h;x=\"y", "SIP/2.0/UDP h;branch=a b",
    ])
    func `broken values are invalid`(_ text: String) {
        #expect(!Piece(text).via.isValid)
    }

    @Test func `values are walked through comma lists and fields`() throws {
        let message = try request(
            "OPTIONS sip:a@b SIP/2.0",
            "Via: SIP/2.0/UDP a;x=\"1,2\" , SIP/2.0/UDP b:1,SIP/2.0/UDP c;rport",
            "To: t",
            "v: SIP/2.0/UDP d"
        )
        var hosts: [String?] = []
        message.forEachVia {
            hosts.append(message.string($0.host))
            return true
        }
        #expect(hosts == ["a", "b", "c", "d"])
        #expect(message.via(at: 2).hasRport)
        #expect(message.via(at: 3).fieldIndex == 2)
        #expect(!message.via(at: 4).isValid)
    }

    @Test func `a broken value ends its field but not the walk`() throws {
        let message = try request("OPTIONS sip:a@b SIP/2.0", "Via: SIP/2.0/UDP, SIP/2.0/UDP b", "Via: SIP/2.0/UDP c")
        var seen: [Bool] = []
        message.forEachVia {
            seen.append($0.isValid)
            return true
        }
        #expect(seen == [false, true])
    }
}
