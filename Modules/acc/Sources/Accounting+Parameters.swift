import Bytes
import ModuleKit

extension Accounting {
    public struct Settings: Sendable {
        var logFlag = -1
        var missedFlag = -1
        var failedFlag = -1
        var prepareFlag = -1
        var preparesAlways = false
        var failedFilter: Set<Int> = []
        var logLevel = 1
        /// LOG_DAEMON.
        var logFacility = 3
        var logExtra = ByteString()
        var reportsEarlyMedia = false
        var reportsAck = false
        var reportsCancels = false
        var detectsDirection = false
        var timeMode = 0
        var timeAttribute = ByteString()
        var timeExtension = ByteString()
        var timeFormat = ByteString("%Y-%m-%d %H:%M:%S")
        var isRequestCopied = true
        var takesReasonField = false
        var legInfo = ByteString()
        var isExtraNullable = false
        var extraLimit = 64
        var databaseFlag = -1
        var databaseMissedFlag = -1
        var databaseExtra = ByteString()
        var databaseURL = ByteString()
        var answeredTable = ByteString("acc")
        var missedTable = ByteString("missed_calls")
        var checksVersion = true
        var insertMode = 0
        var columns = AccountingColumns()
        public init() {}

        var level: LogLevel { LogLevel(rawValue: self.logLevel) ?? .notice }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        self.flagParameters + self.lineParameters + self.databaseParameters
            + ModuleParameter.notYet(
                .int, "cdr_enable", "cdr_log_enable", "cdr_start_on_confirmed", "cdr_extra_nullable",
                "cdr_duration_mode",
                "cdr_expired_dlg_enable", "cdr_on_failed", "cdr_extra_size")
            + ModuleParameter.notYet(
                .text, "cdr_skip", "cdr_facility", "cdr_extra", "cdr_start_id", "cdr_end_id", "cdr_duration_id",
                "cdrs_table")
    }

    private static var databaseParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("db_url", \.databaseURL, "Database of the rows; empty: none."),
            ModuleParameter("db_flag", \.databaseFlag, in: -1...31, "Message flag of transactions to store; -1: none."),
            ModuleParameter(
                "db_missed_flag", \.databaseMissedFlag, in: -1...31, "Message flag of calls to store when missed."),
            ModuleParameter("db_extra", \.databaseExtra, "More columns of each row: `src=$si;ua=$ua`."),
            ModuleParameter("db_table_acc", \.answeredTable, "Table of transactions; variables are expanded."),
            ModuleParameter("db_table_missed_calls", \.missedTable, "Table of missed calls; variables are expanded."),
            ModuleParameter("db_version_check", \.checksVersion, "The versions of the tables are looked at."),
            ModuleParameter(
                "db_insert_mode", \.insertMode, in: 0...2,
                "Accepted; rows are always written beside the calls, those that come together in one transaction."),
            ModuleParameter("acc_extra_nullable", \.isExtraNullable, "Values that are $null are NULL, not empty."),
            ModuleParameter(
                "acc_extra_size", \.extraLimit, in: 1...1024, "How many values an extra parameter may name."),
            ModuleParameter("acc_method_column", \.columns.method, "Column of the method."),
            ModuleParameter("acc_from_tag_column", \.columns.fromTag, "Column of the From tag."),
            ModuleParameter("acc_to_tag_column", \.columns.toTag, "Column of the To tag."),
            ModuleParameter("acc_callid_column", \.columns.callID, "Column of the Call-ID."),
            ModuleParameter("acc_sip_code_column", \.columns.code, "Column of the status code."),
            ModuleParameter("acc_sip_reason_column", \.columns.reason, "Column of the reason."),
            ModuleParameter("acc_time_column", \.columns.time, "Column of the time."),
        ]
    }

    private static var flagParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("log_flag", \.logFlag, in: -1...31, "Message flag of transactions to write; -1: none."),
            ModuleParameter(
                "log_missed_flag", \.missedFlag, in: -1...31, "Message flag of calls to write when missed."),
            ModuleParameter(
                "failed_transaction_flag", \.failedFlag, in: -1...31,
                "Message flag that writes failed transactions too, beside log_flag."),
            ModuleParameter(
                "failed_filter", .text, "Status codes that never count as failed, with commas: `404,407`."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                for part in text.string.split(separator: ",") {
                    guard let code = Int(part.filter { $0 != " " }), (300...999).contains(code) else {
                        throw ArgumentError("failed_filter: '\(part)' is no status code from 300 to 999")
                    }
                    settings.failedFilter.insert(code)
                }
            },
            ModuleParameter(
                "acc_prepare_flag", \.prepareFlag, in: -1...31,
                "Message flag of transactions that later routes may still mark."),
            ModuleParameter("acc_prepare_always", \.preparesAlways, "Later routes may mark any transaction."),
            ModuleParameter(
                "early_media", \.reportsEarlyMedia,
                "Also provisional replies with a body; tm does not tell of those yet."),
            ModuleParameter("report_ack", \.reportsAck, "Also ACKs whose request carries log_flag."),
            ModuleParameter("report_cancels", \.reportsCancels, "Also CANCEL transactions."),
            ModuleParameter(
                "detect_direction", \.detectsDirection,
                "Swaps the tags of requests that the callee sent; needs append_fromtag of rr."),
        ]
    }

    private static var lineParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("log_level", \.logLevel, in: -5...3, "Level of the lines; 1 is NOTICE."),
            ModuleParameter("log_facility", .text, default: "LOG_DAEMON", "syslog facility of the lines.") {
                settings, value in
                guard case .text(let text) = value else { return }
                guard let facility = Self.facilities[text.string] else {
                    throw ArgumentError("'\(text.string)' is no syslog facility", suggestion: "LOG_LOCAL0")
                }
                settings.logFacility = facility
            },
            ModuleParameter("log_extra", \.logExtra, "More values for each line: `src=$si;ua=$ua`."),
            ModuleParameter(
                "time_mode", \.timeMode, in: 0...4,
                "0: seconds; adds 1: microseconds, 2: seconds with a fraction, 3: local time, 4: UTC."),
            ModuleParameter("time_attr", \.timeAttribute, "Name of the value that time_mode 2, 3 and 4 add."),
            ModuleParameter("time_exten", \.timeExtension, "Name of the value that time_mode 1 adds."),
            ModuleParameter(
                "time_format", \.timeFormat, "Form of time_mode 3 and 4: %Y %y %m %d %j %H %M %S %F %T %s."),
            ModuleParameter("reason_from_hf", \.takesReasonField, "The reason is that of the reply's Reason field."),
            ModuleParameter(
                "multi_leg_info", \.legInfo,
                "Values of a leg: `src=$avp(s);dst=$avp(d)`; each value of the AVPs is a leg."),
            ModuleParameter("clone_msg", \.isRequestCopied, "Accepted; the request is always a copy."),
        ]
    }

    private static let facilities: [String: Int] = {
        let named = [
            "KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV", "FTP",
        ]
        var table: [String: Int] = [:]
        for (number, name) in named.enumerated() { table["LOG_" + name] = number }
        for number in 0...7 { table["LOG_LOCAL\(number)"] = 16 + number }
        return table
    }()
}
