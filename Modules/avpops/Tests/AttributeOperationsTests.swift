import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import avpops

@Suite("avpops")
struct AttributeOperationsTests {
    private let bench: ModuleBench
    private let route: RouteContext

    init() throws {
        self.bench = ModuleBench()
        try self.bench.load(AttributeOperations.self)
        self.route = try self.bench.receive(
            "INVITE sip:bob@127.0.0.1:5080 SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 INVITE\n")
    }

    /// Pushes values, the oldest first.
    private func set(_ name: String, _ values: Value...) {
        for value in values { self.route.attributes.push(.text(ByteString(name)), value) }
    }

    /// All values, newest first.
    private func all(_ name: String) -> [String] {
        self.route.attributes.values(.text(ByteString(name))).map { self.route.text($0).string }
    }

    private func call(_ name: String, _ first: String, _ second: String? = nil) throws -> Int {
        try second.map { try self.bench.call(name, first, $0, in: self.route) }
            ?? self.bench.call(name, first, in: self.route)
    }

    @Test(arguments: [
        ("$avp(a)", 1), ("$avp(a)/n", 1), ("$avp(a)/s", -1), ("$avp(a)/e", -1), ("$avp(none)", -1), ("$avp(e)/e", 1),
        ("$avp(e)/s", 1), ("$avp(e)/se", 1), ("$avp(z)/e", 1), ("$avp(z)/n", 1), ("$avp(i:5)", 1), ("$(avp(a))", 1),
        ("$avp(s:a)", 1), ("$avp(i:6)", -1), ("$avp($avp(k))", 1),
    ])
    func `is_avp_set looks at the newest value`(_ name: String, _ expected: Int) throws {
        self.set("a", "one".value, .int(3))
        self.set("e", "".value)
        self.set("z", .int(0))
        self.set("k", "a".value)
        self.route.attributes.push(.number(5), "five".value)
        #expect(try self.call("is_avp_set", name) == expected)
    }

    @Test(arguments: [
        ("is_avp_set", "$ru", nil), ("is_avp_set", "s", nil), ("is_avp_set", "$avp(a)/q", nil),
        ("is_avp_set", "$avp()", nil), ("is_avp_set", "", nil), ("avp_delete", "$avp(a)/x", nil),
        ("avp_copy", "$avp(a)", "b"), ("avp_copy", "$avp(a)", "$avp(b)/z"), ("avp_check", "text", "eq/a"),
        ("avp_check", "$avp(a)", "eq"), ("avp_check", "$avp(a)", "is/a"), ("avp_check", "$avp(a)", "eq/i:x"),
        ("avp_check", "$avp(a)", "re/("), ("avp_op", "$avp(a)", "add/x"), ("avp_op", "$avp(a)", "pow/i:1"),
        ("avp_op", "$avp(a)", "add"), ("avp_op", "$avp(a)/$avp(b)/g", "add/i:1"), ("avp_subst", "$avp(a)", "/x/"),
        ("avp_subst", "$avp(a)//g", "/x/y/z"), ("avp_pushto", "$fu", "$avp(a)"), ("avp_pushto", "$ru", "text"),
    ])
    func `what means nothing is refused when the script is loaded`(
        _ name: String, _ first: String, _ second: String?
    )
        throws
    {
        #expect(throws: ArgumentError.self) { try self.call(name, first, second) }
    }

    @Test func `deleting the newest value, all values, and all of a kind`() throws {
        self.set("a", "one".value, "two".value, .int(3))
        self.route.attributes.push(.number(5), "five".value)
        #expect(try self.call("avp_delete", "$avp(a)") == 1)
        #expect(self.all("a") == ["two", "one"])
        #expect(try self.call("avp_delete", "$avp(a)/g") == 1)
        #expect(try self.call("avp_delete", "$avp(a)/g") == -1)
        #expect(try self.call("avp_delete", "$avp(a)") == -1)
        self.set("b", "x".value)
        #expect(try self.call("avp_delete", "s") == 1)
        #expect(self.all("b").isEmpty)
        #expect(self.route.attributes.count(.number(5)) == 1)
        #expect(try self.call("avp_delete", "a3") == 1)
        #expect(self.route.attributes.isEmpty)
    }

    @Test func `copies and moves`() throws {
        self.set("q", "1".value, "2".value, "3".value)
        #expect(try self.call("avp_copy", "$avp(q)", "$avp(one)") == 1)
        #expect(self.all("one") == ["3"])
        #expect(try self.call("avp_copy", "$avp(q)", "$avp(r)/g") == 1)
        #expect(self.all("r") == ["1", "2", "3"])
        #expect(try self.call("avp_copy", "$avp(q)", "$avp(n)/gn") == 1)
        #expect(self.route.attributes.value(.text("n")).isInt)
        #expect(try self.call("avp_copy", "$avp(n)", "$avp(s)/s") == 1)
        #expect(!self.route.attributes.value(.text("s")).isInt)
        #expect(try self.call("avp_copy", "$avp(q)", "$avp(q)/gd") == 1)
        #expect(self.all("q") == ["1", "2", "3"])
        #expect(try self.call("avp_copy", "$avp(q)", "$avp(moved)/gd") == 1)
        #expect(self.all("q").isEmpty)
        #expect(self.all("moved") == ["3", "2", "1"])
    }

    @Test func `what cannot be copied`() throws {
        self.set("t", "abc".value, "".value)
        #expect(try self.call("avp_copy", "$avp(none)", "$avp(m)") == -1)
        #expect(try self.call("avp_copy", "$avp(t)", "$avp(m)/n") == -1)
        #expect(self.all("m").isEmpty)
    }

    @Test(arguments: [
        ("eq/s:xyz", 1), ("eq/xyz", 1), ("eq/XYZ/i", 1), ("eq/XYZ", -1), ("eq/abc", -1), ("eq/abc/g", 1), ("ne/abc", 1),
        ("ne/xyz", -1), ("lt/zzz", 1), ("gt/aaa", 1), ("le/xyz", 1), ("ge/xyz", 1), ("lt/xy", -1), ("lt/xyzz", 1),
        ("re/^X", 1), ("re/^a", -1), ("re/^a/g", 1), ("re/sip:.*/x", -1), ("fm/x*", 1), ("fm/X*", -1), ("fm/a*/g", 1),
        ("eq/i:5", -1), ("and/i:5", -1), ("eq/$avp(o)", 1), ("eq/$avp(none)", -1), ("ne/$avp(none)", -1),
    ])
    func `checks of a text`(_ check: String, _ expected: Int) throws {
        self.set("s", "abc".value, "xyz".value)
        self.set("o", "xyz".value, "q".value)
        #expect(try self.call("avp_check", "$avp(s)", check) == expected)
    }

    @Test(arguments: [
        ("eq/i:5", 1), ("eq/i:0x5", 1), ("eq/5", -1), ("ne/i:5", -1), ("lt/i:6", 1), ("le/i:5", 1), ("gt/i:5", -1),
        ("gt/i:5/g", 1), ("and/i:4", 1), ("and/i:2", -1), ("and/i:2/g", 1), ("or/i:0", 1), ("xor/i:5", -1),
        ("xor/i:5/g", 1), ("re/5", -1), ("eq/$avp(n)", 1),
    ])
    func `checks of a number`(_ check: String, _ expected: Int) throws {
        self.set("n", .int(10), .int(5))
        #expect(try self.call("avp_check", "$avp(n)", check) == expected)
    }

    @Test func `checks of other variables`() throws {
        #expect(try self.call("avp_check", "$ru", "re/^sip:bob@") == 1)
        #expect(try self.call("avp_check", "$var(u)", "eq/i:0") == 1)
        #expect(try self.call("avp_check", "$avp(none)", "ne/abc") == -1)
    }

    @Test(arguments: [
        ("add/i:3", ["13", "8"]), ("sub/i:1", ["9", "4"]), ("mul/i:0x10", ["160", "80"]), ("div/i:3", ["3", "1"]),
        ("mod/i:3", ["1", "2"]), ("div/i:0", ["0", "0"]), ("mod/i:0", ["0", "0"]), ("and/i:4", ["0", "4"]),
        ("or/i:1", ["11", "5"]), ("xor/i:5", ["15", "0"]), ("not/i:0", ["-1", "-1"]), ("add/$avp(two)", ["12", "7"]),
        ("div/i:-1", ["-10", "-5"]), ("mod/i:-1", ["0", "0"]),
    ])
    func `computing with all numbers`(_ operation: String, _ expected: [String]) throws {
        self.set("n", .int(10), .int(5))
        self.set("two", .int(2))
        #expect(try self.call("avp_op", "$avp(n)/$avp(m)", operation) == 1)
        #expect(self.all("m") == expected)
        #expect(self.all("n") == ["5", "10"])
    }

    @Test func `results come on top of their sources, or in their place`() throws {
        self.set("n", .int(10), "x".value, .int(5))
        #expect(try self.call("avp_op", "$avp(n)", "add/i:3") == 1)
        #expect(self.all("n") == ["13", "8", "5", "x", "10"])
        #expect(try self.call("avp_op", "$avp(n)", "sub/i:3/d") == 1)
        #expect(self.all("n") == ["7", "2", "5", "10", "x"])
    }

    @Test func `numbers wrap, and texts are no numbers`() throws {
        self.set("big", .int(.max))
        #expect(try self.call("avp_op", "$avp(big)/$avp(m)", "add/i:1") == 1)
        #expect(self.all("m") == ["\(Int.min)"])
        #expect(try self.call("avp_op", "$avp(m)/$avp(d)", "div/i:-1") == 1)
        self.set("t", "7".value)
        #expect(try self.call("avp_op", "$avp(t)", "add/i:1") == -1)
        #expect(try self.call("avp_op", "$avp(none)", "add/i:1") == -1)
        #expect(try self.call("avp_op", "$avp(big)", "add/$avp(t)") == -1)
        #expect(try self.call("avp_op", "$avp(big)", "add/$avp(none)") == -1)
    }

    @Test func `substitutions`() throws {
        self.set("x", "bob@a.com".value, "carol@b.com".value)
        #expect(try self.call("avp_subst", "$avp(x)", #"/(.*)@(.*)/\1@here/"#) == 1)
        #expect(self.all("x") == ["carol@here", "bob@a.com"])
        #expect(try self.call("avp_subst", "$avp(x)/$avp(y)/g", #"/(.*)@(.*)/\2:\1/"#) == 1)
        #expect(self.all("y") == ["a.com:bob", "here:carol"])
        #expect(try self.call("avp_subst", "$avp(x)/$avp(z)/d", #"/(.*)@.*/\0/"#) == 1)
        #expect(self.all("x") == ["bob@a.com"])
        #expect(self.all("z") == ["carol@here"])
        #expect(try self.call("avp_subst", "$avp(x)", "/O/0/gi") == 1)
        #expect(self.all("x") == ["b0b@a.c0m"])
        #expect(try self.call("avp_subst", "$avp(x)", "/zzz/y/") == -1)
        #expect(try self.call("avp_subst", "$avp(none)", "/a/y/") == -1)
    }

    @Test func `the first value that matches is replaced and comes on top`() throws {
        self.set("x", "abc".value, .int(5), "bbb".value)
        #expect(try self.call("avp_subst", "$avp(x)", "/a/X/") == 1)
        #expect(self.all("x") == ["Xbc", "bbb", "5"])
        self.set("w", "a1".value, "a2".value, "q".value, "a3".value)
        #expect(try self.call("avp_subst", "$avp(w)/$avp(w)/g", "/a/X/") == 1)
        #expect(self.all("w") == ["X1", "X2", "X3", "a3", "q", "a2", "a1"])
    }

    @Test func `a substitution out of variables`() throws {
        self.set("x", "bob".value)
        self.set("from", "b".value)
        #expect(try self.call("avp_subst_pv", "$avp(x)", "/$avp(from)/Q/g") == 1)
        #expect(self.all("x") == ["QoQ"])
        #expect(try self.call("avp_subst_pv", "$avp(x)", "/(/x/") == -3)
        #expect(try self.call("avp_subst_pv", "$avp(x)", "") == -3)
    }

    @Test func `pushing values into the request`() throws {
        self.set("u", "sip:new@127.0.0.1:5099".value, "sip:newer@127.0.0.1:5098".value)
        self.set("d", "d1.org".value, "d2.org".value)
        #expect(try self.call("avp_pushto", "$ru", "$avp(u)") == 1)
        #expect(self.route.target.uri == "sip:newer@127.0.0.1:5098")
        #expect(try self.call("avp_pushto", "$ru/username", "$avp(d)") == 1)
        #expect(self.route.target.uri == "sip:d2.org@127.0.0.1:5098")
        #expect(try self.call("avp_pushto", "$du", "$avp(u)") == 1)
        #expect(self.route.target.destinationURI == "sip:newer@127.0.0.1:5098")
        #expect(try self.call("avp_pushto", "$br", "$avp(u)") == 1)
        #expect(self.route.branches.map(\.uri) == ["sip:newer@127.0.0.1:5098"])
    }

    @Test func `all values pushed into the Request-URI make branches`() throws {
        self.set("d", "d1.org".value, "d2.org".value)
        #expect(try self.call("avp_pushto", "$ru/domain", "$avp(d)/g") == 1)
        #expect(self.route.target.uri == "sip:bob@d1.org:5080")
        #expect(self.route.branches.map(\.uri) == ["sip:bob@d2.org:5080"])
    }

    @Test func `what cannot be pushed`() throws {
        self.set("junk", "junk".value)
        self.set("d", "d1.org".value)
        #expect(try self.call("avp_pushto", "$ru", "$avp(none)") == -1)
        #expect(try self.call("avp_pushto", "$ru", "$avp(junk)") == 1)
        #expect(try self.call("avp_pushto", "$ru/domain", "$avp(d)") == -1)
        for _ in 1..<self.bench.settings.maxBranches { #expect(try self.call("avp_pushto", "$br", "$avp(d)") == 1) }
        #expect(try self.call("avp_pushto", "$br", "$avp(d)") == -1)
    }

    @Test func `printing shows names, kinds and values`() throws {
        self.set("a", "one".value, .int(2))
        self.route.attributes.push(.number(5), "five".value)
        #expect(try self.bench.call("avp_print", in: self.route) == 1)
        #expect(
            self.bench.log == [
                "INFO: avp id=<5> str=<five>", "INFO: avp name=<a> int=<2>", "INFO: avp name=<a> str=<one>",
            ])
    }
}

extension String {
    fileprivate var value: Value { .text(self) }
}
