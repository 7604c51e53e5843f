import Bytes
import ModuleKit

extension HashTables {
    public struct Settings: Sendable {
        var tables: [TableDefinition] = []
        /// Seconds between two looks for items whose time is over.
        var scanInterval = 20
        /// End of the keys that hold the size of an array.
        var arraySizeSuffix = ByteString("::size")
        var timerProcesses = 0
        var initMode = 0
        var eventCallback = ByteString()
        var enablesReplication = false
        var databaseURL = ByteString()
        var columns = Columns()
        var fetchRows = 100
        var storesExpiry = false
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "htable", .text, repeatable: true,
                "Defines a table: name=>size=N;autoexpire=S;initval=V;updateexpire=0|1;dbtable=T;dbmode=0|1;cols='key,value…'."
            ) { settings, value in
                guard case .text(let line) = value else { return }
                let definition = try TableDefinition(line)
                guard !settings.tables.contains(where: { $0.name == definition.name }) else {
                    throw ArgumentError("htable '\(definition.name)' is defined twice")
                }
                settings.tables.append(definition)
            },
            ModuleParameter(
                "timer_interval", \.scanInterval, in: 1...86_400,
                "Seconds between two looks for items whose time is over."),
            ModuleParameter(
                "array_size_suffix", \.arraySizeSuffix,
                "End of the keys that hold the size of an array from a database."
            ),
            ModuleParameter(
                "timer_procs", \.timerProcesses, in: 0...64,
                "Accepted, without effect: expiry runs on an event worker and blocks nothing."),
            ModuleParameter(
                "event_callback_mode", \.initMode, in: 0...1,
                "When htable:mod-init runs: 0 and 1 are the same moment here, on the first worker before it receives."),
            ModuleParameter("enable_dmq", .int, "Replication; only 0 is built.") { _, value in
                if value != .int(0) { throw ArgumentError("enable_dmq of module htable is not built yet") }
            },
            ModuleParameter("db_url", \.databaseURL, "The database of tables with dbtable."),
            ModuleParameter("key_name_column", \.columns.name, "Column of the key."),
            ModuleParameter("key_type_column", \.columns.keyType, "Column of the key's type: 0 plain, 1 an array."),
            ModuleParameter("value_type_column", \.columns.valueType, "Column of the value's type: 0 text, 1 number."),
            ModuleParameter("key_value_column", \.columns.value, "Column of the value."),
            ModuleParameter("expires_column", \.columns.expires, "Column of the second in which an item goes."),
            ModuleParameter("fetch_rows", \.fetchRows, in: 1...1_000_000, "Rows that are fetched at once."),
            ModuleParameter("db_expires", \.storesExpiry, "Whether the database has the expiry of items."),
        ] + ModuleParameter.notYet(.int, "dmq_init_sync")
            + ModuleParameter.notYet(.text, "event_callback", "dmq_peer_id")
    }
}
