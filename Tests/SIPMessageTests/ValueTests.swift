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
        #expect(try request("A sip:a@b SIP/2.0", "CSeq: 4294967295 B").cSeq.isValid)
    }

    @Test(arguments: [
        "", "INVITE", "1", "1INVITE", "x INVITE", "-1 INVITE", "4294967296 A", "36893488147419103232 REGISTER",
        "1 IN VITE", "1 INV\"ITE",
    ])
    func `broken CSeq values are invalid`(_ value: String) throws {
        #expect(try !request("INVITE sip:a@b SIP/2.0", "CSeq: \(value)").cSeq.isValid)
    }

    @Test(arguments: ["-1 INVITE", "1a INVITE", "4294967296 INVITE"])
    func `a broken number leaves the method of CSeq known`(_ value: String) throws {
        let message = try request("INVITE sip:a@b SIP/2.0", "CSeq: \(value)")
        #expect(message.cSeq.method == .invite)
        #expect(message.string(message.cSeq.methodRange) == "INVITE")
    }

    static let whole = ["Via: SIP/2.0/UDP a", "From: x", "To: <sip:a@b>", "Call-ID: 1", "CSeq: 1 INVITE", "l: 0"]

    static func message(_ fields: [String]) throws -> Message {
        try parsed((["INVITE sip:a@b SIP/2.0"] + fields).map { $0 + "\r\n" }.joined() + "\r\n")
    }

    @Test func `a message with one of each mandatory field is usable`() throws {
        #expect(try Self.message(Self.whole).unusableField == nil)
        #expect(try Self.message(Self.whole.dropLast()).unusableField == nil)
    }

    @Test(arguments: [(0, HeaderName.via), (1, .from), (2, .to), (3, .callID), (4, .cSeq)])
    func `a mandatory field that is missing makes a message useless`(_ index: Int, _ name: HeaderName) throws {
        var fields = Self.whole
        fields.remove(at: index)
        #expect(try Self.message(fields).unusableField == name)
    }

    @Test(arguments: [(1, HeaderName.from), (2, .to), (3, .callID), (4, .cSeq), (5, .contentLength)])
    func `a mandatory field that is there twice makes a message useless`(_ index: Int, _ name: HeaderName) throws {
        #expect(try Self.message(Self.whole + [Self.whole[index]]).unusableField == name)
    }

    @Test(arguments: [
        (0, "Via: SIP/2.0/UDP", HeaderName.via), (2, "To: <sip:a@b", .to), (2, "To:", .to), (4, "CSeq: 1", .cSeq),
        (4, "CSeq: 1 INVITE x", .cSeq), (5, "l: -1", .contentLength), (5, "l:", .contentLength),
    ])
    func `a mandatory field without form makes a message useless`(
        _ index: Int, _ line: String, _ name: HeaderName
    ) throws {
        var fields = Self.whole
        fields[index] = line
        #expect(try Self.message(fields).unusableField == name)
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
