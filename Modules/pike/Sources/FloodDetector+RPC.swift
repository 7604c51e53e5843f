import Bytes
import ModuleKit

extension FloodDetector {
    /// Rows of an answer at most, whatever is kept.
    private static let mostRows = 10_000

    public var commands: [RPCCommand] {
        ["pike.top", "pike.list"].map { name in
            RPCCommand(name, "Shows addresses, those that send most first: HOT (over the limit), WARM or ALL.") {
                [unowned self] request throws(RPCFault) in
                let kind = request.has(0) ? try request.text(0).string.uppercased() : "HOT"
                let rows = self.tree.rows(self.measure)
                let wanted: [FloodTree.Row]
                switch kind {
                case "ALL": wanted = rows
                case "WARM": wanted = rows.filter { $0.isWarm && !$0.isRed }
                case "HOT": wanted = rows.filter(\.isRed)
                default: throw RPCFault(500, "Bad argument. Select: ALL, HOT or WARM")
                }
                return [self.answer(wanted)]
            }
        }
    }

    private func answer(_ rows: [FloodTree.Row]) -> RPCValue {
        let list: [RPCValue] = rows.prefix(Self.mostRows).map { row in
            .structure([
                "ip_addr": .string(row.address.description), "leaf_hits_prev": .int(row.hitsBefore),
                "leaf_hits_curr": .int(row.hits), "expires": .int(row.expires),
                "status": .string(row.isRed ? "HOT" : row.isWarm ? "WARM" : ""),
            ])
        }
        return .structure([
            "max_hits": .int(self.settings.density), "list": .array(list), "number_of_rows": .int(rows.count),
        ])
    }
}
