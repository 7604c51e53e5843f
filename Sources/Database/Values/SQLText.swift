import Bytes

/// How a database wants its SQL written.
public struct SQLDialect: Sendable {
    public enum Conflict: Sendable {
        /// `ON CONFLICT (keys) DO UPDATE SET …`: SQLite, PostgreSQL.
        case onConflict
        /// `ON DUPLICATE KEY UPDATE …`: MySQL, MariaDB.
        case onDuplicateKey
    }

    /// Stands before and behind names of tables and columns, and is doubled inside them.
    public var quote: UInt8
    /// `$1`, `$2` … in place of `?`.
    public var numbersPlaceholders: Bool
    public var conflict: Conflict

    public init(quote: UInt8, numbersPlaceholders: Bool = false, conflict: Conflict) {
        self.quote = quote
        self.numbersPlaceholders = numbersPlaceholders
        self.conflict = conflict
    }
}

/// A statement as SQL with placeholders, and the values for them. No value ever becomes part of the text.
public struct SQLText: Sendable {
    public private(set) var text: [UInt8] = []
    public private(set) var values: [DatabaseValue] = []
    private let dialect: SQLDialect

    /// - Throws: `badQuery` for names that no table and no column can have, and for rows of the wrong length.
    public init(_ statement: DatabaseStatement, _ dialect: SQLDialect) throws(DatabaseError) {
        self.dialect = dialect
        switch statement {
        case .select(let select): try self.write(select)
        case .insert(let insert): try self.write(insert)
        case .update(let update): try self.write(update)
        case .upsert(let upsert): try self.write(upsert)
        case .delete(let delete):
            self.write("DELETE FROM ")
            try self.write(name: delete.table)
            try self.write(delete.filter)
        case .raw(let text, let values):
            self.values = values
            self.text = dialect.numbersPlaceholders && !values.isEmpty ? Self.numbered(text.bytes) : text.bytes
        }
    }

    private mutating func write(_ text: String) { self.text += text.utf8 }

    private mutating func write(name: ByteString) throws(DatabaseError) {
        guard !name.isEmpty, !name.bytes.contains(0) else {
            throw DatabaseError(.badQuery, "'\(name)' is no name of a table or column")
        }
        self.text.append(self.dialect.quote)
        for byte in name.bytes {
            if byte == self.dialect.quote { self.text.append(byte) }
            self.text.append(byte)
        }
        self.text.append(self.dialect.quote)
    }

    private mutating func write(value: DatabaseValue) {
        self.values.append(value)
        if self.dialect.numbersPlaceholders {
            self.write("$")
            self.text += String(self.values.count).utf8
        } else {
            self.write("?")
        }
    }

    private mutating func write(names: [ByteString]) throws(DatabaseError) {
        for (index, name) in names.enumerated() {
            if index > 0 { self.write(",") }
            try self.write(name: name)
        }
    }

    private mutating func write(_ filter: Filter) throws(DatabaseError) {
        for (index, condition) in filter.conditions.enumerated() {
            if index == 0 {
                self.write(" WHERE ")
            } else if filter.isAny {
                self.write(" OR ")
            } else {
                self.write(" AND ")
            }
            try self.write(name: condition.column)
            switch (condition.comparison, condition.value) {
            case (.equal, .null): self.write(" IS NULL")
            case (.notEqual, .null): self.write(" IS NOT NULL")
            case (.hasBits, _):
                self.write(" & ")
                self.write(value: condition.value)
                self.write(" <> 0")
            default:
                self.write(" ")
                self.text += condition.comparison.rawValue.utf8
                self.write(" ")
                self.write(value: condition.value)
            }
        }
    }

    private mutating func write(_ select: Select) throws(DatabaseError) {
        self.write("SELECT ")
        if select.columns.isEmpty { self.write("*") } else { try self.write(names: select.columns) }
        self.write(" FROM ")
        try self.write(name: select.table)
        try self.write(select.filter)
        for (index, order) in select.order.enumerated() {
            if index == 0 { self.write(" ORDER BY ") } else { self.write(",") }
            try self.write(name: order.column)
            if order.isDescending { self.write(" DESC") }
        }
        guard let limit = select.limit else { return }
        self.write(" LIMIT ")
        self.write(value: .int(max(limit, 0)))
        guard select.offset > 0 else { return }
        self.write(" OFFSET ")
        self.write(value: .int(select.offset))
    }

    private mutating func write(_ insert: Insert) throws(DatabaseError) {
        guard !insert.rows.isEmpty, !insert.columns.isEmpty else {
            throw DatabaseError(.badQuery, "an insert needs columns and rows")
        }
        self.write("INSERT INTO ")
        try self.write(name: insert.table)
        self.write(" (")
        try self.write(names: insert.columns)
        self.write(") VALUES ")
        for (index, row) in insert.rows.enumerated() {
            if index > 0 { self.write(",") }
            try self.write(row: row, of: insert.columns.count)
        }
    }

    private mutating func write(row: [DatabaseValue], of count: Int) throws(DatabaseError) {
        guard row.count == count else {
            throw DatabaseError(.badQuery, "a row of \(row.count) values for \(count) columns")
        }
        self.write("(")
        for (index, value) in row.enumerated() {
            if index > 0 { self.write(",") }
            self.write(value: value)
        }
        self.write(")")
    }

    private mutating func write(_ update: Update) throws(DatabaseError) {
        guard !update.assignments.isEmpty else { throw DatabaseError(.badQuery, "an update changes nothing") }
        self.write("UPDATE ")
        try self.write(name: update.table)
        for (index, assignment) in update.assignments.enumerated() {
            if index == 0 { self.write(" SET ") } else { self.write(",") }
            try self.write(name: assignment.column)
            self.write("=")
            self.write(value: assignment.value)
        }
        try self.write(update.filter)
    }

    private mutating func write(_ upsert: Upsert) throws(DatabaseError) {
        try self.write(Insert(into: upsert.table, upsert.columns, rows: [upsert.row]))
        let changed = upsert.columns.filter { !upsert.keys.contains($0) }
        switch self.dialect.conflict {
        case .onConflict:
            self.write(" ON CONFLICT")
            if !upsert.keys.isEmpty {
                self.write(" (")
                try self.write(names: upsert.keys)
                self.write(")")
            }
            if changed.isEmpty { self.write(" DO NOTHING") } else { self.write(" DO UPDATE SET ") }
        case .onDuplicateKey: self.write(" ON DUPLICATE KEY UPDATE ")
        }
        for (index, column) in changed.enumerated() {
            if index > 0 { self.write(",") }
            try self.write(name: column)
            switch self.dialect.conflict {
            case .onConflict:
                self.write("=excluded.")
                try self.write(name: column)
            case .onDuplicateKey:
                self.write("=VALUES(")
                try self.write(name: column)
                self.write(")")
            }
        }
        if case .onDuplicateKey = self.dialect.conflict, changed.isEmpty, let key = upsert.columns.first {
            try self.write(name: key)
            self.write("=")
            try self.write(name: key)
        }
    }

    /// `?` outside quotes become `$1`, `$2` …
    static func numbered(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var quote: UInt8?
        var count = 0
        for byte in text {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                quote = byte
            } else if byte == UInt8(ascii: "?") {
                count += 1
                result += "$\(count)".utf8
                continue
            }
            result.append(byte)
        }
        return result
    }
}
