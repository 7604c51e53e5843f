import Bytes
import ModuleKit
import SIPMessage

extension SelectTable {
    /// A URI, whole or a part of it. What the source gives is read anew each time.
    static func uri(
        _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element], _ source: @escaping Reader
    ) throws(ArgumentError) -> Reader {
        guard let part = rest.first else { return source }
        if part.name == "params", rest.count == 2, let name = rest.last?.name {
            let wanted = ByteString(name)
            return { route in
                self.withURI(route, source) { span, uri in uri.parameter(span, named: wanted.span).value }
            }
        }
        guard rest.count == 1, let range = self.uriPart(part.name) else { throw self.unknown(path) }
        if part.name == "transport" {
            return { route in
                let value = self.withURI(route, source, range)
                // Without the parameter it is what the URI's kind stands for.
                return value.isNull ? .text("udp") : value
            }
        }
        return { self.withURI($0, source, range) }
    }

    private typealias Part = @Sendable (Span<UInt8>, SIPURI) -> ByteRange

    private static func uriPart(_ name: String) -> Part? {
        switch name {
        case "type": { $1.schemeRange }
        case "user", "rwd_user": { $1.user }
        case "pwd": { $1.password }
        case "host": { $1.host }
        case "port": { $1.portRange }
        case "hostport": { $1.hostPort }
        case "params": { $1.parameters }
        case "transport": { $1.transportRange }
        case "rwd_uri": { $1.range }
        default: nil
        }
    }

    private static func withURI(
        _ route: RouteContext, _ source: Reader, _ part: (Span<UInt8>, SIPURI) -> ByteRange
    ) -> Value {
        route.withText(source(route)) { span in
            guard let uri = SIPURI(span, ByteRange(start: 0, count: span.count)) else { return .null }
            let range = part(span, uri)
            return range.isPresent ? .bytes(ByteString(span, range)) : .null
        }
    }

    /// From, To, Contact and their like: whole, the URI and its parts, name, parameters.
    static func address(
        _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element],
        _ find: @escaping @Sendable (RouteContext) -> NameAddress
    ) throws(ArgumentError) -> Reader {
        func range(_ pick: @escaping @Sendable (NameAddress) -> ByteRange) throws(ArgumentError) -> Reader {
            try self.leaf(rest.dropFirst(), path) { route in
                let address = find(route)
                return address.isValid ? .slice(ifPresent: pick(address)) : .null
            }
        }
        guard let part = rest.first else {
            return { route in
                let address = find(route)
                return address.isValid ? .slice(address.range) : .null
            }
        }
        switch part.name {
        case "uri":
            return try self.uri(rest.dropFirst(), path) { route in
                let address = find(route)
                return address.isValid ? .slice(ifPresent: address.uri) : .null
            }
        case "name": return try range { $0.displayName }
        case "tag": return try range { $0.tag }
        case "params" where rest.count == 1: return try range { $0.parameters }
        case "params" where rest.count == 2: return self.parameter(rest[rest.startIndex + 1].name, find)
        case "q", "expires", "methods", "received", "instance":
            return try self.leaf(
                rest.dropFirst(), path, self.parameter(part.name == "instance" ? "+sip.instance" : part.name, find))
        default: throw self.unknown(path)
        }
    }

    private static func parameter(
        _ name: String, _ find: @escaping @Sendable (RouteContext) -> NameAddress
    ) -> Reader {
        let wanted = ByteString(name)
        return { route in
            let address = find(route)
            guard address.isValid else { return .null }
            let message = route.message
            return .slice(ifPresent: address.parameter(message.span, named: wanted.span) ?? .absent)
        }
    }
}
