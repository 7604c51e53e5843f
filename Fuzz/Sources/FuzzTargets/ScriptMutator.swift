/// Changes scripts in ways that keep much of their shape: pieces of the language put in, statements doubled, moved,
/// nested or dropped, numbers made extreme.
public struct ScriptMutator {
    private var state: UInt64

    public init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 }

    /// A number from 0 up to, not including, `limit`.
    public mutating func next(_ limit: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(max(limit, 1)))
    }

    /// - Returns: at most `limit` bytes.
    public mutating func mutate(_ bytes: [UInt8], as shape: FuzzTarget.Shape, limit: Int) -> [UInt8] {
        switch shape {
        case .script: self.mutate(bytes, limit: limit)
        case .message: self.mutateMessage(bytes, limit: limit)
        case .calls: self.mutateCalls(bytes, limit: limit)
        case .bytes: self.mutateBytes(bytes, limit: limit)
        }
    }

    /// - Returns: at most `limit` bytes.
    public mutating func mutate(_ bytes: [UInt8], limit: Int) -> [UInt8] {
        var bytes = bytes
        for _ in 0...self.next(3) { self.change(&bytes) }
        if bytes.count > limit { bytes.removeLast(bytes.count - limit) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = self.boundary(bytes)
        switch self.next(9) {
        case 0, 1, 2: bytes.insert(contentsOf: Array(Self.pieces[self.next(Self.pieces.count)].utf8), at: place)
        case 3: bytes.removeSubrange(place..<min(self.boundary(bytes), place + 64, bytes.count).clamped(from: place))
        case 4:
            let from = self.boundary(bytes)
            let part = Array(bytes[from..<min(from + 1 + self.next(80), bytes.count)])
            bytes.insert(contentsOf: part, at: place)
        case 5:
            // Deeper by many levels.
            let (open, close) = [
                ("(", ")"), ("{", "}"), ("!", ""), ("$(var(x){s.substr,0,", "})"), ("if (1) { ", " }"),
            ][self.next(5)]
            let depth = 1 + self.next(300)
            bytes.insert(contentsOf: String(repeating: close, count: depth).utf8, at: place)
            bytes.insert(contentsOf: String(repeating: open, count: depth).utf8, at: place)
        case 6:
            guard let digit = bytes[place...].firstIndex(where: { $0 >= 48 && $0 < 58 }) else { return }
            var end = digit
            while end < bytes.count, bytes[end] >= 48, bytes[end] < 58 { end += 1 }
            bytes.replaceSubrange(digit..<end, with: Array(Self.numbers[self.next(Self.numbers.count)].utf8))
        case 7: if place < bytes.count { bytes[place] = UInt8(self.next(256)) }
        default:
            // The same word again, many times.
            let end = min(place + 1 + self.next(12), bytes.count)
            let part = Array(bytes[place..<end])
            for _ in 0..<(1 + self.next(40)) { bytes.insert(contentsOf: part, at: place) }
        }
    }

    /// A place between words, most of the time.
    private mutating func boundary(_ bytes: [UInt8]) -> Int {
        let start = self.next(bytes.count + 1)
        guard self.next(4) != 0 else { return start }
        var index = start
        while index < bytes.count, bytes[index] > 32 { index += 1 }
        return min(index, bytes.count)
    }

    private static let numbers = [
        "0", "1", "-1", "255", "65536", "2147483647", "2147483648", "4294967296", "9223372036854775807",
        "9223372036854775808", "0x7fffffffffffffff", "017777777777", "1b", "99999999999999999999999",
    ]

    static let pieces = [
        "request_route {\n", "route[A] {\n", "reply_route {\n", "failure_route[F] {\n", "branch_route[B] {\n",
        "onreply_route[R] {\n", "event_route[tm:local-request] {\n", "onsend_route {\n", "}\n", "{ ", "; ",
        "if (", "if ($var(a) == 1) ", ") { ", " else ", "else if (", "while (", "switch ($rm) {\n", "case 1: ",
        "case \"A\": ", "case /\"^a(b|c)+$\": ", "default: ", "break; ", "exit; ", "drop; ", "return; ", "return -1; ",
        "return $rc; ", "route(A); ", "route(\"A\" + $rm); ", "route($var(r)); ",
        "$var(a) = ", "$avp(b) = ", "$(avp(b)[*]) = $null; ", "$(avp(b)[1])", "$avp($var(a))", "$ru = ", "$du", "$fU",
        "$hdr(Via)", "$(hdr(Via)[-1])", "$(ru{uri.host})", "$(var(a){s.len})", "$(var(a){s.substr,1,-2})",
        "$(var(a){s.select,0,,})", "$(var(a){re.subst,/a/b/g})", "$(fu{nameaddr.uri}{uri.param,x})",
        "$(var(a){param.value,b})", "$(var(a){tobody.params})", "$(var(a){line.at,0})", "$xavp(x=>a)", "$_s(a $var(a))",
        "$rc", "$?", "$null", "$$", "$(", "$",
        " + ", " - ", " * ", " / ", " mod ", " && ", " || ", " ! ", " == ", " != ", " =~ ", " < ", " >= ", " << ",
        " >> ",
        " | ", " & ", " ^ ", " ~ ", " eq ", " ne ", " ieq ", " defined ", "(int)", "(str)", "strlen(", "strempty(",
        "selval(1,2,3)", "(", ")", "[", "]", ",", "@", "@cfg_get.a.b", "%", "\"", "'", "\\", "\n", "\u{0}", "\u{FFFD}",
        "#!define X ", "#!define X X X\n", "#!define Y X X\n", "#!ifdef X\n", "#!ifndef Y\n", "#!else\n", "#!endif\n",
        "#!ifexp 1 + 1 > 1\n", "#!ifexp (((((\n", "#!defexp Z 2 ** 40\n", "#!defexps W \"a\" + 1\n", "#!undef X\n",
        "#!trydef X 1\n", "#!redef X 2\n", "#!subst \"/a/aa/g\"\n", "#!substdef \"!K!v!g\"\n",
        "#!substdefs \"/K/v/\"\n",
        "#!defenv HOME\n", "include_file \"a.cfg\"\n", "#!include_file \"b.cfg\"\n", "import_file \"none.cfg\"\n",
        "/* ", " */", "# ", "// ", "X", "Y", "\\\n",
        "loadmodule \"pv.so\"\n", "loadmodule \"textops\"\n", "loadmodule \"xlog\"\n", "loadmodule \"siputils\"\n",
        "loadmodule \"tm\"\n", "loadmodule \"sl\"\n", "loadmodule \"textopsx\"\n", "loadmodule \"htable\"\n",
        "modparam(\"pv\", \"varset\", \"a=i:1\")\n", "modparam(\".*\", \"a\", 1)\n",
        "modparamx(\"tm\", \"a\", \"$env(HOME)\")\n",
        "debug = ", "children = 4\n", "listen = udp:127.0.0.1:5060\n",
        "listen = tls:[::1]:5061 advertise a.b:1 name \"x\"\n",
        "socket = { bind = udp:127.0.0.1:5060-5070; name = \"s\"; }\n", "alias = \"a.b\" c.d:5060\n", "flags A:1, B\n",
        "setflag(A); ", "isflagset(3)", "mpath = \"/a\"\n", "g.p = 1 desc \"d\"\n", "g[1].p = \"x\"\n",
        "log_prefix = \"$rm \"\n",
        "xlog(\"L_INFO\", \"$rm $ru\\n\"); ", "append_hf(\"X: $fU\\r\\n\"); ", "remove_hf(\"Via\"); ",
        "is_method(\"INVITE|ACK\")",
        "subst(\"/a(.*)b/\\1/g\"); ", "replace(\"a\", \"b\"); ", "search(\"^a+\")", "has_body()",
        "msg_apply_changes(); ",
        "subst_uri(\"/sip:(.*)@/sip:x\\1@/\"); ", "rewritehost(\"a.b\"); ", "strip(2); ", "prefix(\"00\"); ",
        "append_branch(); ",
        "uri == myself", "src_ip == 127.0.0.1/8", "method == INVITE", "status =~ \"18[0-9]\"", "af == INET6",
        "proto == UDP",
        "t_relay(); ", "sl_send_reply(\"404\", \"Not Found\"); ", "t_on_failure(\"F\"); ", "is_request()",
    ]
}

extension Int {
    fileprivate func clamped(from lower: Int) -> Int { Swift.max(self, lower) }
}
