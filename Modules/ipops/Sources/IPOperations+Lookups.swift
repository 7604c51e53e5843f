import Bytes
import ModuleKit
import SIPMessage

/// What look-ups found, by the name that the script gave each: it goes with the message.
private final class LookupResults {
    struct Name {
        var address: IPAddress
        var name: ByteString
    }

    var addresses: [ByteString: [IPAddress]] = [:]
    var names: [ByteString: Name] = [:]
}

extension RouteContext {
    private var lookups: LookupResults {
        if let results = self.state(LookupResults.self) { return results }
        let results = LookupResults()
        self.setState(results)
        return results
    }

    fileprivate func found(_ id: ByteString) -> [IPAddress]? { self.state(LookupResults.self)?.addresses[id] }
    fileprivate func foundName(_ id: ByteString) -> LookupResults.Name? { self.state(LookupResults.self)?.names[id] }
    fileprivate func keep(_ addresses: [IPAddress]?, as id: ByteString) { self.lookups.addresses[id] = addresses }
    fileprivate func keep(_ name: LookupResults.Name?, as id: ByteString) { self.lookups.names[id] = name }
}

extension IPOperations {
    /// Suspends the script until the addresses of `name` are known.
    private func lookUp(
        _ name: ByteString, _ route: RouteContext, _ then: @escaping (RouteContext, [IPAddress]?) -> Outcome
    ) -> Outcome {
        if let read = AddressText(name) { return then(route, [read.address]) }
        guard !name.isEmpty, name.count <= 255 else { return then(route, nil) }
        self.host.addresses(of: name, then: route.suspend())
        return .suspended(
            Continuation { route, result in then(route, result.code > 0 ? result.payload as? [IPAddress] : nil) }
        )
    }

    var lookupFunctions: [ScriptFunction] {
        let name = Argument("hostname", .format, "The name to look up.")
        let id = Argument("id", .format, "The name under which the script reads the result.")
        func matching(_ function: String, _ how: String) -> ScriptFunction {
            ScriptFunction(
                function, name, Argument("ip", .format, "The address, without brackets."), in: .any,
                summary: "Tells whether a host name has a certain address, asking \(how). The script waits.",
                outcomes: [
                    1: "it has", -1: "it has not", -3: "the second argument is no address", -4: "the name is not known",
                ],
                example: "if (!\(function)(\"$fd\", \"$si\")) { setflag(1); }"
            ) { [self] route, arguments in
                guard let wanted = AddressText(pure: arguments.text(1, in: route)) else {
                    route.log(.error, "\(function): \(arguments.text(1, in: route)) is no address")
                    return -3
                }
                return self.lookUp(arguments.text(0, in: route), route) { _, addresses in
                    guard let addresses else { return -4 }
                    return addresses.contains(wanted.address) ? .success : .failure
                }
            }
        }
        return [
            matching("dns_sys_match_ip", "the system's resolver"),
            matching("dns_int_match_ip", "the server's resolver, with its cache"),
            ScriptFunction(
                "dns_query", name, id, in: .any,
                summary: "Looks up the addresses of a host name for $dns(id=>…). The script waits meanwhile.",
                reference: "RFC 1035, RFC 3596", outcomes: [1: "found", -1: "no id", -4: "the name is not known"],
                example: #"if (dns_query("$rd", "peer")) { $du = "sip:" + $dns(peer=>addr[0]); }"#
            ) { [self] route, arguments in
                let id = arguments.text(1, in: route)
                guard !id.isEmpty else { return .failure }
                route.keep(nil as [IPAddress]?, as: id)
                return self.lookUp(arguments.text(0, in: route), route) { route, addresses in
                    guard let addresses else { return -4 }
                    route.keep(addresses, as: id)
                    return .success
                }
            },
            ScriptFunction(
                "ptr_query", Argument("ip", .format, "The address."), id, in: .any,
                summary: "Looks up the name of an address for $ptrquery(id=>…). The script waits meanwhile.",
                reference: "RFC 1035 §3.5",
                outcomes: [1: "found", -1: "no address, no id, or the address has no name"],
                example: #"if (ptr_query("$si", "source")) { $var(name) = $ptrquery(source=>hostname); }"#
            ) { [self] route, arguments in
                let id = arguments.text(1, in: route)
                guard !id.isEmpty, let read = AddressText(arguments.text(0, in: route)) else { return .failure }
                route.keep(nil as LookupResults.Name?, as: id)
                self.host.name(of: read.address, then: route.suspend())
                return .suspended(
                    Continuation { route, result in
                        guard result.code > 0, let name = result.payload as? ByteString else { return .failure }
                        route.keep(LookupResults.Name(address: read.address, name: name), as: id)
                        return .success
                    }
                )
            },
        ]
    }

    var lookupVariables: [ScriptVariable] {
        [
            ScriptVariable(
                "dns", inner: .required,
                summary: "What dns_query() found: id=>count, ipv4, ipv6, addr[n], type[n] (4 or 6); -1 is the last one."
            ) { name, compiler in
                let path = try ResultPath(name, ["count", "ipv4", "ipv6", "addr", "type"], compiler)
                return VariableAccess { route, _ in
                    guard let addresses = route.found(path.id.evaluate(in: route)) else { return .null }
                    switch path.field {
                    case "count": return .int(addresses.count)
                    case "ipv4": return .int(addresses.contains { !$0.isIPv6 } ? 1 : 0)
                    case "ipv6": return .int(addresses.contains { $0.isIPv6 } ? 1 : 0)
                    default:
                        guard let index = path.index(in: route, count: addresses.count) else { return .null }
                        let address = addresses[index]
                        if path.field == "type" { return .int(address.isIPv6 ? 6 : 4) }
                        return .bytes(ByteString(address.description))
                    }
                }
            },
            ScriptVariable(
                "ptrquery", inner: .required,
                summary: "What ptr_query() found: id=>hostname, and of the address asked for: addr, type, ipv4, ipv6."
            ) { name, compiler in
                let path = try ResultPath(name, ["hostname", "addr", "type", "ipv4", "ipv6", "count"], compiler)
                return VariableAccess { route, _ in
                    guard let found = route.foundName(path.id.evaluate(in: route)) else { return .null }
                    switch path.field {
                    case "hostname": return .bytes(found.name)
                    case "addr": return .bytes(ByteString(found.address.description))
                    case "type": return .int(found.address.isIPv6 ? 6 : 4)
                    case "ipv4": return .int(found.address.isIPv6 ? 0 : 1)
                    case "ipv6": return .int(found.address.isIPv6 ? 1 : 0)
                    default: return .int(1)
                    }
                }
            },
        ]
    }
}

/// `id=>field[index]`: the id may contain variables, the index may be one.
final class ResultPath: Sendable {
    let id: FormatString
    let field: String
    private let position: FormatString?

    init(_ name: VariableName, _ fields: [String], _ compiler: any ScriptCompiling) throws {
        guard case .literal(let text) = name else { throw ArgumentError("write id=>field") }
        let bytes = text.bytes
        guard let arrow = bytes.indices.dropLast().first(where: { bytes[$0] == 61 && bytes[$0 + 1] == 62 }), arrow > 0
        else { throw ArgumentError("write id=>field, not \(text.string)") }
        self.id = try compiler.format(ByteString(Array(bytes[..<arrow])))
        var rest = bytes[(arrow + 2)...]
        var position: FormatString?
        if let open = rest.firstIndex(of: UInt8(ascii: "[")) {
            guard rest.last == UInt8(ascii: "]") else { throw ArgumentError("']' is missing in \(text.string)") }
            position = try compiler.format(ByteString(Array(rest[(open + 1)..<(rest.endIndex - 1)])))
            rest = rest[..<open]
        }
        self.position = position
        self.field = String(decoding: rest, as: UTF8.self)
        guard fields.contains(self.field) else {
            throw ArgumentError("there is no field '\(self.field)': it is one of \(fields.joined(separator: ", "))")
        }
    }

    /// The index as it is now, counted from the end when negative; nil when there is no such element.
    func index(in route: RouteContext, count: Int) -> Int? {
        guard let position = self.position else { return count > 0 ? 0 : nil }
        let text = position.evaluate(in: route)
        guard let number = Value.integer(text.span, ByteRange(start: 0, count: text.count)), number < count else {
            return nil
        }
        let index = number < 0 ? count + number : number
        return index >= 0 ? index : nil
    }
}
