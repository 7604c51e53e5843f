import ModuleKit

/// The statistics of group `tmx`, and what `tm.stats` shows.
struct TransactionCounters: Sendable {
    let uas: CounterID
    let uac: CounterID
    let byClass: [CounterID]
    let received: CounterID
    let absorbed: CounterID
    let generated: CounterID
    let relayed: CounterID
    let sent: CounterID
    let created: CounterID
    /// Transactions that this server began of itself.
    let local: CounterID
    let freed: CounterID
    /// Requests for which there was no room (`max_transactions`).
    let refused: CounterID
    let requestsForwarded: CounterID

    init(_ registry: CounterRegistry, _ table: TransactionTable) {
        self.uas = registry.register("tmx", "UAS_transactions")
        self.uac = registry.register("tmx", "UAC_transactions")
        self.byClass = (2...6).map { registry.register("tmx", "\($0)xx_transactions") }
        self.received = registry.register("tmx", "rpl_received")
        self.absorbed = registry.register("tmx", "rpl_absorbed")
        self.generated = registry.register("tmx", "rpl_generated")
        self.relayed = registry.register("tmx", "rpl_relayed")
        self.sent = registry.register("tmx", "rpl_sent")
        self.created = registry.register("tmx", "created_transactions")
        self.local = registry.register("tmx", "local_transactions")
        self.freed = registry.register("tmx", "freed_transactions")
        self.refused = registry.register("tmx", "refused_transactions")
        self.requestsForwarded = registry.register("core", "fwd_requests")
        registry.register("tmx", "inuse_transactions") { table.count }
        registry.register("tmx", "active_transactions") { table.count }
    }
}
