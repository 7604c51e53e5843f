import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import pv

@Suite("pv: functions for $xavp, $xavi and $xavu")
struct StackFunctionTests {
    /// The code of the last call in `call`, then `text`.
    static func result(_ body: String, _ call: String, _ text: String = "") throws -> String {
        try NoteBench.notes(
            "\(body) $var(rc) = \(call); note(\"$var(rc) \(text)\");", modules: [ModuleType(PseudoVariables.self)]
        ).last ?? ""
    }

    static let roots = #"$xavp(f=>g)="1"; $xavp(f[0]=>g)="2"; $xavp(f=>g)="3"; $xavp(f[0]=>h)="4"; "#

    @Test func `xavp_copy puts the copy below all others, or in place of one`() throws {
        #expect(
            try Self.result(Self.roots, #"xavp_copy("f", "0", "n")"#, "$xavp(n=>g) $xavp(n=>h) $xavp(n[1]=>g)")
                == "1 3 4 <null>")
        let both = Self.roots + #"xavp_copy("f", "0", "n"); "#
        #expect(
            try Self.result(both, #"xavp_copy("f", "1", "n")"#, "$xavp(n=>g) $xavp(n[1]=>g[*])") == "1 3 2, 1")
        #expect(try Self.result(both, #"xavp_copy("f", "7", "n")"#) == "-1 ")
        #expect(
            try Self.result(both, #"xavp_copy("f", "1", "n", "0")"#, "$xavp(n=>g) $xavp(n[1]=>g)") == "1 2 <null>")
        #expect(try Self.result(both, #"xavp_copy("f", "0", "n", "9")"#) == "-1 ")
        #expect(try Self.result(both, #"xavp_copy("f", "0", "new", "0")"#, "$xavp(new)") == "-1 <null>")
        #expect(
            try Self.result(both + "$xavp(f[0]=>g[0]) = \"changed\";", "xavp_rm(\"f\")", "$xavp(n=>g)") == "1 3")
    }

    @Test func `a list of parameters becomes a root`() throws {
        #expect(
            try Self.result(
                "", #"xavp_params_explode("a=1;b=2;c;d=\"q r\"; e = 5 ", "p")"#,
                "[$xavp(p=>a)] [$xavp(p=>b)] [$xavp(p=>c)] [$xavp(p=>d)] [$xavp(p=>e)]") == "1 [1] [2] [] [q r] [5]")
        #expect(try Self.result("", #"xavp_params_explode("a=1,b=2", "p")"#, "$xavp(p=>a) $xavp(p=>b)") == "1 1 <null>")
        #expect(
            try Self.result(
                "", #"xavp_xparams_explode("a=1&b=2&c", "&", "p")"#, "$xavp(p=>a) $xavp(p=>b) [$xavp(p=>c)]")
                == "1 1 2 []")
        #expect(try Self.result("", #"xavp_params_explode("", "p")"#, "$xavp(p)") == "-1 <null>")
        #expect(try Self.result("", #"xavp_params_explode("=;=", "p")"#, "$xavp(p)") == "-1 <null>")
        #expect(try Self.result("", #"xavp_params_explode("a=\"b", "p")"#, "$xavp(p)") == "-1 <null>")
    }

    @Test func `a root becomes a list of parameters`() throws {
        let root = #"$xavp(im=>s)="str"; $xavp(im[0]=>i)=5; $xavp(im[0]=>e)=""; $xavp(im[0]=>s)="again"; "#
        #expect(
            try Self.result(root, #"xavp_params_implode("im", "$var(out)")"#, "$var(out)") == "1 s=again;e;i=5;s=str;")
        #expect(
            try Self.result(root, #"xavp_params_implode_qval("im", "$var(out)")"#, "$var(out)")
                == "1 s=\"again\";e;i=5;s=\"str\";")
        #expect(try Self.result("$var(out) = 1;", #"xavp_params_implode("no", "$var(out)")"#, "$var(out)") == "-1 1")
        #expect(
            try Self.result("$xavp(s) = 1; $var(out) = 1;", #"xavp_params_implode("s", "$var(out)")"#, "$var(out)")
                == "-1 1")
    }

    @Test func `parameters of an $xavu root replace each other`() throws {
        #expect(
            try Self.result(
                #"xavu_params_explode("a=1;b=2", "u"); "#, #"xavu_params_explode("a=3;c=4", "u")"#,
                "$xavu(u=>a) $xavu(u=>b) $xavu(u=>c)") == "1 3 2 4")
        #expect(
            try Self.result(
                #"xavu_params_explode("a=1", "u");"#, #"xavu_params_implode("u", "$var(out)")"#, "$var(out)")
                == "1 a=1;")
        #expect(try Self.result("", #"xavu_params_explode("", "u")"#) == "-1 ")
        #expect(try Self.result("", #"xavu_params_implode("no", "$var(out)")"#) == "-1 ")
    }

    @Test func `a list of values becomes fields v`() throws {
        #expect(
            try Self.result("", #"xavp_slist_explode("a,b, c ,,d", ",", "", "l")"#, "$xavp(l=>v[*])")
                == "1 a, b,  c , d")
        #expect(
            try Self.result("", #"xavp_slist_explode("a,b, c ", ",", "t", "l")"#, "$xavp(l=>v[2])|$cnt($xavp(l[0]=>v))")
                == "1 c|3")
        #expect(try Self.result("", #"xavp_slist_explode("", ",", "t", "l")"#, "$xavp(l)") == "-1 <null>")
    }

    @Test(arguments: ["xavp", "xavi"])
    func `fields are set and removed one by one`(kind: String) throws {
        #expect(
            try Self.result(
                "\(kind)_child_seti(\"a\", \"b\", \"5\"); ", "\(kind)_child_seti(\"a\", \"b\", \"6\")",
                "$\(kind)(a=>b[*]) $cnt($\(kind)(a))") == "1 6 1")
        #expect(
            try Self.result(
                "$\(kind)(a=>x) = 1; ", "\(kind)_child_sets(\"a\", \"b\", \"$fU!\")", "$\(kind)(a=>b) $\(kind)(a=>x)")
                == "1 alice! 1")
        #expect(
            try Self.result("$\(kind)(a) = 1; ", "\(kind)_child_sets(\"a\", \"b\", \"c\")", "$\(kind)(a)") == "-1 1")
        #expect(try Self.result("$var(t) = \"x\"; ", "\(kind)_child_seti(\"a\", \"b\", \"$var(t)\")") == "-1 ")
        let two = "$\(kind)(a=>b) = 1; $\(kind)(a[0]=>b) = 2; "
        #expect(try Self.result(two, "\(kind)_child_rm(\"a\", \"b\")", "$\(kind)(a=>b[*])") == "1 1")
        #expect(try Self.result(two, "\(kind)_child_rm(\"a\", \"no\")") == "-1 ")
        #expect(try Self.result("", "\(kind)_child_rm(\"no\", \"b\")") == "-1 ")
    }

    @Test(arguments: ["xavp", "xavi"])
    func `roots are removed`(kind: String) throws {
        let two = "$\(kind)(a) = 1; $\(kind)(a) = 2; "
        #expect(try Self.result(two, "\(kind)_rm(\"a\")", "$\(kind)(a) $cnt($\(kind)(a))") == "1 1 1")
        #expect(try Self.result(two, "\(kind)_rm_all(\"a\")", "$\(kind)(a)") == "1 <null>")
        #expect(try Self.result("", "\(kind)_rm(\"a\")") == "-1 ")
        #expect(try Self.result("", "\(kind)_rm_all(\"a\")") == "-1 ")
    }

    @Test func `roots turn round`() throws {
        let three = "$xavp(a) = 3; $xavp(b) = 9; $xavp(a) = 2; $xavp(a) = 1; "
        #expect(try Self.result(three, #"xavp_lshift("a", "1")"#, "$xavp(a) $xavp(a[1]) $xavp(a[2])") == "1 2 3 1")
        #expect(try Self.result(three, #"xavp_lshift("a", "-1")"#, "$xavp(a) $xavp(a[1]) $xavp(a[2])") == "1 3 1 2")
        #expect(try Self.result(three, #"xavp_lshift("a", "3")"#, "$xavp(a)") == "-1 1")
        #expect(try Self.result("", #"xavp_lshift("a", "0")"#) == "-1 ")
    }

    @Test func `all values are logged`() throws {
        let script = try NoteBench(
            #"$xavp(a=>b) = 1; $xavp(c) = "t"; pv_xavp_print(); pv_xavu_print(); pv_xavi_print();"#,
            modules: [ModuleType(PseudoVariables.self)])
        try script.run()
        #expect(
            script.log.filter { $0.contains("xavp") }
                == ["INFO: xavp c (str): t", "INFO: xavp a (xavp):", "INFO:     xavp b (int): 1"])
    }

    @Test func `script variables go into a root and back`() throws {
        #expect(
            try Self.result("$var(k) = 7; ", #"pv_var_to_xavp("k", "x")"#, "$xavp(x=>k) $cnt($xavp(x[0]=>rc))")
                == "1 7 0")
        #expect(try Self.result("$var(k) = \"t\"; ", #"pv_var_to_xavp("*", "x")"#, "$xavp(x=>k)") == "1 t")
        #expect(try Self.result("", #"pv_var_to_xavp("no", "x")"#, "$xavp(x)") == "-1 <null>")
        #expect(
            try Self.result("$xavp(b=>k) = 99; $xavp(b[0]=>n) = \"nv\"; ", #"pv_xavp_to_var("b")"#, "$var(k) $var(n)")
                == "1 99 nv")
        #expect(try Self.result("", #"pv_xavp_to_var("no")"#) == "-1 ")
    }

    @Test func `pv_evalx reads what the first reading gave`() throws {
        #expect(try Self.result("", #"pv_evalx("$var(e)", "a $$rU $rU")"#, "$var(e)") == "1 a bob bob")
        #expect(
            try Self.result("$var(f) = \"$rm and $rU\"; ", #"pv_evalx("$var(e)", "$var(f)")"#, "$var(e)")
                == "1 INVITE and bob")
        #expect(try Self.result("$var(f) = \"$no(\"; ", #"pv_evalx("$var(e)", "$var(f)")"#, "$var(e)") == "-1 0")
    }

    @Test func `pv_evalx refuses texts that are nested without end`() throws {
        let nested = String(repeating: "$_s(", count: 10_000) + "x" + String(repeating: ")", count: 10_000)
        let message = "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h\nX-N: \(nested)\n"
        let notes = try NoteBench.notes(
            #"$var(rc) = pv_evalx("$var(e)", "$hdr(X-N)"); note("$var(rc) $var(e)");"#, message: message,
            modules: [ModuleType(PseudoVariables.self)])
        #expect(notes == ["-1 0"])
        #expect(
            try NoteBench.notes(
                #"pv_evalx("$var(e)", "$hdr(X-N)"); note("$var(e)");"#,
                message: "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h\nX-N: $_s($_s($rU))\n",
                modules: [ModuleType(PseudoVariables.self)]) == ["a"])
    }

    @Test func `the static branch becomes a branch or the main one`() throws {
        let set = """
            $sbranch(uri) = "sip:x@192.0.2.4"; $sbranch(dst_uri) = "sip:192.0.2.5"; $sbranch(q) = 500;
            $sbranch(flags) = 3; $sbranch(path) = "<sip:p@192.0.2.9;lr>"; $sbranch(send_socket) = "udp:127.0.0.1:5060";
            """
        #expect(
            try Self.result(
                set, "sbranch_append()",
                "$branch(count) $branch(uri) $branch(dst_uri) $branch(q) $branch(flags) $branch(path) $branch(send_socket)"
            )
                == "1 1 sip:x@192.0.2.4 sip:192.0.2.5 500 3 <sip:p@192.0.2.9;lr> udp:127.0.0.1:5060")
        #expect(
            try Self.result(set, "sbranch_set_ruri()", "$ru $du $bf $fs")
                == "1 sip:x@192.0.2.4 sip:192.0.2.5 3 udp:127.0.0.1:5060")
        #expect(try Self.result(set, "sbranch_reset()", "$sbranch(uri) $sbranch(flags)") == "1 <null> <null>")
        #expect(try Self.result("", "sbranch_append()", "$branch(count)") == "-1 0")
        #expect(try Self.result("", "sbranch_set_ruri()", "$ru") == "-1 sip:bob@example.com")
    }

    @Test func `an $xavp root becomes the main branch`() throws {
        let root =
            #"$xavp(d=>uri) = "sip:x@192.0.2.4"; $xavp(d[0]=>dst_uri) = "sip:192.0.2.5"; $xavp(d[0]=>flags) = 4; "#
        #expect(
            try Self.result(root, #"xavp_push_dst("d")"#, "$ru $du $bf") == "1 sip:x@192.0.2.4 sip:192.0.2.5 4")
        #expect(try Self.result("", #"xavp_push_dst("d")"#, "$ru") == "-1 sip:bob@example.com")
        #expect(try Self.result("$xavp(d=>q) = 5; ", #"xavp_push_dst("d")"#, "$ru") == "-1 sip:bob@example.com")
    }
}
