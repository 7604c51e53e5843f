import Bytes
import Database
import ModuleKit

/// A database of a test's own behind `bench://host/db`: it answers selects from `tables`, notes everything else, and fails as
/// it is told.
public final class BenchDatabase: DatabaseDriver, @unchecked Sendable {  // a test uses it on one thread
    /// The tables; conditions of kind `equal` are looked at, all others hold.
    public var tables: [ByteString: Rows] = [:]
    /// What was asked beside selects.
    public private(set) var writes: [DatabaseStatement] = []
    /// What each statement fails with.
    public var failure: DatabaseError?
    /// What statements about a table fail with.
    public var failures: [ByteString: DatabaseError] = [:]
    public let schemes = ["bench"]
    public static let url: ByteString = "bench://host/db"

    /// Makes itself known to the modules of `bench`.
    public init(_ bench: ModuleBench) { DriverRegistry.of(bench).add(self) }

    public func policy(for url: DatabaseURL) -> PoolPolicy { PoolPolicy() }
    public func fingerprint(for url: DatabaseURL) -> String { "" }
    public func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection { BenchConnection(self) }

    fileprivate func run(_ statement: DatabaseStatement) throws(DatabaseError) -> Rows {
        if let failure = self.failure { throw failure }
        switch statement {
        case .select(let select):
            try self.check(select.table)
            return self.rows(select)
        case .insert(let insert): try self.check(insert.table)
        case .update(let update): try self.check(update.table)
        case .upsert(let upsert): try self.check(upsert.table)
        case .delete(let delete): try self.check(delete.table)
        case .raw: break
        }
        self.writes.append(statement)
        return Rows(columns: [])
    }

    private func check(_ table: ByteString) throws(DatabaseError) {
        if let failure = self.failures[table] { throw failure }
    }

    private func rows(_ select: Select) -> Rows {
        guard let table = self.tables[select.table] else { return Rows(columns: select.columns) }
        let columns = select.columns.isEmpty ? table.columns : select.columns
        var found = Rows(columns: columns)
        for row in table {
            let answers = select.filter.conditions.map { $0.comparison != .equal || row[$0.column] == $0.value }
            let fits = select.filter.isAny && !answers.isEmpty ? answers.contains(true) : !answers.contains(false)
            if fits, found.count < select.limit ?? .max { found.append(columns.map { row[$0] }) }
        }
        return found
    }

    fileprivate func columns(of table: ByteString) -> [ColumnInfo]? {
        self.tables[table]?.columns.map { ColumnInfo(name: $0, kind: .any, isNullable: true) }
    }
}

private final class BenchConnection: DatabaseConnection, @unchecked Sendable {  // a test uses it on one thread
    private let owner: BenchDatabase
    init(_ owner: BenchDatabase) { self.owner = owner }

    func run(
        _ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void
    ) throws -> DatabaseSummary {
        let rows = try self.owner.run(statement)
        if statement.isRead { try each(rows) }
        return DatabaseSummary(affectedRows: statement.isRead ? nil : 1)
    }
    func begin(_ access: DatabaseAccess) throws(DatabaseError) {
        if let failure = self.owner.failure { throw failure }
    }
    func commit() throws(DatabaseError) {}
    func rollback() {}
    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? {
        if let failure = self.owner.failure { throw failure }
        return self.owner.columns(of: table)
    }
    func create(_ table: TableDeclaration) throws(DatabaseError) {}
    func add(_ column: Column, to table: ByteString) throws(DatabaseError) {}
    func interrupt() {}
}
