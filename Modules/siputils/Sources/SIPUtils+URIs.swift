import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    /// Comparing and converting URIs.
    var uriFunctions: [ScriptFunction] {
        let first = Argument("first", .format, "URI.")
        let second = Argument("second", .format, "URI.")
        return [
            ScriptFunction(
                "cmp_uri", first, second, in: .any, summary: "Tells whether two URIs are the same.",
                reference: "RFC 3261 §19.1.4", outcomes: [1: "the same", -1: "different"],
                example: #"if (cmp_uri("$fu", "$tu")) { setflag(1); }"#
            ) { route, arguments in
                Self.compare(route, arguments) { SIPURI.equal($0, $1, $2, $3) }
            },
            ScriptFunction(
                "cmp_aor", first, second, in: .any,
                summary: "Tells whether two URIs have the same user, host and port; a missing port is 5060.",
                reference: "RFC 3261 §10.3 step 5", outcomes: [1: "the same", -1: "different"],
                example: #"if (cmp_aor("$fu", "$tu")) { setflag(1); }"#
            ) { route, arguments in
                Self.compare(route, arguments) { Self.sameAddress($0, $1, $2, $3) }
            },
            ScriptFunction(
                "tel2sip", Argument("uri", .format, "tel URI."), Argument("host", .format, "Host of the new URI."),
                Argument("result", .variable, "Takes the SIP URI."), in: [.request, .failure, .anyReply, .branch],
                summary: "Makes a SIP URI of a tel URI, visual separators removed.", reference: "RFC 3261 §19.1.6",
                outcomes: [1: "converted", 2: "it is no tel URI", -1: "the variable refuses it"],
                example: #"tel2sip("$ru", "example.org", "$var(uri)");"#
            ) { route, arguments in
                guard let uri = TelURI.sip(arguments.text(0, in: route), host: arguments.text(1, in: route)) else {
                    return 2
                }
                guard let variable = arguments.variable(2) else { return .failure }
                return variable.write(.bytes(uri), in: route) ? .success : .failure
            },
            ScriptFunction(
                "tel2sip2", Argument("uri", .format, "tel URI."), Argument("host", .format, "Host of the new URI."),
                Argument("result", .variable, "Takes the SIP URI."), in: [.request, .failure, .anyReply, .branch],
                summary: "Like tel2sip(), but refuses a tel URI that is neither global nor has a phone-context.",
                reference: "RFC 3966 §5.1",
                outcomes: [
                    1: "converted", 2: "it is no tel URI", -1: "it is none that is valid, or the variable refuses it",
                ],
                example: #"tel2sip2("$ru", "example.org", "$var(uri)");"#
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                guard let uri = TelURI.sip(text, host: arguments.text(1, in: route)) else { return 2 }
                guard TelURI.isValid(text), let variable = arguments.variable(2) else { return .failure }
                return variable.write(.bytes(uri), in: route) ? .success : .failure
            },
            ScriptFunction(
                "is_uri_valid", Argument("uri", .format, "The URI; the Request-URI when left out.", optional: true),
                in: .any, summary: "Tells whether a URI can be taken apart.", reference: "RFC 3261 §19.1.1",
                outcomes: [1: "it can", -1: "it cannot"], example: "if (!is_uri_valid()) { setflag(1); }"
            ) { route, arguments in
                guard arguments.has(0) else { return route.withRequestURI { $1 != nil } ? .success : .failure }
                let text = arguments.text(0, in: route)
                return SIPURI(text.span, ByteRange(start: 0, count: text.count)) == nil ? .failure : .success
            },
            Self.setter("set_uri_user", .user, "Replaces the user of the URI in a variable."),
            Self.setter("set_uri_host", .host, "Replaces the host of the URI in a variable."),
        ]
    }

    private static func compare(
        _ route: RouteContext, _ arguments: Arguments, _ same: (SIPURI, Span<UInt8>, SIPURI, Span<UInt8>) -> Bool
    ) -> Outcome {
        let one = arguments.text(0, in: route)
        let two = arguments.text(1, in: route)
        guard let left = SIPURI(one.span, ByteRange(start: 0, count: one.count)),
            let right = SIPURI(two.span, ByteRange(start: 0, count: two.count))
        else { return .failure }
        return same(left, one.span, right, two.span) ? .success : .failure
    }

    private static func sameAddress(_ a: SIPURI, _ aSpan: Span<UInt8>, _ b: SIPURI, _ bSpan: Span<UInt8>) -> Bool {
        let hosts = ByteString(bSpan, b.host)
        return SIPURI.unescaped(aSpan, a.user) == SIPURI.unescaped(bSpan, b.user)
            && (a.host.isPresent ? aSpan.equalsIgnoringCase(a.host, hosts.span) : !b.host.isPresent)
            && (a.port >= 0 ? a.port : 5060) == (b.port >= 0 ? b.port : 5060)
    }

    private static func setter(_ name: String, _ part: URIPart, _ summary: String) -> ScriptFunction {
        ScriptFunction(
            name, Argument("uri", .variable, "Holds the URI."), Argument("text", .format, "The new text."), in: .any,
            summary: summary, reference: "RFC 3261 §19.1.1", outcomes: [1: "changed", -1: "it holds no URI"],
            example: "$var(uri) = \"sip:a@b\"; \(name)(\"$var(uri)\", \"new\");"
        ) { route, arguments in
            guard let variable = arguments.variable(0) else { return .failure }
            let text = route.text(variable.read(in: route))
            guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)) else { return .failure }
            let out = ByteBuffer(capacity: text.count + 32)
            guard part.write(arguments.text(1, in: route), in: uri, text.span, to: out) else { return .failure }
            return variable.write(.bytes(ByteString(out.span)), in: route) ? .success : .failure
        }
    }
}

/// Telephone numbers as SIP URIs.
enum TelURI {
    /// `sip:+1234;x=1@host;user=phone` for `tel:+1-23(4);x=1`; nil when `text` is no tel URI.
    static func sip(_ text: ByteString, host: ByteString) -> ByteString? {
        guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)),
            uri.scheme == .tel || uri.scheme == .tels
        else { return nil }
        let out = ByteBuffer(capacity: text.count + host.count + 16)
        out.append("sip:")
        for index in uri.user.indices where !Self.isVisualSeparator(text.bytes[index]) { out.append(text.bytes[index]) }
        out.append(text.span, ByteRange(uri.user.upper, uri.range.upper))
        out.append(UInt8(ascii: "@"))
        out.append(host)
        out.append(";user=phone")
        return ByteString(out.span)
    }

    /// A plus sign and digits, or digits, `*`, `#` and letters A to F with a phone-context (RFC 3966 §3).
    static func isValid(_ text: ByteString) -> Bool {
        guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)) else { return false }
        let number = text.bytes[uri.user.indices].filter { !Self.isVisualSeparator($0) }
        guard number.first == UInt8(ascii: "+") else {
            let hasContext = uri.parameter(text.span, named: ("phone-context" as StaticString).span).isPresent
            let isLocal = number.allSatisfy { $0.isDigit || $0 == 42 || $0 == 35 || (65...70).contains($0 & 0xdf) }
            return hasContext && isLocal && !number.isEmpty
        }
        return number.count > 1 && number.dropFirst().allSatisfy(\.isDigit)
    }

    /// `-` `.` `(` `)` (RFC 3966 §5.1.1).
    private static func isVisualSeparator(_ byte: UInt8) -> Bool {
        byte == 45 || byte == 46 || byte == 40 || byte == 41
    }
}
