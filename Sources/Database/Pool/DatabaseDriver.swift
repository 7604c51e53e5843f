import Bytes
import ModuleKit

/// What reaches databases of one kind: `db_sqlite`, `db_mysql`.
public protocol DatabaseDriver: AnyObject, Sendable {
    /// Schemes of the URLs it serves: `["sqlite"]`.
    var schemes: [String] { get }
    /// How to treat that database.
    func policy(for url: DatabaseURL) -> PoolPolicy
    /// Settings of the driver that a connection keeps, in some form: another configuration with the same ones goes on
    /// with the connections of the last.
    func fingerprint(for url: DatabaseURL) -> String
    /// Opens a connection: on a thread that may block, within the time of the policy.
    /// - Throws: `unreachable` when nobody answers.
    func connect(to url: DatabaseURL) throws(DatabaseError) -> any DatabaseConnection
}

/// A connection: one thread uses it at a time, not always the same one. Released, it closes.
public protocol DatabaseConnection: AnyObject, Sendable {
    /// Carries out a statement.
    ///
    /// What is the same statement but for its values is prepared once. Errors tell a server that is gone from a question
    /// that is wrong (`DatabaseError.Kind`).
    /// - Parameters:
    ///   - chunk: most rows to hand over at once; 0: all.
    ///   - each: gets the rows, at least once for statements that give rows, even none of them. What it throws ends the
    ///     statement and is thrown on.
    func run(_ statement: DatabaseStatement, chunk: Int, _ each: (Rows) throws -> Void) throws -> DatabaseSummary
    func begin(_ access: DatabaseAccess) throws(DatabaseError)
    func commit() throws(DatabaseError)
    /// Never fails: a transaction that cannot be taken back is gone with its connection.
    func rollback()
    /// The columns of a table, nil when there is no such table.
    func columns(of table: ByteString) throws(DatabaseError) -> [ColumnInfo]?
    /// Makes a table with its keys.
    func create(_ table: TableDeclaration) throws(DatabaseError)
    /// Adds a column to a table that is there.
    func add(_ column: Column, to table: ByteString) throws(DatabaseError)
    /// Ends the statement in progress soon with an error, if that can be done. From any thread.
    func interrupt()
}

/// A column as the database describes it.
public struct ColumnInfo: Sendable, Equatable {
    public enum Kind: String, Sendable {
        case int, double, string, blob, time
        /// What the driver does not know, or knows to take anything.
        case any
    }
    public var name: ByteString
    public var kind: Kind
    public var isNullable: Bool

    public init(name: ByteString, kind: Kind, isNullable: Bool) {
        self.name = name
        self.kind = kind
        self.isNullable = isNullable
    }
}

/// The drivers that a configuration has loaded.
public final class DriverRegistry: Sendable {
    private let drivers = Lock<[String: any DatabaseDriver]>([:])

    public init() {}

    public static func of(_ host: any ModuleHost) -> DriverRegistry {
        host.own("database.drivers") { DriverRegistry() }
    }

    /// To be called when a driver's module is made.
    public func add(_ driver: any DatabaseDriver) {
        self.drivers.withLock { drivers in
            for scheme in driver.schemes { drivers[scheme] = driver }
        }
    }

    public func driver(for url: DatabaseURL) throws(DatabaseError) -> any DatabaseDriver {
        if let driver = self.drivers.withLock({ $0[url.scheme] }) { return driver }
        throw DatabaseError(
            .noDriver, "nothing loaded reaches a database at \(url): add loadmodule \"db_\(url.scheme).so\"")
    }
}
