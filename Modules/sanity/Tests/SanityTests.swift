import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import sl

@testable import sanity

@Suite("sanity: checks and replies")
struct SanityTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var bits: Int
        var uris = 7
        var change: (from: String, to: String)
        /// First line of the reply; nil when the check passes.
        var reply: String?
        var testDescription: String { self.name }
    }

    static let request = """
        OPTIONS sip:b@127.0.0.1 SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
        From: <sip:a@x.com>;tag=1
        To: <sip:b@x.com>
        Call-ID: c1
        CSeq: 1 OPTIONS
        Subject: x
        Content-Length: 0

        """

    static let digest = #"Authorization: Digest username="a", realm="b", nonce="c", uri="sip:d", response="e""#

    static let cases: [Case] = [
        Case(name: "all is well", bits: 17895, change: ("", "")),
        Case(name: "every check", bits: 32767, uris: 15, change: ("", "")),
        Case(
            name: "scheme", bits: 2, change: ("sip:b@127.0.0.1 SIP", "xyz:b@127.0.0.1 SIP"),
            reply: "400 Bad Request URI"),
        Case(name: "tel", bits: 2, change: ("sip:b@127.0.0.1 SIP", "tel:+123 SIP")),
        Case(
            name: "no Call-ID", bits: 4, change: ("Call-ID: c1\n", ""), reply: "400 Missing Required Header in Request"),
        Case(
            name: "CSeq method", bits: 32, change: ("1 OPTIONS", "1 INVITE"),
            reply: "400 CSeq method does not match request method"),
        Case(
            name: "CSeq number", bits: 64, change: ("1 OPTIONS", "99999999999999999999 OPTIONS"),
            reply: "400 CSeq number is illegal"),
        Case(name: "negative CSeq", bits: 64, change: ("1 OPTIONS", "-1 OPTIONS"), reply: "400 CSeq number is illegal"),
        Case(
            name: "length too big", bits: 128, change: ("Length: 0", "Length: 10"),
            reply: "400 Content-Length mis-match"),
        Case(name: "no length", bits: 128, change: ("Content-Length: 0\n", "")),
        Case(name: "Expires", bits: 256, change: ("Subject: x", "Expires: 10")),
        Case(
            name: "bad Expires", bits: 256, change: ("Subject: x", "Expires: abc"),
            reply: "400 Expires value is illegal"),
        Case(
            name: "empty Expires", bits: 256, change: ("Subject: x", "Expires:"), reply: "400 Bad Expires Header"),
        Case(name: "known option", bits: 512, change: ("Subject: x", "Proxy-Require: foo")),
        Case(
            name: "unknown option", bits: 512, change: ("Subject: x", "Proxy-Require: foo, baz, qux"),
            reply: "420 Bad Proxy Require Extension\nUnsupported: baz"),
        Case(
            name: "Request-URI", bits: 1024, uris: 1, change: ("sip:b@127.0.0.1 SIP", "sip: SIP"),
            reply: "400 Bad Request URI"),
        Case(name: "Request-URI not asked for", bits: 1024, uris: 6, change: ("sip:b@127.0.0.1 SIP", "sip: SIP")),
        Case(
            name: "From", bits: 1024, uris: 2, change: ("From: <sip:a@x.com>", "From: <foo>"),
            reply: "400 Invalid From Header"),
        Case(
            name: "To", bits: 1024, uris: 4, change: ("To: <sip:b@x.com>", "To: <foo>"), reply: "400 Ivalid To Header"),
        Case(
            name: "From of unknown scheme", bits: 1024, uris: 2, change: ("From: <sip:a@x.com>", "From: <own:a@x.com>"),
            reply: "400 Invalid From Header"),
        Case(name: "From tel", bits: 1024, uris: 2, change: ("From: <sip:a@x.com>", "From: <tel:+12>")),
        Case(
            name: "Contact", bits: 1024, uris: 8, change: ("Subject: x", "Contact: <sip:a@@b>"),
            reply: "400 Bad Contact URI"),
        Case(name: "Contact star", bits: 1024, uris: 8, change: ("Subject: x", "Contact: *")),
        Case(
            name: "Contact field", bits: 1024, uris: 8, change: ("Subject: x", "Contact: <<>>"),
            reply: "400 Bad Contact Header"),
        Case(name: "credentials", bits: 2048, change: ("Subject: x", digest)),
        Case(
            name: "no nonce", bits: 2048, change: ("Subject: x", digest.replacing(#"nonce="c", "#, with: "")),
            reply: "400 Bad Auth Credentials"),
        Case(
            name: "proxy credentials", bits: 2048, change: ("Subject: x", #"Proxy-Authorization: Digest realm="b""#),
            reply: "400 Bad Auth Credentials"),
        Case(name: "only Authorization", bits: 8192, change: ("Subject: x", #"Proxy-Authorization: Digest realm="b""#)),
        Case(name: "two tags", bits: 4096, change: (";tag=1", ";tag=1;tag=2"), reply: "400 Many From Tag Params"),
        Case(
            name: "two To tags", bits: 4096, change: ("To: <sip:b@x.com>", "To: <sip:b@x.com>;tag=1;tag=2"),
            reply: "400 Many To Tag Params"),
        Case(name: "no branch", bits: 16384, change: (";branch=z9hG4bK1", "")),
    ]

    static func bench(_ parameters: [(String, ParameterValue)] = [("autodrop", .int(0))]) throws -> ModuleBench {
        let bench = ModuleBench()
        try bench.load(StatelessReplies.self)
        try bench.load(Sanity.self, parameters + [("proxy_require", .text("foo,bar"))])
        return bench
    }

    @Test(arguments: cases)
    func `finds what is wrong`(_ entry: Case) throws {
        let bench = try Self.bench()
        let text =
            entry.change.from.isEmpty ? Self.request : Self.request.replacing(entry.change.from, with: entry.change.to)
        let code = try bench.call("sanity_check", "\(entry.bits)", "\(entry.uris)", in: try bench.receive(text))
        #expect(code == (entry.reply == nil ? 1 : -1))
        guard let reply = entry.reply else {
            #expect(bench.sent.isEmpty)
            return
        }
        for line in reply.split(separator: "\n") { #expect(bench.sent.first?.contains(line) == true) }
    }

    @Test func `autodrop ends the script, noreply waits for sanity_reply`() throws {
        let bench = try Self.bench([("noreply", .int(1))])
        let route = try bench.receive(Self.request.replacing("1 OPTIONS", with: "1 INVITE"))
        #expect(try bench.call("sanity_reply", in: route) == -1)
        #expect(try bench.call("sanity_check", in: route) == 0)
        #expect(bench.sent.isEmpty)
        #expect(try bench.call("sanity_reply", in: route) == 1)
        #expect(bench.sent.first?.hasPrefix("SIP/2.0 400 CSeq method") == true)
    }

    @Test func `neither an ACK nor a reply is answered`() throws {
        let bench = try Self.bench()
        let ack = Self.request.replacing("OPTIONS", with: "ACK").replacing("Call-ID: c1\n", with: "")
        #expect(try bench.call("sanity_check", "4", in: try bench.receive(ack)) == -1)
        let reply = Self.request.replacing("OPTIONS sip:b@127.0.0.1 SIP/2.0", with: "SIP/2.0 200 OK").replacing(
            "Call-ID: c1\n", with: "")
        #expect(try bench.call("sanity_check", "17604", "6", in: try bench.receive(reply)) == -1)
        let good = Self.request.replacing("OPTIONS sip:b@127.0.0.1 SIP/2.0", with: "SIP/2.0 200 OK")
        #expect(try bench.call("sanity_check", "17604", "6", in: try bench.receive(good)) == 1)
        #expect(bench.sent.isEmpty)
    }

    @Test func `bits out of range fail without a reply`() throws {
        let bench = try Self.bench()
        #expect(try bench.call("sanity_check", "32768", in: try bench.receive(Self.request)) == -1)
        #expect(bench.sent.isEmpty)
    }
}
