import Bytes
import ModuleKit

extension PathFields {
    public struct Settings: Sendable {
        var usesReceived = false
        var receivedFormat = 0
        var isDoubled = false
        var namesSockets = false
        var receivedName = ByteString("received")
        public init() {}
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "use_received", \.usesReceived,
                "loose_route sends to the address that the received parameter of our Route tells; needs module rr."),
            ModuleParameter(
                "received_format", \.receivedFormat, in: 0...1,
                "How that address is written: 0 as an escaped URI, 1 as address~port~protocol."),
            ModuleParameter(
                "enable_r2", \.isDoubled,
                "Two fields: the socket that the request leaves by, and the one it came in on."),
            ModuleParameter(
                "sockname_mode", \.namesSockets, "Adds ;sn= with the name of the socket, where it has one."),
            ModuleParameter("received_name", \.receivedName, "Name of the received parameter."),
        ]
    }
}
