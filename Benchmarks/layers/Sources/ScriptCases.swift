import Bytes
import Digests
import SIPMessage

/// Actions of a compiled script, items of a hash table, a digest.
func scriptCases() throws -> [Case] {
    let times = 100
    let actions = [
        ("script: assign a number", "$var(a) = 1;"),
        ("script: if on a number", "if ($var(b) == 5) { setflag(1); }"),
        ("script: call a function", "is_method(\"OPTIONS\");"),
        ("script: compare a header field", "if ($ua == \"no such agent\") { setflag(1); }"),
        ("htable: read an item", "$var(a) = $sht(t=>known);"),
        ("htable: change an item", "$sht(t=>known) = 7;"),
        ("htable: insert and remove an item", "$sht(t=>other) = 7; $sht(t=>other) = $null;"),
    ]
    var routes = "route[EMPTY] { return(1); }\nroute[FILL] { $sht(t=>known) = 1; return(1); }\n"
    for (index, action) in actions.enumerated() {
        routes += "route[A\(index)] {\n" + String(repeating: action.1 + "\n", count: times) + "return(1);\n}\n"
    }
    let fixture = try ScriptFixture(
        modules: ["pv", "textops", "htable"], settings: "modparam(\"htable\", \"htable\", \"t=>size=8;\")", routes,
        message: Sample.text("OPTIONS sip:bob@example.org SIP/2.0", "OPTIONS"))
    _ = fixture.run(fixture.route("FILL"))
    return [fixture.measured("script: an empty route", route: "EMPTY")]
        + actions.indices.map { fixture.measured(actions[$0].0, route: "A\($0)", times: times) }
        + [try digestCase()]
}

/// Checks the credentials of a REGISTER, with a nonce of its own making.
private func digestCase() throws -> Case {
    let routes = """
        route[ASK] { www_challenge("example.org", "0"); return(1); }
        route[CHECK] { return(pv_www_authenticate("example.org", "secret", "0")); }
        """
    let modules = ["sl", "pv", "auth"]
    let first = "REGISTER sip:example.org SIP/2.0"
    let settings = "modparam(\"auth\", \"secret\", \"of the bench\")\nmodparam(\"auth\", \"nonce_expire\", 86400)"
    let asking = try ScriptFixture(
        modules: modules, settings: settings, routes, message: Sample.text(first, "REGISTER"))
    _ = asking.run(asking.route("ASK"))
    let challenge = asking.script.bench.sent.first ?? ""
    let nonce = challenge.split(separator: "nonce=\"").last?.split(separator: "\"").first.map(String.init) ?? ""
    func md5(_ text: String) -> String {
        let out = ByteBuffer(capacity: 64)
        _ = DigestAlgorithm.md5.appendHex(of: ByteString(text).span, to: out)
        return ByteString(out.span).string
    }
    let answer = md5(
        md5("alice:example.org:secret") + ":" + nonce + ":" + md5("REGISTER:sip:example.org"))
    let credentials = """
        Authorization: Digest username="alice", realm="example.org", nonce="\(nonce)", uri="sip:example.org", \
        response="\(answer)", algorithm=MD5

        """
    let checking = try ScriptFixture(
        modules: modules, settings: settings, routes, message: Sample.text(first, "REGISTER", credentials))
    return checking.measured("auth: check a digest", route: "CHECK")
}
