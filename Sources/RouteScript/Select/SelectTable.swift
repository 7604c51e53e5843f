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
        case "hf_value", "hf_value2", "hf_value_exists": return try self.header(first.name, rest, path)
        case "rpid": return try self.address(rest, path) { Self.firstAddress(.remotePartyID, $0) }
        case "event":
            return try self.leaf(rest, path) { route in
                // The package alone (RFC 6665 §8.2.1).
                let value = route.message.value(.event)
                guard value.isPresent else { return .null }
                let message = route.message
                let end = message.span.firstIndex(of: UInt8(ascii: ";"), from: value.lower, to: value.upper)
                return .slice(ByteRange(value.lower, end))
            }
        case "status", "reason":
            let isStatus = first.name == "status"
            return try self.leaf(rest, path) { route in
                guard route.message.isResponse else { return .null }
                return isStatus
                    ? .bytes(ByteString(decimal: route.message.statusCode)) : .slice(ifPresent: route.message.reason)
            }
        case "sys": return try self.system(rest, path)
        case "authorization": return try self.credentials(.authorization, first.index, rest, path)
        case "proxy_authorization": return try self.credentials(.proxyAuthorization, first.index, rest, path)
        case _ where Self.plainFields.contains(first.name):
            let selector = HeaderSelector(Self.fieldName(first.name))
            return try self.leaf(rest, path) { route in
                let index = selector.index(in: route.message, at: 0)
                return index < 0 ? .null : .slice(ifPresent: route.message.field(at: index).value)
            }
        default: throw self.unknown(path)
        }
    }

    /// Words that a path may begin with.
    static let roots =
        [
            "authorization", "call_id", "cfg_get", "contact", "cseq", "dst", "dst_uri", "event", "from", "hf_value",
            "hf_value2", "hf_value_exists", "method", "msg", "next_hop", "proxy_authorization", "reason", "received",
            "record_route", "refer_to", "route", "rpid", "ruri", "src", "status", "sys", "to", "via",
        ] + SelectTable.plainFields

    /// Header fields whose first value is a select by their own name.
    static let plainFields = [
        "content_length", "content_type", "date", "expires", "identity", "identity_info", "max_forwards", "min_se",
        "organization", "priority", "session_expires", "sip_if_match", "subject", "user_agent",
    ]

    static func unknown(_ path: [SelectPath.Element]) -> ArgumentError {
        let text = path.map(\.name).joined(separator: ".")
        if ["tls", "tm"].contains(path[0].name) {
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
