import Bytes
import ModuleKit

/// Logs statements that take longer than `latency_limit_db` allows, without their values.
struct SlownessWatch: Sendable {
    /// Microseconds.
    private let limit: Int
    private let level: LogLevel
    private let logger: Logger
    private let url: DatabaseURL

    /// - Returns: nil when nobody wants to know.
    init?(_ url: DatabaseURL, host: any ModuleHost) {
        guard host.settings.slowStatementLimit > 0 else { return nil }
        self.limit = host.settings.slowStatementLimit
        self.level = LogLevel(rawValue: min(max(host.settings.slownessLogLevel, -5), 3)) ?? .error
        self.logger = host.logger
        self.url = url
    }

    func look(at statement: DatabaseStatement, began: Int) {
        let taken = WallClock.microseconds() - began
        guard taken > self.limit else { return }
        self.logger.write(self.level, "database: \(self.url): \(statement.label) took \(taken) us")
    }
}

extension DatabaseStatement {
    /// What it does with which table; SQL as it stands by its beginning.
    var label: String {
        switch self {
        case .select(let select): "select from \(select.table)"
        case .insert(let insert): "insert into \(insert.table), \(insert.rows.count) rows"
        case .update(let update): "update of \(update.table)"
        case .upsert(let upsert): "upsert into \(upsert.table)"
        case .delete(let delete): "delete from \(delete.table)"
        case .raw(let text, _): "\(text.string.prefix(60))"
        }
    }
}
