import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `htable` module: tables that all workers share, with expiry.
///
/// A table's contents belong to the server and survive a reload; its attributes are those of the configuration that a
/// message runs on. Nothing here ever waits: a lock that is held suspends the script.
public final class HashTables: ServerModule {
    public static let name = "htable"
    public static let summary = "Hash tables that all workers share, with expiry."

    let settings: Settings
    let host: any ModuleHost
    let space: TableSpace
    /// nil: tables live in memory only.
    let database: Database?
    /// Tables in the order of their definitions.
    let tables: [Table]

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.database = settings.databaseURL.isEmpty ? nil : try Database(settings.databaseURL, host: host)
        let space = host.shared("htable") { TableSpace() }
        self.space = space
        self.tables = settings.tables.map { Table(definition: $0, store: space.table($0)) }
    }

    func table(_ name: ByteString) -> Table? { self.tables.first { $0.definition.name == name } }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [self] host in try self.loadAtStart(host) }
        hooks.stopped = { [self] host in self.storeAtEnd(host) }
        hooks.firstRun = { [self] worker in self.runInitRoute(on: worker) }
        hooks.periodic = [
            PeriodicTask("htable expiry", every: .seconds(max(self.settings.scanInterval, 1))) { [self] worker in
                self.expire(on: worker)
            }
        ]
        hooks.routeEnded = { [self] route, _ in self.releaseLocks(of: route) }
        return hooks
    }
}

/// A table as one configuration sees it.
final class Table: Sendable {
    let definition: TableDefinition
    let store: SharedTable

    init(definition: TableDefinition, store: SharedTable) {
        self.definition = definition
        self.store = store
    }

    /// Expiry of a value that is assigned.
    var expiry: SharedTable.Expiry {
        .automatic(seconds: self.definition.autoexpire, updates: self.definition.updatesExpiry)
    }

    /// The slot of a key, as far as locks and listings go.
    func slot(_ hash: UInt64) -> UInt64 { hash & UInt64(self.definition.slots - 1) }
}

/// What outlives a configuration: contents and locks of all tables.
final class TableSpace: Sendable {
    private let known = Lock([ByteString: SharedTable]())
    private let loaded = Lock(Set<ByteString>())
    let locks = SlotLocks()

    /// Whether a table has not been read from a database yet; from now on it has.
    func isFirstLoad(of name: ByteString) -> Bool { self.loaded.withLock { $0.insert(name).inserted } }

    /// The contents of the table of that name; made when it is asked for first.
    func table(_ definition: TableDefinition) -> SharedTable {
        self.known.withLock { tables in
            if let table = tables[definition.name] { return table }
            let table = SharedTable(name: definition.name, size: definition.size)
            tables[definition.name] = table
            return table
        }
    }
}
