import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import pv

/// What Kamailio 5.6.3 reads after the same assignments.
@Suite("pv: $xavp, $xavi, $xavu")
struct StackTests {
    static func notes(_ body: String, settings: String = "") throws -> [String] {
        try NoteBench.notes(body, settings: settings, modules: [ModuleType(PseudoVariables.self)])
    }

    static func note(_ body: String, _ text: String) throws -> String {
        try Self.notes("\(body) note(\"\(text)\");").last ?? ""
    }

    @Test func `without an index a field comes into a new root, with one into that root`() throws {
        let body = #"$xavp(r=>a) = 1; $xavp(r[0]=>b) = "two"; $xavp(r=>a) = 3;"#
        #expect(
            try Self.note(
                body,
                "$xavp(r=>a) $xavp(r=>b) $xavp(r[1]=>b) $xavp(none=>a) $xavp(r[1]=>a) $xavp(r[5]=>a) $xavp(r[-1]=>b)")
                == "3 <null> two <null> 1 <null> two")
    }

    @Test func `fields are stacks of their own`() throws {
        let body = #"$xavp(r=>a) = 3; $xavp(r[0]=>a) = 4; "#
        #expect(try Self.note(body, "$xavp(r=>a) $xavp(r[0]=>a[1]) $xavp(r[0]=>a[*])") == "4 3 4, 3")
        #expect(try Self.note(body + "$xavp(r[0]=>a[0]) = \"x\";", "$xavp(r=>a[*])") == "x, 3")
        #expect(try Self.note(body + "$xavp(r[0]=>a[1]) = $null;", "$xavp(r=>a[*])") == "4")
        #expect(try Self.note(body + "$xavp(r=>a) = $null;", "$xavp(r=>a[*])") == "3")
        #expect(try Self.note(body + "$xavp(r[0]=>a[*]) = $null;", "$xavp(r=>a)") == "<null>")
        #expect(try Self.note(body + "$xavp(r[0]=>a[5]) = 1; $xavp(r[0]=>a[*]) = 1;", "$xavp(r=>a[*])") == "4, 3")
    }

    @Test func `roots with one value are a stack`() throws {
        let body = #"$xavp(s) = "val"; $xavp(s) = "val2"; $xavp(s) = 5; "#
        #expect(
            try Self.note(body, "$xavp(s) $xavp(s[0]) $xavp(s[1]) $xavp(s[2]) $xavp(s[-1]) $xavp(s[*])")
                == "5 5 val2 val val 5")
        #expect(try Self.note(body + "$xavp(s[1]) = \"rep\";", "$xavp(s) $xavp(s[1]) $xavp(s[2])") == "5 rep val")
        #expect(try Self.note(body + "$xavp(s[1]) = $null;", "$xavp(s) $xavp(s[1]) $xavp(s[2])") == "5 val <null>")
        #expect(try Self.note(body + "$xavp(s) = $null;", "$xavp(s)") == "val2")
        #expect(try Self.note(body + "$xavp(s[*]) = $null;", "$xavp(s)") == "<null>")
    }

    @Test func `what an index names must be there`() throws {
        #expect(try Self.note("$xavp(q[0]=>b) = 1;", "$xavp(q=>b) $xavp(q)") == "<null> <null>")
        #expect(try Self.note("$xavp(q[3]) = 1;", "$xavp(q)") == "<null>")
        #expect(try Self.note("$xavp(q) = 1; $xavp(q[0]=>b) = 2;", "$xavp(q) $xavp(q=>b)") == "1 <null>")
    }

    @Test func `names and indexes may be variables`() throws {
        let body = #"$xavp(r=>a) = 1; $xavp(r=>a) = 2; $var(i) = 1; $var(n) = "r"; $var(f) = "a";"#
        #expect(try Self.note(body, "$xavp(r[$var(i)]=>a) $xavp($var(n)[0]=>$var(f))") == "1 2")
        #expect(try Self.note("$xavp(r) = 7; $var(n) = \"r\";", "$xavp($var(n))") == "7")
    }

    @Test func `a set of fields is not copied by assignment`() throws {
        #expect(
            try Self.note("$xavp(a=>x) = 1; $xavp(b) = $xavp(a);", "$xavp(a) $xavp(b) $xavp(b=>x)")
                == "<<xavp:a>> <<xavp:a>> <null>")
    }

    @Test func `values are counted in one root or in all`() throws {
        let body = "$xavp(e=>v) = 1; $xavp(e[0]=>v) = 2; $xavp(e[0]=>v) = 3; $xavp(e=>w) = 4; $xavp(e[0]=>w) = 4;"
        #expect(
            try Self.note(
                body,
                "$cnt($xavp(e)) $cnt($xavp(e=>v)) $cnt($xavp(e=>w)) $cnt($xavp(e[0]=>v)) $cnt($xavp(e[1]=>v))"
                    + " $cnt($xavp(e[1])) $cnt($xavp(no)) $cnt($xavp(e=>no))") == "2 3 2 0 3 1 0 0")
        #expect(try Self.note("$avp(q) = 1; $avp(q) = 2;", "$cnt($avp(q)) $cnt($avp(no))") == "2 0")
    }

    @Test func `in xavi the case of names does not count`() throws {
        let body = #"$xavi(A=>x) = 1; $xavi(a[0]=>X) = 2; $xavi(a[0]=>Y) = "why";"#
        #expect(try Self.note(body, "$xavi(a=>x) $xavi(A=>x[1]) $xavi(A[0]=>y) $xavi(a[1])") == "2 1 why <null>")
    }

    @Test func `an xavu holds one value of each name`() throws {
        let body = #"$xavu(a=>x) = 1; $xavu(a=>x) = 2; $xavu(a=>y) = "yy"; $xavu(b) = "bv"; $xavu(b) = 3; "#
        #expect(
            try Self.note(body, "$xavu(a=>x) $xavu(a=>y) $xavu(b) $xavu(no) $xavu(a=>no)") == "2 yy 3 <null> <null>")
        #expect(try Self.note(body + "$xavu(b=>c) = 5;", "$xavu(b=>c)") == "5")
        #expect(try Self.note(body + "$xavu(a) = \"str\";", "$xavu(a) $xavu(a=>x)") == "str <null>")
        #expect(
            try Self.note(body + "$xavu(a=>x) = $null; $xavu(b) = $null;", "$xavu(a=>x) $xavu(b)") == "<null> <null>")
        #expect(try Self.note("$xavu(n=>k) = $null;", "$xavu(n)") == "<null>")
    }

    @Test(arguments: ["$xavp", "$xavp()", "$xavp(a[x]=>b)", "$xavp(a=>b=>c)", "$xavp([0]=>a)", "$cnt($ru)", "$cnt(x)"])
    func `what is no path is refused`(variable: String) {
        #expect(throws: ScriptBench.Refused.self) { try Self.notes("$var(x) = \(variable);") }
    }

    @Test func `values live as long as the message`() throws {
        let script = try NoteBench(
            #"note("$xavp(a) $xavu(b) $xavi(c)"); $xavp(a) = 1; $xavu(b) = 2; $xavi(c) = 3;"#,
            modules: [ModuleType(PseudoVariables.self)])
        try script.run()
        try script.run()
        #expect(script.notes == ["<null> <null> <null>", "<null> <null> <null>"])
    }
}
