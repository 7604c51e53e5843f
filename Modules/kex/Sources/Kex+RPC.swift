import Bytes
import ModuleKit

extension Kex {
    public var commands: [RPCCommand] { self.statisticsCommands + self.memoryCommands }

    private var statisticsCommands: [RPCCommand] {
        [
            RPCCommand("stats.get_statistics", returnsArray: true, "Statistics as lines: all, group: or names.") {
                request throws(RPCFault) in
                try Self.chosen(request).map { .string("\($0.group):\($0.name) = \($0.value)") }
            },
            RPCCommand("stats.fetch", "Statistics as text: all, group: or names.") { request throws(RPCFault) in
                [
                    .structure(
                        try Self.chosen(request).map { .init("\($0.group).\($0.name)", .string(String($0.value))) })
                ]
            },
            RPCCommand("stats.fetchn", "Statistics as numbers: all, group: or names.") { request throws(RPCFault) in
                [.structure(try Self.chosen(request).map { .init("\($0.group).\($0.name)", .int($0.value)) })]
            },
            RPCCommand("stats.reset_statistics", "Sets statistics to zero: all, group: or names.") {
                request throws(RPCFault) in
                for entry in try Self.chosen(request) { Self.reset(entry, request) }
                return []
            },
            RPCCommand("stats.clear_statistics", returnsArray: true, "Tells statistics and sets them to zero.") {
                request throws(RPCFault) in
                let entries = try Self.chosen(request)
                for entry in entries { Self.reset(entry, request) }
                return entries.map { .string("\($0.group):\($0.name) = \($0.value)") }
            },
        ]
    }

    private typealias Entry = (group: String, name: String, value: Int)

    private static func reset(_ entry: Entry, _ request: RPCRequest) {
        guard let id = request.host.counters.find(entry.group, entry.name) else { return }
        request.host.counters.reset(id)
    }

    /// The statistics that the parameters name, in the order of the parameters.
    private static func chosen(_ request: RPCRequest) throws(RPCFault) -> [Entry] {
        guard request.has(0) else { throw RPCFault(400, "Please provide which stats to retrieve") }
        let counters = request.host.counters
        var chosen: [Entry] = []
        for index in request.parameters.indices {
            let wanted = try request.text(index).string
            for entry in counters.entries {
                let isWanted = wanted == "all" || wanted == "\(entry.group):" || wanted == entry.name
                guard isWanted, let value = counters.value(entry.group, entry.name) else { continue }
                chosen.append((entry.group, entry.name, value))
            }
        }
        return chosen
    }
}
