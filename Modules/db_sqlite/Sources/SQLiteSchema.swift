import Bytes
import Database

/// The SQL that makes tables, in the form that Kamailio's driver understands too: it goes by the declared types.
package enum SQLiteSchema {
    package static func statements(_ table: TableDeclaration) -> [String] {
        var lines = table.columns.map(self.column)
        for key in table.keys where key.isUnique {
            lines.append("CONSTRAINT \(self.name(self.keyName(table, key))) UNIQUE (\(self.names(key.columns)))")
        }
        let create = "CREATE TABLE \(self.name(table.name)) (\n    \(lines.joined(separator: ",\n    "))\n)"
        return [create]
            + table.keys.filter { !$0.isUnique }.map { key in
                "CREATE INDEX \(self.name(self.keyName(table, key))) ON \(self.name(table.name)) "
                    + "(\(self.names(key.columns)))"
            }
    }

    static func column(_ column: Column) -> String {
        let type = SQLiteTypes.declaration(column.kind)
        if column.isAutomatic { return "\(self.name(column.name)) \(type) PRIMARY KEY NOT NULL" }
        var text = "\(self.name(column.name)) \(type)"
        if let value = column.defaultValue {
            text += " DEFAULT \(self.literal(value))"
        } else if column.isNullable {
            text += " DEFAULT NULL"
        }
        return column.isNullable ? text : text + " NOT NULL"
    }

    /// A value of the declarations, which are part of this program.
    private static func literal(_ value: DatabaseValue) -> String {
        switch value {
        case .int, .double: value.text?.string ?? "NULL"
        case .null: "NULL"
        case .string, .blob, .time: "'\(value.text?.string.split(separator: "'").joined(separator: "''") ?? "")'"
        }
    }

    /// Index names are the file's, not the table's.
    private static func keyName(_ table: TableDeclaration, _ key: TableDeclaration.Key) -> ByteString {
        ByteString("\(table.name)_\(key.columns.map(\.string).joined(separator: "_"))_idx")
    }

    private static func names(_ columns: [ByteString]) -> String {
        columns.map(self.name).joined(separator: ", ")
    }

    static func name(_ name: ByteString) -> String {
        "`" + name.string.map { $0 == "`" ? "``" : String($0) }.joined() + "`"
    }
}
