import Bytes
import ModuleKit
import SIPMessage

/// The `cfgutils` module.
public final class ConfigurationUtilities: ServerModule {
    public static let name = "cfgutils"
    public static let summary = "Randomness, pauses, locks and global flags for scripts."

    public init(_ settings: NoSettings, host: any ModuleHost) throws {}

    public var functions: [ScriptFunction] { self.pauseFunctions }
}
