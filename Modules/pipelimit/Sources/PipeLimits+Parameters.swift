import Bytes
import ModuleKit

extension PipeLimits {
    public struct Settings: Sendable {
        var interval = 10
        var timerMode = 0
        var replyCode: LiveNumber = 503
        var replyReason: LiveText = "Server Unavailable"
        var databaseURL = ByteString("mysql://kamailio:kamailiorw@localhost/kamailio")
        var table = ByteString("pl_pipes")
        var pipeColumn = ByteString("pipeid")
        var limitColumn = ByteString("plimit")
        var algorithmColumn = ByteString("algorithm")
        var hashSize = 6
        var fetchesLoad = true
        var cleanUnused: LiveNumber = 0
        var maxPipes = 65_536
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("timer_interval", \.interval, in: 1...86_400, "Seconds of an interval."),
            ModuleParameter(
                "timer_mode", \.timerMode, in: 0...1, "Accepted: an event worker ends the intervals in either mode."),
            .live("reply_code", \.replyCode, in: 400...699, "Code of the reply of pl_drop."),
            .liveText("reply_reason", \.replyReason, "Reason phrase of the reply of pl_drop."),
            ModuleParameter("db_url", \.databaseURL, "Database of the pipes; empty: none."),
            ModuleParameter("plp_table_name", \.table, "Table of the pipes."),
            ModuleParameter("plp_pipeid_column", \.pipeColumn, "Column of the name."),
            ModuleParameter("plp_limit_column", \.limitColumn, "Column of the limit."),
            ModuleParameter("plp_algorithm_column", \.algorithmColumn, "Column of the algorithm."),
            ModuleParameter(
                "hash_size", \.hashSize, in: 1...14, "Binary logarithm of the number of parts of the table."),
            ModuleParameter(
                "load_fetch", \.fetchesLoad, "Measures the load of processors and network for FEEDBACK and NETWORK."),
            .live(
                "clean_unused", \.cleanUnused, in: 0...1_000_000,
                "Intervals without a message after which a pipe that a script made goes; 0: never."),
            ModuleParameter(
                "max_pipes", \.maxPipes, in: 64...10_000_000,
                "Most pipes that scripts make; then of several by chance the one with the fewest messages goes. Kamailio has no limit."
            ),
        ]
    }
}
