import Bytes
import Database
import ModuleKit

/// Brings rows into the database without holding up the calls that they tell of: rows that come close together are
/// written in one transaction, and what cannot be written for now is tried again.
///
/// A row is never lost in silence: one that the database refuses, or that there is no room for any more, goes to the log
/// in full.
final class RowWriter: Sendable {
    private struct State {
        var waiting: [Insert] = []
        /// A batch is being written, or will be soon.
        var isBusy = false
        var failures = 0
        /// The server stops: nothing is tried again.
        var isFinished = false
    }

    /// Rows that may wait while the database does not answer.
    static let limit = 100_000
    private static let batch = 500
    static let pause = Interval.milliseconds(100)

    private let database: Database
    private let host: any ModuleHost
    private let state = Lock(State())

    init(_ database: Database, host: any ModuleHost) {
        self.database = database
        self.host = host
    }

    func add(_ rows: Insert) {
        let (isFull, starts) = self.state.withLock { state -> (Bool, Bool) in
            guard state.waiting.count < Self.limit else { return (true, false) }
            state.waiting.append(rows)
            defer { state.isBusy = true }
            return (false, !state.isBusy)
        }
        if isFull { self.log(rows, "\(Self.limit) rows wait already") }
        if starts { self.host.perform(after: Self.pause) { _ in self.write() } }
    }

    /// How many wait.
    var count: Int { self.state.withLock { $0.waiting.count } }

    private func write() {
        let batch = self.state.withLock { state in
            let batch = Array(state.waiting.prefix(Self.batch))
            state.waiting.removeFirst(batch.count)
            if batch.isEmpty { state.isBusy = false }
            return batch
        }
        guard !batch.isEmpty else { return }
        self.database.perform(.write) { session in
            try Self.write(batch, in: session)
        } answer: { result in
            self.ended(batch, result)
        }
    }

    /// - Returns: those that the database refuses, with its reason.
    private static func write(_ batch: [Insert], in session: DatabaseSession) throws -> [(Insert, DatabaseError)] {
        do {
            try session.transaction { for rows in batch { try session.insert(rows) } }
            return []
        } catch let error as DatabaseError where !Self.isPassing(error) {
            // One of them is at fault: each for itself.
            var refused: [(Insert, DatabaseError)] = []
            for rows in batch {
                do throws(DatabaseError) {
                    try session.insert(rows)
                } catch {
                    if Self.isPassing(error) { throw error }
                    refused.append((rows, error))
                }
            }
            return refused
        }
    }

    /// Whether the same rows may do later.
    private static func isPassing(_ error: DatabaseError) -> Bool {
        switch error.kind {
        case .unreachable, .lost, .timedOut, .overloaded, .locked, .full, .readOnly: true
        case .constraint, .noTable, .noColumn, .badQuery, .damaged, .unsupported, .noDriver, .failed: false
        }
    }

    private func ended(_ batch: [Insert], _ result: Result<[(Insert, DatabaseError)], DatabaseError>) {
        switch result {
        case .success(let refused):
            for (rows, error) in refused { self.log(rows, "\(error)") }
            self.goOn()
        case .failure(let error) where Self.isPassing(error):
            self.putBack(batch, error)
        case .failure(let error):
            for rows in batch { self.log(rows, "\(error)") }
            self.goOn()
        }
    }

    private func putBack(_ batch: [Insert], _ error: DatabaseError) {
        let (failures, isFinished) = self.state.withLock { state in
            state.failures += 1
            if !state.isFinished { state.waiting.insert(contentsOf: batch, at: 0) }
            return (state.failures, state.isFinished)
        }
        if isFinished {
            for rows in batch { self.log(rows, "\(error)") }
            return
        }
        // The first time, and then each time the number doubles.
        if failures & (failures - 1) == 0 {
            self.host.logger.error("acc: \(self.count) rows wait for the database: \(error)")
        }
        self.host.perform(after: .seconds(min(failures, 10))) { _ in self.write() }
    }

    private func goOn() {
        let more = self.state.withLock { state in
            state.failures = 0
            state.isBusy = !state.waiting.isEmpty
            return state.isBusy
        }
        if more { self.host.perform(after: .zero) { _ in self.write() } }
    }

    /// The server stops: what waits is written now, or goes to the log. Blocks.
    func finish() {
        let rest = self.state.withLock { state in
            state.isFinished = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for start in stride(from: 0, to: rest.count, by: Self.batch) {
            let batch = Array(rest[start..<min(start + Self.batch, rest.count)])
            do throws(DatabaseError) {
                let refused = try self.database.wait(.write) { try Self.write(batch, in: $0) }
                for (rows, error) in refused { self.log(rows, "\(error)") }
            } catch {
                for rows in batch { self.log(rows, "\(error)") }
            }
        }
    }

    private func log(_ rows: Insert, _ reason: String) {
        for row in rows.rows {
            let values = zip(rows.columns, row).map { "\($0)=\($1.text ?? "NULL")" }.joined(separator: ";")
            self.host.logger.error("acc: not written to table \(rows.table) (\(reason)): \(values)")
        }
    }
}
