import Bytes
import ModuleKit
import SIPMessage

/// What selects name: `@via[1].host`, `$sel(ruri.user)` (language §11). A select is text, and reads as empty where the
/// message has nothing of the kind.
enum SelectTable {
    typealias Reader = @Sendable (RouteContext) -> Value

    /// Finds the reader of a path.
    /// - Throws: `ArgumentError` for a path that names nothing.
    static func reader(_ path: [SelectPath.Element]) throws(ArgumentError) -> Reader {
        var rest = path[...]
        let first = rest.removeFirst()
        switch first.name {
        case "method": return try self.leaf(rest, path) { .slice(ifPresent: Self.method($0)) }
        case "call_id", "callid": return try self.leaf(rest, path) { .slice(ifPresent: $0.message.callID) }
        case "ruri": return try self.uri(rest, path) { $0.requestURI }
        case "dst_uri": return try self.uri(rest, path) { $0.target.destinationURI.map { .bytes($0) } ?? .null }
        case "next_hop":
            return try self.uri(rest, path) { route in
                route.target.destinationURI.map { .bytes($0) } ?? route.requestURI
            }
        case "from", "f": return try self.address(rest, path) { $0.message.from }
        case "to", "t": return try self.address(rest, path) { $0.message.to }
        case "contact", "ct", "m": return try self.address(rest, path) { $0.message.firstContact }
        case "record_route", "rr": return try self.address(rest, path) { Self.firstAddress(.recordRoute, $0) }
        case "route", "r": return try self.address(rest, path) { $0.message.topRoute }
        case "refer_to": return try self.address(rest, path) { Self.firstAddress(.referTo, $0) }
        case "via", "v": return try self.via(first.index, rest, path)
        case "cseq", "cs": return try self.sequence(rest, path)
        case "src", "dst", "received": return try self.arrival(first.name, rest, path)
        case "msg": return try self.message(rest, path)
        case "hf_value": return try self.header(rest, path)
        default: throw self.unknown(path)
        }
    }

    /// Words that a path may begin with.
    static let roots = [
        "call_id", "cfg_get", "contact", "cseq", "dst", "dst_uri", "from", "hf_value", "method", "msg", "next_hop",
        "received", "record_route", "refer_to", "route", "ruri", "src", "to", "via",
    ]

    static func unknown(_ path: [SelectPath.Element]) -> ArgumentError {
        let text = path.map(\.name).joined(separator: ".")
        if ["tls", "authorization", "proxy_authorization", "tm", "sys"].contains(path[0].name) {
            return ArgumentError("select @\(text) is not built yet")
        }
        return ArgumentError(
            "there is no select @\(text)",
            suggestion: self.roots.contains(path[0].name) ? nil : nearest(path[0].name, in: self.roots))
    }

    /// A path that ends here.
    static func leaf(
        _ rest: ArraySlice<SelectPath.Element>, _ path: [SelectPath.Element], _ read: @escaping Reader
    ) throws(ArgumentError) -> Reader {
        guard rest.isEmpty else { throw self.unknown(path) }
        return read
    }

    private static func method(_ route: RouteContext) -> ByteRange {
        route.isRequest ? route.message.methodRange : route.message.cSeq.methodRange
    }

    private static func firstAddress(_ name: HeaderName, _ route: RouteContext) -> NameAddress {
        var iterator = NameAddressIterator(name)
        return iterator.next(route.message) ?? NameAddress()
    }
}
