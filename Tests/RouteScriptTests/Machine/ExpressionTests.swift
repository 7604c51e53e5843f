import ModuleKit
import Testing

@testable import RouteScript

@Suite("Language §8: values of expressions")
struct ExpressionTests {
    static let before = "$var(z) = 0; $var(one) = 1; $var(neg) = -5; $var(s) = \"abc\"; $var(n) = \"2\";"

    static let values: [(expression: String, value: String)] = [
        ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("7 / 2", "3"), ("-7 / 2", "-3"), ("7 mod 3", "1"),
        ("1 << 2 + 1", "8"),
        ("8 >> 1", "4"), ("6 & 3", "2"), ("6 | 3", "7"), ("6 ^ 3", "5"), ("~5", "-6"), ("!0", "1"), ("!5", "0"),
        ("yes", "1"), ("101b", "5"), ("0x1f", "31"), ("010", "8"),
        ("\"a\" + 1 + 2", "a12"), ("1 + $var(n)", "3"), ("$var(n) + $var(n)", "22"), ("$var(one) + $var(n)", "3"),
        ("$var(s) + 1", "abc1"), ("1 + $var(s)", "1"), ("$avp(x) + 1", "1"), ("$avp(x) + \"q\"", "q"),
        ("\"x\" + $avp(x)", "x"),
        ("$var(n) * 2", "4"), ("$var(s) - 1", "-1"),
        ("\"abc\" == \"ABC\"", "0"), ("$var(one) == \"1\"", "1"), ("\"1\" == 1", "1"), ("$var(z) == \"\"", "0"),
        ("\"\" == $var(z)", "0"), ("$var(z) eq \"\"", "0"), ("$avp(x) == \"\"", "1"), ("$avp(x) == 0", "1"),
        ("0 == $avp(x)", "1"),
        ("$avp(x) == \"0\"", "0"), ("$avp(x) != \"a\"", "1"), ("$var(z) == $var(s)", "1"), ("$var(s) == $var(z)", "0"),
        ("$avp(x) == $null", "1"), ("$avp(x) != $null", "0"), ("$var(q) == $null", "0"), ("$var(q) != $(null)", "1"),
        ("$var(n) ieq 2", "1"), ("$var(n) eq 2", "1"), ("$var(n) ine 2", "0"), ("$var(n) ne 3", "1"),
        ("\"abc\" =~ \"^A.C$\"", "1"), ("$var(s) =~ \"^B\"", "0"), ("$var(s) =~ $var(s)", "1"),
        ("$var(s) =~ \"b\" + \"c\"", "1"),
        ("$var(n) < 10", "1"), ("3 >= 3", "1"), ("$var(neg) > -6", "1"),
        ("1 && 0", "0"), ("0 || 1", "1"), ("$var(neg) && $var(one)", "1"), ("$var(neg) && 1", "-5"),
        ("1 && $var(neg)", "-5"),
        ("$var(neg) || 0", "-5"), ("$var(z) || $var(z)", "0"),
        ("strlen(\"abc\")", "3"), ("strlen($avp(x))", "0"), ("strempty($avp(x))", "1"), ("strempty($var(s))", "0"),
        ("defined $avp(x)", "0"), ("defined $var(q)", "1"), ("defined 0", "1"),
        ("(int)\"12\"", "12"), ("(str)12 + 3", "123"), ("(int)$var(n) + 3", "5"),
        ("selval(1, \"a\", \"b\")", "a"), ("selval($var(neg), \"a\", \"b\")", "b"), ("selval($var(z), \"a\", 7)", "7"),
        ("\"$rm\"", "$rm"), ("$rm", "INVITE"), ("$(rm{s.len})", "6"), ("$(rm{s.rev}{s.len})", "6"),
        ("($var(w) = 0)", "1"),
        ("{ result(-1); }", "-1"), ("{ result(-1); } + 5", "5"), ("{ return -7; }", "-7"), ("{ $var(a) = 0; }", "1"),
        ("method == \"INVITE\"", "1"), ("method == INVITE", "1"), ("method =~ \"^inv\"", "1"), ("method != ACK", "1"),
        ("uri == \"sip:alice@example.org\"", "1"), ("uri == myself", "0"), ("dst_ip == myself", "1"),
        ("src_ip == 192.0.2.1", "1"),
        ("src_ip == 192.0.2.0/24", "1"), ("src_ip == \"192.0.2.0/255.255.255.0\"", "1"),
        ("src_ip != \"192.0.2.1\"", "0"),
        ("src_ip =~ \"^192\"", "1"), ("src_port == 5070", "1"), ("dst_port != 5060", "0"), ("af == INET", "1"),
        ("proto == UDP", "1"),
        ("proto == \"udp\"", "1"), ("proto != TCP", "1"), ("msg:len > 100", "1"), ("src_ip == $var(ip)", "0"),
        ("!uri == myself", "1"),
        ("from_uri =~ \"bob\"", "1"),
    ]

    @Test(arguments: ExpressionTests.values)
    func `an expression has the value that the real program gives it`(expression: String, value: String) throws {
        #expect(try ScriptRun.value(expression, after: Self.before) == value)
    }

    /// `if` asks for more than 0; the operators ask for not 0.
    @Test(arguments: [
        ("$var(neg)", false), ("!$var(neg)", false), ("$var(one)", true), ("$var(s)", false), ("$avp(x)", false),
        ("$var(neg) && 1", false), ("0 || $var(neg)", false), ("$var(neg) && $var(one)", true), ("\"0\"", false),
        ("{ result(1); result(-1); }", false), ("{ result(1); }", true),
    ])
    func `a condition is true above 0`(condition: String, isTrue: Bool) throws {
        let trace = try ScriptRun.trace("\(Self.before) if (\(condition)) probe(\"yes\"); else probe(\"no\");")
        #expect(trace == [isTrue ? "yes" : "no"])
    }

    @Test func `division by zero fails the whole expression`() throws {
        #expect(try ScriptRun.trace("$var(r) = 5; $var(r) = 7 / $var(z); probe(\"$var(r)\");") == ["5"])
        #expect(try ScriptRun.trace("if (!(7 / $var(z))) probe(\"yes\"); else probe(\"no\");") == ["no"])
        #expect(
            try ScriptRun.trace("if (7 mod $var(z) == 0) probe(\"yes\"); else probe(\"no\"); probe(\"on\");") == [
                "no", "on",
            ])
        #expect(
            try ScriptRun.trace("switch (7 / $var(z)) { case 0: probe(\"0\"); break; default: probe(\"default\"); }")
                == ["default"])
    }

    @Test func `conversion of text that is no number is logged and gives 0`() throws {
        let script = try ScriptRun("request_route { $var(s) = \"abc\"; $var(r) = $var(s) - 1; probe(\"$var(r)\"); }")
        script.run()
        #expect(script.trace == ["-1"])
        #expect(script.log.contains { $0.contains("string to int conversion for \"abc\"") })
    }

    @Test func `operators decide as soon as they can`() throws {
        #expect(
            try ScriptRun.trace("if (result(-1) && result(0)) ; if (result(1) || result(0)) probe(\"on\");") == ["on"])
    }

    @Test func `computed arguments keep their order`() throws {
        #expect(try ScriptRun.trace("$var(a) = 1; pair(\"x\" + $var(a), $var(a) + 1);") == ["x1,2"])
    }

    @Test func `arguments expand variables only where the function says so`() throws {
        #expect(
            try ScriptRun.trace("probe(\"m=$rm $$5\"); literal(\"m=$rm\"); probe(200);") == [
                "m=INVITE $5", "m=$rm", "200",
            ])
    }

    @Test func `stacks of values`() throws {
        let body = """
            $avp(x) = 1; $avp(x) = 2; probe("$avp(x) $(avp(x)[1])");
            $avp(x) = $null; probe("$avp(x)");
            $(avp(x)[*]) = 9; probe("$avp(x) $(avp(x)[1])");
            $var(k) = "x"; probe("$avp($var(k))"); $var(i) = 0; probe("$(avp(x)[$var(i)])");
            fill("$avp(y)"); probe("$avp(y)");
            """
        #expect(try ScriptRun.trace(body) == ["2 1", "1", "9 <null>", "9", "9", "filled"])
    }
}
