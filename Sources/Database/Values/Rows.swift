import Bytes

/// Rows of a result, with the names of their columns.
public struct Rows: Sendable {
    public let columns: [ByteString]
    /// Row after row.
    private var values: [DatabaseValue] = []

    public init(columns: [ByteString]) { self.columns = columns }

    public init(columns: [ByteString], _ rows: [[DatabaseValue]]) {
        self.columns = columns
        for row in rows { self.append(row) }
    }

    /// Adds a row; a short one is filled up with nulls, a long one is cut.
    public mutating func append(_ row: [DatabaseValue]) {
        self.values += row.prefix(self.columns.count)
        for _ in Swift.min(row.count, self.columns.count)..<self.columns.count { self.values.append(.null) }
    }

    public mutating func reserve(rows: Int) { self.values.reserveCapacity(rows * self.columns.count) }
    mutating func append(_ rows: Rows) { self.values += rows.values }
    public mutating func removeAll() { self.values.removeAll(keepingCapacity: true) }

    public func index(of column: ByteString) -> Int? { self.columns.firstIndex(of: column) }

    /// The value; null where there is none.
    public subscript(row: Int, column: Int) -> DatabaseValue {
        guard row >= 0, row < self.count, column >= 0, column < self.columns.count else { return .null }
        return self.values[row * self.columns.count + column]
    }
}

extension Rows: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { self.columns.isEmpty ? 0 : self.values.count / self.columns.count }
    public subscript(position: Int) -> Row { Row(rows: self, index: position) }
}

/// One of `Rows`.
public struct Row: Sendable {
    let rows: Rows
    let index: Int

    public var count: Int { self.rows.columns.count }
    /// The value in a column, from 0; null where there is none.
    public subscript(column: Int) -> DatabaseValue { self.rows[self.index, column] }
    /// The value in the column of that name; null where there is none.
    public subscript(column: ByteString) -> DatabaseValue {
        self.rows.index(of: column).map { self.rows[self.index, $0] } ?? .null
    }
    public var values: [DatabaseValue] { (0..<self.count).map { self[$0] } }
}
