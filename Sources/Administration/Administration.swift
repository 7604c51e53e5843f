import Bytes
import Database
import ModuleKit

/// Users, domains, addresses, aliases and groups in the tables that modules read: what `apusctl user` and its
/// neighbours do.
///
/// Tables are used as they are, Kamailio's as well as ours: nothing of them is changed but rows. Values are bound, never
/// written into SQL. Each change is done as a whole or not at all.
public struct Administration {
    let session: DatabaseSession
    let url: DatabaseURL

    public init(_ session: DatabaseSession, _ url: DatabaseURL) {
        self.session = session
        self.url = url
    }

    /// Refuses a table that lacks something, with the command that helps.
    func require(_ table: TableDeclaration, _ columns: ByteString...) throws {
        let use = TableUse(table, columns: columns, checksVersion: false)
        guard let problem = try self.session.problems(with: use).first else { return }
        throw AdministrationError("\(problem.text) (try: \(problem.remedy(self.url)))")
    }

    func exists(_ table: TableDeclaration) throws -> Bool { try self.session.columns(of: table.name) != nil }

    func isThere(_ table: TableDeclaration, _ filter: Filter) throws -> Bool {
        guard let column = filter.conditions.first?.column else { return false }
        return try !self.session.query(Select([column], from: table.name, where: filter, limit: 1)).isEmpty
    }

    /// How many rows were removed; counted before where a driver does not say.
    func remove(_ table: TableDeclaration, _ filter: Filter) throws -> Int {
        guard let column = filter.conditions.first?.column else { return 0 }
        let count = try self.session.query(Select([column], from: table.name, where: filter)).count
        if count > 0 { try self.session.delete(Delete(from: table.name, where: filter)) }
        return count
    }
}

/// Why something was not done: a sentence for an administrator.
public struct AdministrationError: Error, Equatable, CustomStringConvertible {
    public var message: String
    public init(_ message: String) { self.message = message }
    public var description: String { self.message }
}

/// Rows for people and for programs.
public struct Listing: Equatable, Sendable {
    public var columns: [String]
    public var rows: [[RPCValue]] = []

    public init(_ columns: [String]) { self.columns = columns }

    /// An object a row.
    public var values: [RPCValue] {
        self.rows.map { row in
            .structure(zip(self.columns, row).map { RPCValue.Member($0, $1) })
        }
    }

    /// Columns one below the other, under their names; empty without rows.
    public var text: String {
        guard !self.rows.isEmpty else { return "" }
        let cells = [self.columns] + self.rows.map { $0.map(Self.cell) }
        let widths = self.columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    /// Control characters of a value do nothing to the terminal.
    private static func cell(_ value: RPCValue) -> String {
        switch value {
        case .null: "-"
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .text(let text):
            String(text.string.map { $0.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } ? "?" : $0 })
        case .array(let items): items.map(Self.cell).joined(separator: ", ")
        case .structure(let members): members.map { "\($0.name)=\(Self.cell($0.value))" }.joined(separator: " ")
        }
    }
}
