import Bytes
import ModuleKit

@testable import Database

/// A database of the tests' own: it answers, refuses, breaks in the middle, as it is told.
final class StandIn: DatabaseDriver, @unchecked Sendable {  // a test uses it on one thread
    enum Mood {
        case well
        /// Nobody listens.
        case stopped
        /// The connection breaks during the next statement, once.
        case breaks
        /// Every statement is refused.
        case refuses
    }

    var mood = Mood.well
    var connects = 0
    var interrupts = 0
    var statements: [DatabaseStatement] = []
    var transactions: [String] = []
    /// What selects give.
    var rows = Rows(columns: ["n"], [[.int(1)], [.int(2)], [.int(3)]])
    var tables: [ByteString: [ColumnInfo]] = [:]
    var policy = PoolPolicy()

    let schemes = ["standin"]
    func policy(for url: DatabaseURL) -> PoolPolicy { self.policy }
    func fingerprint(for url: DatabaseURL) -> String { "" }
    func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection {
        if self.mood == .stopped { throw DatabaseError(.unreachable, "connection refused") }
        self.connects += 1
        return StandInConnection(self)
    }
}

final class StandInConnection: DatabaseConnection, @unchecked Sendable {  // a test uses it on one thread
    private let owner: StandIn
    init(_ owner: StandIn) { self.owner = owner }

    func run(
        _ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void
    ) throws -> DatabaseSummary {
        switch self.owner.mood {
        case .well: break
        case .stopped: throw DatabaseError(.lost, "server has gone away")
        case .breaks:
            self.owner.mood = .well
            throw DatabaseError(.lost, "server has gone away")
        case .refuses: throw DatabaseError(.badQuery, "syntax error")
        }
        self.owner.statements.append(statement)
        guard statement.isRead else { return DatabaseSummary(affectedRows: 1, lastID: 7) }
        let rows = self.owner.rows
        if chunk == 0 {
            try each(rows)
        } else {
            for start in stride(from: 0, to: rows.count, by: chunk) {
                let part = (start..<min(start + chunk, rows.count)).map { rows[$0].values }
                try each(Rows(columns: rows.columns, part))
            }
        }
        return DatabaseSummary()
    }

    func begin(_ access: DatabaseAccess) throws(DatabaseError) { self.owner.transactions.append("begin") }
    func commit() throws(DatabaseError) { self.owner.transactions.append("commit") }
    func rollback() { self.owner.transactions.append("rollback") }
    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]? { self.owner.tables[table] }
    func create(_ table: TableDeclaration) throws(DatabaseError) {
        self.owner.tables[table.name] = table.columns.map {
            ColumnInfo(name: $0.name, kind: $0.kind.info, isNullable: $0.isNullable)
        }
    }
    func add(_ column: Column, to table: ByteString) throws(DatabaseError) {
        self.owner.tables[table]?.append(ColumnInfo(name: column.name, kind: column.kind.info, isNullable: true))
    }
    func interrupt() { self.owner.interrupts += 1 }
}

/// Threads, timer and clock of a pool, moved by hand.
final class Scene: @unchecked Sendable {  // a test uses it on one thread
    private final class Clock: @unchecked Sendable {  // a test uses it on one thread
        var now = Instant(milliseconds: 1_000_000)
    }

    private let clock = Clock()
    var now: Instant { self.clock.now }
    /// Work that a thread has taken and not begun: as long as it is here, the database hangs.
    var threads: [@Sendable () -> Void] = []
    var alarms: [(at: Instant, body: @Sendable () -> Void)] = []
    var log: [String] = []
    var answers: [Result<Int, DatabaseError>] = []
    let driver = StandIn()
    let pool: ConnectionPool

    init(_ change: (inout PoolPolicy) -> Void = { _ in }) throws {
        change(&self.driver.policy)
        let clock = self.clock
        self.pool = ConnectionPool(try DatabaseURL("standin://host/db"), self.driver, clock: { clock.now })
    }

    var surroundings: PoolSurroundings {
        PoolSurroundings(
            run: { [unowned self] in self.threads.append($0) },
            wake: { [unowned self] in self.alarms.append((self.now + $0, $1)) },
            log: { [unowned self] in self.log.append("\($0): \($1)") })
    }

    func ask(
        _ access: DatabaseAccess = .read, _ work: @escaping @Sendable (DatabaseSession) throws -> Int = Scene.count
    ) {
        self.pool.submit(access, self.surroundings, work) { [unowned self] result in
            self.answers.append(result.map { $0 as? Int ?? -1 })
        }
    }

    static let count: @Sendable (DatabaseSession) throws -> Int = { try $0.query(Select(from: "t")).count }

    /// Threads do what they have taken.
    func work() {
        while !self.threads.isEmpty { self.threads.removeFirst()() }
    }

    func pass(_ milliseconds: Int) {
        self.clock.now = self.now + .milliseconds(milliseconds)
        while let index = self.alarms.firstIndex(where: { $0.at <= self.now }) {
            self.alarms.remove(at: index).body()
        }
    }

    var kinds: [DatabaseError.Kind?] {
        self.answers.map { answer in
            if case .failure(let error) = answer { return error.kind }
            return nil
        }
    }
}
