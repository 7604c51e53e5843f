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
    /// Rows of expired bindings that one transaction deletes: nobody waits for that, but others wait behind it.
    private static let lapsed = 2_000
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

    /// All that has changed until a moment, and who waits for it: one transaction after the other.
    private final class Round: Sendable {
        let tokens: [any ResumeToken]
        let moment: Moment
        let tables: [LocationTable]
        private let pending: Lock<[PendingChanges]>

        init(_ tokens: [any ResumeToken], _ moment: Moment, _ tables: [LocationTable]) {
            self.tokens = tokens
            self.moment = moment
            self.tables = tables
            self.pending = Lock(tables.map { $0.pendingChanges() })
        }

        var isOver: Bool { self.pending.withLock { $0.allSatisfy(\.isEmpty) } }

        func take(_ body: (LocationTable, inout PendingChanges) -> LocationChanges) -> [LocationChanges] {
            self.pending.withLock { pending in
                self.tables.indices.map { body(self.tables[$0], &pending[$0]) }
            }
        }
    }

    /// What one transaction writes: taken out of the tables when its turn has come, once.
    private final class Batch: Sendable {
        private let parts = Lock<(taken: [LocationChanges]?, isOver: Bool)>((nil, false))

        /// - Returns: nil when nobody waits for it any more.
        func fill(_ take: () -> [LocationChanges]) -> [LocationChanges]? {
            self.parts.withLock { state in
                guard !state.isOver else { return nil }
                let parts = state.taken ?? take()
                state.taken = parts
                return parts
            }
        }

        /// Nothing is taken from now on.
        /// - Returns: what was.
        func close() -> [LocationChanges] {
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
    private let writer: LocationWriter
    private let logger: Logger
    private let state = Lock(State())

    init(store: LocationStore, database: Database, settings: UserLocation.Settings, host: any ModuleHost) {
        self.store = store
        self.database = database
        self.settings = settings
        self.serverID = host.settings.serverID
        self.writer = LocationWriter(settings)
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
        // Who waits has made his change already, so it is among those of the round.
        let (tokens, moment) = self.state.withLock { state in
            defer { state.waiting = [] }
            return (state.waiting, state.moment)
        }
        let tables = self.store.all
        guard tables.contains(where: { $0.hasChanges }) else { return self.finish(tokens, isStored: true) }
        self.go(on: Round(tokens, moment, tables))
    }

    private func go(on round: Round) {
        let batch = Batch()
        self.database.perform(.write) { [self] session in
            // Here, for a worker has no time to copy thousands of rows.
            guard let parts = batch.fill({ self.take(round) }) else {
                throw DatabaseError(.timedOut, "nobody waits any more")
            }
            try self.writer.store(parts, session)
        } answer: { [self] result in
            let parts = batch.close()
            switch result {
            case .success where round.isOver: self.finish(round.tokens, isStored: true)
            case .success: self.go(on: round)
            case .failure(let error):
                self.giveBack(parts, error)
                self.finish(round.tokens, isStored: false)
            }
        }
    }

    private func giveBack(_ parts: [LocationChanges], _ error: DatabaseError) {
        self.logger.write(.error, "usrloc: bindings could not be stored: \(error)")
        for part in parts { part.table.returnChanges(part.rows, part.deleted) }
    }

    private func finish(_ tokens: [any ResumeToken], isStored: Bool) {
        for token in tokens { token.resume(ResumeResult(code: isStored ? 1 : -1)) }
        let hasLapsed = isStored && self.store.all.contains { $0.hasLapsed }
        let (goesOn, refused) = self.state.withLock { state -> (Bool, [any ResumeToken]) in
            guard isStored else {
                defer { state.waiting = [] }
                state.isBusy = false
                state.pausedUntil = Instant.now() + Self.pause
                return (false, state.waiting)
            }
            state.pausedUntil = .zero
            state.isBusy = hasLapsed || !state.waiting.isEmpty
            return (state.isBusy, [])
        }
        for token in refused { token.resume(ResumeResult(code: -1)) }
        if goesOn { self.flush() }
    }

    /// Stores everything while the caller waits, at the end of the server.
    func drain() {
        while self.store.all.contains(where: { $0.hasChanges }) {
            let parts = self.take(Round([], Moment(now: .now()), self.store.all))
            do throws(DatabaseError) {
                try self.database.wait(.write, within: .seconds(30)) { [self] session in
                    try self.writer.store(parts, session)
                }
            } catch {
                return self.giveBack(parts, error)
            }
        }
    }

    private func take(_ round: Round) -> [LocationChanges] {
        let natFlag = self.settings.natFlag >= 0 ? self.settings.natFlag : nil
        return round.take { table, pending in
            let changes = table.takeChanges(
                &pending, limit: Self.limit, lapsed: Self.lapsed, now: round.moment.now.seconds,
                wall: round.moment.wall, serverID: self.serverID, natFlag)
            return LocationChanges(table: table, rows: changes.rows, deleted: changes.deleted)
        }
    }
}
