import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import siputils

@Suite("siputils: identity, charging, dates, ringing")
struct IdentityTests {
    static func bench(
        _ headers: String = "", _ parameters: [(String, ParameterValue)] = []
    ) throws
        -> (ModuleBench, RouteContext)
    {
        let bench = ModuleBench()
        try bench.load(SIPUtils.self, parameters)
        return (
            bench,
            try bench.receive("INVITE sip:bob@example.com SIP/2.0\nVia: SIP/2.0/UDP h\nCSeq: 1 INVITE\n\(headers)")
        )
    }

    static func sent(_ route: RouteContext, _ name: String) -> [String] {
        let out = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: out)
        return ByteString(out.span).string.replacingCRLF.split(separator: "\n").filter { $0.hasPrefix(name) }.map(
            String.init)
    }

    @Test func `only checked credentials name a user`() throws {
        let (bench, route) = try Self.bench("Authorization: Digest username=\"alice\", realm=\"r\"\n")
        #expect(try bench.call("is_user", "alice", in: route) == -1)
        route.setState(AuthorizedUser(name: "alice", realm: "r"))
        #expect(try bench.call("is_user", "alice", in: route) == 1)
        #expect(try bench.call("is_user", "bob", in: route) == -1)
    }

    @Test(arguments: [
        ("sip:+1234@x.y", 1), ("\"A\" <sip:+1234@x.y>;screen=yes", 1), ("sip:1234@x.y", -1), ("+1234", -1),
        ("junk", -1),
        ("", -1), ("sip:x.y", -1),
    ])
    func `the RPID user may be an E.164 number`(value: String, code: Int) throws {
        let (bench, route) = try Self.bench()
        route.attributes.push(.text("rpid"), .text(value))
        #expect(try bench.call("is_rpid_user_e164", in: route) == code)
    }

    @Test func `Remote-Party-ID comes from an attribute`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("append_rpid_hf", in: route) == -1)
        route.attributes.push(.text("rpid"), .text("+1234"))
        #expect(try bench.call("append_rpid_hf", in: route) == 1)
        #expect(try bench.call("append_rpid_hf", "<sip:", ">;x=y", in: route) == 1)
        #expect(
            Self.sent(route, "Remote")
                == [
                    "Remote-Party-ID: +1234;party=calling;id-type=subscriber;screen=yes",
                    "Remote-Party-ID: <sip:+1234>;x=y",
                ])
    }

    @Test func `its text and its attribute are parameters`() throws {
        let (bench, route) = try Self.bench(
            "", [("rpid_avp", .text("$avp(i:5)")), ("rpid_prefix", .text("<")), ("rpid_suffix", .text(">"))])
        route.attributes.push(.number(5), .text("sip:+1@a"))
        #expect(try bench.call("append_rpid_hf", in: route) == 1)
        #expect(Self.sent(route, "Remote") == ["Remote-Party-ID: <sip:+1@a>"])
        for text in ["rpid", "$avp()", "$var(x)"] {
            #expect(throws: ModuleError.self) { try Self.bench("", [("rpid_avp", .text(ByteString(text)))]) }
        }
    }

    static let vector =
        "P-Charging-Vector: icid-value=abc;icid-generated-at=1.2.3.4;orig-ioi=o.example;term-ioi=\"t\"\n"

    static func pcv(_ bench: ModuleBench, _ route: RouteContext) throws -> [String] {
        try ["all", "value", "genaddr", "orig", "term", "status"].map {
            let out = ByteBuffer()
            route.print(try bench.read("pcv", $0, in: route), to: out)
            return ByteString(out.span).string
        }
    }

    @Test func `a charging vector is read`() throws {
        let (bench, route) = try Self.bench(Self.vector)
        #expect(
            try Self.pcv(bench, route) == [
                "icid-value=abc;icid-generated-at=1.2.3.4;orig-ioi=o.example;term-ioi=\"t\"", "abc", "1.2.3.4",
                "o.example",
                "\"t\"", "1",
            ])
        let (other, none) = try Self.bench()
        #expect(try Self.pcv(other, none) == ["<null>", "<null>", "<null>", "<null>", "<null>", "0"])
        #expect(throws: ArgumentError.self) { try bench.read("pcv", "no", in: route) }
    }

    @Test func `a charging vector is made where there is none`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("sip_p_charging_vector", "g", in: route) == 1)
        let values = try Self.pcv(bench, route)
        #expect(values[1].utf8.count == 32)
        #expect(values[2] == "127.0.0.1")
        #expect(values[5] == "2")
        #expect(
            Self.sent(route, "P-Charging") == [
                "P-Charging-Vector: icid-value=\(values[1]); icid-generated-at=127.0.0.1"
            ])
        #expect(try bench.call("sip_p_charging_vector", "g", in: route) == 1)
        #expect(Self.sent(route, "P-Charging").count == 1)
        let (other, known) = try Self.bench(Self.vector)
        #expect(try other.call("sip_p_charging_vector", "g", in: known) == 1)
        #expect(try Self.pcv(other, known)[1] == "abc")
    }

    @Test(arguments: [("r", 0, "0"), ("f", 1, "2"), ("rg", 1, "2"), ("x", 1, "1")])
    func `a charging vector is removed or replaced`(flags: String, count: Int, status: String) throws {
        let (bench, route) = try Self.bench(Self.vector)
        #expect(try bench.call("sip_p_charging_vector", flags, in: route) == 1)
        #expect(Self.sent(route, "P-Charging").count == count)
        #expect(try Self.pcv(bench, route)[5] == status)
        #expect(try (Self.pcv(bench, route)[1] == "abc") == (status == "1"))
    }

    @Test(arguments: [
        ("Sat, 28 Nov 2026 03:50:00 GMT", 1_795_837_800), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Tue, 29 Feb 2000 12:30:15 GMT", 951_827_415), ("Sat, 28 Nov 2026 03:50:00 CET", nil), ("junk", nil),
        ("", nil),
        ("Sat, 28 Foo 2026 03:50:00 GMT", nil), ("Xyz, 28 Nov 2026 03:50:00 GMT", nil),
        ("Sat, 00 Nov 2026 03:50:00 GMT", nil), ("Sat, 28 Nov 2026 24:50:00 GMT", nil),
        ("Sat, 2x Nov 2026 03:50:00 GMT", nil),
    ])
    func `dates are read`(text: String, expected: Int?) {
        let bytes = ByteString(text)
        #expect(SIPDate.seconds(bytes.span, ByteRange(start: 0, count: bytes.count)) == expected)
    }

    @Test func `a date may be so old and no older`() throws {
        let (bench, old) = try Self.bench("Date: Sat, 13 Nov 2010 23:29:00 GMT\n")
        #expect(try bench.call("hdr_date_check", "60", in: old) == -4)
        #expect(try bench.call("hdr_date_check", "100000000000", in: old) == 1)
        #expect(try bench.call("hdr_date_check", "x", in: old) == -1)
        let (other, future) = try Self.bench("Date: Sat, 13 Nov 2999 23:29:00 GMT\n")
        #expect(try other.call("hdr_date_check", "0", in: future) == 1)
        let (third, none) = try Self.bench()
        #expect(try third.call("hdr_date_check", "60", in: none) == -1)
    }

    @Test(arguments: [
        ("tel:+1-23(4);x=1", 1, "sip:+1234;x=1@h.example;user=phone"), ("sip:a@b", 2, nil), ("tel:1234", -1, nil),
        ("tel:1234;phone-context=+49", 1, "sip:1234;phone-context=+49@h.example;user=phone"), ("tel:+12x", -1, nil),
        ("tel:+", -1, nil), ("junk", 2, nil),
    ])
    func `tel2sip2 asks for a whole number`(uri: String, code: Int, expected: String?) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("tel2sip2", uri, "h.example", "$avp(x)", in: route) == code)
        let value = route.attributes.value(.text("x"))
        #expect((value.isNull ? nil : route.text(value).string) == expected)
    }

    @Test func `a URI is valid when it can be taken apart`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("is_uri_valid", in: route) == 1)
        #expect(try bench.call("is_uri_valid", "sip:a@b", in: route) == 1)
        #expect(try bench.call("is_uri_valid", "junk junk", in: route) == -1)
        route.setRequestURI("junk junk")
        #expect(try bench.call("is_uri_valid", in: route) == -1)
    }

    static func reply(_ bench: ModuleBench, tag: String, code: Int = 183) throws -> RouteContext {
        try bench.receive(
            """
            SIP/2.0 \(code) Session Progress
            Via: SIP/2.0/UDP h
            To: <sip:b@c>;tag=\(tag)
            Call-ID: c1
            CSeq: 1 INVITE
            Content-Type: application/sdp
            Content-Length: 3

            v=0
            """)
    }

    @Test func `one branch of a call may be heard`() throws {
        let (bench, route) = try Self.bench("Call-ID: c1\n")
        let module = try bench.module(SIPUtils.self)
        let look = try #require(module.hooks.replyPassing)
        func first(_ tag: String, _ code: Int = 183) throws -> String? {
            let reply = try Self.reply(bench, tag: tag, code: code)
            look(reply)
            return Self.sent(reply, "").joined(separator: "\n").split(separator: "\n").first.map(String.init)
        }
        #expect(try first("a") == "SIP/2.0 183 Session Progress")
        #expect(try bench.call("ring_insert_callid", in: route) == 1)
        #expect(try first("a") == "SIP/2.0 183 Session Progress")
        #expect(try first("b") == "SIP/2.0 180 Ringing")
        #expect(try first("a") == "SIP/2.0 183 Session Progress")
        #expect(try first("b", 200) == "SIP/2.0 200 Session Progress")
        let quiet = try Self.reply(bench, tag: "b")
        look(quiet)
        #expect(!Self.sent(quiet, "").contains { $0.hasPrefix("v=0") || $0.hasPrefix("Content-Type") })
        bench.worker.advance(seconds: 31)
        #expect(try first("b") == "SIP/2.0 183 Session Progress")
        module.rings.expire(now: bench.worker.now)
        #expect(module.rings.isEmpty)
    }
}
