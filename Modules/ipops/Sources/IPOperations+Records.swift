import Bytes
import ModuleKit
import SIPMessage

/// Records that look-ups found, by the name that the script gave each: they go with the message.
private final class RecordResults {
    var services: [ByteString: [ServiceRecord]] = [:]
    var pointers: [ByteString: [NamingPointer]] = [:]
}

extension RouteContext {
    private var recordResults: RecordResults {
        if let results = self.state(RecordResults.self) { return results }
        let results = RecordResults()
        self.setState(results)
        return results
    }

    fileprivate func services(_ id: ByteString) -> [ServiceRecord]? { self.state(RecordResults.self)?.services[id] }
    fileprivate func pointers(_ id: ByteString) -> [NamingPointer]? { self.state(RecordResults.self)?.pointers[id] }
    fileprivate func keep(_ services: [ServiceRecord], as id: ByteString) { self.recordResults.services[id] = services }
    fileprivate func keep(_ pointers: [NamingPointer], as id: ByteString) { self.recordResults.pointers[id] = pointers }
}

extension IPOperations {
    private func query(
        _ function: String, _ type: DNSRecordType, _ name: Argument, _ summary: String, _ reference: String,
        _ example: String, _ keep: @escaping @Sendable (RouteContext, ByteString, [DNSData]) -> Void
    ) -> ScriptFunction {
        ScriptFunction(
            function, name, Argument("id", .format, "The name under which the script reads the result."), in: .any,
            summary: summary, reference: reference,
            outcomes: [1: "asked; the count may be 0", -2: "no name", -3: "no id"], example: example
        ) { [self] route, arguments in
            let asked = arguments.text(0, in: route)
            let id = arguments.text(1, in: route)
            guard !asked.isEmpty, asked.count <= 255 else { return -2 }
            guard !id.isEmpty else { return -3 }
            self.host.records(DNSQuestion(type, asked), then: route.suspend())
            return .suspended(
                Continuation { route, result in
                    keep(route, id, (result.payload as? DNSAnswer)?.records ?? [])
                    return .success
                })
        }
    }

    var recordFunctions: [ScriptFunction] {
        [
            self.query(
                "srv_query", .srv, Argument("name", .format, "Name of the service: _sip._udp.example.org."),
                "Looks up where a service is, for $srvquery(id=>…), in the order to try. The script waits meanwhile.",
                "RFC 2782",
                #"srv_query("_sip._udp.$rd", "peer"); if ($srvquery(peer=>count) > 0) setflag(1);"#
            ) { route, id, records in
                route.keep(Self.ordered(records.compactMap(\.service)), as: id)
            },
            self.query(
                "naptr_query", .naptr, Argument("domain", .format, "The domain."),
                "Looks up the NAPTR records of a domain for $naptrquery(id=>…), in order. The script waits meanwhile.",
                "RFC 3403", #"naptr_query("$rd", "peer"); xinfo("$naptrquery(peer=>replace[0])\n");"#
            ) { route, id, records in
                let pointers = records.compactMap(\.pointer).sorted {
                    ($0.order, $0.preference) < ($1.order, $1.preference)
                }
                route.keep(pointers, as: id)
            },
            ScriptFunction(
                "dns_set_local_ttl", Argument("ttl", .int, "Seconds; 0: as servers say."), in: .any,
                summary: "Says how long answers of later look-ups hold, whatever servers say.",
                outcomes: [1: "done", -1: "not a number of seconds"], example: "dns_set_local_ttl(60);"
            ) { [self] route, arguments in
                guard let seconds = arguments.int(0, in: route), (0...Int(Int32.max)).contains(seconds) else {
                    return .failure
                }
                self.host.forceNameLifetime(seconds)
                return .success
            },
        ]
    }

    /// The order in which to try servers (RFC 2782): lower priorities first, a draw by weight among equals.
    private static func ordered(_ services: [ServiceRecord]) -> [ServiceRecord] {
        var result: [ServiceRecord] = []
        for priority in Set(services.map(\.priority)).sorted() {
            var left = services.filter { $0.priority == priority }.sorted { $0.weight < $1.weight }
            while !left.isEmpty {
                var drawn = Int.random(in: 0...left.reduce(0) { $0 + Int($1.weight) })
                let index =
                    left.firstIndex { record in
                        drawn -= Int(record.weight)
                        return drawn <= 0
                    } ?? 0
                result.append(left.remove(at: index))
            }
        }
        return result
    }

    var recordVariables: [ScriptVariable] {
        [
            ScriptVariable(
                "srvquery", inner: .required,
                summary:
                    "What srv_query() found: id=>count, port[n], priority[n], target[n], weight[n]; -1 is the last one."
            ) { name, compiler in
                let path = try ResultPath(name, ["count", "port", "priority", "target", "weight"], compiler)
                return VariableAccess { route, _ in
                    guard let services = route.services(path.id.evaluate(in: route)) else { return .null }
                    if path.field == "count" { return .int(services.count) }
                    guard let index = path.index(in: route, count: services.count) else { return .null }
                    let service = services[index]
                    switch path.field {
                    case "port": return .int(Int(service.port))
                    case "priority": return .int(Int(service.priority))
                    case "weight": return .int(Int(service.weight))
                    default: return .bytes(service.target)
                    }
                }
            },
            ScriptVariable(
                "naptrquery", inner: .required,
                summary: """
                    What naptr_query() found: id=>count, order[n], pref[n], flags[n], services[n], regex[n], replace[n].
                    """
            ) { name, compiler in
                let fields = ["count", "order", "pref", "flags", "services", "regex", "replace"]
                let path = try ResultPath(name, fields, compiler)
                return VariableAccess { route, _ in
                    guard let pointers = route.pointers(path.id.evaluate(in: route)) else { return .null }
                    if path.field == "count" { return .int(pointers.count) }
                    guard let index = path.index(in: route, count: pointers.count) else { return .null }
                    let pointer = pointers[index]
                    switch path.field {
                    case "order": return .int(Int(pointer.order))
                    case "pref": return .int(Int(pointer.preference))
                    case "flags": return .bytes(pointer.flags)
                    case "services": return .bytes(pointer.services)
                    case "regex": return .bytes(pointer.regularExpression)
                    default: return .bytes(pointer.replacement)
                    }
                }
            },
        ]
    }
}
