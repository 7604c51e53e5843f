import Bytes
import ModuleKit

extension UserLocation {
    public struct Settings: Sendable {
        var timerInterval = 60
        var timerProcesses = 0
        var hashSize = 10
        var usesDomain = false
        var matchingMode = 0
        var cSeqDelay = 20
        var newestFirst = false
        var natFlag = -1
        var removalDelay = 0
        var preloaded: [ByteString] = []
        var attributesName = ByteString()
        var handlesLostConnections = false
        var closesExpiredConnections = false
        var database = DatabaseSettings()
        var keepalive = KeepaliveSettings()
        public init() {}

        var rules: BindingRules {
            var rules = BindingRules()
            rules.matching = BindingRules.Matching(rawValue: self.matchingMode) ?? .uri
            rules.cSeqDelay = UInt32(self.cSeqDelay)
            rules.isNewestFirst = self.newestFirst
            rules.isJournaled = self.database.mode.writes
            return rules
        }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        self.memoryParameters + self.databaseParameters + self.columnParameters + self.keepaliveParameters
    }

    private static var memoryParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "timer_interval", \.timerInterval, in: 1...86_400,
                "Seconds in which every binding is looked at for expiry, and between two writes with db_mode 2."),
            ModuleParameter(
                "timer_procs", \.timerProcesses, in: 0...64, "Accepted; expiry runs in slices on an event worker."),
            ModuleParameter("hash_size", \.hashSize, in: 1...24, "Accepted; tables grow by themselves."),
            ModuleParameter("use_domain", \.usesDomain, "Addresses of record contain the domain."),
            ModuleParameter(
                "matching_mode", \.matchingMode, in: 0...3,
                "What makes two bindings the same: 0 URI, 1 URI and Call-ID, 2 URI and Path, 3 Call-ID."),
            ModuleParameter(
                "cseq_delay", \.cSeqDelay, in: 0...3600, "Seconds for which an equal CSeq is a retransmission."),
            ModuleParameter("desc_time_order", \.newestFirst, "Newest binding first, instead of by q."),
            ModuleParameter("nat_bflag", \.natFlag, in: -1...31, "Branch flag that means: behind NAT."),
            ModuleParameter(
                "rm_expired_delay", \.removalDelay, in: 0...86_400, "Seconds for which an expired binding is kept."),
            ModuleParameter("preload", .text, repeatable: true, "Table to make, and to load, at start.") {
                settings, value in
                if case .text(let name) = value { settings.preloaded.append(name) }
            },
            ModuleParameter(
                "xavp_contact", \.attributesName, "Name of the $xavp whose fields are kept with a binding."),
            ModuleParameter(
                "handle_lost_tcp", \.handlesLostConnections, "A binding ends with the connection it was made over."),
            ModuleParameter(
                "close_expired_tcp", \.closesExpiredConnections, "The connection of a binding that expires is closed."),
        ]
    }

    private static var databaseParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.database.url, "Database with the location tables: sqlite:///var/lib/apus.db."),
            ModuleParameter(
                "db_mode", .int, default: "0",
                "0 memory only; 1 write-through: a reply says that it is stored; 2 write-back every timer_interval; 3 the database is asked every time; 4 loaded at start, never written."
            ) { settings, value in
                guard case .int(let number) = value, let mode = DatabaseSettings.Mode(rawValue: number) else {
                    throw ArgumentError("db_mode of module usrloc is 0 to 4")
                }
                settings.database.mode = mode
            },
            ModuleParameter("db_load", \.database.loads, "Tables are loaded at start."),
            ModuleParameter("fetch_rows", \.database.fetchRows, in: 1...1_000_000, "Rows to fetch at once."),
            ModuleParameter(
                "skip_remote_socket", \.database.skipsRemoteSockets,
                "Rows whose socket is none of this server's are not loaded."),
            ModuleParameter(
                "db_update_as_insert", \.database.updatesByInsert, "Changes are added as rows: for tables that log."),
            ModuleParameter(
                "db_check_update", \.database.checksUpdates, "Accepted; changed rows are always there after."),
            ModuleParameter("db_insert_update", \.database.insertUpdates, "Accepted; rows are replaced by their ruid."),
            ModuleParameter("db_ops_ruid", \.database.addressesByRuid, in: 0...1, "Accepted; rows go by their ruid."),
            ModuleParameter(
                "expires_type", \.database.expiresType, in: 0...1, "Columns of times: 0 DATETIME, 1 BIGINT."),
            ModuleParameter("db_raw_fetch_type", \.database.rawFetch, in: 0...1, "Accepted; drivers know how."),
            ModuleParameter("db_insert_null", \.database.insertsNulls, "Accepted; what is absent is written as null."),
            ModuleParameter(
                "server_id_filter", \.database.filtersServers, "Only rows with this server's id are loaded."),
            ModuleParameter(
                "db_timer_clean", \.database.cleansByTimer, "Expired rows are deleted every timer_interval."),
            ModuleParameter("version_table", \.database.checksVersion, "The version of the tables is checked."),
            ModuleParameter("load_rank", \.database.loadRank, in: 0...65_535, "Accepted; tables load before traffic."),
            ModuleParameter("db_clean_tcp", \.database.cleansConnections, "Bindings over TCP are deleted at start."),
        ]
    }

    private static var columnParameters: [ModuleParameter<Settings>] {
        DatabaseSettings.columnParameters.map { parameter, column in
            ModuleParameter(
                parameter, .text, default: DatabaseSettings.defaultColumns[column.rawValue].string,
                "Name of a column."
            ) { settings, value in
                if case .text(let name) = value { settings.database.columns[column.rawValue] = name }
            }
        }
    }
}
