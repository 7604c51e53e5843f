import Bytes

/// A connection in the hands of a piece of work, on a thread that may block.
///
/// Not to be kept: it means nothing when the work has returned.
public final class DatabaseSession {
    private let connection: any DatabaseConnection
    private let isOver: () -> Bool
    private(set) var mayHaveWritten = false
    private(set) var isInTransaction = false
    /// A server fault that the work met, whatever it made of it.
    private(set) var fault: DatabaseError?
    /// Told of statements that take their time (`latency_limit_db`).
    var slowness: SlownessWatch?
    /// What the last statement left.
    public private(set) var summary = DatabaseSummary()

    /// - Parameter isOver: whether nobody waits for the work any more.
    public init(_ connection: any DatabaseConnection, isOver: @escaping () -> Bool = { false }) {
        self.connection = connection
        self.isOver = isOver
    }

    /// Carries out a statement; all its rows come at once.
    @discardableResult
    public func run(_ statement: DatabaseStatement) throws(DatabaseError) -> Rows {
        let began = self.slowness == nil ? 0 : WallClock.microseconds()
        defer { self.slowness?.look(at: statement, began: began) }
        var rows: Rows?
        try self.guarded(statement.isRead) {
            self.summary = try self.connection.run(statement, chunk: 0) { part in
                if rows == nil { rows = part } else { rows?.append(part) }
            }
        }
        return rows ?? Rows(columns: [])
    }

    /// Carries out a statement; its rows come in parts of at most `chunk`, so that memory holds no more of them.
    public func fetch(
        _ select: Select, chunk: Int, _ each: (Rows) throws -> Void
    ) throws {
        let began = self.slowness == nil ? 0 : WallClock.microseconds()
        defer { self.slowness?.look(at: .select(select), began: began) }
        do {
            try self.checkTime()
            self.summary = try self.connection.run(.select(select), chunk: max(chunk, 1)) { part in
                try self.checkTime()
                try each(part)
            }
        } catch let error as DatabaseError {
            self.note(error)
            throw error
        }
    }

    public func query(_ select: Select) throws(DatabaseError) -> Rows { try self.run(.select(select)) }
    public func insert(_ insert: Insert) throws(DatabaseError) { try self.run(.insert(insert)) }
    public func upsert(_ upsert: Upsert) throws(DatabaseError) { try self.run(.upsert(upsert)) }
    /// - Returns: rows changed; nil when the driver does not know.
    @discardableResult
    public func update(_ update: Update) throws(DatabaseError) -> Int? {
        try self.run(.update(update))
        return self.summary.affectedRows
    }
    /// - Returns: rows removed; nil when the driver does not know.
    @discardableResult
    public func delete(_ delete: Delete) throws(DatabaseError) -> Int? {
        try self.run(.delete(delete))
        return self.summary.affectedRows
    }
    /// SQL as it stands, with `?` for each value.
    @discardableResult
    public func sql(_ text: ByteString, _ values: [DatabaseValue] = []) throws(DatabaseError) -> Rows {
        try self.run(.raw(text, values))
    }

    /// All of `body`, or nothing. Not to be nested.
    public func transaction<T>(_ body: () throws -> T) throws -> T {
        try self.guarded(true) { try self.connection.begin(.write) }
        self.isInTransaction = true
        defer { self.isInTransaction = false }
        do {
            let result = try body()
            try self.guarded(false) { try self.connection.commit() }
            return result
        } catch {
            self.connection.rollback()
            throw error
        }
    }

    public func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? {
        var columns: [ColumnInfo]?
        try self.guarded(true) { columns = try self.connection.columns(of: table) }
        return columns
    }

    public func create(_ table: TableDeclaration) throws(DatabaseError) {
        try self.guarded(false) { try self.connection.create(table) }
    }

    public func add(_ column: Column, to table: ByteString) throws(DatabaseError) {
        try self.guarded(false) { try self.connection.add(column, to: table) }
    }

    // MARK: Errors

    private func checkTime() throws(DatabaseError) {
        if self.isOver() { throw DatabaseError(.timedOut, "nobody waits for the answer any more") }
    }

    private func guarded(_ isRead: Bool, _ body: () throws -> Void) throws(DatabaseError) {
        do {
            try self.checkTime()
            try body()
            if !isRead { self.mayHaveWritten = true }
        } catch let error as DatabaseError {
            // What never reached the server changed nothing.
            if !isRead, error.kind != .unreachable { self.mayHaveWritten = true }
            self.note(error)
            throw error
        } catch {
            throw DatabaseError(.failed, "\(error)")
        }
    }

    private func note(_ error: DatabaseError) {
        if error.breaksConnection { self.fault = error }
    }
}
