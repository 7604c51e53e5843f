import Bytes
import ModuleKit
import SIPMessage

/// The `rtimer` module.
public final class RouteTimers: ServerModule {
    public static let name = "rtimer"
    public static let summary = "Runs routes at intervals."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
