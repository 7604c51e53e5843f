import Bytes
import Database

/// A connection to a SQLite file.
final class SQLiteConnection: DatabaseConnection {
    static let dialect = SQLDialect(quote: UInt8(ascii: "`"), conflict: .onConflict)
    private let handle: SQLiteHandle

    init(path: String, _ options: SQLiteOptions) throws(DatabaseError) {
        self.handle = try SQLiteHandle(
            path: path, options.isReadOnly ? .readOnly : options.makesFile ? .create : .readWrite)
        self.handle.setBusyTimeout(milliseconds: options.busyTimeout)
        // What is no database shows at the first statement, not when it is opened.
        _ = try self.rows("SELECT count(*) FROM sqlite_master")
        if let mode = options.journalMode, !options.isReadOnly {
            // Another process may hold the file, or it may lie where there can be no WAL: it works without.
            _ = try? self.rows("PRAGMA journal_mode=\(mode)")
            _ = try? self.rows("PRAGMA synchronous=\(options.synchronous)")
        }
    }

    func run(
        _ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void
    ) throws -> DatabaseSummary {
        try self.requireFile()
        if case .insert(let insert) = statement, insert.rows.count > 1 { return try self.add(insert) }
        let text = try SQLText(statement, Self.dialect)
        var isKept = true
        // SQL out of a script that has its values in it never comes again.
        if case .raw(_, let values) = statement, values.isEmpty { isKept = false }
        let prepared = try self.handle.prepare(text.text, isKept: isKept)
        defer { prepared.reset() }
        try prepared.bind(text.values)
        guard !prepared.columns.isEmpty else {
            while try prepared.step() {}
            return self.summary
        }
        var rows = Rows(columns: prepared.columns)
        var isTold = false
        while try prepared.step() {
            rows.append(prepared.row())
            if chunk > 0, rows.count >= chunk {
                try each(rows)
                isTold = true
                rows.removeAll()
            }
        }
        if !rows.isEmpty || !isTold { try each(rows) }
        return statement.isRead ? DatabaseSummary(affectedRows: 0) : self.summary
    }

    /// A file that was removed or replaced is written to as before, and what is written is lost with it: better none of
    /// it is said to be stored. The next connection is one to what is there now.
    private func requireFile() throws(DatabaseError) {
        guard !self.handle.isInTransaction, self.handle.hasMoved else { return }
        throw DatabaseError(.unreachable, "SQLite: the file is not where it was any more")
    }

    private var summary: DatabaseSummary {
        DatabaseSummary(affectedRows: self.handle.changes, lastID: self.handle.lastID)
    }

    /// Many rows with one prepared statement: all of them, or none.
    private func add(_ insert: Insert) throws(DatabaseError) -> DatabaseSummary {
        try self.execute("SAVEPOINT apus_rows")
        do throws(DatabaseError) {
            for row in insert.rows {
                let text = try SQLText(.insert(Insert(into: insert.table, insert.columns, rows: [row])), Self.dialect)
                let prepared = try self.handle.prepare(text.text, isKept: true)
                try prepared.bind(text.values)
                _ = try prepared.step()
                prepared.reset()
            }
            try self.execute("RELEASE apus_rows")
        } catch {
            try? self.execute("ROLLBACK TO apus_rows")
            try? self.execute("RELEASE apus_rows")
            throw error
        }
        return DatabaseSummary(affectedRows: insert.rows.count, lastID: self.handle.lastID)
    }

    func begin(_ access: DatabaseAccess) throws(DatabaseError) {
        try self.requireFile()
        // A transaction that begins by reading cannot always go on to write.
        try self.execute(access == .write ? "BEGIN IMMEDIATE" : "BEGIN")
    }
    func commit() throws(DatabaseError) { try self.execute("COMMIT") }
    func rollback() { if self.handle.isInTransaction { try? self.execute("ROLLBACK") } }
    func interrupt() { self.handle.interrupt() }

    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? {
        let rows = try self.rows("SELECT name, type, \"notnull\" FROM pragma_table_info(?)", [.string(table)])
        guard !rows.isEmpty else { return nil }
        return rows.map { row in
            ColumnInfo(
                name: row[0].text ?? ByteString(), kind: SQLiteTypes.kind(of: row[1].text?.string ?? ""),
                isNullable: row[2].int == 0)
        }
    }

    // MARK: Tables

    func create(_ table: TableDeclaration) throws(DatabaseError) {
        try self.execute("SAVEPOINT apus_table")
        do throws(DatabaseError) {
            for text in SQLiteSchema.statements(table) { try self.execute(text) }
            try self.execute("RELEASE apus_table")
        } catch {
            try? self.execute("ROLLBACK TO apus_table")
            try? self.execute("RELEASE apus_table")
            throw error
        }
    }

    func add(_ column: Column, to table: ByteString) throws(DatabaseError) {
        try self.execute(
            "ALTER TABLE \(SQLiteSchema.name(table)) ADD COLUMN \(SQLiteSchema.column(column))")
    }

    // MARK: Plain SQL

    private func rows(_ text: String, _ values: [DatabaseValue] = []) throws(DatabaseError) -> Rows {
        let prepared = try self.handle.prepare(Array(text.utf8), isKept: true)
        defer { prepared.reset() }
        try prepared.bind(values)
        var rows = Rows(columns: prepared.columns)
        while try prepared.step() { rows.append(prepared.row()) }
        return rows
    }

    private func execute(_ text: String) throws(DatabaseError) {
        let prepared = try self.handle.prepare(Array(text.utf8), isKept: false)
        while try prepared.step() {}
    }
}
