import Bytes
import Database
import ModuleCatalogue

/// `database.md`: every table with its version, columns and keys.
struct DatabasePage {
    var text: String {
        var page = """
            # Tables

            What modules keep in databases, as Kamailio has it: its files and databases can be used as they are.
            `apusctl db create`, `migrate` and `check` make these tables, bring them up to date, and say what is wrong with
            them. A module that uses a table looks at its version in the table `version` when it starts.

            | Table | Version | Holds |
            |---|---|---|

            """
        for table in StandardTables.all {
            page += "| [\(table.name)](#\(table.name)) | \(table.version) | \(table.summary.tableCell) |\n"
        }
        for table in StandardTables.all { page += Self.section(table) }
        return page
    }

    private static func section(_ table: TableDeclaration) -> String {
        var text = "\n## \(table.name)\n\nVersion \(table.version)"
        if !table.olderVersions.isEmpty {
            text += " (\(table.olderVersions.map(String.init).joined(separator: ", ")) will do)"
        }
        text += ". \(table.summary).\n\n| Column | Type | Default |\n|---|---|---|\n"
        for column in table.columns {
            text += "| `\(column.name)` | \(Self.type(column)) | \(Self.defaultText(column)) |\n"
        }
        if !table.keys.isEmpty {
            let keys = table.keys.map { key in
                (key.isUnique ? "unique " : "") + "(" + key.columns.map { "`\($0)`" }.joined(separator: ", ") + ")"
            }
            text += "\nKeys: \(keys.joined(separator: ", ")).\n"
        }
        return text
    }

    private static func type(_ column: Column) -> String {
        let name =
            switch column.kind {
            case .int: "int"
            case .unsigned: "unsigned int"
            case .small: "small int"
            case .tiny: "tiny int"
            case .float: "float"
            case .varchar(let count): "varchar(\(count))"
            case .text: "text"
            case .largeText: "large text"
            case .blob: "blob"
            case .largeBlob: "large blob"
            case .datetime: "datetime"
            }
        return column.isAutomatic ? "\(name), primary key" : column.isNullable ? "\(name), null" : name
    }

    private static func defaultText(_ column: Column) -> String {
        guard let value = column.defaultValue else { return column.isAutomatic ? "counts up" : "" }
        return "`\(value == "" ? "''" : value.text?.string ?? "null")`"
    }
}
