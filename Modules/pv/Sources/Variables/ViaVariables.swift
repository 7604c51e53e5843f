import Bytes
import ModuleKit
import SIPMessage

extension PseudoVariables {
    /// Via values, and where a reply goes next.
    var viaVariables: [ScriptVariable] {
        [
            Self.via("via0", "The first Via") { $0.topVia },
            Self.via("via1", "The second Via") { $0.via(at: 1) },
            Self.via("viaZ", "The last Via") { message in
                var last = Via()
                message.forEachVia {
                    last = $0
                    return $0.isValid
                }
                return last
            },
            ScriptVariable(
                "rpl", inner: .required,
                summary:
                    "Where the reply goes next: (duri) (dhost) (dport) (dproto) (dprotoid); (cntvia) number "
                    + "of Via values."
            ) { name, _ in
                guard case .literal(let key) = name else { throw ArgumentError("$rpl takes a fixed name") }
                switch key {
                case "duri": return Self.next { Self.uri($0.address, $0.transport, always: true) }
                case "dhost": return Self.next { .text($0.address.ip.description) }
                case "dport": return Self.next { .int(Int($0.address.port)) }
                case "dproto": return Self.next { .text("\($0.transport.name)") }
                case "dprotoid": return Self.next { .int(Int($0.transport.rawValue)) }
                case "cntvia":
                    return VariableAccess { route, _ in
                        guard route.message.isResponse else { return .null }
                        var count = 0
                        route.message.forEachVia { _ in
                            count += 1
                            return true
                        }
                        return .int(count)
                    }
                default: throw ArgumentError("$rpl has no key \(key.string)")
                }
            },
        ]
    }

    private static func next(_ part: @escaping @Sendable (Destination) -> Value) -> VariableAccess {
        VariableAccess { route, _ in StatelessForwarder.replyDestination(route).map(part) ?? .null }
    }

    private static func via(
        _ name: String, _ what: String, _ via: @escaping @Sendable (Message) -> Via
    ) -> ScriptVariable {
        ScriptVariable(
            name, inner: .required,
            summary: "\(what): (host) (port) (proto) (protoid) (branch) (rport) (received) (i) (params).",
            reference: "RFC 3261 §20.42"
        ) { inner, _ in
            guard case .literal(let key) = inner else { throw ArgumentError("$\(name) takes a fixed name") }
            let read: @Sendable (Via) -> Value
            switch key {
            case "host": read = { .slice(ifPresent: $0.host) }
            case "port": read = { .int($0.port > 0 ? $0.port : Int($0.transport?.defaultPort ?? 5060)) }
            case "proto": read = { .slice(ifPresent: $0.transportRange) }
            case "protoid": read = { .int(Int($0.transport?.rawValue ?? 0)) }
            case "branch": read = { .slice(ifPresent: $0.branch) }
            case "rport": read = { .slice(ifPresent: $0.rport) }
            case "received": read = { .slice(ifPresent: $0.received) }
            case "i": read = { .slice(ifPresent: $0.i) }
            case "params": read = { $0.parameters.count > 0 ? .slice($0.parameters) : .null }
            case "oc", "ocval", "ocalgo", "ocvalidity", "ocseq":
                throw ArgumentError("$\(name)(\(key.string)) is not built yet")
            default: throw ArgumentError("$\(name) has no key \(key.string)")
            }
            return VariableAccess { route, _ in
                let value = via(route.message)
                return value.isValid ? read(value) : .null
            }
        }
    }
}
