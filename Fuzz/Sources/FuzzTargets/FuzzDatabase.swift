import Bytes
import Database
import ModuleKit

/// The database behind `fuzz://a/b`: every question about a table is answered with the rows that the bytes give it.
///
/// Lines are rows, tabs divide their fields, the first letter of a field is its type. A line `@name` says of which table
/// the next rows are; those before the first are in every table. The tables are those that the server knows, and
/// `packed`; each has the version that is asked for, and only the checks at the start look at either.
final class FuzzDatabase: ServerModule {
    static let name = "db_fuzz"
    static let summary = "Rows made of arbitrary bytes."

    fileprivate struct Content {
        var rows: [(table: ByteString?, values: [DatabaseValue])] = []
    }

    fileprivate static let content = Lock(Content())
    /// There is one database for all targets; who uses it takes his turn.
    static let turn = Lock(())

    init(_ settings: NoSettings, host: any ModuleHost) { DriverRegistry.of(host).add(FuzzDriver()) }

    /// What the tables hold from now on.
    static func hold(_ bytes: ArraySlice<UInt8>) {
        var content = Content()
        var table: ByteString?
        for line in bytes.split(separator: 10).prefix(200) {
            if line.first == UInt8(ascii: "@") {
                table = ByteString(Array(line.dropFirst()))
            } else {
                content.rows.append(
                    (table, line.split(separator: 9, omittingEmptySubsequences: false).map { self.value($0) }))
            }
        }
        self.content.withLock { $0 = content }
    }

    /// A field by the letter before it; `nan` and numbers out of range stay what they are.
    static func value(_ field: ArraySlice<UInt8>) -> DatabaseValue {
        let text = ByteString(Array(field.dropFirst()))
        switch field.first {
        case UInt8(ascii: "i"): return .int(Int(text.string) ?? .max)
        case UInt8(ascii: "t"): return .time(Int(text.string) ?? .min)
        case UInt8(ascii: "d"): return .double(Double(text.string) ?? .nan)
        case UInt8(ascii: "s"): return .string(text)
        case UInt8(ascii: "b"): return .blob(text)
        default: return .null
        }
    }
}

private final class FuzzDriver: DatabaseDriver {
    let schemes = ["fuzz"]
    func policy(for url: DatabaseURL) -> PoolPolicy { PoolPolicy() }
    func fingerprint(for url: DatabaseURL) -> String { "" }
    func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection { FuzzConnection() }
}

private final class FuzzConnection: DatabaseConnection {
    func run(
        _ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void
    ) throws -> DatabaseSummary {
        guard statement.isRead else { return DatabaseSummary(affectedRows: 1) }
        var columns = (0..<8).map { ByteString("c\($0)") }
        var table = ByteString()
        var limit = Int.max
        if case .select(let select) = statement {
            if !select.columns.isEmpty { columns = select.columns }
            table = select.table
            limit = select.limit ?? .max
        }
        var rows = Rows(columns: columns)
        if table == TableDeclaration.version.name {
            if case .select(let select) = statement { try each(Self.versions(select)) }
            return DatabaseSummary(affectedRows: nil)
        }
        FuzzDatabase.content.withLock { content in
            for row in content.rows where rows.count < limit && (row.table == nil || row.table == table) {
                rows.append(row.values)
            }
        }
        try each(rows)
        return DatabaseSummary(affectedRows: nil)
    }

    /// The versions of the tables that are asked for, as they are declared.
    private static func versions(_ select: Select) -> Rows {
        var rows = Rows(columns: select.columns)
        for condition in select.filter.conditions {
            guard case .string(let name) = condition.value, let table = StandardTables.table(name) else { continue }
            rows.append([.int(table.version)])
        }
        return rows
    }

    func begin(_ access: DatabaseAccess) throws(DatabaseError) {}
    func commit() throws(DatabaseError) {}
    func rollback() {}
    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? {
        let further = Self.furtherColumns[table] ?? []
        let names = (StandardTables.table(table)?.columns.map(\.name) ?? []) + further
        return names.isEmpty ? nil : names.map { ColumnInfo(name: $0, kind: .any, isNullable: true) }
    }

    /// Columns that the scripts ask for and no declaration has.
    private static let furtherColumns: [ByteString: [ByteString]] = [
        "packed": ["key_name", "a", "b", "c"], "subscriber": ["display_name", "email"],
    ]

    func create(_ table: TableDeclaration) throws(DatabaseError) {}
    func add(_ column: Column, to table: ByteString) throws(DatabaseError) {}
    func interrupt() {}
}
