import Bytes
import ModuleKit

extension StatelessReplies {
    public struct Settings: Sendable {
        var defaultCode = 500
        var defaultReason = ByteString("Internal Server Error")
        var usesTransactions = true
        var redirectDetail = 0
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter("default_code", \.defaultCode, in: 400...699, "Status code when the script's is none."),
            ModuleParameter("default_reason", \.defaultReason, "Reason phrase when the script's code is none."),
            ModuleParameter("bind_tm", \.usesTransactions, "send_reply answers through the transaction."),
            ModuleParameter(
                "rich_redirect", \.redirectDetail, in: 0...3,
                "What a Contact of a 3xx tells as well: sum of 1 (branch flags) and 2 (path, as a Route)."),
        ]
            + ModuleParameter.notYet(.text, "event_callback_fl_ack", "event_callback_lres_sent")
    }
}
