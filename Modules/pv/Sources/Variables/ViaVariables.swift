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
            summary: "\(what): (host) (port) (proto) (protoid) (branch) (rport) (received) (i) (params);"
                + " overload control: (oc) (ocval) (ocalgo) (ocvalidity) (ocseq).",
            reference: "RFC 3261 §20.42"
        ) { inner, _ in
            guard case .literal(let key) = inner else { throw ArgumentError("$\(name) takes a fixed name") }
            if let overload = OverloadParameter(rawValue: key.string) {
                return VariableAccess { route, _ in
                    let message = route.message
                    let value = via(message)
                    return value.isValid ? overload.read(value, message.span) : .null
                }
            }
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
            default: throw ArgumentError("$\(name) has no key \(key.string)")
            }
            return VariableAccess { route, _ in
                let value = via(route.message)
                return value.isValid ? read(value) : .null
            }
        }
    }
}

/// What a Via says about overload control (RFC 7339 §4).
private enum OverloadParameter: String {
    /// 1 when there is an `oc` parameter.
    case oc
    /// The value of `oc`.
    case ocval
    case algorithms = "ocalgo"
    case validity = "ocvalidity"
    case sequence = "ocseq"

    func read(_ via: Via, _ span: Span<UInt8>) -> Value {
        switch self {
        case .oc: .int(via.parameter(span, named: ("oc" as StaticString).span) == nil ? 0 : 1)
        case .ocval: self.number(via.parameter(span, named: ("oc" as StaticString).span), span)
        case .algorithms:
            .slice(ifPresent: self.unquoted(via.parameter(span, named: ("oc-algo" as StaticString).span), span))
        case .validity: self.number(via.parameter(span, named: ("oc-validity" as StaticString).span), span)
        case .sequence: .slice(ifPresent: via.parameter(span, named: ("oc-seq" as StaticString).span) ?? .absent)
        }
    }

    private func number(_ range: ByteRange?, _ span: Span<UInt8>) -> Value {
        range.flatMap { span.decimal(in: $0) }.map { .int($0) } ?? .null
    }

    private func unquoted(_ range: ByteRange?, _ span: Span<UInt8>) -> ByteRange {
        guard let range, range.length >= 2, span[range.lower] == 34, span[range.upper - 1] == 34 else {
            return range ?? .absent
        }
        return ByteRange(range.lower + 1, range.upper - 1)
    }
}
