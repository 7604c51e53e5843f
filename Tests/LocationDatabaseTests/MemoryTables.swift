import Bytes
import Database
import ModuleKit

/// A database in the memory of a test: enough of one for modules that insert, delete and select.
final class MemoryTables: DatabaseDriver, @unchecked Sendable {  // a test uses it on one thread
    struct Table {
        var declaration: TableDeclaration
        var rows: [[ByteString: DatabaseValue]] = []
        var lastID = 0
    }

    var tables: [ByteString: Table] = [:]
    /// Every statement is refused.
    var isBroken = false
    var statements: [DatabaseStatement] = []
    var transactions = 0

    let schemes = ["memory"]
    func policy(for url: DatabaseURL) -> PoolPolicy { PoolPolicy() }
    func fingerprint(for url: DatabaseURL) -> String { "" }
    func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection { MemoryConnection(self) }

    init(_ declarations: TableDeclaration...) {
        for declaration in declarations { self.tables[declaration.name] = Table(declaration: declaration) }
    }

    func rows(_ table: ByteString) -> [[ByteString: DatabaseValue]] { self.tables[table]?.rows ?? [] }

    func add(_ table: ByteString, _ values: [ByteString: DatabaseValue]) {
        guard var changed = self.tables[table] else { return }
        changed.lastID += 1
        var row = values
        for column in changed.declaration.columns where row[column.name] == nil { row[column.name] = .null }
        row["id"] = .int(changed.lastID)
        changed.rows.append(row)
        self.tables[table] = changed
    }
}

private final class MemoryConnection: DatabaseConnection, @unchecked Sendable {  // a test uses it on one thread
    private let owner: MemoryTables
    private var saved: [ByteString: MemoryTables.Table] = [:]
    init(_ owner: MemoryTables) { self.owner = owner }

    func run(
        _ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void
    ) throws -> DatabaseSummary {
        if self.owner.isBroken { throw DatabaseError(.badQuery, "out of order") }
        self.owner.statements.append(statement)
        switch statement {
        case .select(let select): try each(self.select(select))
        case .insert(let insert):
            for row in insert.rows {
                self.owner.add(
                    insert.table, Dictionary(zip(insert.columns, row), uniquingKeysWith: { first, _ in first }))
            }
        case .delete(let delete):
            self.owner.tables[delete.table]?.rows.removeAll { Self.matches($0, delete.filter) }
        case .update(let update):
            var count = 0
            for (index, row) in self.owner.rows(update.table).enumerated() where Self.matches(row, update.filter) {
                for change in update.assignments {
                    self.owner.tables[update.table]?.rows[index][change.column] = change.value
                }
                count += 1
            }
            return DatabaseSummary(affectedRows: count)
        case .upsert, .raw: throw DatabaseError(.badQuery, "not known here")
        }
        return DatabaseSummary()
    }

    private func select(_ select: Select) -> Rows {
        var rows = self.owner.rows(select.table).filter { Self.matches($0, select.filter) }
        for order in select.order.reversed() {
            rows.sort { left, right in
                let (a, b) = (left[order.column]?.int ?? 0, right[order.column]?.int ?? 0)
                return order.isDescending ? a > b : a < b
            }
        }
        if let limit = select.limit { rows = Array(rows.prefix(limit)) }
        return Rows(columns: select.columns, rows.map { row in select.columns.map { row[$0] ?? .null } })
    }

    private static func matches(_ row: [ByteString: DatabaseValue], _ filter: Filter) -> Bool {
        let results = filter.conditions.map { condition -> Bool in
            let value = row[condition.column] ?? .null
            switch condition.comparison {
            case .equal: return value == condition.value || (value.int != nil && value.int == condition.value.int)
            case .less: return (value.int ?? 0) < (condition.value.int ?? 0)
            case .greater: return (value.int ?? 0) > (condition.value.int ?? 0)
            case .atMost: return (value.int ?? 0) <= (condition.value.int ?? 0)
            case .atLeast: return (value.int ?? 0) >= (condition.value.int ?? 0)
            case .notEqual, .hasBits, .like: return false
            }
        }
        return filter.isAny ? results.contains(true) : !results.contains(false)
    }

    func begin(_ access: DatabaseAccess) throws(DatabaseError) {
        self.saved = self.owner.tables
        self.owner.transactions += 1
    }
    func commit() throws(DatabaseError) {}
    func rollback() { self.owner.tables = self.saved }
    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? {
        self.owner.tables[table]?.declaration.columns.map {
            ColumnInfo(name: $0.name, kind: $0.kind.info, isNullable: $0.isNullable)
        }
    }
    func create(_ table: TableDeclaration) throws(DatabaseError) {}
    func add(_ column: Column, to table: ByteString) throws(DatabaseError) {}
    func interrupt() {}
}
