import Bytes
import Database

/// How a file is opened and used.
package struct SQLiteOptions: Sendable, Hashable {
    package var isReadOnly = false
    package var makesFile = true
    /// nil: as the file has it.
    package var journalMode: String? = "WAL"
    package var synchronous = "NORMAL"
    /// Milliseconds that a statement waits for somebody else's lock.
    package var busyTimeout = 2_000

    package init() {}
}

/// Reaches SQLite files.
package final class SQLiteDriver: DatabaseDriver {
    package let schemes = ["sqlite", "sqlite3"]
    private let base: SQLiteOptions
    private let options: [ByteString: SQLiteOptions]
    private let limits: PoolPolicy

    /// - Parameter options: of single files, by path.
    package init(
        _ base: SQLiteOptions = SQLiteOptions(), _ options: [ByteString: SQLiteOptions] = [:],
        limits: PoolPolicy = SQLiteDriver.policy
    ) {
        self.base = base
        self.options = options
        self.limits = limits
    }

    /// One process writes once at a time: whoever else would, waits before the file, not in its lock.
    package static var policy: PoolPolicy {
        var policy = PoolPolicy()
        policy.connections = 4
        policy.writers = 1
        return policy
    }

    package func policy(for url: DatabaseURL) -> PoolPolicy {
        var policy = self.limits
        // Each connection to memory has a database of its own.
        if self.path(url) == ":memory:" { policy.connections = 1 }
        return policy
    }

    package func fingerprint(for url: DatabaseURL) -> String { "\(self.options(url))\(self.limits)" }

    package func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection {
        try SQLiteConnection(path: self.path(url).string, self.options(url))
    }

    private func options(_ url: DatabaseURL) -> SQLiteOptions { self.options[self.path(url)] ?? self.base }
    private func path(_ url: DatabaseURL) -> ByteString { Self.plain(url.path) }

    /// The path with single slashes: `sqlite:////var/x` and `sqlite:///var/x` are one file.
    static func plain(_ path: ByteString) -> ByteString {
        let slash = UInt8(ascii: "/")
        var bytes: [UInt8] = []
        for byte in path.bytes where byte != slash || bytes.last != slash { bytes.append(byte) }
        return ByteString(bytes)
    }
}
