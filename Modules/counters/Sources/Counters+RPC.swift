import Bytes
import ModuleKit

extension Counters {
    public var commands: [RPCCommand] {
        let groups: @Sendable (RPCRequest) throws(RPCFault) -> [RPCValue] = { request throws(RPCFault) in
            Self.groups(request.host.counters).map { .string($0) }
        }
        let names: @Sendable (RPCRequest) throws(RPCFault) -> [RPCValue] = { request throws(RPCFault) in
            try Self.entries(request).map { .string($0.name) }
        }
        let values: @Sendable (RPCRequest) throws(RPCFault) -> [RPCValue] = { request throws(RPCFault) in
            [.structure(try Self.entries(request).map { .init($0.name, .int(Self.value($0, request))) })]
        }
        return [
            RPCCommand("cnt.get", "Value of a counter: group and name; of all counters of a group without a name.") {
                request throws(RPCFault) in
                guard request.has(1) else { return try values(request) }
                return [.int(Self.value(try Self.entry(request), request))]
            },
            RPCCommand("cnt.get_raw", "Value of a counter as its workers count it: group and name.") {
                request throws(RPCFault) in
                [.int(Self.value(try Self.entry(request), request))]
            },
            RPCCommand("cnt.reset", "Sets a counter to zero: group and name.") { request throws(RPCFault) in
                let entry = try Self.entry(request)
                if let id = request.host.counters.find(entry.group, entry.name) { request.host.counters.reset(id) }
                return []
            },
            RPCCommand("cnt.list_groups", returnsArray: true, "Names of the groups.", body: groups),
            RPCCommand("cnt.grps_list", returnsArray: true, "Names of the groups.", body: groups),
            RPCCommand("cnt.list_vars", returnsArray: true, "Names of the counters of a group.", body: names),
            RPCCommand("cnt.var_list", returnsArray: true, "Names of the counters of a group.", body: names),
            RPCCommand("cnt.get_vars", "Names and values of the counters of a group.", body: values),
            RPCCommand("cnt.grp_get_all", "Names and values of the counters of a group.", body: values),
            RPCCommand("cnt.help", "Description of a counter: group and name.") { request throws(RPCFault) in
                let entry = try Self.entry(request)
                return [.string(entry.summary)]
            },
        ]
    }

    private static func value(_ entry: CounterRegistry.Entry, _ request: RPCRequest) -> Int {
        request.host.counters.value(entry.group, entry.name) ?? 0
    }

    private static func groups(_ registry: CounterRegistry) -> [String] {
        var groups: [String] = []
        for entry in registry.entries where !groups.contains(entry.group) { groups.append(entry.group) }
        return groups.sorted()
    }

    private static func entries(_ request: RPCRequest) throws(RPCFault) -> [CounterRegistry.Entry] {
        let group = try request.text(0).string
        // Nobody knows the group: it has no counters.
        return request.host.counters.entries.filter { $0.group == group }
    }

    private static func entry(_ request: RPCRequest) throws(RPCFault) -> CounterRegistry.Entry {
        let group = try request.text(0).string
        let name = try request.text(1).string
        guard let entry = request.host.counters.entries.first(where: { $0.group == group && $0.name == name }) else {
            // The line end is part of the text that clients of Kamailio get.
            throw RPCFault(400, "non-existent counter \(group).\(name)\n")
        }
        return entry
    }
}
