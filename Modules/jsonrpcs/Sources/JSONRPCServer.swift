import Bytes
import ModuleKit

/// The `jsonrpcs` module: takes the settings of the JSON-RPC transports, which are not served yet.
///
/// The same commands are answered over the control socket of `ctl`.
public final class JSONRPCServer: ServerModule {
    public static let name = "jsonrpcs"
    public static let summary = "Settings for JSON-RPC; its transports are not served yet."

    let settings: Settings

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
    }

    public var functions: [ScriptFunction] { ScriptFunction.notYet("jsonrpc_dispatch", "jsonrpc_exec") }

    public var variables: [ScriptVariable] { ScriptVariable.notYet("jsonrpl") }

    public var commands: [RPCCommand] {
        [RPCCommand("jsonrpc.echo", returnsArray: true, "Answers its parameters.") { request in request.parameters }]
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { host in
            host.logger.info(
                "jsonrpcs: JSON-RPC over fifo, datagram, HTTP and TCP is not served yet; use the ctl socket")
        }
        return hooks
    }
}
