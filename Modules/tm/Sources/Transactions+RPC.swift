import Bytes
import ModuleKit
import SIPMessage

extension Transactions {
    public var commands: [RPCCommand] {
        [
            RPCCommand("tm.stats", "Totals of transactions and replies.") { [unowned self] request throws(RPCFault) in
                let counters = request.host.counters
                func value(_ name: String) -> RPCValue { .int(counters.value("tmx", name) ?? 0) }
                let created = counters.value("tmx", "created_transactions") ?? 0
                let current = self.table.count
                return [
                    .structure([
                        "current": .int(current), "waiting": .int(self.finishedCount),
                        "total": value("UAS_transactions"),
                        "total_local": value("local_transactions"), "rpl_received": value("rpl_received"),
                        "rpl_generated": value("rpl_generated"), "rpl_sent": value("rpl_sent"),
                        "6xx": value("6xx_transactions"), "5xx": value("5xx_transactions"),
                        "4xx": value("4xx_transactions"), "3xx": value("3xx_transactions"),
                        "2xx": value("2xx_transactions"), "created": .int(created),
                        "freed": .int(max(created - current, 0)), "delayed_free": .int(0),
                    ])
                ]
            }
        ] + self.localCommands
    }

    /// Transactions that have their final reply and stay to absorb retransmissions.
    private var finishedCount: Int {
        var total = 0
        self.table.stripes.forEachStripe { _, stripe in
            stripe.records.forEach { _, record in
                if !record.server.isOpen { total += 1 }
            }
        }
        return total
    }
}
