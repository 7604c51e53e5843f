import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import pv

/// What Kamailio 5.6.3 makes of the same texts, its own mistakes left out.
@Suite("pv: transformations")
struct TransformationTests {
    static func apply(_ expression: String, to value: Value) throws -> String {
        let route = try Self.route()
        return route.text(try Self.transform(expression)(route, value)).string
    }

    static func result(_ expression: String, of value: Value) throws -> Value {
        try Self.transform(expression)(Self.route(), value)
    }

    private static func route() throws -> RouteContext {
        try ModuleBench().receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
    }

    private static func transform(_ expression: String) throws -> VariableReference.Transform {
        let bench = ModuleBench()
        let module = try bench.load(PseudoVariables.self)
        var parts = expression.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        let name = parts.removeFirst()
        let dot = try #require(name.firstIndex(of: "."))
        let known = try #require(module.transformations.first { $0.name == name[..<dot] })
        return try known.bind(
            String(name[name.index(after: dot)...]), parts.map { .literal(ByteString($0)) }, bench.compiler
        )
    }

    @Test(arguments: [
        ("s.corehash", "abcdef", "1834986995"), ("s.corehash|8", "abcdef", "3"), ("s.corehash|7", "abcdef", "2"),
        ("s.corehash|1", "abcdef", "0"), ("s.corehash", "a", "109"), ("s.corehash|4096", "a", "109"),
        ("s.corehash", "ab", "27998"), ("s.corehash", "abc", "7167810"), ("s.corehash", "abcd", "1834959896"),
        ("s.corehash", "abcde", "1834960001"), ("s.corehash", "abcdefghijklmnopqrstuvwxyz0123456789", "1931951677"),
        ("s.corehash", "", "0"), ("s.corehash|16", "INVITE", "11"),
        ("s.sha1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "s.sha384", "abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "s.sha512", "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        ("s.fmtlines|5|2", "abcdefghijkl", "abcde\r\n  fghij\r\n  kl"), ("s.fmtlines|99|2", "abc", "abc"),
        ("s.fmtlinet|2|1", "abcd", "ab\r\n\tcd"), ("s.fmtlines|0|2", "abc", ""), ("s.fmtlines|5|-1", "abc", ""),
        ("urialias.encode", "sip:alice@10.1.2.3:5090;transport=tcp", "10.1.2.3~5090~2"),
        ("urialias.encode", "sip:10.1.2.3", "10.1.2.3~5060~1"),
        ("urialias.encode", "sip:[::1]:5090;transport=tls", "[::1]~5090~3"), ("urialias.encode", "junk", ""),
        ("urialias.decode", "10.1.2.3~5090~2", "sip:10.1.2.3:5090;transport=tcp"),
        ("urialias.decode", "10.1.2.3~5090~1", "sip:10.1.2.3:5090"), ("urialias.decode", "junk", ""),
        ("urialias.decode", "1.2.3.4~5060~9", ""), ("urialias.decode", "~5060~1", ""),
        ("sock.host", "tcp:1.2.3.4:5060", "1.2.3.4"), ("sock.port", "tcp:1.2.3.4:5060", "5060"),
        ("sock.proto", "tcp:1.2.3.4:5060", "tcp"), ("sock.touri", "tcp:1.2.3.4:5060", "sip:1.2.3.4:5060;transport=tcp"),
        ("sock.proto", "1.2.3.4:5060", ""), ("sock.touri", "1.2.3.4:5060", "sip:1.2.3.4:5060"),
        ("sock.port", "udp:1.2.3.4", ""), ("sock.touri", "udp:1.2.3.4", "sip:1.2.3.4;transport=udp"),
        ("sock.host", "tls:[2001:db8::1]:5061", "[2001:db8::1]"), ("sock.port", "tls:[2001:db8::1]:5061", "5061"),
        ("sock.host", "udp:1.2.3.4:x", ""), ("sock.host", "", ""),
    ])
    func `hashes, wrapped lines, aliases and sockets`(_ expression: String, _ text: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text(text)) == expected)
    }

    /// Lengths around the ends of blocks, where padding goes wrong.
    @Test(arguments: [
        (55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"), (56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"),
        (64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"),
    ])
    func `sha1 of long texts`(count: Int, expected: String) throws {
        #expect(try Self.apply("s.sha1", to: .text(String(repeating: "a", count: count))) == expected)
    }

    @Test(arguments: [111, 112, 119, 120, 127, 128, 129])
    func `sha512 of long texts`(count: Int) throws {
        let expected = [
            111:
                "fa9121c7b32b9e01733d034cfc78cbf67f926c7ed83e82200ef8681819692176"
                + "0b4beff48404df811b953828274461673c68d04e297b0eb7b2b4d60fc6b566a2",
            112:
                "c01d080efd492776a1c43bd23dd99d0a2e626d481e16782e75d54c2503b5dc32"
                + "bd05f0f1ba33e568b88fd2d970929b719ecbb152f58f130a407c8830604b70ca",
            119:
                "130396a75cb483f2eee8c56d8a668bb3d2641f5243212c0bee2bd33da096ad9e"
                + "b8179fe18f9eaacf76e09fae9de4c3f14ba13341e345be05bf76c182cc3468cb",
            120:
                "f241de612b01aa2fa3cf01531d2a8e5e17fc761dfd48a704a834a47f57d6eade"
                + "7804ecc39be42fdef16ec6adeaf7c01c2fd0c4cc97d3860907cfa4a3b36d0c05",
            127:
                "828613968b501dc00a97e08c73b118aa8876c26b8aac93df128502ab360f91ba"
                + "b50a51e088769a5c1eff4782ace147dce3642554199876374291f5d921629502",
            128:
                "b73d1929aa615934e61a871596b3f3b33359f42b8175602e89f7e06e5f658a24"
                + "3667807ed300314b95cacdd579f3e33abdfbe351909519a846d465c59582f321",
            129:
                "4f681e0bd53cda4b5a2041cc8a06f2eabde44fb16c951fbd5b87702f07aeab61"
                + "1565b19c47fde30587177ebb852e3971bbd8d3fd30da18d71037dfbd98420429",
        ]
        #expect(try Self.apply("s.sha512", to: .text(String(repeating: "a", count: count))) == expected[count])
    }

    @Test(arguments: [
        ("s.len", "abcdef", "6"), ("s.len", "", "0"), ("s.int", "-42", "-42"), ("s.int", "abc", ""),
        ("s.substr|0|3", "abcdef", "abc"), ("s.substr|-2|0", "abcdef", "ef"), ("s.substr|-3|2", "abcdef", "de"),
        ("s.substr|2|100", "abcdef", "cdef"), ("s.substr|7|1", "abcdef", ""), ("s.substr|-9|2", "abcdef", ""),
        ("s.select|0|,", "a,b,,d", "a"), ("s.select|2|,", "a,b,,d", ""), ("s.select|3|,", "a,b,,d", "d"),
        ("s.select|4|,", "a,b,,d", ""), ("s.select|-1|,", "a,b,,d", "d"), ("s.select|-4|,", "a,b,,d", "a"),
        ("s.select|-5|,", "a,b,,d", ""), ("s.select|1||", "a,b,,d", "b"), ("s.select|-1|c", "abcdef", "def"),
        ("s.strip|2", "abcdef", "cdef"), ("s.strip|9", "abcdef", ""), ("s.striptail|2", "abcdef", "abcd"),
        ("s.striptail|9", "abcdef", ""), ("s.trim", "  a b\tc \r\n", "a b\tc"), ("s.rtrim", " a ", " a"),
        ("s.ltrim", " a ", "a "), ("s.rmws", " a\tb ", "ab"), ("s.numeric", "a1-2", "12"),
        ("s.rm|cd", "abcdef", "abef"),
        ("s.replace|b|XX", "abcdef", "aXXcdef"), ("s.toupper", "aBc", "ABC"), ("s.tolower", "aBc", "abc"),
        ("s.unquote", "'abc'", "abc"), ("s.unquote", "\"abc\"", "abc"), ("s.unquote", "abc", "abc"),
        ("s.unbracket", "<abc>", "abc"), ("s.unbracket", "<abc", "<abc"), ("s.count||", "a,b,,d", "3"),
        ("s.before|c", "abcdef", "ab"), ("s.before|z", "abcdef", "abcdef"), ("s.after|c", "abcdef", "def"),
        ("s.after|z", "abcdef", ""), ("s.rbefore|,", "a,b,d", "a,b"), ("s.rafter|,", "a,b,d", "d"),
        ("s.prefixes", "abc", "a,ab,abc"), ("s.prefixes|2", "abc", "a,ab"), ("s.prefixes.quoted|2", "abc", "'a','ab'"),
        ("s.charat|-1", "abc", "c"), ("s.byte|0", "abc", "97"), ("s.rmhdws", "a \r\n b", "a b"),
    ])
    func `strings are cut and changed`(_ expression: String, _ text: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text(text)) == expected)
    }

    @Test(arguments: [
        ("s.encode.hexa", "abcdef", "616263646566"), ("s.decode.hexa", "4a4B", "JK"), ("s.decode.hexa", "4", ""),
        ("s.encode.base64", "abcdef", "YWJjZGVm"), ("s.encode.base64", "a", "YQ=="), ("s.encode.base64t", "a", "YQ"),
        ("s.encode.base64url", "\u{3ff}?", "z78_"), ("s.decode.base64", "YWI=", "ab"),
        ("s.decode.base64t", "YWI", "ab"),
        ("s.decode.base64", "Y!", ""), ("s.encode.base58", "abcdef", "qVgfxYy3"),
        ("s.decode.base58", "qVgfxYy3", "abcdef"), ("s.encode.base58", "\0\0abc", "11ZiCa"),
        ("s.encode.base58", "\0", "1"), ("s.decode.base58", "11ZiCa", "\0\0abc"), ("s.decode.base58", "1", "\0"),
        ("s.decode.base58", "0", ""),
        ("s.encode.7bit", "abcdef", "61F1985C3603"), ("s.decode.7bit", "61F1985C3603", "abcdef"),
        ("s.decode.7bit", "C8329BFDBEBE01", "HelloWo"),
        ("s.escape.common", "a'\"\\", "a\\'\\\"\\\\"), ("s.unescape.common", "a\\'\\\\", "a'\\"),
        ("s.escape.user", "a b&c=d/e?f+g@h:i;j%k\"l'm\\n,o", "a%20b&c=d%2fe?f+g%40h%3ai;j%25k%22l'm%5cn,o"),
        ("s.escape.param", "a b&c=d/e?f+g@h:i;j%k\"l'm\\n,o", "a%20b&c%3dd/e%3ff+g%40h:i%3bj%25k%22l'm%5cn%2co"),
        (
            "s.urlencode.param", "a b&c=d/e?f+g@h:i;j%k\"l'm\\n,o",
            "a%20b%26c%3dd%2fe%3ff%2bg%40h%3ai%3bj%25k%22l%27m%5cn%2co"
        ),
        ("s.unescape.user", "a%20b", "a b"), ("s.unescape.user", "a%zz", ""), ("s.urldecode.param", "a%20b+c", "a b c"),
        ("s.escape.csv", "a\"b", "\"a\"\"b\""), ("s.md5", "abcdef", "e80b5017098950fc58aad83c8c14978e"),
        ("s.md5", "", "d41d8cd98f00b204e9800998ecf8427e"),
        ("s.sha256", "abcdef", "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721"),
    ])
    func `strings are encoded`(_ expression: String, _ text: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text(text)) == expected)
    }

    static let uri =
        "sip:user:pass@host.com:5070;transport=TCP;lr;r2=on;maddr=1.1.1.1;user=phone;method=INVITE;ttl=3;x=y?H=1&I=2"

    @Test(arguments: [
        ("uri.user", "user"), ("uri.host", "host.com"), ("uri.passwd", "pass"), ("uri.port", "5070"),
        ("uri.params", "transport=TCP;lr;r2=on;maddr=1.1.1.1;user=phone;method=INVITE;ttl=3;x=y"), ("uri.param|x", "y"),
        ("uri.param|lr", ""), ("uri.param|no", ""), ("uri.headers", "H=1&I=2"), ("uri.transport", "TCP"),
        ("uri.ttl", "3"),
        ("uri.uparam", "phone"), ("uri.maddr", "1.1.1.1"), ("uri.method", "INVITE"), ("uri.r2", "on"),
        ("uri.scheme", "sip"),
        ("uri.tosocket", "tcp:host.com:5070"), ("uri.duri", "sip:host.com:5070;transport=TCP"),
        ("uri.saor", "sip:user@host.com"), ("uri.suri", "sip:user@host.com:5070;transport=TCP"),
    ])
    func `URIs are taken apart`(_ expression: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text(Self.uri)) == expected)
    }

    @Test(arguments: [
        ("uri.user", "sip:host.com", ""), ("uri.port", "sip:host.com", ""),
        ("uri.duri", "sip:host.com", "sip:host.com"),
        ("uri.saor", "sip:host.com", "sip:host.com"), ("uri.host", "junk", ""),
        ("uri.rmparam|b", "sip:a@b;a=1;b=2;c", "sip:a@b;a=1;c"),
    ])
    func `short and broken URIs`(_ expression: String, _ text: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text(text)) == expected)
    }

    @Test(arguments: [
        ("param.value|a", "1"), ("param.value|b", "two"), ("param.value|c", ""), ("param.value|d", "q;x"),
        ("param.value|z", ""), ("param.in|c", "1"), ("param.in|z", "0"), ("param.valueat|1", "two"),
        ("param.valueat|-2", "q;x"), ("param.valueat|9", ""), ("param.name|1", "b"), ("param.name|-1", "e"),
        ("param.count", "5"),
    ])
    func `lists of parameters`(_ expression: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text("a=1;b=two; c ;d=\"q;x\";e=")) == expected)
    }

    @Test func `the separator of a list can be another character`() throws {
        #expect(try Self.apply("param.value|b|&", to: .text("a=1&b=2")) == "2")
        #expect(try Self.apply("param.value|b||", to: .text("a=1,b=2")) == "2")
    }

    @Test(arguments: [
        ("nameaddr.name", "\"Al B\" "), ("nameaddr.uri", "sip:al@x.com:55;z=1"), ("nameaddr.len", "28"),
        ("tobody.uri", "sip:al@x.com:55;z=1"), ("tobody.display", "\"Al B\""), ("tobody.tag", "1"),
        ("tobody.user", "al"),
        ("tobody.host", "x.com"), ("tobody.params", "tag=1;y=2"),
    ])
    func `addresses in brackets`(_ expression: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text("\"Al B\" <sip:al@x.com:55;z=1>;tag=1;y=2")) == expected)
    }

    @Test(arguments: [
        ("nameaddr.name", ""), ("nameaddr.uri", "sip:al@x.com;tag=5"), ("nameaddr.len", "18"),
        ("tobody.uri", "sip:al@x.com"),
        ("tobody.tag", "5"), ("tobody.params", "tag=5"),
    ])
    func `addresses without brackets`(_ expression: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text("sip:al@x.com;tag=5")) == expected)
    }

    @Test(arguments: [
        ("line.count", "3"), ("line.at|0", "l1"), ("line.at|1", "l2"), ("line.at|-1", "l3"), ("line.at|5", ""),
        ("line.sw|l2", "l2"), ("line.sw|zz", ""),
    ])
    func `lines`(_ expression: String, _ expected: String) throws {
        #expect(try Self.apply(expression, to: .text("l1\r\nl2\nl3\n")) == expected)
    }

    @Test(arguments: ["s.len", "s.substr|0|1", "uri.user", "param.count", "nameaddr.uri", "val.json"])
    func `nothing stays nothing`(_ expression: String) throws {
        #expect(try Self.result(expression, of: .null).isNull)
    }

    @Test(arguments: [
        ("s.int", "x1"), ("s.substr|9|1", "abc"), ("s.decode.hexa", "x"), ("s.decode.base64", "QUJ"),
        ("s.unescape.user", "a%2"), ("uri.user", "garbage"), ("uri.user", ""), ("param.count", ""),
        ("param.count", "a b=1"),
        ("param.value|a", "a=1;b=\"2"), ("line.count", ""), ("nameaddr.uri", ""), ("tobody.tag", "<garbage>;tag=1"),
    ])
    func `what cannot be done gives nothing`(_ expression: String, _ text: String) throws {
        #expect(try Self.result(expression, of: .text(text)).isNull)
    }

    @Test(arguments: [
        ("s.int", ""), ("s.select|5|,", "a"), ("s.after|-", "a"), ("uri.param|q", "sip:a@b"), ("uri.port", "sip:a@b"),
        ("param.value|q", "a=1"), ("nameaddr.name", "<sip:a@b>"), ("tobody.tag", "<sip:a@b>"),
    ])
    func `what is not there gives an empty text`(_ expression: String, _ text: String) throws {
        #expect(try !Self.result(expression, of: .text(text)).isNull)
        #expect(try Self.apply(expression, to: .text(text)) == "")
    }

    @Test func `val says what stands for nothing`() throws {
        #expect(try Self.apply("val.ne", to: .null) == "")
        #expect(try Self.apply("val.n0", to: .null) == "0")
        #expect(try Self.apply("val.jsonqe", to: .text("a\"\n")) == "\"a\\\"\\n\"")
    }

    @Test func `a part of the message stays a range of it`() throws {
        let bench = ModuleBench()
        let route = try bench.receive(
            "OPTIONS sip:abc@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        let transform = try StringTransformations.transformations.bind(
            "substr", [.literal("4"), .literal("2")], bench.compiler)
        guard case .slice(let range) = transform(route, .slice(route.message.requestURI)) else {
            Issue.record("copied")
            return
        }
        #expect(route.copy(range).string == "ab")
    }

    @Test func `base 58 keeps what is as long as it takes and refuses what is longer`() throws {
        let text = String(repeating: "a body of some length ", count: 100)
        let encoded = try Self.apply("s.encode.base58", to: .text(text))
        #expect(try Self.apply("s.decode.base58", to: .text(encoded)) == text)
        let longest = String(repeating: "x", count: 16_384)
        #expect(try Self.apply("s.encode.base58", to: .text(longest)).utf8.count == 22_375)
        #expect(try Self.apply("s.encode.base58", to: .text(longest + "x")).isEmpty)
        #expect(try Self.apply("s.decode.base58", to: .text(longest + "x")).isEmpty)
    }

    @Test func `prefixes of a long text are none`() throws {
        let text = String(repeating: "1", count: 360)
        #expect(try Self.apply("s.prefixes", to: .text(text)).utf8.count == 360 * 361 / 2 + 359)
        #expect(try Self.apply("s.prefixes", to: .text(text + "1")).isEmpty)
        #expect(try Self.apply("s.prefixes.quoted", to: .text(text)).isEmpty)
        #expect(try Self.apply("s.prefixes|2", to: .text(text + text)) == "1,11")
        let many = String(repeating: "a", count: 60_000)
        #expect(try Self.apply("s.replace|a|bcdefghijklmnopqrstu", to: .text(many)).isEmpty)
    }

    @Test func `unknown operations are refused when the script is loaded`() throws {
        for expression in [
            "s.nonsense", "uri.nonsense", "urialias.nonsense", "sock.nonsense", "s.substr|1", "s.fmtlines|1",
        ] {
            #expect(throws: ArgumentError.self) { try Self.apply(expression, to: .text("x")) }
        }
    }

    @Test func `time is written as strftime does`() {
        let text = TimeFormat.text(
            "%Y-%m-%d %H:%M:%S %a %A %b %e %j %y %I%p %u %w %U %W %s %% %z %Q", seconds: 1_795_503_909, isUTC: true)
        #expect(text.string == "2026-11-24 07:05:09 Tue Tuesday Nov 24 328 26 07AM 2 2 47 47 1795503909 % +0000 %Q")
    }
}
