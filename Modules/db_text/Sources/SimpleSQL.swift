import Bytes
import Database

/// A little SQL, for scripts that write it over a database that has none: SELECT, INSERT, REPLACE, UPDATE and DELETE of
/// one table, conditions joined by AND or by OR, ORDER BY, LIMIT.
package enum SimpleSQL {
    /// - Throws: `badQuery` with what was expected.
    package static func statement(
        _ text: ByteString, _ values: [DatabaseValue]
    ) throws(DatabaseError) -> DatabaseStatement {
        var reader = Reader(tokens: try self.tokens(text), values: values)
        let statement = try reader.statement()
        try reader.end()
        return statement
    }

    enum Token: Equatable {
        case word(ByteString)
        case quoted(ByteString)
        case sign(String)
    }

    static func tokens(_ text: ByteString) throws(DatabaseError) -> [Token] {
        let bytes = text.bytes
        var tokens: [Token] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0 { throw DatabaseError(.badQuery, "there is a NUL in the SQL") }
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                let (value, next) = try self.quoted(bytes, index)
                tokens.append(.quoted(value))
                index = next
            } else if byte == UInt8(ascii: "`") {
                guard let end = bytes[(index + 1)...].firstIndex(of: byte) else {
                    throw DatabaseError(.badQuery, "a ` has no end")
                }
                tokens.append(.word(ByteString(Array(bytes[(index + 1)..<end]))))
                index = end + 1
            } else if self.isWord(byte) {
                let end = bytes[index...].firstIndex { !self.isWord($0) } ?? bytes.count
                tokens.append(.word(ByteString(Array(bytes[index..<end]))))
                index = end
            } else if byte > 32 {
                let pair = String(decoding: bytes[index..<min(index + 2, bytes.count)], as: UTF8.self)
                let sign = ["<=", ">=", "<>", "!="].contains(pair) ? pair : String(pair.prefix(1))
                tokens.append(.sign(sign))
                index += sign.utf8.count
            } else {
                index += 1
            }
        }
        return tokens
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte >= 128 || "_.-+".utf8.contains(byte)
    }

    /// A quote is written twice, or with a backslash.
    private static func quoted(_ bytes: [UInt8], _ start: Int) throws(DatabaseError) -> (ByteString, next: Int) {
        var value: [UInt8] = []
        var index = start + 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
                value.append(bytes[index + 1])
                index += 2
            } else if byte == bytes[start] {
                guard index + 1 < bytes.count, bytes[index + 1] == byte else { return (ByteString(value), index + 1) }
                value.append(byte)
                index += 2
            } else {
                value.append(byte)
                index += 1
            }
        }
        throw DatabaseError(.badQuery, "a text in quotes has no end")
    }

    private struct Reader {
        var tokens: [Token]
        var values: [DatabaseValue]
        var index = 0
        var valueIndex = 0

        var next: Token? { self.index < self.tokens.count ? self.tokens[self.index] : nil }

        func fails(_ wanted: String) -> DatabaseError {
            let found =
                switch self.next {
                case .word(let text): "'\(text)'"
                case .quoted: "a text"
                case .sign(let sign): "'\(sign)'"
                case nil: "the end"
                }
            return DatabaseError(.badQuery, "expected \(wanted), found \(found)")
        }

        mutating func take(_ word: String) -> Bool {
            guard case .word(let text)? = self.next, text.string.uppercased() == word else { return false }
            self.index += 1
            return true
        }
        mutating func take(sign: String) -> Bool {
            guard self.next == .sign(sign) else { return false }
            self.index += 1
            return true
        }
        mutating func need(_ word: String) throws(DatabaseError) {
            guard self.take(word) else { throw self.fails(word) }
        }
        mutating func need(sign: String) throws(DatabaseError) {
            guard self.take(sign: sign) else { throw self.fails("'\(sign)'") }
        }
        mutating func name() throws(DatabaseError) -> ByteString {
            guard case .word(let text)? = self.next else { throw self.fails("a name") }
            self.index += 1
            return text
        }
        mutating func names() throws(DatabaseError) -> [ByteString] {
            var names = [try self.name()]
            while self.take(sign: ",") { names.append(try self.name()) }
            return names
        }

        mutating func value() throws(DatabaseError) -> DatabaseValue {
            defer { self.index += 1 }
            switch self.next {
            case .quoted(let text): return .string(text)
            case .sign("?"):
                guard self.valueIndex < self.values.count else {
                    throw DatabaseError(.badQuery, "more places than values")
                }
                self.valueIndex += 1
                return self.values[self.valueIndex - 1]
            case .word(let word):
                if word.string.uppercased() == "NULL" { return .null }
                if let number = Int(word.string) { return .int(number) }
                if let number = Double(word.string) { return .double(number) }
                return .string(word)
            default: throw self.fails("a value")
            }
        }
        mutating func list() throws(DatabaseError) -> [DatabaseValue] {
            try self.need(sign: "(")
            var values = [try self.value()]
            while self.take(sign: ",") { values.append(try self.value()) }
            try self.need(sign: ")")
            return values
        }

        mutating func end() throws(DatabaseError) {
            _ = self.take(sign: ";")
            guard self.next == nil else { throw self.fails("the end") }
        }

        mutating func statement() throws(DatabaseError) -> DatabaseStatement {
            if self.take("SELECT") { return .select(try self.select()) }
            if self.take("DELETE") {
                try self.need("FROM")
                let table = try self.name()
                return .delete(Delete(from: table, where: try self.filter()))
            }
            if self.take("UPDATE") { return .update(try self.update()) }
            let isReplace = self.take("REPLACE")
            guard isReplace || self.take("INSERT") else {
                throw self.fails("SELECT, INSERT, REPLACE, UPDATE or DELETE")
            }
            try self.need("INTO")
            let table = try self.name()
            try self.need(sign: "(")
            let names = try self.names()
            try self.need(sign: ")")
            try self.need("VALUES")
            let row = try self.list()
            // The first column is the key, as in tables whose first is their number.
            if isReplace { return .upsert(Upsert(into: table, names, row: row, keys: Array(names.prefix(1)))) }
            var rows = [row]
            while self.take(sign: ",") { rows.append(try self.list()) }
            return .insert(Insert(into: table, names, rows: rows))
        }

        private mutating func select() throws(DatabaseError) -> Select {
            let names = self.take(sign: "*") ? [] : try self.names()
            try self.need("FROM")
            var select = Select(names, from: try self.name())
            select.filter = try self.filter()
            if self.take("ORDER") {
                try self.need("BY")
                repeat {
                    let name = try self.name()
                    let isDescending = self.take("DESC")
                    if !isDescending { _ = self.take("ASC") }
                    select.order.append(Select.Order(name, descending: isDescending))
                } while self.take(sign: ",")
            }
            if self.take("LIMIT") {
                guard let limit = try self.value().int, limit >= 0 else { throw self.fails("a number of rows") }
                select.limit = limit
                if self.take("OFFSET") { select.offset = max(try self.value().int ?? 0, 0) }
            }
            return select
        }

        private mutating func update() throws(DatabaseError) -> Update {
            let table = try self.name()
            try self.need("SET")
            var assignments: [Update.Assignment] = []
            repeat {
                let name = try self.name()
                try self.need(sign: "=")
                assignments.append(Update.Assignment(name, try self.value()))
            } while self.take(sign: ",")
            return Update(table, set: assignments, where: try self.filter())
        }

        private mutating func filter() throws(DatabaseError) -> Filter {
            guard self.take("WHERE") else { return [] }
            var filter: Filter = [try self.condition()]
            while true {
                if filter.conditions.count == 1 || !filter.isAny, self.take("AND") {
                    filter.conditions.append(try self.condition())
                } else if filter.conditions.count == 1 || filter.isAny, self.take("OR") {
                    filter.isAny = true
                    filter.conditions.append(try self.condition())
                } else {
                    return filter
                }
            }
        }

        private mutating func condition() throws(DatabaseError) -> Condition {
            let name = try self.name()
            if self.take("IS") {
                let isNot = self.take("NOT")
                try self.need("NULL")
                return Condition(name, isNot ? .notEqual : .equal, .null)
            }
            if self.take("LIKE") { return Condition(name, .like, try self.value()) }
            guard case .sign(let sign)? = self.next else { throw self.fails("a comparison") }
            self.index += 1
            let comparison: Condition.Comparison? = sign == "!=" ? .notEqual : Condition.Comparison(rawValue: sign)
            guard let comparison else { throw DatabaseError(.badQuery, "'\(sign)' compares nothing") }
            return Condition(name, comparison, try self.value())
        }
    }
}
