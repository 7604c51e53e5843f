import Bytes
import ModuleKit
import SIPMessage

/// The core functions and variables: what every script has without loading anything.
///
/// Statements (`exit`, `return`, `drop`, `break`, `route`) and operators belong to the language, not here.
public final class Core: ServerModule {
    public static let name = "core"
    public static let summary =
        "Functions and variables that every script has: flags, Request-URI, forwarding, connections."

    let host: any ModuleHost
    let forwarded: CounterID

    public init(_ settings: NoSettings, host: any ModuleHost) throws {
        self.host = host
        self.forwarded = host.counters.register("core", "fwd_requests")
    }

    public var functions: [ScriptFunction] {
        self.connectionFunctions + self.flagFunctions + self.requestURIFunctions + self.userPartFunctions
            + self.branchFunctions + self.forwardFunctions + self.logFunctions
            + ScriptFunction.notYet(
                "force_tcp_alias", "add_tcp_alias", "setavpflag", "resetavpflag", "isavpflagset",
                "set_advertised_address", "set_advertised_port", "udp_mtu_try_proto", "exec", "cfg_select", "cfg_reset"
            )
    }
}
