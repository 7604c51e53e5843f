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
        public init() {}

        var rules: BindingRules {
            var rules = BindingRules()
            rules.matching = BindingRules.Matching(rawValue: self.matchingMode) ?? .uri
            rules.cSeqDelay = UInt32(self.cSeqDelay)
            rules.isNewestFirst = self.newestFirst
            return rules
        }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "timer_interval", \.timerInterval, in: 1...86_400,
                "Seconds in which every binding is looked at for expiry."),
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
            ModuleParameter("preload", .text, repeatable: true, "Table to make at start.") { settings, value in
                if case .text(let name) = value { settings.preloaded.append(name) }
            },
            ModuleParameter("db_mode", .int, default: "0", "Only 0, memory, is built.") { _, value in
                guard case .int(0) = value else {
                    throw ArgumentError("db_mode other than 0 (memory only) of module usrloc is not built yet")
                }
            },
        ]
            + ModuleParameter.notYet(
                .text, "ruid_column", "user_column", "domain_column", "contact_column", "expires_column", "q_column",
                "callid_column", "cseq_column", "flags_column", "cflags_column", "db_url", "user_agent_column",
                "received_column", "path_column", "socket_column", "methods_column", "instance_column", "reg_id_column",
                "server_id_column", "connection_id_column", "keepalive_column", "partition_column", "xavp_contact",
                "ka_from", "ka_domain", "ka_method", "ka_logmsg", "ka_reply_codes")
            + ModuleParameter.notYet(
                .int, "db_load", "db_insert_update", "fetch_rows", "handle_lost_tcp", "close_expired_tcp",
                "skip_remote_socket", "db_update_as_insert", "db_check_update", "db_ops_ruid", "expires_type",
                "db_raw_fetch_type", "db_insert_null", "server_id_filter", "db_timer_clean", "version_table", "ka_mode",
                "ka_filter", "ka_interval", "ka_randomize", "ka_timeout", "ka_loglevel", "load_rank", "db_clean_tcp")
    }
}
