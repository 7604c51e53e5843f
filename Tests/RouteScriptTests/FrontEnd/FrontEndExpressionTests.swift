import Testing

@testable import RouteScript

@Suite("Front end: expressions")
struct FrontEndExpressionTests {
    @Test func `bit operators bind looser than comparisons, and or looser than and`() {
        #expect(Reading.expression("1<<2+1") == "(<< 1 (+ 2 1))")
        #expect(Reading.expression("1 | 2 & 3 ^ 4") == "(| 1 (& 2 (^ 3 4)))")
        #expect(Reading.expression("1 & 2 == 3") == "(& 1 (== 2 3))")
        #expect(Reading.expression("1 << 2 >> 3") == "(<< 1 (>> 2 3))")
        #expect(Reading.expression("1 or 2 and 3") == "(|| 1 (&& 2 3))")
        #expect(Reading.expression("1 < 2 == 3") == "(== (< 1 2) 3)")
    }

    @Test func `operators of one level associate to the left`() {
        #expect(Reading.expression("1-2-3") == "(- (- 1 2) 3)")
        #expect(Reading.expression("8/4/2 mod 3") == "(mod (/ (/ 8 4) 2) 3)")
        #expect(Reading.expression("1==2!=3") == "(!= (== 1 2) 3)")
    }

    @Test func `not binds tighter than a comparison of values but not of core values`() {
        #expect(Reading.expression("!$x==1") == "(== (! $x) 1)")
        #expect(Reading.expression("!uri==myself") == "(! {uri == myself})")
        #expect(Reading.expression("not $x && ~5 - -3") == "(&& (! $x) (- (~ 5) (- 3)))")
    }

    @Test func `double not is two operators`() {
        #expect(Reading.body("if (\n!!defined $var(x)) exit;") == "if (! (! (defined $var(x)))) [exit;]")
    }

    @Test func `defined and casts take one operand`() {
        #expect(Reading.expression("defined $x == 1") == "(== (defined $x) 1)")
        #expect(Reading.expression("(int)$x + 1") == "(+ (as int $x) 1)")
        #expect(Reading.expression("(str)$x + \"a\"") == "(+ (as str $x) \"a\")")
        #expect(Reading.expression("!defined $x") == "(! (defined $x))")
    }

    @Test func `a cast has no blanks`() {
        #expect(Reading.codes(inBody: "$var(x) = ( int )5;") == ["E0209"])
    }

    @Test func `word operators are the symbols or their typed kin`() {
        #expect(Reading.expression("$x eq \"a\" and $y ieq 5") == "(&& (eq $x \"a\") (ieq $y 5))")
        #expect(Reading.expression("$x ne $y or $x ine $y") == "(|| (ne $x $y) (ine $x $y))")
    }

    @Test func `yes and its relatives are integers in expressions`() {
        #expect(Reading.expression("yes") == "1")
        #expect(Reading.expression("off + true + disable") == "(+ (+ 0 1) 0)")
    }

    @Test func `integers are decimal, hexadecimal, octal or binary`() {
        #expect(Reading.expression("0x1F + 010 + 101b + 0") == "(+ (+ (+ 31 8) 5) 0)")
        #expect(Reading.codes(inBody: "$var(x) = 08;") == ["E0203"])
        #expect(Reading.codes(inBody: "$var(x) = 99999999999999999999;") == ["E0116"])
        #expect(Reading.codes(inBody: "$var(x) = 4294967296;") == ["W0104"])
    }

    @Test func `adjacent double-quoted strings join, others do not`() {
        #expect(Reading.expression("\"a\" \n \"b\"") == "\"ab\"")
        #expect(Reading.codes(inBody: "$var(x) = 'a' 'b';") == ["E0205"])
        #expect(Reading.codes(inBody: "$var(x) = \"a\" /* c */ \"b\";") == ["E0205"])
    }

    @Test func `double quotes have escapes, single quotes have none`() {
        #expect(Reading.expression(#""a\n\t\"\\\x41\101\1\q""#) == "\"a\n\t\"\\AA\\1\\q\"")
        #expect(Reading.expression(#"'a\n'"#) == "\"a\\n\"")
        #expect(Reading.expression("\"a\\\nb\"") == "\"ab\"")
    }

    @Test func `assignments and blocks are operands in brackets`() {
        #expect(Reading.expression("($var(y) = 5) + 1") == "(+ (set $var(y) 5) 1)")
        #expect(Reading.body("if { exit; } drop;") == "if {exit;} [drop;]")
    }

    @Test func `strlen, strempty and selval are operators`() {
        #expect(Reading.expression("strlen(\"a\" + $x) > 5") == "(> (strlen (+ \"a\" $x)) 5)")
        #expect(Reading.expression("strempty($x)") == "(strempty $x)")
        #expect(Reading.expression("selval($x > 1, \"a\", \"b\") + \"c\"") == "(+ (selval (> $x 1) \"a\" \"b\") \"c\")")
        #expect(Reading.codes(inBody: "$var(x) = selval(1, 2);") == ["E0201"])
        #expect(Reading.codes(inBody: "strlen(\"a\");") == ["E0202"])
    }

    @Test func `selects have dotted names with indexes, and nothing in them is a define`() {
        #expect(Reading.expression("@via[1].host") == "@via[1].host")
        #expect(Reading.expression("@hf_value[\"X-A\"].to[-1].uri") == "@hf_value['X-A'].to[-1].uri")
        let text = "#!define ruri 5\n#!define host 6\nrequest_route { $var(x) = @ruri.host; }\n"
        #expect(Reading.codes(text) == [])
    }

    @Test func `a variable is one raw token`() {
        let nested = "$(avp(x)[0]{s.substr,0,$(var(k){s.len})})"
        #expect(Reading.expression(nested) == nested)
        #expect(Reading.expression("$sht(a=>x::y) + $? - $T_branch_idx") == "(- (+ $sht(a=>x::y) $?) $T_branch_idx)")
        #expect(Reading.codes(inBody: "$var(x) = $var(y;\nexit;") == ["E0115"])
        #expect(Reading.codes(inBody: "$ = 5;") == ["E0115"])
    }

    @Test func `operators of other languages are explained`() {
        #expect(Reading.codes(inBody: "if ($ru !~ \"x\") exit;") == ["E0208"])
        #expect(Reading.codes(inBody: "$var(x) += 1;") == ["E0208"])
        #expect(Reading.codes(inBody: "$var(x)++;") == ["E0208"])
        #expect(Reading.codes(inBody: "$var(x) = 5 % 2;") == ["E0208"])
        #expect(Reading.codes(inBody: "$var(x) = $y ? 1 : 2;") == ["E0208"])
        #expect(Reading.codes(inBody: "if ($var(x) = 5) exit;") == ["W0203"])
        #expect(Reading.codes(inBody: "if ($var(x) && $var(y) = 5) exit;") == ["E0208"])
    }

    @Test func `long chains and deep nesting are refused, not followed`() {
        let chain = Array(repeating: "1", count: 3000).joined(separator: "+")
        #expect(Reading.codes(inBody: "$var(x) = \(chain);") == ["E0207"])
        let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
        #expect(Reading.codes(inBody: "$var(x) = \(deep);").contains("E0207"))
        // Each short enough, together too deep.
        let twenty = String(repeating: "+1", count: 20)
        let chains = String(repeating: "(", count: 60) + "1" + String(repeating: ")" + twenty, count: 60)
        #expect(Reading.codes(inBody: "$var(x) = \(chains);") == ["E0207"])
        let nots = String(repeating: "!", count: 5000)
        #expect(Reading.codes(inBody: "$var(x) = \(nots)1;").contains("E0207"))
    }

    @Test(
        arguments: [
            "(_)", "-(_)", "($var(a) = _)", "strlen(_)", "route(_)", "selval(_, 1, 1)", "selval(1, _, 1)",
            "selval(1, 1, _)", "(msg:len == (_))", "{ $var(a) = _; $var(b) = 1; }", "{ if (_) exit; else exit; }",
            "{ if (1) exit; else if (_) exit; }", "{ while (_) exit; }", "{ switch (_) { case 1: exit; } }",
            "{ switch (1) { case _: exit; default: exit; } }", "{ return _; $var(b) = 1; }",
        ]
    )
    func `what stands in an operand adds to the depth of its chain`(operand: String) {
        let parts = operand.split(separator: "_", maxSplits: 1)
        func chains(of count: Int) -> String {
            let sum = parts[1] + String(repeating: "+1", count: count)
            let text = String(repeating: String(parts[0]), count: 15) + "1" + String(repeating: String(sum), count: 15)
            return "$var(x) = \(text);"
        }
        #expect(Reading.codes(inBody: chains(of: 50)).allSatisfy { $0.hasPrefix("W") })
        #expect(Reading.codes(inBody: chains(of: 80)) == ["E0207"])
    }

    @Test func `a chain is as deep as the deepest of its operands, not as all of them together`() {
        let operand = "(1" + String(repeating: "+1", count: 900) + ")"
        #expect(Reading.codes(inBody: "$var(x) = \(operand)\(String(repeating: " * \(operand)", count: 50));") == [])
        let blocks = String(repeating: "if (\(operand)) exit; else ", count: 50) + "exit;"
        #expect(Reading.codes(inBody: blocks) == [])
    }
}

@Suite("Front end: core conditions")
struct FrontEndConditionTests {
    @Test func `the right side of a core value is read by its kind`() {
        #expect(Reading.expression("method==INVITE") == "{method == 'INVITE}")
        #expect(
            Reading.expression("method==\"INVITE\" || method=~\"BYE\"")
                == "(|| {method == \"INVITE\"} {method =~ \"BYE\"})")
        #expect(Reading.expression("status=~\"[12]..\"") == "{status =~ \"[12]..\"}")
        #expect(Reading.expression("from_uri!=myself && uri!=myself") == "(&& {from_uri != myself} {uri != myself})")
        #expect(Reading.expression("myself==uri") == "{uri == myself}")
        #expect(Reading.expression("msg:len >= max_len") == "{msg:len >= max_len}")
        #expect(Reading.expression("proto==UDP || proto==*") == "(|| {proto == udp} {proto == *})")
        #expect(Reading.expression("snd_proto==wss") == "{snd_proto == wss}")
        #expect(Reading.expression("af==INET6") == "{af == inet6}")
        #expect(Reading.expression("src_port > 5060") == "{src_port > 5060}")
    }

    @Test func `addresses may be networks with a length or a mask, or hosts`() {
        #expect(Reading.expression("src_ip==127.0.0.1") == "{src_ip == 127.0.0.1/32}")
        #expect(Reading.expression("src_ip==10.0.0.0/8&&1") == "(&& {src_ip == 10.0.0.0/8} 1)")
        #expect(Reading.expression("src_ip!=10.0.0.0/255.255.0.0") == "{src_ip != 10.0.0.0/16}")
        #expect(
            Reading.expression("dst_ip==::1||dst_ip==[2001:db8::]/32")
                == "(|| {dst_ip == ::1/128} {dst_ip == 2001:db8::/32})")
        #expect(Reading.expression("src_ip==gw-1.example.org") == "{src_ip == 'gw-1.example.org}")
        #expect(Reading.expression("src_ip==\"10.0.0.1\"") == "{src_ip == \"10.0.0.1\"}")
        #expect(Reading.codes(inBody: "if (src_ip==10.0.0.0/33) exit;") == ["E0213"])
        #expect(Reading.codes(inBody: "if (src_ip==300.1.1.1) exit;") == ["E0303"])
    }

    @Test func `a core value alone, or with a wrong operator, is an error`() {
        #expect(Reading.codes(inBody: "if (uri) exit;") == ["E0213"])
        #expect(Reading.codes(inBody: "if (proto > 1) exit;") == ["E0213"])
        #expect(Reading.codes(inBody: "if (myself) exit;") == ["E0213"])
        #expect(Reading.codes(inBody: "if (src_port == myself) exit;") == ["E0213"])
    }

    @Test func `part of an address may come from a define`() {
        let text = "#!define NET 10\nrequest_route { if (src_ip == NET.0.0.1) exit; }\n"
        #expect(Reading.codes(text) == [])
    }
}
