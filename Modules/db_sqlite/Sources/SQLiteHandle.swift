import Bytes
import CSQLite
import Database

/// A connection to a SQLite file, and the statements prepared on it. All `unsafe` code of the driver is in this file.
///
/// The pointers are SQLite's: `database` lives as long as this object, each statement as long as its `Prepared`, which
/// this object or a caller on the same thread holds. One thread at a time uses them; `interrupt` is for all threads.
@safe
final class SQLiteHandle: @unchecked Sendable {  // the pool hands a connection to one thread at a time
    private let database: OpaquePointer
    private var statements: [[UInt8]: Prepared] = [:]
    /// Statements kept; past it, all are let go.
    private static let limit = 128

    enum Opening: Int32 {
        case readWrite = 0
        case readOnly = 1
        case create = 2
    }

    init(path: String, _ opening: Opening) throws(DatabaseError) {
        var opened: OpaquePointer?
        // The path is NUL-terminated for the duration of the call.
        let code = unsafe apus_sqlite_open(path, opening.rawValue, &opened)
        guard code == SQLITE_OK, let database = unsafe opened else {
            // A handle that could not be opened is closed all the same; NULL does nothing.
            let text = unsafe String(cString: sqlite3_errstr(code))
            _ = unsafe sqlite3_close_v2(opened)
            throw SQLiteFailure.error(code, "\(path): \(text)")
        }
        unsafe self.database = database
    }

    // Statements that somebody still holds keep the connection until they are gone.
    deinit { _ = unsafe sqlite3_close_v2(self.database) }

    func interrupt() { unsafe sqlite3_interrupt(self.database) }
    func setBusyTimeout(milliseconds: Int) {
        _ = unsafe sqlite3_busy_timeout(self.database, Int32(clamping: milliseconds))
    }
    var changes: Int { Int(unsafe sqlite3_changes(self.database)) }
    var lastID: Int { Int(unsafe sqlite3_last_insert_rowid(self.database)) }
    var hasMoved: Bool { unsafe apus_sqlite_has_moved(self.database) != 0 }
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(self.database) == 0 }

    /// - Parameter isKept: whether the same text is likely to come again.
    func prepare(_ text: [UInt8], isKept: Bool) throws(DatabaseError) -> Prepared {
        if let known = self.statements[text] {
            known.reset()
            return known
        }
        guard !text.contains(0) else { throw DatabaseError(.badQuery, "there is a NUL in the SQL") }
        guard text.count < 1 << 20 else { throw DatabaseError(.badQuery, "SQL of more than 1 MiB") }
        var made: OpaquePointer?
        let code = unsafe text.withUnsafeBytes { bytes -> Int32 in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            // Of several statements the first one counts, as with Kamailio.
            return unsafe sqlite3_prepare_v3(
                self.database, start, Int32(bytes.count), isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &made, nil)
        }
        guard code == SQLITE_OK else { throw self.failure(code) }
        guard let statement = unsafe made else { throw DatabaseError(.badQuery, "there is no SQL statement") }
        let prepared = unsafe Prepared(statement, of: self)
        if isKept {
            if self.statements.count >= Self.limit { self.statements.removeAll() }
            self.statements[text] = prepared
        }
        return prepared
    }

    /// The error as SQLite words it.
    func failure(_ code: Int32) -> DatabaseError {
        // The text is SQLite's until the next call on this connection.
        SQLiteFailure.error(code, unsafe String(cString: sqlite3_errmsg(self.database)))
    }

    /// A prepared statement.
    @safe
    final class Prepared {
        private let statement: OpaquePointer
        private unowned let owner: SQLiteHandle
        let columns: [ByteString]
        /// Whether a column is declared to hold times.
        private let holdsTime: [Bool]

        fileprivate init(_ statement: OpaquePointer, of owner: SQLiteHandle) {
            unsafe self.statement = statement
            self.owner = owner
            let count = unsafe sqlite3_column_count(statement)
            // Names and types are SQLite's texts, copied at once.
            self.columns = (0..<count).map { index in
                unsafe sqlite3_column_name(statement, index).map { unsafe ByteString(String(cString: $0)) }
                    ?? ByteString()
            }
            self.holdsTime = (0..<count).map { index in
                guard let text = unsafe sqlite3_column_decltype(statement, index) else { return false }
                return SQLiteTypes.kind(of: unsafe String(cString: text)) == .time
            }
        }

        deinit { _ = unsafe sqlite3_finalize(self.statement) }

        func reset() {
            _ = unsafe sqlite3_reset(self.statement)
            _ = unsafe sqlite3_clear_bindings(self.statement)
        }

        func bind(_ values: [DatabaseValue]) throws(DatabaseError) {
            guard values.count == Int(unsafe sqlite3_bind_parameter_count(self.statement)) else {
                throw DatabaseError(.badQuery, "\(values.count) values for another number of places")
            }
            for (offset, value) in values.enumerated() {
                let index = Int32(offset + 1)
                let code: Int32
                switch value {
                case .null: code = unsafe sqlite3_bind_null(self.statement, index)
                case .int(let number): code = unsafe sqlite3_bind_int64(self.statement, index, Int64(number))
                case .double(let number): code = unsafe sqlite3_bind_double(self.statement, index, number)
                case .time(let seconds):
                    code = unsafe sqlite3_bind_double(self.statement, index, SQLiteTypes.julianDay(seconds))
                // Both copy the bytes, which are there for the duration of the call.
                case .string(let text):
                    code = unsafe apus_sqlite_bind_text(self.statement, index, text.bytes, Int32(clamping: text.count))
                case .blob(let bytes):
                    code = unsafe apus_sqlite_bind_blob(
                        self.statement, index, bytes.bytes, Int32(clamping: bytes.count))
                }
                guard code == SQLITE_OK else { throw self.owner.failure(code) }
            }
        }

        /// - Returns: whether there is a row.
        func step() throws(DatabaseError) -> Bool {
            let code = unsafe sqlite3_step(self.statement)
            switch code {
            case SQLITE_ROW: return true
            case SQLITE_DONE: return false
            default:
                let error = self.owner.failure(code)
                self.reset()
                throw error
            }
        }

        /// The row at hand.
        func row() -> [DatabaseValue] { self.columns.indices.map { self.value(Int32($0)) } }

        private func value(_ index: Int32) -> DatabaseValue {
            let isTime = self.holdsTime[Int(index)]
            switch unsafe sqlite3_column_type(self.statement, index) {
            case SQLITE_INTEGER:
                let number = Int(unsafe sqlite3_column_int64(self.statement, index))
                return isTime ? .time(number) : .int(number)
            case SQLITE_FLOAT:
                let number = unsafe sqlite3_column_double(self.statement, index)
                return isTime ? .time(SQLiteTypes.seconds(julianDay: number)) : .double(number)
            case SQLITE_TEXT:
                let text = self.bytes(index)
                if isTime, let seconds = DatabaseTime.seconds(text) { return .time(seconds) }
                return .string(text)
            case SQLITE_BLOB: return .blob(self.bytes(index))
            default: return .null
            }
        }

        private func bytes(_ index: Int32) -> ByteString {
            // Pointer first, then the length: the order that SQLite asks for. Both hold until the next step.
            guard let start = unsafe sqlite3_column_blob(self.statement, index) else { return ByteString() }
            let count = Int(unsafe sqlite3_column_bytes(self.statement, index))
            return ByteString(unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        }
    }
}
