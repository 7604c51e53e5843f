import Testing
import SIPMessage

@testable import RouteScript

@Suite("What a configuration is refused for")
struct BackEndDiagnosticTests {
    static let head = "loadmodule \"probe.so\"\n"

    /// Findings of a request route with this body, which begins in line 3, column 1.
    private func body(_ text: String, _ more: String = "") -> [String] {
        findings("\(Self.head)request_route {\n\(text)\n}\n\(more)")
    }

    static let bodies: [(text: String, finding: String)] = [
        ("prob(\"x\");", "3:1 E0401 unknown function 'prob': is its module loaded? (did you mean 'probe'?)"),
        ("not_yet();", "3:1 E0402 not_yet() of module probe is not built yet"),
        ("probe(\"a\", \"b\");", "3:1 E0403 probe() takes 1 arguments, not 2"),
        ("optional(\"a\", \"b\", \"c\");", "3:1 E0403 optional() takes 1 to 2 arguments, not 3"),
        ("only_reply();", "3:1 E0404 only_reply() cannot be used in a request_route block"),
        ("result(\"x\");", "3:8 E0405 argument 'code' of result() must be a number or one variable"),
        ("probe(\"to $rn!\");", "3:11 E0406 unknown variable $rn (did you mean '$rc'?)"),
        ("probe(\"to $ru.\");", "3:11 E0406 unknown variable $ru."),
        ("probe(\"a $ b\");", "3:10 E0405 a lone $: write $$ for a dollar sign"),
        ("probe(\"len $(rm{s.lem})\");", "3:12 E0405 {s.lem}: there is no such operation (did you mean 'len'?)"),
        ("probe(\"$(rm{t.len})\");", "3:8 E0406 unknown class of transformations 't' (did you mean 's'?)"),
        ("probe(\"$(rm{s.len)\");", "3:8 E0405 '}' is missing after {s.len)"),
        ("$var(x) = $rn;", "3:11 E0406 unknown variable $rn (did you mean '$rc'?)"),
        ("$var(x) = $avp($vax(y));", "3:11 E0406 unknown variable $vax (did you mean '$var'?)"),
        ("$var(x) = $rm(a);", "3:11 E0406 $rm takes nothing in parentheses"),
        ("$var(x) = $avp;", "3:11 E0406 $avp needs something in parentheses"),
        ("$rm = 1;", "3:1 E0410 $rm cannot be assigned"),
        ("$(var(x){s.len}) = 1;", "3:1 E0410 $(var(x){s.len}) cannot be assigned"),
        ("route(NONE);", "3:7 E0407 there is no route[NONE]"),
        ("run(\"NONE\");", "3:5 E0405 there is no such route: 'NONE'"),
        ("if ($rm =~ \"(\") exit;", "3:12 E0408 bad regular expression: "),
        ("match(\"[\");", "3:7 E0408 bad regular expression: "),
        ("$var(x) = \"a\" - 1;", "3:11 E0409 '-' needs numbers"),
        ("$var(x) = 1 + \"a\";", "3:15 E0409 a number on the left of '+' needs a number on the right"),
        ("if (1 == \"a\") exit;", "3:10 E0409 a number on the left of '==' needs a number on the right"),
        ("$var(x) = strlen(result(1));", "3:18 E0409 strlen() needs a string"),
        ("switch ($rm) { case $rm: exit; }", "E0411 a case label must be constant"),
        ("switch ($rm) { case 1: exit; case \"a\": exit; }", "the labels of a switch are all integers or all strings"),
        ("switch ($rm) { case 1: exit; case 1: exit; }", "E0412 this label is given twice"),
        ("if (dst_port == \"x\") exit;", "3:17 E0409 a number is expected, not 'x'"),
        (
            "if (src_ip == gw.example.org) exit;",
            "3:15 E0402 comparing an address with the name 'gw.example.org' is not built yet: write the address"
        ),
        ("if (@nothing.host == \"x\") exit;", "3:5 E0406 there is no select @nothing.host"),
        ("if (@cfg_get.a.b == \"x\") exit;", "3:5 E0406 custom parameter a.b is not declared"),
        ("userphone();", "3:1 E0402 the core command userphone() is not built yet"),
        ("setflag(NAME);", "3:9 E0405 NAME is no flag"),
        ("exit; probe(\"x\");", "3:7 W0401 this is never reached"),
        ("if (1) exit;", "W0404 this condition is always the same"),
    ]

    @Test(arguments: BackEndDiagnosticTests.bodies)
    func `a mistake in a route is told once, with its place`(text: String, finding: String) {
        let found = self.body(text)
        #expect(found.count == 1 && found.first?.contains(finding) == true, "\(found)")
    }

    static let tops: [(text: String, finding: String)] = [
        ("loadmodule \"prob\"", "1:12 E0501 there is no module 'prob' (did you mean 'probe'?)"),
        (
            "loadmodule \"dialog.so\"\nmodparam(\"dialog\", \"x\", 1)",
            "1:12 E0501 module 'dialog' is not built yet in this version of the server"
        ),
        ("loadmodule \"probe\"\nloadmodule \"probe.so\"", "2:12 E0502 module 'probe' is loaded already"),
        (
            "modparam(\"probe\", \"number\", 1)\nloadmodule \"probe\"",
            "1:10 E0503 module 'probe' is not loaded above this line (set its parameters below the line that loads it)"
        ),
        (
            "loadmodule \"probe\"\nmodparam(\"probe\", \"numbr\", 1)",
            "2:19 E0504 module 'probe' has no parameter 'numbr' (did you mean 'number'?)"
        ),
        (
            "loadmodule \"probe\"\nmodparam(\"probe\", \"number\", \"1\")",
            "2:29 E0504 number of module probe takes a number (write 1 without quotes)"
        ),
        (
            "loadmodule \"probe\"\nmodparam(\"probe\", \"text\", 1)",
            "2:27 E0504 text of module probe takes a string (write \"1\", in quotes)"
        ),
        (
            "loadmodule \"probe\"\nmodparam(\"probe\", \"number\", 2000)",
            "2:29 E0504 number must be between 0 and 1000, not 2000"
        ),
        (
            "loadmodule \"probe\"\nmodparam(\"probe\", \"later\", 1)",
            "2:28 E0504 later of module probe is not built yet"
        ),
        (
            "loadmodule \"probe\"\nmodparam(\"pro(\", \"later\", 1)",
            "2:10 E0503 'pro(' is no expression for module names"
        ),
        ("log_facility = LOG_LOCAL9", "1:16 E0506 unknown facility 'LOG_LOCAL9' (did you mean 'LOG_LOCAL0'?)"),
        ("log_prefix = \"a $xx \"", "1:17 E0506 unknown variable $xx"),
        ("cfgengine \"lua\"", "E0507 routing engine 'lua' is not built yet"),
        (
            "event_route[tm:local-requst] { exit; }",
            "1:13 W0403 nothing raises the event 'tm:local-requst': this block never runs (did you mean 'tm:local-request'?)"
        ),
        ("route[ALONE] { exit; }", "1:1 W0402 route[ALONE] is never called"),
    ]

    @Test(arguments: BackEndDiagnosticTests.tops)
    func `a mistake outside of routes is told once, with its place`(text: String, finding: String) {
        let found = findings("\(text)\nrequest_route { exit; }\n")
        #expect(found.count == 1 && found.first?.contains(finding) == true, "\(found)")
    }

    @Test func `a configuration without request_route is refused`() {
        #expect(
            findings("debug = 2\n") == [
                "0:0 E0508 there is no request_route: nothing would ever be done with a request"
            ])
    }

    @Test func `all mistakes are told in one run, with the line and a caret`() throws {
        let text = "\(Self.head)request_route {\n    prob();\n    probe(\"$rn\");\n    route(X);\n}\n"
        #expect(findings(text).count == 3)
        do {
            _ = try ScriptRun("request_route {\n    prob();\n}\n")
            Issue.record("it is accepted")
        } catch let refused as ScriptRun.Refused {
            #expect(refused.description.contains("kamailio.cfg:3:5: error[E0401]"))
            #expect(refused.description.contains("     prob();"))
            #expect(refused.description.contains("^~~~"))
        }
    }

    @Test func `warnings do not keep a server from starting`() throws {
        #expect(
            try ScriptRun("request_route { exit; probe(\"x\"); }\nroute[ALONE] { exit; }").builder.diagnostics
                .warningCount == 2)
    }

    @Test func `blocks are checked by the kind they are written in`() {
        let more = "reply_route { only_reply(); }\nonreply_route[A] { only_reply(); }\nroute[R] { only_reply(); }"
        #expect(
            self.body("route(R);", more) == [
                "6:1 W0402 onreply_route[A] is never armed: nothing names it",
                "7:12 E0404 only_reply() cannot be used in a route block",
            ])
    }

    @Test func `a route that a parameter names is not unused`() {
        let text =
            "\(Self.head)modparam(\"probe\", \"text\", \"route=TICK\")\nrequest_route { exit; }\nroute[TICK] { exit; }"
        #expect(findings(text) == [])
    }

    @Test func `events that exist are not warned of`() {
        let blocks =
            "event_route[tm:branch-failure:X] { exit; }\nevent_route[htable:expired:t] { exit; }\nevent_route[core:worker-one-init] { exit; }"
        #expect(self.body("exit;", blocks) == [])
    }

    @Test func `one modparam speaks to every module that its expression names`() {
        #expect(findings("\(Self.head)modparam(\"PRO.*|other\", \"number\", 1)\nrequest_route { exit; }") == [])
    }

    @Test func `modparamx expands what has a value before the server runs`() throws {
        let text = """
            #!define WHO "alice"
            #!define COUNT 7
            modparamx("probe", "text", "sip:$defv(WHO)@$$$def(COUNT)")
            modparamx("probe", "number", $defn(COUNT))
            request_route { exit; }
            """
        let script = try ScriptRun(text)
        let module = script.program.modules.compactMap { $0 as? ProbeModule }.first
        #expect(module?.settings.text == "sip:alice@$7")
        #expect(module?.settings.number == 7)
        #expect(
            findings("\(Self.head)modparamx(\"probe\", \"text\", \"$var(x)\")\nrequest_route { exit; }").first?
                .contains("2:28 E0504 $var has no value before the server runs") == true)
    }

    @Test func `a host name is looked up when somebody can`() {
        let text = "\(Self.head)request_route { if (src_ip == gw.example.org || src_ip == \"none\") exit; }"
        let found = findings(text) { builder in
            builder.addressesOfHost = { name in name == "none" ? [] : [.anyIPv4] }
        }
        #expect(found.count == 1 && found.first?.contains("the name 'none' has no address") == true)
    }
}
