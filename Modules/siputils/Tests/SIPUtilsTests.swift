import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import siputils

@Suite("siputils")
struct SIPUtilsTests {
    static func bench(uri: String = "sip:bob@192.0.2.9", headers: String = "") throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(SIPUtils.self)
        let route = try bench.receive(
            """
            OPTIONS \(uri) SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            From: <sip:alice@example.org>;tag=a1
            To: <sip:bob@example.org>
            Call-ID: c1
            CSeq: 1 OPTIONS
            \(headers)
            """
        )
        return (bench, route)
    }

    @Test(arguments: [
        ("is_uri", "sip:a@b", 1), ("is_uri", "junk", -1), ("is_numeric", "12", 1), ("is_numeric", "12a", -2),
        ("is_numeric", "", -2), ("is_alphanum", "12a", 1), ("is_alphanum", "a-b", -2), ("is_tel_number", "+12", 1),
        ("is_tel_number", "12-3", -2), ("is_tel_number", "+", -2), ("is_e164", "+12345", 1), ("is_e164", "12345", -1),
        ("is_e164", "+1", -1), ("is_e164", "+12345678901234567", -1), ("is_uri_user_e164", "sip:+123@b", 1),
        ("is_supported", "path", 1), ("is_supported", "outbound", -1), ("is_gruu", "sip:a@b;gr=x", 1),
        ("is_gruu", "sip:a@b;gr", 2), ("is_gruu", "sip:a@b", -1),
    ])
    func `questions about a text`(_ function: String, _ argument: String, _ expected: Int) throws {
        let (bench, route) = try Self.bench(headers: "Supported: gruu, path\n")
        #expect(try bench.call(function, argument, in: route) == expected)
    }

    @Test(arguments: [
        ("cmp_uri", "sip:a@B.com", "sip:a@b.com;x=1", 1), ("cmp_uri", "sip:a@b", "sip:A@b", -1),
        ("cmp_uri", "sip:a@b", "junk", -1), ("cmp_aor", "sip:a@b.com:5060", "sip:a@B.com;x", 1),
        ("cmp_aor", "sip:a@b", "sip:c@b", -1), ("cmp_aor", "sip:a@b", "sips:a@b", 1), ("cmp_hdr_name", "f", "From", 1),
        ("cmp_hdr_name", "X-A", "x-a", 1),
        ("cmp_hdr_name", "To", "From", -1), ("is_alphanumex", "12a-", "-", 1), ("is_alphanumex", "12a-", "+", -1),
    ])
    func `questions about two texts`(_ function: String, _ one: String, _ two: String, _ expected: Int) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call(function, one, two, in: route) == expected)
    }

    @Test func `a To tag is a tag that is not empty`() throws {
        let bench = ModuleBench()
        try bench.load(SIPUtils.self)
        for (to, expected) in [("<sip:b@c>;tag=1", 1), ("<sip:b@c>", -1), ("<sip:b@c;tag=1>", -1)] {
            let route = try bench.receive(
                "BYE sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nTo: \(to)\nCSeq: 1 BYE\n")
            #expect(try bench.call("has_totag", in: route) == expected)
        }
    }

    @Test func `parameters of the Request-URI`() throws {
        let (bench, route) = try Self.bench(uri: "sip:a@b;x;y=1?H=1")
        #expect(try bench.call("uri_param", "x", in: route) == 1)
        #expect(try bench.call("uri_param", "y", in: route) == -1)
        #expect(try bench.call("uri_param", "Y", "1", in: route) == 1)
        #expect(try bench.call("uri_param_any", "y", in: route) == 1)
        #expect(try bench.call("uri_param_any", "z", in: route) == -1)
        #expect(try bench.call("add_uri_param", "z=9", in: route) == 1)
        #expect(route.text(route.requestURI).string == "sip:a@b;x;y=1;z=9?H=1")
        #expect(try bench.call("uri_param_rm", "y", in: route) == 1)
        #expect(route.text(route.requestURI).string == "sip:a@b;x;z=9?H=1")
        #expect(try bench.call("uri_param_rm", "y", in: route) == -1)
        #expect(try bench.call("get_uri_param", "z", "$avp(r)", in: route) == 1)
        #expect(route.text(route.attributes.value(.text("r"))).string == "9")
    }

    @Test(arguments: [
        ("tel:+1-23(4);x=1", 1, "sip:+1234;x=1@h.com;user=phone"), ("sip:a@b", 2, ""), ("junk", 2, ""),
    ])
    func `tel URIs become SIP URIs`(_ uri: String, _ code: Int, _ expected: String) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("tel2sip", uri, "h.com", "$avp(r)", in: route) == code)
        #expect(route.text(route.attributes.value(.text("r"))).string == expected)
    }

    @Test func `a request with one Via is at its first hop`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("is_first_hop", in: route) == 1)
        let (_, second) = try Self.bench(headers: "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK0\n")
        #expect(try bench.call("is_first_hop", in: second) == -1)
    }

    @Test(arguments: [
        ("", "192.0.2.9:5060", 1, 1), ("Record-Route: <sip:127.0.0.1;lr>\n", "192.0.2.9:5060", 1, 1),
        ("Record-Route: <sip:127.0.0.1;lr>\n", "127.0.0.1:5070", 1, 1),
        ("Record-Route: <sip:127.0.0.1;lr>\n", "127.0.0.1:5060", -1, 1),
        ("Record-Route: <sip:192.0.2.8;lr>, <sip:127.0.0.1;lr>\n", "192.0.2.9:5060", -1, -1),
        ("Record-Route: <sip:name.example;lr>\n", "192.0.2.9:5060", -1, -1),
        ("Record-Route: <\n", "192.0.2.9:5060", -1, -1),
    ])
    func `a reply comes from the first hop when nobody, or this server, recorded the route last`(
        _ header: String, _ source: String, _ strict: Int, _ plain: Int
    ) throws {
        let bench = ModuleBench()
        try bench.load(SIPUtils.self)
        let reply = """
            SIP/2.0 200 OK
            Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1
            \(header)From: <sip:a@x>;tag=1
            To: <sip:b@x>;tag=2
            Call-ID: c1
            CSeq: 1 INVITE

            """
        let route = try bench.receive(reply, from: source)
        #expect(try bench.call("is_first_hop", in: route) == strict)
        #expect(try bench.call("is_first_hop", "1", in: route) == plain)
    }

    @Test func `OPTIONS to the server is answered with what it accepts`() throws {
        let (bench, route) = try Self.bench(uri: "sip:127.0.0.1")
        #expect(try bench.call("options_reply", in: route) == 1)
        let lines = bench.sent[0].split(separator: "\n")
        #expect(lines[0] == "SIP/2.0 200 OK")
        #expect(lines.contains("Accept: */*") && lines.contains("Accept-Language: en"))
        #expect(route.replyHeaders.count == 0)
        let (_, withUser) = try Self.bench()
        #expect(try bench.call("options_reply", in: withUser) == -1)
    }

    @Test func `identifiers never repeat`() throws {
        let (bench, route) = try Self.bench()
        let one = route.text(try bench.read("sruid", in: route))
        #expect(route.text(try bench.read("sruid", in: route)) != one)
    }
}
