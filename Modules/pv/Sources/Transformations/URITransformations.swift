import Bytes
import ModuleKit
import SIPMessage

/// `{uri.…}`: parts of URIs.
enum URITransformations {
    static let transformations = TransformationClass(
        "uri", operations: names, summary: "Parts of a URI."
    ) { operation, parameters, _ in
        if let part = Self.parts[operation] {
            return Self.uri { _, span, uri in .part(part(uri)) }
        }
        switch operation {
        case "param":
            try parameters.need(1...1, "uri.param,name")
            return Self.uri { route, span, uri in
                let name = parameters.text(0, in: route)
                return .part(uri.parameter(span, named: name.span).value)
            }
        case "rmparam":
            try parameters.need(1...1, "uri.rmparam,name")
            return Self.uri { route, span, uri in
                let name = parameters.text(0, in: route)
                var scanner = URIPartScanner(uri.parameters, separator: UInt8(ascii: ";"))
                while scanner.next(span) {
                    guard span.equalsIgnoringCase(scanner.name, name.span) else { continue }
                    let out = ByteBuffer(capacity: span.count)
                    out.append(span, ByteRange(0, scanner.name.lower - 1))
                    out.append(span, ByteRange(max(scanner.name.upper, scanner.value.upper), span.count))
                    return .value(.bytes(ByteString(out.span)))
                }
                return .part(ByteRange(0, span.count))
            }
        case "lr":
            return Self.uri { _, span, uri in .part(uri.parameter(span, named: ("lr" as StaticString).span).value) }
        case "tosocket":
            return Self.building { span, uri, out in
                guard uri.host.isPresent else { return }
                out.append(uri.transport?.name ?? "udp")
                out.append(UInt8(ascii: ":"))
                out.append(span, uri.host)
                out.append(UInt8(ascii: ":"))
                out.append(decimal: uri.effectivePort)
            }
        case "duri": return Self.building { Self.write($1, $0, hasUser: false, hasRest: true, to: $2) }
        case "saor": return Self.building { Self.write($1, $0, hasUser: true, hasRest: false, to: $2) }
        case "suri": return Self.building { Self.write($1, $0, hasUser: true, hasRest: true, to: $2) }
        default: throw ArgumentError("there is no such operation")
        }
    }

    private static let parts: [String: @Sendable (SIPURI) -> ByteRange] = [
        "user": { $0.user }, "host": { $0.host }, "domain": { $0.host }, "passwd": { $0.password },
        "port": { $0.portRange }, "params": { $0.parameters }, "headers": { $0.headers },
        "transport": { $0.transportRange }, "ttl": { $0.ttl }, "uparam": { $0.userParameter }, "maddr": { $0.maddr },
        "method": { $0.method }, "r2": { $0.r2 }, "scheme": { $0.schemeRange },
    ]

    static let names = parts.keys.sorted() + ["param", "rmparam", "lr", "tosocket", "duri", "saor", "suri"]

    private static func uri(
        _ body: @escaping @Sendable (RouteContext, Span<UInt8>, SIPURI) -> TextResult
    ) -> VariableReference.Transform {
        Transforming.text { route, span in
            guard let uri = SIPURI(span, ByteRange(0, span.count)) else {
                if span.count > 0 { route.log(.error, "invalid uri [\(ByteString(span).string)]") }
                return .failed
            }
            return body(route, span, uri)
        }
    }

    private static func building(
        _ body: @escaping @Sendable (Span<UInt8>, SIPURI, ByteBuffer) -> Void
    ) -> VariableReference.Transform {
        Self.uri { _, span, uri in
            let out = ByteBuffer(capacity: span.count)
            body(span, uri, out)
            return .value(.bytes(ByteString(out.span)))
        }
    }

    private static func write(_ uri: SIPURI, _ span: Span<UInt8>, hasUser: Bool, hasRest: Bool, to out: ByteBuffer) {
        out.append(span, ByteRange(uri.schemeRange.lower, uri.schemeRange.upper + 1))
        if hasUser, uri.user.isPresent {
            out.append(span, uri.user)
            if uri.host.isPresent { out.append(UInt8(ascii: "@")) }
        }
        out.append(span, uri.host)
        guard hasRest else { return }
        if uri.portRange.count > 0 {
            out.append(UInt8(ascii: ":"))
            out.append(span, uri.portRange)
        }
        if uri.transportRange.count > 0 {
            out.append(";transport=")
            out.append(span, uri.transportRange)
        }
    }
}
