import Bytes
import Database

/// A table as a text file has it: a line of columns, then a line a row.
///
/// A column is `name(type)` or `name(type,null)` or `name(type,auto)`; columns are separated by blanks. The fields of a
/// row are separated by a colon; an empty one is null where null is allowed. `\n`, `\r`, `\t`, `\0`, `\\` and a
/// backslash before the separator stand for what cannot be written otherwise.
package struct TextTable: Equatable {
    package struct TextColumn: Equatable {
        package var name: ByteString
        /// `int`, `double`, or any other word for text.
        package var type: ByteString
        package var isNullable: Bool
        package var isAutomatic: Bool

        package var kind: ColumnInfo.Kind {
            switch self.type.string.lowercased() {
            case "int", "integer": .int
            case "double", "float": .double
            case "blob": .blob
            case "time": .time
            default: .string
            }
        }
    }

    package struct Format: Equatable, Sendable {
        package var separator = UInt8(ascii: ":")
        /// An empty field is an empty text where null is allowed too.
        package var keepsEmptyText = false
        package init() {}
    }

    package var columns: [TextColumn]
    package private(set) var rows: [[DatabaseValue]] = []
    /// The largest number in the automatic column.
    private var lastID = 0

    package init(columns: [TextColumn]) { self.columns = columns }

    // MARK: Reading

    /// - Throws: `damaged`, with the line.
    package init(_ text: ByteString, _ format: Format) throws(DatabaseError) {
        var lines = text.bytes.split(separator: 10, omittingEmptySubsequences: false)[...]
        guard let header = lines.popFirst() else { throw DatabaseError(.damaged, "line 1: no columns") }
        self.columns = []
        for word in header.split(whereSeparator: { " \t\r".utf8.contains($0) }) {
            self.columns.append(try Self.column(word))
        }
        guard !self.columns.isEmpty else { throw DatabaseError(.damaged, "line 1: no columns") }
        for (index, line) in lines.enumerated() where !line.isEmpty && line != [13] {
            try self.read(line, number: index + 2, format)
        }
    }

    private static func column(_ word: ArraySlice<UInt8>) throws(DatabaseError) -> TextColumn {
        guard let open = word.firstIndex(of: UInt8(ascii: "(")), word.last == UInt8(ascii: ")"), open > word.startIndex
        else {
            throw DatabaseError(.damaged, "line 1: '\(ByteString(Array(word)))' is not written name(type)")
        }
        let parts = word[(open + 1)...].dropLast().split(separator: UInt8(ascii: ","))
        guard let type = parts.first else {
            throw DatabaseError(.damaged, "line 1: '\(ByteString(Array(word)))' has no type")
        }
        let marks = parts.dropFirst().map { ByteString(Array($0)).string.lowercased() }
        return TextColumn(
            name: ByteString(Array(word[..<open])), type: ByteString(Array(type)),
            isNullable: marks.contains("null"), isAutomatic: marks.contains("auto"))
    }

    private mutating func read(_ line: ArraySlice<UInt8>, number: Int, _ format: Format) throws(DatabaseError) {
        var row: [DatabaseValue] = []
        for field in Self.fields(line, format.separator) {
            guard row.count < self.columns.count else {
                // A separator at the end of a line closes the last field.
                if field.isEmpty, row.count == self.columns.count { break }
                throw DatabaseError(.damaged, "line \(number): more fields than columns")
            }
            let column = self.columns[row.count]
            guard let value = self.value(field, column, format) else {
                throw DatabaseError(
                    .damaged, "line \(number): '\(field)' does not fit column \(column.name)")
            }
            row.append(value)
        }
        guard row.count == self.columns.count else {
            throw DatabaseError(.damaged, "line \(number): fewer fields than columns")
        }
        self.note(row)
        self.rows.append(row)
    }

    private func value(_ field: ByteString, _ column: TextColumn, _ format: Format) -> DatabaseValue? {
        switch column.kind {
        case .int, .time:
            if field.isEmpty { return column.isNullable ? .null : .int(0) }
            return Int(field.string).map { .int($0) }
        case .double:
            if field.isEmpty { return column.isNullable ? .null : .double(0) }
            return Double(field.string).map { .double($0) }
        case .string, .blob, .any:
            if field.isEmpty, column.isNullable, !format.keepsEmptyText { return .null }
            return .string(field)
        }
    }

    private static func fields(_ line: ArraySlice<UInt8>, _ separator: UInt8) -> [ByteString] {
        var fields: [ByteString] = []
        var field: [UInt8] = []
        var isEscaped = false
        for byte in line.last == 13 ? line.dropLast() : line {
            if isEscaped {
                switch byte {
                case UInt8(ascii: "n"): field.append(10)
                case UInt8(ascii: "r"): field.append(13)
                case UInt8(ascii: "t"): field.append(9)
                case UInt8(ascii: "0"): field.append(0)
                default: field.append(byte)
                }
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == separator {
                fields.append(ByteString(field))
                field = []
            } else {
                field.append(byte)
            }
        }
        fields.append(ByteString(field))
        return fields
    }

    // MARK: Writing

    package func text(_ format: Format) -> ByteString {
        var bytes: [UInt8] = []
        for (index, column) in self.columns.enumerated() {
            if index > 0 { bytes.append(32) }
            let marks = (column.isNullable ? ",null" : "") + (column.isAutomatic ? ",auto" : "")
            bytes +=
                column.name.bytes + [UInt8(ascii: "(")] + column.type.bytes + Array(marks.utf8) + [UInt8(ascii: ")")]
        }
        bytes.append(10)
        for row in self.rows {
            let start = bytes.count
            for (index, value) in row.enumerated() {
                if index > 0 { bytes.append(format.separator) }
                Self.write(value, format.separator, to: &bytes)
            }
            // An empty line is no row.
            if bytes.count == start { bytes.append(format.separator) }
            bytes.append(10)
        }
        return ByteString(bytes)
    }

    private static func write(_ value: DatabaseValue, _ separator: UInt8, to bytes: inout [UInt8]) {
        for byte in value.text?.bytes ?? [] {
            switch byte {
            case 10: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 13: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 9: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "0")]
            case UInt8(ascii: "\\"), separator: bytes += [UInt8(ascii: "\\"), byte]
            default: bytes.append(byte)
            }
        }
    }

    // MARK: Rows

    package func index(of column: ByteString) throws(DatabaseError) -> Int {
        if let index = self.columns.firstIndex(where: { $0.name == column }) { return index }
        throw DatabaseError(.noColumn, "there is no column \(column)")
    }

    private mutating func note(_ row: [DatabaseValue]) {
        for (index, column) in self.columns.enumerated() where column.isAutomatic {
            self.lastID = max(self.lastID, row[index].int ?? 0)
        }
    }

    /// Adds a row with values for some columns.
    /// - Returns: its number in the automatic column.
    package mutating func insert(_ names: [ByteString], _ values: [DatabaseValue]) throws(DatabaseError) -> Int? {
        guard names.count == values.count else {
            throw DatabaseError(.badQuery, "\(values.count) values for \(names.count) columns")
        }
        var row = [DatabaseValue](repeating: .null, count: self.columns.count)
        for (name, value) in zip(names, values) {
            let index = try self.index(of: name)
            row[index] = try Self.fitted(value, self.columns[index])
        }
        var id: Int?
        for (index, column) in self.columns.enumerated() where row[index].isNull && !column.isNullable {
            if column.isAutomatic {
                guard self.lastID < .max else {
                    throw DatabaseError(.constraint, "no number is left for column \(column.name)")
                }
                id = self.lastID + 1
                row[index] = .int(self.lastID + 1)
            } else if !names.contains(column.name) {
                row[index] = column.kind == .string || column.kind == .blob ? "" : 0
            } else {
                throw DatabaseError(.constraint, "column \(column.name) cannot be null")
            }
        }
        self.note(row)
        self.rows.append(row)
        return id
    }

    /// The value as the column keeps it.
    private static func fitted(_ value: DatabaseValue, _ column: TextColumn) throws(DatabaseError) -> DatabaseValue {
        if value.isNull { return .null }
        switch column.kind {
        case .int, .time: if let number = value.int { return .int(number) }
        case .double: if let number = value.double { return .double(number) }
        case .string, .blob, .any: if let text = value.text { return .string(text) }
        }
        throw DatabaseError(.constraint, "a value does not fit column \(column.name)")
    }

    package mutating func update(_ update: Update) throws(DatabaseError) -> Int {
        var changes: [(index: Int, value: DatabaseValue)] = []
        for assignment in update.assignments {
            let index = try self.index(of: assignment.column)
            let value = try Self.fitted(assignment.value, self.columns[index])
            guard !value.isNull || self.columns[index].isNullable else {
                throw DatabaseError(.constraint, "column \(assignment.column) cannot be null")
            }
            changes.append((index, value))
        }
        let matches = try self.matches(update.filter)
        for row in matches {
            for change in changes { self.rows[row][change.index] = change.value }
            self.note(self.rows[row])
        }
        return matches.count
    }

    package mutating func delete(_ filter: Filter) throws(DatabaseError) -> Int {
        let matches = Set(try self.matches(filter))
        guard !matches.isEmpty else { return 0 }
        self.rows = self.rows.enumerated().filter { !matches.contains($0.offset) }.map(\.element)
        return matches.count
    }

    package mutating func add(_ column: TextColumn, value: DatabaseValue) {
        self.columns.append(column)
        for index in self.rows.indices { self.rows[index].append(value) }
    }
}
