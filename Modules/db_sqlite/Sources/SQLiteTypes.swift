import Bytes
import CSQLite
import Database

/// What SQLite makes of types, and what Kamailio makes of SQLite.
enum SQLiteTypes {
    /// What a declared type stands for: SQLite itself takes any value in any column.
    static func kind(of declaration: String) -> ColumnInfo.Kind {
        let text = declaration.uppercased()
        // Before INT: a TIMESTAMP is none, and POINT is not to be feared here.
        if text.contains("TIME") || text.contains("DATE") { return .time }
        if text.contains("INT") { return .int }
        if text.contains("CHAR") || text.contains("CLOB") || text.contains("TEXT") { return .string }
        if text.contains("BLOB") { return .blob }
        if text.contains("REAL") || text.contains("FLOA") || text.contains("DOUB") { return .double }
        return .any
    }

    /// Times are kept as Julian days, as Kamailio keeps them.
    static func julianDay(_ seconds: Int) -> Double { Double(seconds) / 86_400 + 2_440_587.5 }

    static func seconds(julianDay: Double) -> Int {
        let seconds = ((julianDay - 2_440_587.5) * 86_400).rounded()
        // What is no day of our time is a number that somebody put there.
        return Int(exactly: seconds) ?? 0
    }

    /// How a column of that kind is declared.
    static func declaration(_ kind: Column.Kind) -> String {
        switch kind {
        case .int, .unsigned, .small, .tiny: "INTEGER"
        case .float: "REAL"
        case .varchar(let count): "VARCHAR(\(count))"
        case .text, .largeText: "TEXT"
        case .blob, .largeBlob: "BLOB"
        case .datetime: "TIMESTAMP WITHOUT TIME ZONE"
        }
    }
}

/// SQLite's result codes as errors.
enum SQLiteFailure {
    static func error(_ code: Int32, _ text: String) -> DatabaseError {
        DatabaseError(self.kind(code, text), "SQLite: \(text)")
    }

    private static func kind(_ code: Int32, _ text: String) -> DatabaseError.Kind {
        // The low byte is the code, the rest its details.
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: .locked
        case SQLITE_FULL: .full
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .readOnly
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH: .constraint
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
        case SQLITE_CANTOPEN: .unreachable
        case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_PROTOCOL: .lost
        case SQLITE_INTERRUPT, SQLITE_ABORT: .timedOut
        default:
            if text.contains("no such table") {
                .noTable
            } else if text.contains("no such column") || text.contains("has no column named") {
                .noColumn
            } else {
                .badQuery
            }
        }
    }
}
