import Bytes
import Database
import ModuleKit

/// Takes changes to the database, all that have come up in one transaction, one transaction at a time.
///
/// Whoever waits is told when his change is stored. So the order of changes to a binding is kept, and a slow database
/// makes batches larger, not the queue longer.
final class LocationJournal: Sendable {
    /// Rows of one transaction.
    private static let limit = 10_000
    /// Rows that one transaction deletes: as a rule nobody waits for that, but others wait behind it.
    private static let deletions = 2_000
    /// Rows of one statement: values and conditions stay below what databases take at once.
    private static let insertPart = 1000
    private static let deletePart = 900
    /// How long nobody waits for a database that has just failed.
    private static let pause = Interval.seconds(1)

    /// A moment of both clocks: what tells the second of one from that of the other.
    private struct Moment {
        var now: Instant
        var wall = WallClock.seconds()
    }

    private struct State {
        var waiting: [any ResumeToken] = []
        var isBusy = false
        var pausedUntil = Instant.zero
        var moment = Moment(now: .zero)
    }

    /// Changes of a table.
    private struct Part: Sendable {
        var table: LocationTable
        var rows: [LocationRow]
        var deleted: [ByteString]
        var hasMore: Bool
    }

    /// What one transaction writes: taken out of the tables when its turn has come, once.
    private final class Batch: Sendable {
        private let parts = Lock<(taken: [Part]?, isOver: Bool)>((nil, false))

        /// - Returns: nil when nobody waits for it any more.
        func fill(_ take: () -> [Part]) -> [Part]? {
            self.parts.withLock { state in
                guard !state.isOver else { return nil }
                let parts = state.taken ?? take()
                state.taken = parts
                return parts
            }
        }

        /// Nothing is taken from now on.
        /// - Returns: what was.
        func close() -> [Part] {
            self.parts.withLock { state in
                state.isOver = true
                return state.taken ?? []
            }
        }
    }

    let store: LocationStore
    let database: Database
    let settings: UserLocation.Settings
    let serverID: Int
    private let logger: Logger
    private let state = Lock(State())

    init(store: LocationStore, database: Database, settings: UserLocation.Settings, host: any ModuleHost) {
        self.store = store
        self.database = database
        self.settings = settings
        self.serverID = host.settings.serverID
        self.logger = host.logger
    }

    /// Has everything stored that changed before the call.
    /// - Parameters:
    ///   - token: told with 1, or -1 when it could not be stored; the changes are kept for the next time.
    ///   - now: the worker's.
    func request(_ token: (any ResumeToken)?, now: Instant) {
        let moment = Moment(now: now)
        let (begins, isRefused) = self.state.withLock { state -> (Bool, Bool) in
            state.moment = moment
            if let token {
                // The task that comes round tries again; who asks meanwhile is told at once.
                guard Instant.now() >= state.pausedUntil else { return (false, true) }
                state.waiting.append(token)
            }
            guard !state.isBusy else { return (false, false) }
            state.isBusy = true
            return (true, false)
        }
        if isRefused { token?.resume(ResumeResult(code: -1)) }
        if begins { self.flush() }
    }

    private func flush() {
        // Who waits has made his change already, so it is among those taken after this.
        let (tokens, moment) = self.state.withLock { state in
            defer { state.waiting = [] }
            return (state.waiting, state.moment)
        }
        guard self.store.all.contains(where: { $0.hasChanges }) else { return self.finish(tokens, [], isStored: true) }
        let batch = Batch()
        self.database.perform(.write) { [self] session in
            // Here, for a worker has no time to copy thousands of rows.
            guard let parts = batch.fill({ self.take(moment) }) else {
                throw DatabaseError(.timedOut, "nobody waits any more")
            }
            try session.transaction { try self.write(parts, session) }
        } answer: { [self] result in
            let parts = batch.close()
            switch result {
            case .success: self.finish(tokens, parts, isStored: true)
            case .failure(let error):
                self.giveBack(parts, error)
                self.finish(tokens, parts, isStored: false)
            }
        }
    }

    private func giveBack(_ parts: [Part], _ error: DatabaseError) {
        self.logger.write(.error, "usrloc: bindings could not be stored: \(error)")
        for part in parts { part.table.returnChanges(part.rows, part.deleted) }
    }

    private func finish(_ tokens: [any ResumeToken], _ parts: [Part], isStored: Bool) {
        for token in tokens { token.resume(ResumeResult(code: isStored ? 1 : -1)) }
        let (goesOn, refused) = self.state.withLock { state -> (Bool, [any ResumeToken]) in
            guard isStored else {
                defer { state.waiting = [] }
                state.isBusy = false
                state.pausedUntil = Instant.now() + Self.pause
                return (false, state.waiting)
            }
            state.pausedUntil = .zero
            if state.waiting.isEmpty, !parts.contains(where: \.hasMore) {
                state.isBusy = false
                return (false, [])
            }
            return (true, [])
        }
        for token in refused { token.resume(ResumeResult(code: -1)) }
        if goesOn { self.flush() }
    }

    /// Stores everything while the caller waits, at the end of the server.
    func drain() {
        while self.store.all.contains(where: { $0.hasChanges }) {
            let parts = self.take(Moment(now: .now()))
            do throws(DatabaseError) {
                try self.database.wait(.write, within: .seconds(30)) { [self] session in
                    try session.transaction { try self.write(parts, session) }
                }
            } catch {
                return self.giveBack(parts, error)
            }
        }
    }

    private func take(_ moment: Moment) -> [Part] {
        let natFlag = self.settings.natFlag >= 0 ? self.settings.natFlag : nil
        return self.store.all.map { table in
            let changes = table.takeChanges(
                limit: Self.limit, deletions: Self.deletions, now: moment.now.seconds, wall: moment.wall,
                serverID: self.serverID, natFlag)
            return Part(table: table, rows: changes.rows, deleted: changes.deleted, hasMore: changes.hasMore)
        }
    }

    private func write(_ parts: [Part], _ session: DatabaseSession) throws {
        let settings = self.settings.database
        let ruid = settings.column(.ruid)
        for part in parts {
            // A row that may be there is replaced as a whole.
            var gone = part.deleted
            if !settings.updatesByInsert { gone += part.rows.filter(\.isStored).map(\.ruid) }
            try self.delete(gone, from: part.table.name, ruid, session)
            for start in stride(from: 0, to: part.rows.count, by: Self.insertPart) {
                let rows = part.rows[start..<min(start + Self.insertPart, part.rows.count)]
                try session.insert(
                    Insert(
                        into: part.table.name, settings.columns,
                        rows: rows.map { $0.values(settings, usesDomain: self.settings.usesDomain) }))
            }
            guard !self.settings.attributesName.isEmpty else { continue }
            try self.delete(gone, from: AttributeRows.table, "ruid", session)
            let attributes = part.rows.flatMap { AttributeRows.values($0, usesDomain: self.settings.usesDomain) }
            if !attributes.isEmpty {
                try session.insert(Insert(into: AttributeRows.table, AttributeRows.columns, rows: attributes))
            }
        }
    }

    private func delete(
        _ ruids: [ByteString], from table: ByteString, _ column: ByteString, _ session: DatabaseSession
    ) throws {
        for start in stride(from: 0, to: ruids.count, by: Self.deletePart) {
            let part = ruids[start..<min(start + Self.deletePart, ruids.count)]
            try session.delete(
                Delete(from: table, where: .any(part.map { Condition(column, .equal, .string($0)) })))
        }
    }
}
