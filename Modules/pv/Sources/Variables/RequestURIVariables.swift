import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// `$ru` and its parts.
    var requestURIVariables: [ScriptVariable] {
        let phone2tel = self.host.settings.phone2tel
        return [
            ScriptVariable(
                "ru", "ruri", summary: "Request-URI; assigning it changes where the request goes.",
                reference: "RFC 3261 §8.1.1.1"
            ) { route in
                route.target.uri == nil || route.withRequestURI({ $1 != nil }) ? route.requestURI : .null
            } write: { route, value in
                guard route.isRequest, !value.isNull else { return false }
                route.setRequestURI(route.text(value))
                return true
            },
            ScriptVariable(
                "rU", "ruri.user", summary: "User of the Request-URI; $null or an empty text removes it.",
                reference: "RFC 3261 §19.1.1"
            ) { route in
                Self.nonEmpty(route.requestURIPart { $0.user }, route)
            } write: { route, value in
                let user = route.text(value)
                guard user.bytes.allSatisfy({ $0 > 32 }) else { return false }
                return route.rewriteRequestURI(.user, with: user)
            },
            ScriptVariable(
                "rd", "ruri.domain", summary: "Host of the Request-URI.", reference: "RFC 3261 §19.1.1"
            ) { route in
                route.requestURIPart { $0.host }
            } write: { route, value in
                !value.isNull && route.rewriteRequestURI(.host, with: route.text(value))
            },
            ScriptVariable(
                "rp", summary: "Port of the Request-URI, 5060 when it has none; $null removes it.",
                reference: "RFC 3261 §19.1.1"
            ) { route in
                URIReading.port(route)
            } write: { route, value in
                route.rewriteRequestURI(.port, with: route.text(value))
            },
            ScriptVariable("rP", summary: "Transport of the Request-URI, UDP when it names none.") { route in
                guard route.isRequest, route.withRequestURI({ $1 != nil }) else { return .null }
                let value = route.requestURIPart { $0.transportRange }
                return value.isNull ? URIReading.udp : value
            },
            ScriptVariable("rz", summary: "Scheme of the Request-URI; tel too for sip with user=phone.") { route in
                guard route.isRequest else { return .null }
                return route.withRequestURI { URIReading.scheme($1, $0, phone2tel: phone2tel) }
            },
            ScriptVariable("rul", summary: "Length of the Request-URI.") { route in
                .int(route.withText(route.requestURI) { $0.count })
            },
            ScriptVariable("rUl", summary: "Length of the user of the Request-URI.") { route in
                route.isRequest ? route.withRequestURI { $1.map { .int($0.user.length) } ?? .null } : .null
            },
        ]
    }

    /// `$ou`: the Request-URI as received.
    var originalURIVariables: [ScriptVariable] {
        [
            ScriptVariable("ou", "ouri", summary: "Request-URI as received.") {
                .slice(ifPresent: $0.message.requestURI)
            },
            ScriptVariable("oU", summary: "User of the Request-URI as received.") { route in
                Self.nonEmpty(.slice(ifPresent: route.message.parsedRequestURI?.user ?? .absent), route)
            },
            ScriptVariable("od", summary: "Host of the Request-URI as received.") {
                .slice(ifPresent: $0.message.parsedRequestURI?.host ?? .absent)
            },
            ScriptVariable("op", summary: "Port of the Request-URI as received, 5060 when it had none.") {
                $0.message.parsedRequestURI.map { URIReading.port($0) } ?? .null
            },
            ScriptVariable("oP", summary: "Transport of the Request-URI as received, UDP when it named none.") {
                route in
                guard let uri = route.message.parsedRequestURI else { return .null }
                return uri.transportRange.isPresent ? .slice(uri.transportRange) : URIReading.udp
            },
            ScriptVariable("oUl", summary: "Length of the user of the Request-URI as received.") {
                $0.isRequest ? .int($0.message.parsedRequestURI?.user.length ?? 0) : .null
            },
        ]
    }

    /// An empty text counts as none.
    static func nonEmpty(_ value: Value, _ route: RouteContext) -> Value { route.isEmpty(value) ? .null : value }
}

/// Parts of URIs as scripts see them.
enum URIReading {
    static let udp = Value.bytes("UDP")
    private static let schemes: [Value] = ["sip", "sips", "tel", "tels", "urn", "http", "none"].map { .bytes($0) }

    static func port(_ route: RouteContext) -> Value {
        guard route.isRequest else { return .null }
        // Text that is a number: `$rp + 1` joins.
        return route.withRequestURI { _, uri in
            uri.map { $0.port >= 0 ? $0.port : 5060 }.map { .labelled($0, ByteString(decimal: $0)) } ?? .null
        }
    }

    static func port(_ uri: SIPURI) -> Value { .int(uri.port >= 0 ? uri.port : 5060) }

    static func scheme(_ uri: SIPURI?, _ span: Span<UInt8>, phone2tel: Bool) -> Value {
        guard let uri else { return .null }
        let isPhone = phone2tel && uri.isSIP && span.equalsIgnoringCase(uri.userParameter, "phone")
        switch uri.scheme {
        case .sip: return isPhone ? Self.schemes[2] : Self.schemes[0]
        case .sips: return isPhone ? Self.schemes[3] : Self.schemes[1]
        case .tel: return Self.schemes[2]
        case .tels: return Self.schemes[3]
        case .urn: return Self.schemes[4]
        case .http: return Self.schemes[5]
        case .other: return Self.schemes[6]
        }
    }

    /// A part of the URI in `text`.
    static func part(_ text: ByteString, _ part: (SIPURI) -> ByteRange) -> Value {
        guard let uri = SIPURI(text.span, ByteRange(start: 0, count: text.count)) else { return .null }
        let range = part(uri)
        return range.count > 0 ? .bytes(ByteString(text.span, range)) : .null
    }
}
