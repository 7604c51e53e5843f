import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// `$du`, `$fs`, `$nh(…)`.
    var destinationVariables: [ScriptVariable] {
        let host = self.host
        return [
            ScriptVariable("du", "duri", summary: "Next hop when it is not the Request-URI; $null clears it.") {
                route in
                route.target.destinationURI.map { .bytes($0) } ?? .null
            } write: { route, value in
                let text = route.text(value)
                route.target.destinationURI = text.isEmpty ? nil : text
                // In a failure route: the same Request-URI is to be tried somewhere else.
                if !text.isEmpty { route.isTargetConsumed = false }
                return true
            },
            ScriptVariable("dd", summary: "Host of $du.") { Self.part(of: $0.target.destinationURI) { $0.host } },
            ScriptVariable("dp", summary: "Port of $du, 5060 when it has none.") {
                Self.port(of: $0.target.destinationURI)
            },
            ScriptVariable("dP", summary: "Transport of $du, UDP when it names none.") {
                Self.transport(of: $0.target.destinationURI)
            },
            ScriptVariable("fs", summary: "Socket to send from: protocol:address:port.") { route in
                route.target.socket.map { .bytes($0.socketName) } ?? .null
            } write: { route, value in
                Self.setSocket(route, value, host)
            },
            ScriptVariable("fsn", summary: "Name of the socket to send from.") { route in
                route.target.socket?.name.map { .bytes($0) } ?? .null
            } write: { route, value in
                Self.setSocket(route, value, host)
            },
            ScriptVariable("fsp", summary: "Port of the socket to send from, 0 when none was chosen.") { route in
                .int(Int(route.target.socket?.address.port ?? 0))
            },
            ScriptVariable(
                "nh", inner: .required,
                summary: "Next hop, $du or the Request-URI: (u) whole, (U) user, (d) host, (p) port, (P) transport."
            ) { name, _ in
                guard case .literal(let part) = name else { throw ArgumentError("$nh takes u, U, d, p or P") }
                switch part {
                case "u": return VariableAccess { route, _ in Self.nextHop(route).map { .bytes($0) } ?? .null }
                case "U": return VariableAccess { route, _ in Self.part(of: Self.nextHop(route)) { $0.user } }
                case "d": return VariableAccess { route, _ in Self.part(of: Self.nextHop(route)) { $0.host } }
                case "p": return VariableAccess { route, _ in Self.port(of: Self.nextHop(route)) }
                case "P": return VariableAccess { route, _ in Self.transport(of: Self.nextHop(route)) }
                default: throw ArgumentError("$nh takes u, U, d, p or P, not \(part.string)")
                }
            },
            ScriptVariable("ruid", summary: "Record that lookup() found for the main branch.") { route in
                route.target.ruid.isEmpty ? .null : .bytes(route.target.ruid)
            },
            ScriptVariable("location_ua", summary: "User agent that lookup() found for the main branch.") { route in
                route.target.userAgent.isEmpty ? .null : .bytes(route.target.userAgent)
            },
        ]
    }

    private static func nextHop(_ route: RouteContext) -> ByteString? {
        if let uri = route.target.destinationURI ?? route.target.uri { return uri }
        if route.isRequest { return route.copy(route.message.requestURI) }
        let via = route.message.via(at: 1)
        guard via.isValid else { return nil }
        let host = route.copy(via.host)
        return via.port > 0 ? "sip:" + host + ":" + ByteString(decimal: via.port) : "sip:" + host
    }

    private static func part(of uri: ByteString?, _ part: (SIPURI) -> ByteRange) -> Value {
        uri.map { URIReading.part($0, part) } ?? .null
    }

    private static func port(of uri: ByteString?) -> Value {
        guard let uri, let parsed = SIPURI(uri.span, ByteRange(start: 0, count: uri.count)) else { return .null }
        return URIReading.port(parsed)
    }

    private static func transport(of uri: ByteString?) -> Value {
        guard let uri, let parsed = SIPURI(uri.span, ByteRange(start: 0, count: uri.count)) else { return .null }
        return parsed.transportRange.isPresent ? .bytes(ByteString(uri.span, parsed.transportRange)) : URIReading.udp
    }

    private static func setSocket(_ route: RouteContext, _ value: Value, _ host: any ModuleHost) -> Bool {
        let text = route.text(value)
        guard !text.isEmpty else {
            route.target.socket = nil
            return true
        }
        if let socket = host.socket(named: text) {
            route.target.socket = socket
        } else {
            route.log(.warning, "no socket found to match [\(text.string)]")
        }
        return true
    }
}
