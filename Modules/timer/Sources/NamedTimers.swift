import Bytes
import ModuleKit
import SIPMessage

/// The `timer` module.
public final class NamedTimers: ServerModule {
    public static let name = "timer"
    public static let summary = "Timers that run a route, switched on and off at run time."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
