import Bytes
import Database
import ModuleKit
import SIPMessage

/// The `secfilter` module: lists of user agents, countries, domains, addresses and users that are refused or let in, and
/// of destinations that are not called.
public final class SecurityFilter: ServerModule {
    public static let name = "secfilter"
    public static let summary = "Lists of who is refused and who is let in, and of numbers that are not called."

    let settings: Settings
    /// nil: the lists are filled by commands alone.
    let database: Database?
    let lists = ReadMostly(FilterLists())
    /// What commands have added; survives a reload of the configuration, not `secfilter.reload`.
    let added: AddedEntries
    let statistics: FilterStatistics
    let host: any ModuleHost

    final class AddedEntries: Sendable {
        static let most = 100_000
        let list = Lock<[FilterEntry]>([])
    }

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.database = settings.databaseURL.isEmpty ? nil : try Database(settings.databaseURL, host: host)
        self.added = host.shared("secfilter") { AddedEntries() }
        self.statistics = FilterStatistics(host.counters)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] host in
            var lists = FilterLists()
            if let database = self.database {
                let columns = self.columns
                try database.require([TableUse(.secfilter, named: self.settings.table, columns: columns)])
                do {
                    lists = try database.wait(.read, within: .seconds(60)) { [table = self.settings.table] in
                        try Self.read(columns, table, $0, host.logger)
                    }
                } catch {
                    throw ModuleError("secfilter: table \(self.settings.table): \(error)")
                }
            }
            for entry in self.added.list.withLock({ $0 }) { lists.add(entry) }
            self.lists.replace(lists)
        }
        return hooks
    }

    var columns: [ByteString] { [self.settings.actionColumn, self.settings.typeColumn, self.settings.dataColumn] }

    static func read(
        _ columns: [ByteString], _ table: ByteString, _ session: DatabaseSession, _ logger: Logger
    ) throws -> FilterLists {
        var complaints: [String] = []
        let lists = FilterLists(try session.query(Select(columns, from: table)), complaints: &complaints)
        for complaint in complaints { logger.error("secfilter: table \(table), \(complaint)") }
        return lists
    }

    /// Adds an entry until the lists are read again.
    /// - Returns: false when commands have added too many already.
    func add(_ entry: FilterEntry) -> Bool {
        let hasRoom = self.added.list.withLock { list in
            guard list.count < AddedEntries.most else { return false }
            list.append(entry)
            return true
        }
        if hasRoom { self.lists.change { $0.add(entry) } }
        return hasRoom
    }
}

extension SecurityFilter {
    public struct Settings: Sendable {
        var databaseURL = ByteString()
        var table = ByteString("secfilter")
        var actionColumn = ByteString("action")
        var typeColumn = ByteString("type")
        var dataColumn = ByteString("data")
        var matchesExactly = true
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the lists; empty: commands alone fill them."),
            ModuleParameter("table_name", \.table, "Table of the lists."),
            ModuleParameter(
                "action_col", \.actionColumn, "Column of the list: 0 refused, 1 let in, 2 destinations not called."),
            ModuleParameter(
                "type_col", \.typeColumn,
                "Column of the kind: 0 user agent (or destination), 1 country, 2 domain, 3 address, 4 user."),
            ModuleParameter("data_col", \.dataColumn, "Column of the text that is compared."),
            ModuleParameter(
                "dst_exact_match", \.matchesExactly, "Destinations are compared as a whole, not by how they begin."),
        ]
    }
}
