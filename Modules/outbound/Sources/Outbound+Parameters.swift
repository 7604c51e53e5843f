import Bytes
import ModuleKit

extension Outbound {
    public struct Settings: Sendable {
        var forcingFlag = -1
        var forbiddingFlag = -1
        var secret = ByteString()
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "force_outbound_flag", \.forcingFlag, in: -1...31,
                "Flag of the message (setflag) that makes it get flow tokens; -1: none does."),
            ModuleParameter(
                "force_no_outbound_flag", \.forbiddingFlag, in: -1...31,
                "Flag of the message that keeps it from getting flow tokens; -1: none does."),
            ModuleParameter(
                "flow_token_secret", \.secret,
                "Key that tokens are sealed with, the same on servers that stand in for each other; random when empty."),
        ]
    }
}
