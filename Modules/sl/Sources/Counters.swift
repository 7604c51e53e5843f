import ModuleKit

/// The statistics of group `sl`: replies by code, the codes without a row of their own by class.
final class Counters: Sendable {
    /// Codes with a row of their own.
    private static let codes = [200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500]

    let sent: CounterID
    let sentErrors: CounterID
    let failures: CounterID
    let acknowledgements: CounterID
    /// By code, 0 to 699.
    private let rows: [CounterID]
    private let others: CounterID

    init(_ registry: CounterRegistry) {
        func row(_ name: String, _ summary: String) -> CounterID { registry.register("sl", name, summary) }
        let classes = (1...6).map { row("\($0)xx_replies", "Replies \($0)xx that have no row of their own.") }
        let single = Self.codes.map { (code: $0, row: row("\($0)_replies", "Replies \($0).")) }
        let others = row("xxx_replies", "Replies with a code of no class.")
        self.others = others
        self.rows = (0..<700).map { code in
            single.first { $0.code == code }?.row ?? (code < 100 ? others : classes[code / 100 - 1])
        }
        self.sent = row("sent_replies", "Replies sent.")
        self.sentErrors = row("sent_err_replies", "Error replies sent by themselves.")
        self.failures = row("failures", "Replies that could not be sent.")
        self.acknowledgements = row("received_ACKs", "ACKs to replies from here.")
    }

    /// The row that a reply with `code` counts in.
    func row(_ code: Int) -> CounterID {
        code >= 0 && code < self.rows.count ? self.rows[code] : self.others
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
