import Bytes
import ModuleKit
import SIPMessage

extension SIPUtils {
    /// Parameters of the Request-URI.
    var requestURIFunctions: [ScriptFunction] {
        let name = Argument("name", .format, "Name of the parameter.")
        let routes: RouteKinds = [.request, .failure, .branch]
        return [
            ScriptFunction(
                "uri_param", name,
                Argument("value", .format, "Value to compare with; left out: it must have none.", optional: true),
                in: routes,
                summary: "Tells whether the Request-URI has a parameter, without a value or with that value.",
                reference: "RFC 3261 §19.1.1", outcomes: [1: "yes", -1: "no"],
                example: #"if (uri_param("transport", "tcp")) { setflag(1); }"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                let value = arguments.has(1) ? arguments.text(1, in: route) : ByteString()
                return route.withRequestURI { span, uri -> Bool in
                    guard let uri else { return false }
                    let found = uri.parameter(span, named: name.span)
                    guard found.isPresent else { return false }
                    if value.isEmpty { return found.value.count == 0 }
                    return span.equalsIgnoringCase(found.value, value.span)
                } ? .success : .failure
            },
            ScriptFunction(
                "uri_param_any", name, in: routes,
                summary: "Tells whether the Request-URI has a parameter, whatever its value.",
                reference: "RFC 3261 §19.1.1", outcomes: [1: "yes", -1: "no"],
                example: #"if (uri_param_any("ob")) { setflag(1); }"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                return route.withRequestURI { $1?.parameter($0, named: name.span).isPresent ?? false }
                    ? .success : .failure
            },
            ScriptFunction(
                "add_uri_param", Argument("parameter", .literal, "name=value."), in: .request,
                summary: "Adds a parameter to the Request-URI.", reference: "RFC 3261 §19.1.1",
                outcomes: [1: "added", -1: "the Request-URI is no SIP URI"], example: #"add_uri_param("nat=yes");"#
            ) { route, arguments in
                let text = arguments.text(0, in: route)
                guard !text.isEmpty else { return .success }
                return Self.edit(route) { URIParameters.add(text, to: $1, $0) }
            },
            ScriptFunction(
                "uri_param_rm", name, in: routes, summary: "Removes a parameter of the Request-URI.",
                reference: "RFC 3261 §19.1.1", outcomes: [1: "removed", -1: "it has no such parameter"],
                example: #"uri_param_rm("nat");"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                return Self.edit(route) { URIParameters.remove(name, from: $1, $0) }
            },
            ScriptFunction(
                "get_uri_param", name, Argument("result", .variable, "Takes the value."), in: .request,
                summary: "Puts the value of a parameter of the Request-URI into a variable.",
                reference: "RFC 3261 §19.1.1", outcomes: [1: "found", -1: "it has no such parameter"],
                example: #"get_uri_param("transport", "$var(transport)");"#
            ) { route, arguments in
                let name = arguments.text(0, in: route)
                let value = route.withRequestURI { span, uri -> ByteString? in
                    guard let found = uri?.parameter(span, named: name.span), found.isPresent else { return nil }
                    return ByteString(span, found.value)
                }
                guard let value, let variable = arguments.variable(1) else { return .failure }
                return variable.write(.bytes(value), in: route) ? .success : .failure
            },
        ]
    }

    private static func edit(_ route: RouteContext, _ body: (Span<UInt8>, SIPURI) -> ByteString?) -> Outcome {
        guard route.isRequest else { return .failure }
        let changed = route.withRequestURI { span, uri -> ByteString? in
            guard let uri, uri.scheme != .urn, uri.scheme != .other else { return nil }
            return body(span, uri)
        }
        guard let changed else { return .failure }
        route.setRequestURI(changed)
        return .success
    }
}

/// Adding and removing parameters of a URI.
enum URIParameters {
    static func add(_ text: ByteString, to uri: SIPURI, _ span: Span<UInt8>) -> ByteString {
        let out = ByteBuffer(capacity: uri.range.length + text.count + 1)
        let end = uri.headers.isPresent ? uri.headers.lower - 1 : uri.range.upper
        out.append(span, ByteRange(uri.range.lower, end))
        if text.bytes.first != UInt8(ascii: ";") { out.append(UInt8(ascii: ";")) }
        out.append(text)
        out.append(span, ByteRange(end, uri.range.upper))
        return ByteString(out.span)
    }

    /// - Returns: nil when there is no such parameter.
    static func remove(_ name: ByteString, from uri: SIPURI, _ span: Span<UInt8>) -> ByteString? {
        var parts = URIPartScanner(uri.parameters, separator: UInt8(ascii: ";"))
        while parts.next(span) {
            guard span.equalsIgnoringCase(parts.name, name.span) else { continue }
            let out = ByteBuffer(capacity: uri.range.length)
            out.append(span, ByteRange(uri.range.lower, parts.name.lower - 1))
            out.append(span, ByteRange(max(parts.name.upper, parts.value.upper), uri.range.upper))
            return ByteString(out.span)
        }
        return nil
    }
}
