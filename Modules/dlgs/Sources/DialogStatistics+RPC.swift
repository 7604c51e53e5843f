import Bytes
import ModuleKit

extension DialogStatistics {
    public var commands: [RPCCommand] {
        [
            RPCCommand("dlgs.stats", "Number of calls in each state.") { [unowned self] _ throws(RPCFault) in
                var counts = [Int](repeating: 0, count: DialogState.allCases.count)
                self.table.forEach { counts[$0.state.rawValue] += 1 }
                return [
                    .structure(
                        DialogState.allCases.map { RPCValue.Member($0.label, .int(counts[$0.rawValue])) }
                            + [RPCValue.Member("total", .int(counts.reduce(0, +)))])
                ]
            },
            RPCCommand("dlgs.list", returnsArray: true, "All calls.") { [unowned self] _ throws(RPCFault) in
                self.records { _ in true }.map(Self.full)
            },
            RPCCommand("dlgs.briefing", returnsArray: true, "All calls, in few words.") {
                [unowned self] _ throws(RPCFault) in self.records { _ in true }.map(Self.brief)
            },
            RPCCommand("dlgs.get", "The first call that matches: field, op, data.") {
                [unowned self] request throws(RPCFault) in
                let filter = try Self.filter(request)
                guard let first = self.records({ filter.matches($0) }).first else { throw RPCFault(404, "Not Found") }
                return [Self.full(first)]
            },
            RPCCommand("dlgs.getall", returnsArray: true, "All calls that match: field, op, data.") {
                [unowned self] request throws(RPCFault) in
                let filter = try Self.filter(request)
                return self.records { filter.matches($0) }.map(Self.full)
            },
            RPCCommand("dlgs.count", "Number of calls under way that match: field, op, data.") {
                [unowned self] request throws(RPCFault) in
                let filter = try Self.filter(request)
                return [.int(self.table.count { filter.matches($0) })]
            },
        ]
    }

    /// Oldest first.
    private func records(_ matches: (DialogRecord) -> Bool) -> [DialogRecord] {
        var found: [DialogRecord] = []
        self.table.forEach { if matches($0) { found.append($0) } }
        return found.sorted { ($0.begun, $0.ruid) < ($1.begun, $1.ruid) }
    }

    private static func filter(_ request: RPCRequest) throws(RPCFault) -> DialogFilter {
        let field = try request.text(0)
        let operation = try request.text(1)
        guard let filter = DialogFilter(field: field, operation: operation, data: try request.text(2)) else {
            throw RPCFault(500, "Invalid Parameters")
        }
        return filter
    }

    private static func brief(_ record: DialogRecord) -> RPCValue {
        .structure([
            "src": .text(record.source), "dst": .text(record.target), "data": .text(record.data),
            "ruid": .text(record.ruid), "state": .string(record.state.label),
        ])
    }

    private static func full(_ record: DialogRecord) -> RPCValue {
        .structure([
            "ruid": .text(record.ruid), "callid": .text(record.callID), "ftag": .text(record.fromTag),
            "ttag": .text(record.toTag), "src": .text(record.source), "dst": .text(record.target),
            "data": .text(record.data), "state": .string(record.state.label), "ts_init": .int(record.begun),
            "ts_answer": .int(record.answered), "ts_finish": .int(record.ended),
            "tags": .array(record.tags.map { .text($0) }),
        ])
    }
}
