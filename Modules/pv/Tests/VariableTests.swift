import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import pv

@Suite("pv: variables")
struct VariableTests {
    static let invite = """
        INVITE sip:bob:pw@example.com:5070;transport=tcp?X=1 SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:25002;branch=z9hG4bK1;rport
        Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK0
        Max-Forwards: 70
        f: "Alice A" <sip:alice@atlanta.com;x=1>;tag=ft1
        To: Bob <sip:bob@biloxi.com:5080>
        i: c1@h
        CSeq: 7 INVITE
        Contact: <sip:alice@127.0.0.1:25002>;expires=60, <sip:alice@192.0.2.1>
        Expires: 300
        User-Agent: probe
        X-A: one
        X-A: two
        Content-Length: 6

        hello

        """

    static func route(_ text: String = invite) throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self)
        return (bench, try bench.receive(text))
    }

    /// `name` or `name(inner)` as it prints.
    static func print(_ variable: String, _ bench: ModuleBench, _ route: RouteContext) throws -> String {
        let parts = variable.split(separator: "(").map(String.init)
        let value = try bench.read(parts[0], parts.count > 1 ? String(parts[1].dropLast()) : nil, in: route)
        let buffer = ByteBuffer()
        route.print(value, to: buffer)
        return ByteString(buffer.span).string
    }

    @Test(arguments: [
        ("ru", "sip:bob:pw@example.com:5070;transport=tcp?X=1"), ("rU", "bob"), ("rd", "example.com"), ("rp", "5070"),
        ("rP", "tcp"), ("rz", "sip"), ("rUl", "3"), ("ou", "sip:bob:pw@example.com:5070;transport=tcp?X=1"),
        ("oU", "bob"),
        ("du", "<null>"), ("dd", "<null>"), ("nh(U)", "bob"), ("nh(p)", "5070"), ("fu", "sip:alice@atlanta.com;x=1"),
        ("fU", "alice"),
        ("fd", "atlanta.com"), ("fn", "\"Alice A\""), ("ft", "ft1"), ("tu", "sip:bob@biloxi.com:5080"), ("tn", "Bob"),
        ("tt", "<null>"), ("tts", "0"), ("ci", "c1@h"), ("cs", "7"), ("csb", "7 INVITE"), ("ua", "probe"), ("cl", "6"),
        ("cT", "<null>"), ("ctu", "sip:alice@127.0.0.1:25002"), ("si", "127.0.0.1"), ("sp", "5070"),
        ("su", "sip:127.0.0.1:5070"), ("sut", "sip:127.0.0.1:5070;transport=udp"), ("sas", "udp:127.0.0.1:5070"),
        ("Ri", "127.0.0.1"),
        ("Rp", "5060"), ("Rn", "<null>"), ("Ras", "udp:127.0.0.1:5060"), ("pr", "udp"), ("prid", "1"),
        ("conid", "<null>"),
        ("mt", "1"), ("mts", "rq"), ("rm", "INVITE"), ("rmid", "1"), ("rv", "SIP/2.0"), ("rs", "<null>"), ("rsi", "0"),
        ("rr", "<null>"), ("bs", "7"), ("msg(body_len)", "7"), ("hdr(x-a)", "one"), ("hdr(Call-ID)", "c1@h"),
        ("hdr(No)", "<null>"),
        ("hdrc(X-A)", "2"), ("hflc(Contact)", "2"), ("mf", "0"), ("mF", "00000000"), ("expires(min)", "60"),
        ("expires(max)", "300"),
        ("via0(host)", "127.0.0.1"), ("via0(port)", "25002"), ("via0(branch)", "z9hG4bK1"), ("via0(rport)", "<null>"),
        ("via1(proto)", "TCP"), ("viaZ(host)", "192.0.2.7"), ("via1(protoid)", "2"), ("rpl(duri)", "<null>"),
        ("br", "<null>"),
        ("ds", "<null>"), ("branch(count)", "0"), ("fs", "<null>"), ("fsp", "0"), ("K(IPv6)", "10"), ("true", "1"),
        ("Ec", ","),
        ("msg(fline)", "INVITE sip:bob:pw@example.com:5070;transport=tcp?X=1 SIP/2.0"), ("version(num)", "5.6.3"),
    ])
    func `of a request`(_ variable: String, _ expected: String) throws {
        let (bench, route) = try Self.route()
        #expect(try Self.print(variable, bench, route) == expected)
    }

    @Test(arguments: [
        ("ru", "<null>"), ("rU", "<null>"), ("rm", "INVITE"), ("rs", "183"), ("rr", "Session Progress"), ("mt", "2"),
        ("rpl(duri)", "sip:192.0.2.7:5060;transport=tcp"), ("rpl(cntvia)", "2"), ("rp", "<null>"),
    ])
    func `of a reply`(_ variable: String, _ expected: String) throws {
        let (bench, route) = try Self.route(
            "SIP/2.0 183 Session Progress\nVia: SIP/2.0/UDP 127.0.0.1, SIP/2.0/TCP 192.0.2.7\nCSeq: 7 INVITE\n"
        )
        #expect(try Self.print(variable, bench, route) == expected)
    }

    static func access(_ bench: ModuleBench, _ name: String, _ inner: String? = nil) throws -> VariableAccess {
        let module = try bench.module(PseudoVariables.self)
        let variable = try #require(module.variables.first { $0.names.contains(name) })
        let bind = try #require(variable.bind)
        return try bind(inner.map { .literal(ByteString($0)) } ?? .none, bench.compiler)
    }

    static func write(_ name: String, _ value: Value, _ bench: ModuleBench, _ route: RouteContext) throws -> Bool {
        let write = try #require(try Self.access(bench, name).write)
        return write(route, .none, value)
    }

    @Test func `the Request-URI changes at once`() throws {
        let (bench, route) = try Self.route()
        #expect(try Self.write("rU", .text("x"), bench, route))
        #expect(try Self.print("ru", bench, route) == "sip:x:pw@example.com:5070;transport=tcp?X=1")
        #expect(try Self.write("rU", .null, bench, route))
        #expect(try Self.print("rU", bench, route) == "<null>")
        #expect(try Self.write("rp", .null, bench, route))
        #expect(try Self.print("ru", bench, route) == "sip:example.com;transport=tcp?X=1")
        #expect(try Self.print("rp", bench, route) == "5060")
        #expect(try !Self.write("rd", .null, bench, route))
        #expect(try Self.write("ru", .text("junk junk"), bench, route))
        #expect(try Self.print("ru", bench, route) == "<null>")
        #expect(try Self.print("ou", bench, route) == "sip:bob:pw@example.com:5070;transport=tcp?X=1")
        #expect(try !Self.write("ru", .null, bench, route))
    }

    @Test func `sip with user=phone counts as a telephone number`() throws {
        let (bench, route) = try Self.route()
        route.setRequestURI("sip:+1@b;user=phone")
        #expect(try Self.print("rz", bench, route) == "tel")
    }

    static func edited(_ route: RouteContext) -> String {
        let buffer = ByteBuffer()
        MessageWriter.write(route.message, route.edits, into: buffer)
        return ByteString(buffer.span).string.replacingCRLF
    }

    @Test(arguments: [
        ("fu", "sip:n@m", "f: \"Alice A\" <sip:n@m>;tag=ft1"),
        ("fU", "new", "f: \"Alice A\" <sip:new@atlanta.com;x=1>;tag=ft1"),
        ("fd", "d.d", "f: \"Alice A\" <sip:alice@d.d;x=1>;tag=ft1"),
        ("fn", "\"N\"", "f: \"N\" <sip:alice@atlanta.com;x=1>;tag=ft1"),
        ("fn", "", "f: <sip:alice@atlanta.com;x=1>;tag=ft1"),
        ("fU", "", "f: \"Alice A\" <sip:atlanta.com;x=1>;tag=ft1"),
        ("td", "newd.com", "To: Bob <sip:bob@newd.com:5080>"), ("tn", "TT", "To: TT <sip:bob@biloxi.com:5080>"),
    ])
    func `addresses change when the message leaves, not before`(
        _ name: String, _ text: String, _ expected: String
    ) throws {
        let (bench, route) = try Self.route()
        let before = try Self.print(name, bench, route)
        #expect(try Self.write(name, .text(text), bench, route))
        #expect(Self.edited(route).split(separator: "\n").contains { $0 == expected })
        #expect(try Self.print(name, bench, route) == before)
    }

    @Test func `an address without brackets gets them when it needs them`() throws {
        let (bench, route) = try Self.route(
            "INVITE sip:b@c SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: sip:a@b;tag=1\nCSeq: 1 INVITE\n")
        #expect(try Self.write("fu", .text("sip:x@y;p=1"), bench, route))
        #expect(Self.edited(route).contains("From: <sip:x@y;p=1>;tag=1\n"))
        route.edits.removeAll()
        #expect(try Self.write("fn", .text("\"N\""), bench, route))
        #expect(Self.edited(route).contains("From: \"N\" <sip:a@b>;tag=1\n"))
    }

    @Test func `an avp is a stack, and an index does not replace`() throws {
        let (bench, route) = try Self.route()
        let access = try Self.access(bench, "avp", "a")
        let write = try #require(access.write)
        func text(_ index: VariableIndex) -> String { route.text(access.read(route, index)).string }
        for value in ["1", "2", "3"] { #expect(write(route, .none, .text(value))) }
        #expect(text(.none) == "3" && text(.at(1)) == "2" && text(.at(-1)) == "" && text(.all) == "3, 2, 1")
        #expect(access.read(route, .at(9)).isNull)
        #expect(write(route, .at(0), .text("z")))
        #expect(text(.all) == "z, 3, 2, 1")
        #expect(write(route, .none, .null))
        #expect(text(.all) == "3, 2, 1")
        #expect(write(route, .all, .text("q")))
        #expect(text(.all) == "q")
        #expect(write(route, .all, .null))
        #expect(access.read(route, .none).isNull)
    }

    @Test func `avp names are texts and numbers`() throws {
        #expect(AttributeVariable.name("x") == .text("x"))
        #expect(AttributeVariable.name("s:x") == .text("x"))
        #expect(AttributeVariable.name("i:5") == .number(5))
        #expect(AttributeVariable.name("5") == .text("5"))
    }

    @Test func `what is stored outlives the message`() throws {
        let (bench, route) = try Self.route()
        let write = try #require(try Self.access(bench, "avp", "a").write)
        #expect(write(route, .none, .slice(route.message.callID)))
        guard case .bytes(let text) = route.attributes.value(.text("a")) else {
            Issue.record("still a range")
            return
        }
        #expect(text == "c1@h")
    }

    @Test func `a vn is undefined at first and can be zero`() throws {
        let (bench, route) = try Self.route()
        let variable = try Self.access(bench, "vn", "x")
        let write = try #require(variable.write)
        #expect(variable.read(route, .none).isNull)
        #expect(write(route, .none, .int(0)))
        #expect(route.int(variable.read(route, .none)) == 0 && !variable.read(route, .none).isNull)
        #expect(write(route, .none, .null))
        #expect(variable.read(route, .none).isNull)
    }

    @Test func `a first value stands until something is assigned, zero too`() throws {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self, [("varset", .text("a=i:5")), ("shvset", .text("b=s:txt"))])
        let route = try bench.receive(Self.invite)
        let variable = try Self.access(bench, "var", "a")
        #expect(route.int(variable.read(route, .none)) == 5)
        let write = try #require(variable.write)
        #expect(write(route, .none, .int(0)))
        #expect(route.int(variable.read(route, .none)) == 0)
        #expect(try Self.print("shv(b)", bench, route) == "txt")
        #expect(throws: ArgumentError.self) { try ModuleBench().load(PseudoVariables.self, [("varset", .text("a=5"))]) }
    }

    @Test func `further branches`() throws {
        let (bench, route) = try Self.route()
        route.branches = [BranchTarget(uri: "sip:b1@1.1.1.1"), BranchTarget(uri: "sip:b2@2.2.2.2")]
        route.branches[1].q = 500
        #expect(try Self.print("ds", bench, route) == "Contact: <sip:b1@1.1.1.1>, <sip:b2@2.2.2.2>;q=0.5")
        #expect(try Self.print("bR", bench, route) == "sip:b1@1.1.1.1, <sip:b2@2.2.2.2>;q=0.5")
        let access = try Self.access(bench, "branch", "uri")
        #expect(route.text(access.read(route, .at(1))) == "sip:b2@2.2.2.2")
        let write = try #require(access.write)
        #expect(write(route, .at(0), .text("sip:ch@y")))
        #expect(try Self.print("br", bench, route) == "sip:ch@y")
        #expect(access.read(route, .at(5)).isNull)
        #expect(throws: ArgumentError.self) { try Self.access(bench, "branch", "nonsense") }
    }

    @Test func `flags read and write as numbers`() throws {
        let (bench, route) = try Self.route()
        #expect(try Self.write("mf", .int(255), bench, route))
        #expect(try Self.print("mF", bench, route) == "000000ff")
        let flag = try Self.access(bench, "Mf", "9")
        let write = try #require(flag.write)
        #expect(write(route, .none, .int(1)))
        #expect(try Self.print("mf", bench, route) == "767")
        #expect(route.int(flag.read(route, .none)) == 1)
    }

    @Test func `an unknown socket leaves the one that was chosen`() throws {
        let (bench, route) = try Self.route()
        #expect(try Self.write("fs", .text("tcp:127.0.0.1:5060"), bench, route))
        #expect(try Self.write("fs", .text("udp:9.9.9.9:1"), bench, route))
        #expect(try Self.print("fs", bench, route) == "tcp:127.0.0.1:5060")
        #expect(try Self.write("fs", .null, bench, route))
        #expect(try Self.print("fs", bench, route) == "<null>")
    }

    @Test func `digest credentials`() throws {
        let (bench, route) = try Self.route(
            """
            REGISTER sip:b SIP/2.0
            Via: SIP/2.0/UDP h
            From: <sip:alice@atlanta.com>;tag=1
            CSeq: 1 REGISTER
            Authorization: Digest username="bob@biloxi.com", realm="biloxi.com", nonce="n,1", uri="sip:b", response = "abc", algorithm=MD5

            """
        )
        for (name, expected) in [
            ("aU", "bob@biloxi.com"), ("au", "bob"), ("ad", "biloxi.com"), ("ar", "biloxi.com"), ("adn", "n,1"),
            ("adr", "abc"),
            ("aa", "MD5"), ("adc", "<null>"), ("Au", "alice@atlanta.com"), ("AU", "alice"),
        ] {
            #expect(try Self.print(name, bench, route) == expected)
        }
    }
}
