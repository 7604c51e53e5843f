import Bytes
import ControlProtocol
import ModuleKit
import xhttp

/// The `jsonrpcs` module: answers RPC commands in JSON-RPC 2.0, over a fifo, datagrams, TCP and HTTP, and to scripts.
///
/// Every way in ends in `answer(_:_:)`, which a transport of another module may use too.
public final class JSONRPCServer: ServerModule {
    public static let name = "jsonrpcs"
    public static let summary = "JSON-RPC over fifo, datagrams, TCP, HTTP and from scripts."

    let settings: Settings
    let host: any ModuleHost
    let replies: HTTPReply

    public init(_ settings: Settings, host: any ModuleHost) throws {
        guard !settings.asksFor(.tcp) || !settings.tcpSocket.isEmpty else {
            throw ModuleError("transport has 8 (TCP) in it, and tcp_socket does not say where")
        }
        if settings.asksFor(.http) {
            do {
                _ = try host.module(HTTPRequests.self)
            } catch {
                throw ModuleError("transport has 1 (HTTP) in it: load xhttp too, or leave the 1 out")
            }
        }
        self.settings = settings
        self.host = host
        self.replies = HTTPReply(host: host)
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.started = { [unowned self] host in
            for listener in self.listeners { host.addControlListener(listener) }
        }
        return hooks
    }

    public var commands: [RPCCommand] {
        [
            RPCCommand("jsonrpc.echo", returnsArray: true, "Gives back a text and a number.") {
                request throws(RPCFault) in
                var values: [RPCValue] = []
                if request.has(0) { values.append(.text(try request.text(0))) }
                if request.has(1) { values.append(.int(try request.int(1))) }
                return values
            }
        ]
    }
}
