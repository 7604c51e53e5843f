import Bytes
import Database

/// Reaches directories of text files.
package final class TextDriver: DatabaseDriver {
    package let schemes = ["text", "dbtext"]
    private let directories: TextDirectories
    private let options: TextOptions
    /// Of the configuration file: relative paths start there.
    private let base: String

    package init(_ directories: TextDirectories, _ options: TextOptions, base: String) {
        self.directories = directories
        self.options = options
        self.base = base
    }

    package func policy(for url: DatabaseURL) -> PoolPolicy {
        var policy = PoolPolicy()
        // The tables are in memory under one lock: more threads would only wait for it.
        policy.connections = 1
        return policy
    }

    package func fingerprint(for url: DatabaseURL) -> String { "\(self.options)" }

    func directory(_ path: ByteString) -> TextDirectory {
        let text = path.string
        return self.directories.directory(text.hasPrefix("/") ? text : "\(self.base)/\(text)")
    }

    package func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection {
        let directory = self.directory(url.path)
        guard SystemInput.isDirectory(directory.path) else {
            throw DatabaseError(.unreachable, "\(directory.path) is no directory")
        }
        return TextConnection(directory, self.options)
    }
}

/// A directory of text files in use.
final class TextConnection: DatabaseConnection {
    private let directory: TextDirectory
    private let options: TextOptions

    init(_ directory: TextDirectory, _ options: TextOptions) {
        self.directory = directory
        self.options = options
    }

    func run(
        _ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void
    ) throws -> DatabaseSummary {
        switch statement {
        case .raw(let text, let values):
            return try self.run(try SimpleSQL.statement(text, values), chunk: chunk, each)
        case .select(let select):
            let rows = try self.directory.use(select.table, self.options, writes: false) {
                table throws(DatabaseError) in
                try table.select(select, limit: self.options.rowLimit)
            }
            guard chunk > 0, rows.count > chunk else {
                try each(rows)
                return DatabaseSummary(affectedRows: 0)
            }
            for start in stride(from: 0, to: rows.count, by: chunk) {
                var part = Rows(columns: rows.columns)
                for index in start..<min(start + chunk, rows.count) { part.append(rows[index].values) }
                try each(part)
            }
            return DatabaseSummary(affectedRows: 0)
        case .insert(let insert):
            return try self.directory.use(insert.table, self.options, writes: true) { table throws(DatabaseError) in
                // A copy: all rows are added, or none.
                var changed = table
                var id: Int?
                for row in insert.rows { id = try changed.insert(insert.columns, row) }
                table = changed
                return DatabaseSummary(affectedRows: insert.rows.count, lastID: id)
            }
        case .update(let update):
            return try self.directory.use(update.table, self.options, writes: true) { table throws(DatabaseError) in
                DatabaseSummary(affectedRows: try table.update(update))
            }
        case .upsert(let upsert):
            return try self.directory.use(upsert.table, self.options, writes: true) { table throws(DatabaseError) in
                try Self.upsert(upsert, &table)
            }
        case .delete(let delete):
            return try self.directory.use(delete.table, self.options, writes: true) { table throws(DatabaseError) in
                DatabaseSummary(affectedRows: try table.delete(delete.filter))
            }
        }
    }

    /// Files know no unique keys: the columns named are the key.
    private static func upsert(_ upsert: Upsert, _ table: inout TextTable) throws(DatabaseError) -> DatabaseSummary {
        let pairs = zip(upsert.columns, upsert.row).map { Update.Assignment($0, $1) }
        let keys = pairs.filter { upsert.keys.contains($0.column) }.map { Condition($0.column, .equal, $0.value) }
        if !keys.isEmpty, keys.count == upsert.keys.count {
            let changes = pairs.filter { !upsert.keys.contains($0.column) }
            if changes.isEmpty, let index = try table.matches(Filter(keys)).first {
                _ = index
                return DatabaseSummary(affectedRows: 0)
            }
            let count = changes.isEmpty ? 0 : try table.update(Update(upsert.table, set: changes, where: Filter(keys)))
            if count > 0 { return DatabaseSummary(affectedRows: count) }
        }
        let id = try table.insert(upsert.columns, upsert.row)
        return DatabaseSummary(affectedRows: 1, lastID: id)
    }

    func begin(_ access: DatabaseAccess) throws(DatabaseError) { self.directory.begin() }
    func commit() throws(DatabaseError) { self.directory.commit() }
    func rollback() { self.directory.rollback() }
    func interrupt() {}

    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? {
        do throws(DatabaseError) {
            return try self.directory.use(table, self.options, writes: false) { table in
                table.columns.map { ColumnInfo(name: $0.name, kind: $0.kind, isNullable: $0.isNullable) }
            }
        } catch {
            if error.kind == .noTable { return nil }
            throw error
        }
    }

    func create(_ table: TableDeclaration) throws(DatabaseError) {
        try self.directory.create(table.name, TextTable(columns: table.columns.map(Self.column)), self.options)
    }

    func add(_ column: Column, to table: ByteString) throws(DatabaseError) {
        let value = column.defaultValue ?? (column.isNullable ? .null : column.kind.info == .string ? "" : 0)
        try self.directory.use(table, self.options, writes: true) { $0.add(Self.column(column), value: value) }
    }

    private static func column(_ column: Column) -> TextTable.TextColumn {
        let type: ByteString
        switch column.kind.info {
        // Kamailio keeps times as numbers here.
        case .int, .time, .any: type = "int"
        case .double: type = "double"
        case .string, .blob: type = "string"
        }
        return TextTable.TextColumn(
            name: column.name, type: type, isNullable: column.isNullable, isAutomatic: column.isAutomatic)
    }
}
