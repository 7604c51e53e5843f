import Bytes
import ModuleKit

/// A database as a module sees it: the module makes one from its URL, has work done with it and gets answers later.
///
/// Those who name the same URL share its connections, over reloads too. Nothing here blocks a worker: work runs on
/// threads that may block, at most so many at a time, and every question is answered within its time, by an error if
/// need be.
public final class Database: Sendable {
    public let url: DatabaseURL
    let host: any ModuleHost
    private let known = Lock<ConnectionPool?>(nil)

    /// Reads the URL; nothing is opened before `open` or the first work.
    /// - Throws: `ModuleError` for a URL that is none.
    public init(_ url: ByteString, host: any ModuleHost) throws {
        do throws(ArgumentError) {
            self.url = try DatabaseURL(url)
        } catch {
            throw ModuleError(error.message)
        }
        self.host = host
    }

    /// The pool of that database, found or made.
    /// - Throws: `noDriver` when no module that reaches it is loaded.
    func pool() throws(DatabaseError) -> ConnectionPool {
        if let pool = self.known.withLock({ $0 }) { return pool }
        let driver = try DriverRegistry.of(self.host).driver(for: self.url)
        let pool = self.host.shared("database.pools") { PoolDirectory() }.pool(self.url, driver)
        self.known.withLock { $0 = pool }
        return pool
    }

    /// Has `work` done on a thread that may block; `answer` is told once, from any thread, within the time.
    /// - Parameters:
    ///   - access: whether it writes; some databases have few writers.
    ///   - timeout: nil: the driver's.
    ///   - work: gets a connection for itself. It may be run twice when the first connection turns out to be broken and
    ///     nothing was changed yet.
    public func perform<T: Sendable>(
        _ access: DatabaseAccess, within timeout: Interval? = nil,
        _ work: @escaping @Sendable (DatabaseSession) throws -> T,
        answer: @escaping @Sendable (Result<T, DatabaseError>) -> Void
    ) {
        let pool: ConnectionPool
        do throws(DatabaseError) {
            pool = try self.pool()
        } catch {
            return answer(.failure(error))
        }
        let slowness = SlownessWatch(self.url, host: self.host)
        pool.submit(access, within: timeout, PoolSurroundings(self.host)) { session in
            session.slowness = slowness
            return try work(session)
        } answer: { result in
            answer(
                result.flatMap { value in
                    guard let value = value as? T else {
                        return .failure(DatabaseError(.failed, "an answer of another type"))
                    }
                    return .success(value)
                })
        }
    }

    /// Has `work` done while the caller waits: at the start, at a reload, at the end; never on a worker.
    /// - Throws: `DatabaseError`, after `timeout` at the latest.
    public func wait<T: Sendable>(
        _ access: DatabaseAccess, within timeout: Interval = .seconds(10),
        _ work: @escaping @Sendable (DatabaseSession) throws -> T
    ) throws(DatabaseError) -> T {
        let pool = try self.pool()
        let outcome = Lock<Result<T, DatabaseError>?>(nil)
        let signal = WorkSignal()
        self.perform(access, within: timeout, work) { result in
            outcome.withLock { $0 = result }
            signal.raise()
        }
        while true {
            if let result = outcome.withLock({ $0 }) { return try result.get() }
            // At the end of the server no timer runs any more: whoever waits looks at the clock himself.
            signal.wait(milliseconds: 100)
            pool.expire()
        }
    }

    /// What the pool has done so far; nil before it is there.
    public var statistics: PoolStatistics? { self.known.withLock { $0 }?.statistics }
}

/// The pools that somebody holds, over all configurations.
final class PoolDirectory: Sendable {
    private struct Key: Hashable {
        var url: ByteString
        var fingerprint: String
    }
    private struct Entry {
        weak var pool: ConnectionPool?
    }

    private let entries = Lock<[Key: Entry]>([:])

    func pool(_ url: DatabaseURL, _ driver: any DatabaseDriver) -> ConnectionPool {
        let key = Key(url: url.text, fingerprint: driver.fingerprint(for: url))
        return self.entries.withLock { entries in
            if let pool = entries[key]?.pool { return pool }
            entries = entries.filter { $0.value.pool != nil }
            let made = ConnectionPool(url, driver)
            entries[key] = Entry(pool: made)
            return made
        }
    }

    var all: [ConnectionPool] { self.entries.withLock { $0.values.compactMap(\.pool) } }
}
