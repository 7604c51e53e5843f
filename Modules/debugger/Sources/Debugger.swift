import Bytes
import ModuleKit
import SIPMessage

/// The `debugger` module.
public final class Debugger: ServerModule {
    public static let name = "debugger"
    public static let summary = "Traces the executed actions of a script and steps through them."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}
}
