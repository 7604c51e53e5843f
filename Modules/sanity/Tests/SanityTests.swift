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
        Case(
            name: "proxy credentials that lack parts", bits: 8192,
            change: ("Subject: x", #"Proxy-Authorization: Digest realm="b""#), reply: "400 Bad Auth Credentials"),
        Case(name: "other credentials", bits: 8192, change: ("Subject: x", "Authorization: Basic own")),
        Case(
            name: "credentials that are no list", bits: 8192, change: ("Subject: x", "Authorization: Digest own"),
            reply: "400 Bad Auth Header"),
        Case(
            name: "old branch", bits: 32_768, change: ("z9hG4bK1", "1"), reply: "400 Via Branch Without Magic Cookie"),
        Case(
            name: "strict Route", bits: 32_768, change: ("Subject: x", "Route: <sip:a;lr>, <sip:b>"),
            reply: "400 Route Without Loose Routing"),
        Case(
            name: "strict Record-Route", bits: 32_768, change: ("Subject: x", "Record-Route: <sip:b>"),
            reply: "400 Route Without Loose Routing"),
        Case(name: "loose Route", bits: 32_768, change: ("Subject: x", "Route: <sip:a;lr>")),
        Case(name: "sizes", bits: 65_536, change: ("", "")),
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
        #expect(try bench.call("sanity_check", "131072", in: try bench.receive(Self.request)) == -1)
        #expect(bench.sent.isEmpty)
    }

    @Test(arguments: [
        ("size_message", 64, "513 Message Too Large"), ("size_method", 6, "400 Method Too Long"),
        ("size_ruri", 14, "414 Request-URI Too Long"), ("size_from_uri", 8, "400 From URI Too Long"),
        ("size_to_uri", 8, "400 To URI Too Long"), ("size_contact_uri", 12, "400 Contact URI Too Long"),
        ("size_route_uri", 8, "400 Route URI Too Long"), ("size_path_uri", 8, "400 Path URI Too Long"),
        ("size_pai_uri", 8, "400 P-Asserted-Identity URI Too Long"), ("size_header", 30, "400 Header Too Long"),
        ("size_headers", 100, "400 Headers Too Long"), ("size_body", 3, "413 Body Too Large"),
    ])
    func `a part that is larger than its limit is refused`(_ name: String, _ limit: Int, _ reply: String) throws {
        let text = """
            OPTIONS sip:b@127.0.0.1 SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            From: <sip:a@x.com>;tag=1
            To: <sip:b@x.com>
            Call-ID: c1
            CSeq: 1 OPTIONS
            Contact: <sip:a@127.0.0.1>
            Route: <sip:a.b;lr>
            Path: <sip:c.d;lr>
            P-Asserted-Identity: <sip:a@x.com>
            Content-Length: 4

            body
            """
        let exact = try Self.bench([("autodrop", .int(0)), (name, .int(limit))])
        #expect(try exact.call("sanity_check", "65536", in: try exact.receive(text)) == -1)
        #expect(exact.sent.first?.hasPrefix("SIP/2.0 \(reply)\n") == true)
        // Nothing is looked at when nobody asks, and 0 is no limit.
        #expect(try exact.call("sanity_check", "1", in: try exact.receive(text)) == 1)
        let open = try Self.bench([("autodrop", .int(0)), (name, .int(0)), ("size_checks", .int(1))])
        #expect(try open.call("sanity_check", "1", in: try open.receive(text)) == 1)
    }

    @Test func `size_checks looks at sizes with every check`() throws {
        let bench = try Self.bench([("autodrop", .int(0)), ("size_checks", .int(1)), ("size_ruri", .int(5))])
        #expect(try bench.call("sanity_check", "1", in: try bench.receive(Self.request)) == -1)
        #expect(bench.sent.first?.hasPrefix("SIP/2.0 414 ") == true)
    }

    @Test func `credentials of another kind fail check 2048 without a reply`() throws {
        let bench = try Self.bench()
        let text = Self.request.replacing("Subject: x", with: "Authorization: Basic own")
        #expect(try bench.call("sanity_check", "2048", in: try bench.receive(text)) == -1)
        #expect(bench.sent.isEmpty)
    }
}

@Suite("sanity: what is checked without arguments")
struct StandardCheckTests {
    private func code(_ parameters: [(String, ParameterValue)], _ from: String, _ to: String) throws -> Int {
        let bench = ModuleBench()
        try bench.load(StatelessReplies.self)
        try bench.load(Sanity.self, [("autodrop", .int(0))] + parameters)
        let route = try bench.receive(SanityTests.request.replacingOccurrence(of: from, with: to))
        return try bench.call("sanity_check", in: route)
    }

    @Test func `default_checks and uri_checks say it`() throws {
        let (method, other) = ("1 OPTIONS", "1 INVITE")
        #expect(try self.code([], method, other) == -1)
        #expect(try self.code([("default_checks", .int(4))], method, other) == 1)
        let (from, bad) = ("From: <sip:a@x.com>", "From: <sip:>")
        #expect(try self.code([("default_checks", .int(1024)), ("uri_checks", .int(2))], from, bad) == -1)
        #expect(try self.code([("default_checks", .int(1024)), ("uri_checks", .int(1))], from, bad) == 1)
    }
}

extension String {
    fileprivate func replacingOccurrence(of text: String, with other: String) -> String {
        self.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let range = line.firstRange(of: text) else { return String(line) }
            return line[..<range.lowerBound] + other + line[range.upperBound...]
        }.joined(separator: "\n")
    }
}
