import Bytes
import Database

/// What the database said of users, for a while. Who is not there is not kept, so a new user can log in at once.
final class CredentialCache: Sendable {
    struct Key: Hashable, Sendable {
        var table: ByteString
        var user: ByteString
        /// Empty where domains do not count.
        var domain: ByteString
    }

    private struct Entry {
        var row: [DatabaseValue]
        var end: Instant
    }

    /// Users kept at most.
    private static let limit = 200_000
    private let entries = Lock<[Key: Entry]>([:])

    init() {}

    func row(_ key: Key, now: Instant) -> [DatabaseValue]? {
        self.entries.withLock { entries in
            guard let entry = entries[key], entry.end > now else { return nil }
            return entry.row
        }
    }

    func keep(_ row: [DatabaseValue], _ key: Key, until end: Instant, now: Instant) {
        self.entries.withLock { entries in
            if entries.count >= Self.limit {
                entries = entries.filter { $0.value.end > now }
                if entries.count >= Self.limit { entries.removeAll() }
            }
            entries[key] = Entry(row: row, end: end)
        }
    }

    /// Forgets a user, all of a domain, or everything.
    /// - Returns: how many were forgotten.
    @discardableResult
    func clear(user: ByteString?, domain: ByteString?) -> Int {
        self.entries.withLock { entries in
            let before = entries.count
            entries = entries.filter { key, _ in
                if let user, key.user != user { return true }
                if let domain, !key.domain.isEmpty, key.domain != domain { return true }
                return false
            }
            return before - entries.count
        }
    }

    var count: Int { self.entries.withLock { $0.count } }
}
