import Bytes
import ModuleKit

/// A table as a module is going to use it: under the names that its parameters give.
public struct TableUse: Sendable {
    public var declaration: TableDeclaration
    public var name: ByteString
    /// Columns that must be there.
    public var columns: [ByteString]
    /// nil: the version is not looked at.
    public var version: Int?

    /// - Parameters:
    ///   - name: nil: the table's own.
    ///   - columns: nil: all of the declaration.
    public init(
        _ declaration: TableDeclaration, named name: ByteString? = nil, columns: [ByteString]? = nil,
        checksVersion: Bool = true
    ) {
        self.declaration = declaration
        self.name = name ?? declaration.name
        self.columns = columns ?? declaration.columns.map(\.name)
        self.version = checksVersion ? declaration.version : nil
    }
}

/// Something about a table that keeps a module from using it.
public enum TableProblem: Sendable, Equatable {
    case noVersionTable(name: ByteString)
    case noVersion(table: ByteString, expected: Int)
    case wrongVersion(table: ByteString, found: Int, expected: Int)
    case noTable(ByteString)
    case noColumn(table: ByteString, column: ByteString)
    /// A column that the configuration names and the table's declaration does not have.
    case noExtraColumn(table: ByteString, column: ByteString)
    case wrongType(table: ByteString, column: ByteString, found: ColumnInfo.Kind, expected: ColumnInfo.Kind)

    /// One sentence for an administrator.
    public var text: String {
        switch self {
        case .noVersionTable(let name): "there is no table '\(name)', which holds the versions of all others"
        case .noVersion(let table, let expected):
            "no version of table '\(table)' is stored, and version \(expected) is needed"
        case .wrongVersion(let table, let found, let expected):
            "table '\(table)' has version \(found), and version \(expected) is needed"
        case .noTable(let table): "there is no table '\(table)'"
        case .noColumn(let table, let column), .noExtraColumn(let table, let column):
            "table '\(table)' has no column '\(column)'"
        case .wrongType(let table, let column, let found, let expected):
            "column '\(column)' of table '\(table)' is of type \(found.rawValue), and \(expected.rawValue) is needed"
        }
    }

    /// The command that helps; nil when only people can.
    public func remedy(_ url: DatabaseURL) -> String {
        switch self {
        case .noVersionTable, .noTable, .noVersion: "apusctl db create --url '\(url)'"
        case .wrongVersion(_, let found, let expected):
            found < expected ? "apusctl db migrate --url '\(url)'" : "a newer server, or the tables of this one"
        case .noColumn: "apusctl db migrate --url '\(url)'"
        case .noExtraColumn(let table, let column): "ALTER TABLE \(table) ADD COLUMN \(column) VARCHAR(255)"
        case .wrongType: "apusctl db check --url '\(url)' shows what is expected"
        }
    }
}

extension DatabaseSession {
    /// What is wrong with a table for somebody who is going to use it; nothing when all is well.
    /// - Parameter versionTable: the core parameter `version_table`.
    public func problems(
        with use: TableUse, versionTable: ByteString = "version"
    ) throws(DatabaseError) -> [TableProblem] {
        guard let found = try self.columns(of: use.name) else { return [.noTable(use.name)] }
        if let expected = use.version {
            guard let version = try self.version(of: use.name, versionTable) else {
                return try self.columns(of: versionTable) == nil
                    ? [.noVersionTable(name: versionTable)] : [.noVersion(table: use.name, expected: expected)]
            }
            guard version == expected || use.declaration.olderVersions.contains(version) else {
                return [.wrongVersion(table: use.name, found: version, expected: expected)]
            }
        }
        var problems: [TableProblem] = []
        for name in use.columns {
            guard let column = found.first(where: { $0.name == name }) else {
                // Columns under another name than the declaration's, and columns of the configuration's own.
                problems.append(
                    use.declaration.column(name) == nil
                        ? .noExtraColumn(table: use.name, column: name) : .noColumn(table: use.name, column: name))
                continue
            }
            if let declared = use.declaration.column(name)?.kind.info, !Self.fits(column.kind, declared) {
                problems.append(
                    .wrongType(table: use.name, column: name, found: column.kind, expected: declared))
            }
        }
        return problems
    }

    /// The version of a table that the version table holds; nil: none.
    public func version(
        of table: ByteString, _ versionTable: ByteString = "version"
    ) throws(DatabaseError) -> Int? {
        guard try self.columns(of: versionTable) != nil else { return nil }
        let rows = try self.query(
            Select(["table_version"], from: versionTable, where: [Condition("table_name", .equal, .string(table))]))
        return rows.first?[0].int
    }

    /// Texts and blobs stand for each other, and so do numbers; times are kept in many ways.
    private static func fits(_ found: ColumnInfo.Kind, _ declared: ColumnInfo.Kind) -> Bool {
        switch (found, declared) {
        case (.any, _), (_, .time): true
        case (.int, .double), (.double, .int), (.string, .blob), (.blob, .string): true
        default: found == declared
        }
    }
}

extension Database {
    /// Refuses a start when tables are not as a module needs them. Blocks: for `hooks.started`.
    /// - Throws: `ModuleError` that names table, column, versions, and the command that helps.
    public func require(_ uses: [TableUse]) throws {
        let versionTable = self.host.settings.versionTable
        let problems: [TableProblem]
        do throws(DatabaseError) {
            problems = try self.wait(.read) { session in
                try uses.flatMap { try session.problems(with: $0, versionTable: versionTable) }
            }
        } catch {
            throw ModuleError("database \(self.url): \(error)")
        }
        guard let first = problems.first else { return }
        let texts = problems.map(\.text).joined(separator: "; ")
        throw ModuleError("database \(self.url): \(texts) (try: \(first.remedy(self.url)))")
    }
}
