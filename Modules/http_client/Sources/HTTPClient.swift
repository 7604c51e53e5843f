import Bytes
import HTTPTransfer
import ModuleKit
import SIPMessage

/// The `http_client` module: queries whose answer the script waits for, suspended.
///
/// One thread makes all requests with libcurl's multi interface, which is opened when the module is loaded. A script
/// that asks is suspended until its answer comes.
public final class HTTPClient: ServerModule {
    public static let name = "http_client"
    public static let summary = "HTTP queries whose answer the script waits for without holding up its worker."

    let settings: Settings
    let host: any ModuleHost
    let engine: HTTPEngine
    /// Named connections, in the order of the configuration.
    let connections: [HTTPConnection]

    public init(_ settings: Settings, host: any ModuleHost) throws {
        do throws(HTTPLibrary.Unavailable) {
            try HTTPLibrary.open()
        } catch {
            throw ModuleError("\(error)")
        }
        self.settings = settings
        self.host = host
        // Each configuration has its own, which ends with the last of its scripts.
        self.engine = HTTPEngine(name: "apus-http")
        var definitions = settings.definitions
        if !settings.configurationFile.isEmpty {
            definitions += try ConnectionFile.read(settings.configurationFile.string)
        }
        self.connections = try definitions.map { try HTTPConnection($0, settings: settings, host: host) }
        for connection in self.connections {
            guard connection.failover.isEmpty || self.connections.contains(where: { $0.name == connection.failover })
            else { throw ModuleError("httpcon \(connection.name): there is no connection \(connection.failover)") }
        }
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        hooks.stopped = { [engine] _ in engine.stop() }
        return hooks
    }

    func connection(named name: ByteString) -> HTTPConnection? { self.connections.first { $0.name == name } }
}
