import Bytes
import ModuleKit

extension RecordRouting {
    public struct Settings: Sendable {
        var appendsFromTag = true
        var doubleRecordRoute = 1
        var writesFullLR = false
        var addsUsername = false
        var forcesSendSocket = false
        var ignoresSIPS = false
        var looseRouteMode = 0
        var warnsOfMismatch = true
        var customUser = ByteString()
        var namesSockets = false
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "append_fromtag", \.appendsFromTag, "Adds ;ftag= with the From tag, which tells directions."),
            ModuleParameter(
                "enable_double_rr", \.doubleRecordRoute, in: 0...2,
                "Two fields when a request leaves by another socket than it came in on; 2: always."),
            ModuleParameter("enable_full_lr", \.writesFullLR, "Writes ;lr=on instead of ;lr."),
            ModuleParameter("add_username", \.addsUsername, "Puts the user of the Request-URI into Record-Route."),
            ModuleParameter(
                "force_send_socket", \.forcesSendSocket,
                "loose_route sends by the socket that the Route names, also when there is only one."),
            ModuleParameter("ignore_sips", \.ignoresSIPS, "Never writes a sips: URI."),
            ModuleParameter(
                "enable_socket_mismatch_warning", \.warnsOfMismatch,
                "Logs a Route of two parts whose second part names no socket."),
            ModuleParameter(
                "loose_route_mode", \.looseRouteMode, in: 0...3,
                "Sum of 1 (no test for strict routers) and 2 (no flow tokens)."),
            ModuleParameter(
                "custom_user_avp", \.customUser,
                "The $avp that holds the user of Record-Route; what add_username puts there otherwise."),
            ModuleParameter(
                "sockname_mode", \.namesSockets,
                "Adds ;sn= with the name of the socket, and loose_route sends by the socket of that name."),
        ]
    }
}
