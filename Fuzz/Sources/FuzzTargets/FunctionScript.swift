import ModuleKit
import RouteScript
import StandardModules

/// A configuration that asks everything of a message that scripts can ask: all variables, transformations of what comes
/// from the network, and the examples of the functions of the modules that need nothing but the message.
enum FunctionScript {
    private static let modules = [
        "core", "kex", "sl", "pv", "textops", "textopsx", "siputils", "sdpops", "sanity", "maxfwd", "rr", "path",
        "usrloc",
        "registrar", "auth", "ipops", "math", "uuid", "xlog", "outbound", "permissions", "htable", "mqueue",
        "statistics",
        "tcpops", "counters", "avpops", "pike", "ratelimit", "pipelimit", "secfilter",
    ]

    /// They wait, ask others, or end the process.
    private static let left: Set<String> = [
        "sleep", "usleep", "abort", "dns_query", "dns_sys_match_ip", "dns_int_match_ip", "dns_set_local_ttl",
        "srv_query",
        "naptr_query", "sl_forward_reply", "change_reply_status", "change_reply_status_code",
        "avp_db_load", "avp_db_store", "avp_db_delete", "avp_db_query",
    ]

    /// Transformations of texts, of URIs, of addresses and of parameters.
    private static let changes = [
        "s.len", "s.int", "s.md5", "s.sha1", "s.sha256", "s.sha384", "s.sha512", "s.encode.hexa", "s.decode.hexa",
        "s.encode.base64", "s.decode.base64", "s.encode.base64t", "s.decode.base64t", "s.encode.base64url",
        "s.decode.base64url", "s.encode.base58", "s.decode.base58", "s.encode.7bit", "s.decode.7bit", "s.escape.common",
        "s.unescape.common", "s.escape.user", "s.unescape.user", "s.escape.param", "s.unescape.param", "s.escape.csv",
        "s.urlencode.param", "s.urldecode.param", "s.substr,1,3", "s.substr,-3,0", "s.select,1,;", "s.select,-1,,",
        "s.strip,2", "s.striptail,2", "s.trim", "s.ltrim", "s.rtrim", "s.before,@", "s.after,@", "s.rbefore,;",
        "s.rafter,;", "s.unquote", "s.unbracket", "s.count,a", "s.tolower", "s.toupper", "s.numeric", "s.rmws",
        "s.rm,a", "s.replace,a,bb", "s.corehash,8", "s.fmtlines,7,1", "s.prefixes", "s.prefixes.quoted",
        "uri.user", "uri.host", "uri.port", "uri.passwd", "uri.params", "uri.param,transport", "uri.transport",
        "uri.scheme", "uri.tosocket", "uri.duri", "uri.saor", "uri.suri",
        "nameaddr.name", "nameaddr.uri", "nameaddr.len", "tobody.uri", "tobody.display", "tobody.tag", "tobody.user",
        "tobody.host", "tobody.params", "param.value,tag", "param.in,tag", "param.name,0", "param.valueat,0",
        "param.count", "line.count", "line.at,0", "line.sw,m=", "urialias.encode", "urialias.decode", "val.json",
        "val.n0", "val.ne",
    ]

    private static let sources = [
        "$ru", "$fu", "$tu", "$hdr(Contact)", "$hdr(Via)", "$hdr(To)", "$rb", "$hdr(X)", "$rU", "$du",
    ]

    static let text: String = {
        let host = CheckHost(types: StandardModules.all)
        defer { host.detach() }
        var text = Self.modules.dropFirst().map { "loadmodule \"\($0).so\"\n" }.joined()
        text += """
            modparam("htable", "htable", "a=>size=8;")
            modparam("mqueue", "mqueue", "name=q")
            modparam("registrar", "max_contacts", 5)
            modparam("ratelimit", "pipe", "1:TAILDROP:100")

            """
        var variables: [String] = []
        var requests: [String] = []
        var replies: [String] = []
        for type in StandardModules.all where Self.modules.contains(type.name) {
            guard let module = try? host.instance(of: type) else { continue }
            for variable in module.variables where variable.bind != nil && Self.isPlain(variable) {
                variables.append("$var(x) = $\(variable.names[0]);")
            }
            for function in module.functions where function.body != nil && Self.isUsable(function) {
                if function.routes.contains(.request) { requests.append(function.example) }
                if function.routes.contains(.reply) { replies.append(function.example) }
            }
        }
        variables += Self.named
        for source in Self.sources {
            for change in Self.changes { variables.append("$var(x) = $(\(source.dropFirst()){\(change)});") }
        }
        text += Self.routes("V", variables.chunked(20).map { $0.joined(separator: "\n") })
        text += Self.routes("E", requests) + Self.routes("R", replies)
        let groups = (variables.count + 19) / 20
        text += "request_route {\n" + Self.calls("V", groups, 4) + Self.calls("E", requests.count, 6) + "}\n"
        text += "reply_route {\n" + Self.calls("V", groups, 4) + Self.calls("R", replies.count, 6) + "}\n"
        return text
    }()

    /// Variables with a name in parentheses.
    private static let named = [
        "$var(x) = $hdr(Via);", "$var(x) = $(hdr(Via)[-1]);", "$var(x) = $(hdr(Contact)[*]);", "$var(x) = $hfl(Via);",
        "$var(x) = $(hfl(Contact)[1]);", "$var(x) = $hdrc(Via);", "$var(x) = $hflc(Route);",
        "$avp(a) = $hdr(From);", "$xavp(a=>b) = $rb;", "$sht(a=>$fU) = $ru;",
    ]

    private static func isPlain(_ variable: ScriptVariable) -> Bool {
        if case .required = variable.inner { return false }
        // Of a script's own making.
        return !variable.names[0].hasPrefix("err.")
    }

    private static func isUsable(_ function: ScriptFunction) -> Bool {
        let example = function.example
        return !example.isEmpty && !example.contains("route[") && !example.contains("request_route")
            && !Self.left.contains(function.name) && !example.contains("t_") && !example.contains("route(")
    }

    private static func routes(_ letter: String, _ bodies: [String]) -> String {
        bodies.enumerated().map { "route[\(letter)\($0.offset)] {\n\($0.element)\n}\n" }.joined()
    }

    /// Calls some of the routes; which ones the length of the message says.
    private static func calls(_ letter: String, _ count: Int, _ each: Int) -> String {
        guard count > 0 else { return "" }
        return """
            $var(i) = 0;
            while ($var(i) < \(each)) {
                $var(n) = ($ml * \(each) + $var(i)) mod \(count);
                route("\(letter)" + $var(n));
                $var(i) = $var(i) + 1;
            }

            """
    }
}

extension Array {
    fileprivate func chunked(_ size: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: size).map { Array(self[$0..<Swift.min($0 + size, self.count)]) }
    }
}
