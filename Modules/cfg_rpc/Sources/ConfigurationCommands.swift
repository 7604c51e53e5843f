import Bytes
import ModuleKit

/// The `cfg_rpc` module: RPC commands that read and change values while the server runs.
///
/// The values are those the configuration declared itself (`pstn.gw_ip = "…"`) and some of the core.
public final class ConfigurationCommands: ServerModule {
    public static let name = "cfg_rpc"
    public static let summary = "Reads and changes configuration values at run time (cfg.get, cfg.set …)."

    let groups: ConfigurationGroups
    /// Changes of `cfg.set_delayed…`, made together by `cfg.commit`.
    let pending = Lock<[PendingChange]>([])

    public init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.groups = ConfigurationGroups(host: host)
    }
}

struct PendingChange: Sendable {
    var group: String
    var name: String
    var value: ConfigurationVariable.Content
}
