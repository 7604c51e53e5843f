import Bytes
import Testing

@testable import SIPMessage

@Suite("Simple header values")
struct ValueTests {
    @Test func `CSeq has a number and a method`() throws {
        let message = try request("INVITE sip:a@b SIP/2.0", "cseq: 0009 \r\n  INVITE")
        #expect(message.cSeq.isValid)
        #expect(message.cSeq.number == 9)
        #expect(message.cSeq.method == .invite)
        #expect(message.string(message.cSeq.methodRange) == "INVITE")
        #expect(try request("A sip:a@b SIP/2.0", "CSeq: 2147483647 B").cSeq.isValid)
    }

    @Test(arguments: [
        "", "INVITE", "1", "1INVITE", "x INVITE", "-1 INVITE", "2147483648 A", "36893488147419103232 REGISTER",
        "1 IN VITE", "1 INV\"ITE",
    ])
    func `broken CSeq values are invalid`(_ value: String) throws {
        #expect(try !request("INVITE sip:a@b SIP/2.0", "CSeq: \(value)").cSeq.isValid)
    }

    @Test func `numbers are read, other things are nil`() throws {
        let good = try request("REGISTER sip:b SIP/2.0", "l: 12", "Max-Forwards: 0", "Expires: 99999999999999999999")
        #expect(good.contentLength == 12)
        #expect(good.maxForwards == 0)
        #expect(good.expires == Int(Int32.max))
        let bad = try request("REGISTER sip:b SIP/2.0", "l: -12", "Max-Forwards: x", "Expires: 1 2")
        #expect(bad.contentLength == nil && bad.has(.contentLength))
        #expect(bad.maxForwards == nil)
        #expect(bad.expires == nil)
        #expect(try request("REGISTER sip:b SIP/2.0", "To: x").contentLength == nil)
    }

    @Test func `the content type stands without its parameters`() throws {
        let message = try request("INVITE sip:b SIP/2.0", "c: application/sdp ; charset=utf-8")
        #expect(message.string(message.contentType) == "application/sdp")
    }
}
