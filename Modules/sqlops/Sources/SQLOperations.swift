import Bytes
import Database
import ModuleKit
import Synchronization

/// The `sqlops` module: SQL from scripts, which wait for the answer without holding up their worker.
public final class SQLOperations: ServerModule {
    public static let name = "sqlops"
    public static let summary =
        "SQL queries from scripts, whose answer the script waits for without holding up its worker."

    let settings: Settings
    let host: any ModuleHost
    let connections: [SQLConnection]
    /// Of `{sql.val}`: as the databases of the configuration understand it.
    let quoting: SQLQuoting
    /// Containers that the script names, counted while it is loaded.
    private let results: Lock<Set<ByteString>>

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.connections = try settings.connections.map { definition in
            SQLConnection(name: definition.name, database: try Database(definition.url, host: host))
        }
        let standard = self.connections.count { ["sqlite", "sqlite3", "postgres"].contains($0.database.url.scheme) }
        self.quoting = SQLQuoting(isStandard: standard > 0 && standard == self.connections.count)
        if standard > 0, standard < self.connections.count {
            host.logger.warning(
                "sqlops: {sql.val} quotes texts for MySQL here; SQLite and PostgreSQL take an apostrophe in them for their end"
            )
        }
        self.results = Lock(Set(settings.results))
        guard settings.results.count <= settings.resultLimit else {
            throw ModuleError("sqlres: more than \(settings.resultLimit) results; results_maxsize allows more")
        }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [self] host in try self.connect(host.logger) }
        return hooks
    }

    /// `connect_mode`: 0 no start without the database, 1 a start anyway, 2 nothing before the first query.
    private func connect(_ logger: Logger) throws {
        guard self.settings.connectMode != 2 else { return }
        for connection in self.connections {
            do throws(DatabaseError) {
                try connection.database.wait(.read) { _ in }
            } catch {
                guard self.settings.connectMode == 1 else { throw ModuleError("sqlcon \(connection.name): \(error)") }
                logger.error("sqlops: sqlcon \(connection.name): \(error)")
            }
        }
    }

    /// For arguments of functions.
    func connection(named name: ByteString) throws -> SQLConnection {
        if let known = self.connections.first(where: { $0.name == name }) { return known }
        throw ArgumentError("there is no SQL connection '\(name)': modparam(\"sqlops\", \"sqlcon\", \"\(name)=>url\")")
    }

    /// Counts a container that the script names.
    func declareResult(_ name: ByteString) throws {
        let count = self.results.withLock { results in
            results.insert(name)
            return results.count
        }
        guard count <= self.settings.resultLimit else {
            throw ArgumentError("more than \(self.settings.resultLimit) results; results_maxsize allows more")
        }
    }

    /// What the queries of a script left.
    func memory(of route: RouteContext) -> SQLMemory {
        if let known = route.state(SQLMemory.self) { return known }
        let made = SQLMemory()
        route.setState(made)
        return made
    }
}

/// A `sqlcon` line.
final class SQLConnection: Sendable {
    let name: ByteString
    let database: Database

    init(name: ByteString, database: Database) {
        self.name = name
        self.database = database
    }
}

/// The results that a script holds, by name, and the rows that its last statements changed, by connection.
final class SQLMemory {
    var results: [ByteString: Rows] = [:]
    var affected: [ByteString: Int] = [:]
}
