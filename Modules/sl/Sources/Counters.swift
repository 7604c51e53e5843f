import ModuleKit

/// The statistics of group `sl`: replies by code, the codes without a row of their own by class.
struct Counters: Sendable {
    /// Codes with a row of their own.
    private static let codes = [200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500]

    let sent: CounterID
    let sentErrors: CounterID
    let failures: CounterID
    let acknowledgements: CounterID
    private let others: CounterID
    private let classes: [CounterID]
    private let single: [(code: Int, row: CounterID)]

    init(_ registry: CounterRegistry) {
        func row(_ name: String, _ summary: String) -> CounterID { registry.register("sl", name, summary) }
        self.classes = (1...6).map { row("\($0)xx_replies", "Replies \($0)xx that have no row of their own.") }
        self.single = Self.codes.map { ($0, row("\($0)_replies", "Replies \($0).")) }
        self.others = row("xxx_replies", "Replies with a code of no class.")
        self.sent = row("sent_replies", "Replies sent.")
        self.sentErrors = row("sent_err_replies", "Error replies sent by themselves.")
        self.failures = row("failures", "Replies that could not be sent.")
        self.acknowledgements = row("received_ACKs", "ACKs to replies from here.")
    }

    /// The row that a reply with `code` counts in.
    func row(_ code: Int) -> CounterID {
        for entry in self.single where entry.code == code { return entry.row }
        let index = code / 100 - 1
        return self.classes.indices.contains(index) ? self.classes[index] : self.others
    }

    /// The members of the answer to `sl.stats`.
    func answer(_ registry: CounterRegistry) -> [RPCValue.Member] {
        let names = [
            "200", "202", "2xx", "300", "301", "302", "3xx", "400", "401", "403", "404", "407", "408", "483", "4xx",
            "500", "5xx", "6xx", "xxx",
        ]
        return names.map { RPCValue.Member($0, .int(registry.value("sl", "\($0)_replies") ?? 0)) }
    }
}
