import Bytes

/// One condition on a column.
public struct Condition: Sendable, Hashable {
    public enum Comparison: String, Sendable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case greater = ">"
        case atMost = "<="
        case atLeast = ">="
        /// At least one bit of the value is set.
        case hasBits = "&"
        /// `%` and `_` in the value stand for any text and any character.
        case like = "LIKE"
    }

    public var column: ByteString
    public var comparison: Comparison
    /// Null with `equal` and `notEqual` asks whether the column is null.
    public var value: DatabaseValue

    public init(_ column: ByteString, _ comparison: Comparison = .equal, _ value: DatabaseValue) {
        self.column = column
        self.comparison = comparison
        self.value = value
    }
}

/// Which rows are meant: those for which all conditions hold, or any of them. Without conditions: all rows.
public struct Filter: Sendable, Hashable, ExpressibleByArrayLiteral {
    public var conditions: [Condition]
    public var isAny = false

    public init(arrayLiteral conditions: Condition...) { self.conditions = conditions }
    public init(_ conditions: [Condition]) { self.conditions = conditions }

    public static let everything: Filter = []
    public static func any(_ conditions: [Condition]) -> Filter {
        var filter = Filter(conditions)
        filter.isAny = true
        return filter
    }
}

/// What a database is asked to do. Values are never part of a text: drivers bind them.
public enum DatabaseStatement: Sendable, Hashable {
    case select(Select)
    case insert(Insert)
    case update(Update)
    case upsert(Upsert)
    case delete(Delete)
    /// SQL as it stands, with a `?` for each value; drivers without SQL refuse it, or know a little of it.
    case raw(ByteString, [DatabaseValue])

    /// Whether it changes nothing. SQL as it stands counts by its first word.
    public var isRead: Bool {
        switch self {
        case .select: true
        case .insert, .update, .upsert, .delete: false
        case .raw(let text, _):
            ["select", "pragma", "show", "explain", "values"].contains(
                text.string.drop { " \t\r\n(".contains($0) }.prefix { $0.isLetter }.lowercased())
        }
    }
}

public struct Select: Sendable, Hashable {
    public var table: ByteString
    /// Empty: all columns of the table.
    public var columns: [ByteString]
    public var filter: Filter
    /// Columns to sort by.
    public var order: [Order]
    public var limit: Int?
    public var offset = 0

    public struct Order: Sendable, Hashable, ExpressibleByStringLiteral {
        public var column: ByteString
        public var isDescending: Bool
        public init(_ column: ByteString, descending: Bool = false) {
            self.column = column
            self.isDescending = descending
        }
        public init(stringLiteral value: String) { self.init(ByteString(value)) }
    }

    public init(
        _ columns: [ByteString] = [], from table: ByteString, where filter: Filter = [], order: [Order] = [],
        limit: Int? = nil
    ) {
        self.table = table
        self.columns = columns
        self.filter = filter
        self.order = order
        self.limit = limit
    }
}

/// Adds rows.
public struct Insert: Sendable, Hashable {
    public var table: ByteString
    public var columns: [ByteString]
    /// Each with a value for each column. All are added, or none, when a driver can do that.
    public var rows: [[DatabaseValue]]

    public init(into table: ByteString, _ columns: [ByteString], rows: [[DatabaseValue]]) {
        self.table = table
        self.columns = columns
        self.rows = rows
    }

    public init(into table: ByteString, _ values: KeyValuePairs<ByteString, DatabaseValue>) {
        self.init(into: table, values.map(\.key), rows: [values.map(\.value)])
    }
}

/// Adds a row, or changes the one that has the same key.
public struct Upsert: Sendable, Hashable {
    public var table: ByteString
    public var columns: [ByteString]
    public var row: [DatabaseValue]
    /// Columns of the unique key that counts; empty: any unique key of the table.
    public var keys: [ByteString]

    public init(into table: ByteString, _ columns: [ByteString], row: [DatabaseValue], keys: [ByteString]) {
        self.table = table
        self.columns = columns
        self.row = row
        self.keys = keys
    }

    public init(into table: ByteString, _ values: KeyValuePairs<ByteString, DatabaseValue>, keys: [ByteString]) {
        self.init(into: table, values.map(\.key), row: values.map(\.value), keys: keys)
    }
}

public struct Update: Sendable, Hashable {
    public struct Assignment: Sendable, Hashable {
        public var column: ByteString
        public var value: DatabaseValue
        public init(_ column: ByteString, _ value: DatabaseValue) {
            self.column = column
            self.value = value
        }
    }
    public var table: ByteString
    public var assignments: [Assignment]
    public var filter: Filter

    public init(_ table: ByteString, set assignments: [Assignment], where filter: Filter) {
        self.table = table
        self.assignments = assignments
        self.filter = filter
    }

    public init(_ table: ByteString, set values: KeyValuePairs<ByteString, DatabaseValue>, where filter: Filter) {
        self.init(table, set: values.map { Assignment($0.key, $0.value) }, where: filter)
    }
}

public struct Delete: Sendable, Hashable {
    public var table: ByteString
    public var filter: Filter

    public init(from table: ByteString, where filter: Filter) {
        self.table = table
        self.filter = filter
    }
}

/// What came of a statement beside its rows.
public struct DatabaseSummary: Sendable, Equatable {
    /// Rows added, changed or removed; nil: the driver does not know.
    public var affectedRows: Int?
    /// Number that the database gave the last row added; nil: none, or the driver does not know.
    public var lastID: Int?

    public init(affectedRows: Int? = nil, lastID: Int? = nil) {
        self.affectedRows = affectedRows
        self.lastID = lastID
    }
}
