import Bytes
import ModuleKit
import SIPMessage

/// The `kex` module: script and branch flags, the destination URI, questions about the server itself, statistics.
public final class Kex: ServerModule {
    public static let name = "kex"
    public static let summary = "Script flags, branch flags, destination URI, statistics commands."

    let host: any ModuleHost

    public init(_ settings: NoSettings, host: any ModuleHost) throws { self.host = host }

    public var functions: [ScriptFunction] {
        self.scriptFlagFunctions + self.branchFlagFunctions + self.destinationFunctions + Self.levelFunctions
    }
}
