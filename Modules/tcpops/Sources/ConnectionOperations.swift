import Bytes
import ModuleKit
import SIPMessage

/// The `tcpops` module: what scripts may know of single stream connections and do with them, and routes for their end.
///
/// Connections are named by their number (`$conid`), which no other one ever has. Where a function takes none, the
/// connection of the message is meant.
public final class ConnectionOperations: ServerModule {
    public static let name = "tcpops"
    public static let summary =
        "Looks at single TCP connections, keeps them alive, closes them, and tells of their end."

    let settings: Settings
    let host: any ModuleHost
    /// The connections that `tcp_enable_closed_event()` chose; they stay chosen over a reload.
    let watched: WatchedConnections

    public init(_ settings: Settings, host: any ModuleHost) throws {
        self.settings = settings
        self.host = host
        self.watched = host.shared("tcpops.watched") { WatchedConnections() }
    }

    public var functions: [ScriptFunction] {
        self.questionFunctions + self.optionFunctions + self.outboundFunctions
    }

    public var hooks: ModuleHooks {
        var hooks = ModuleHooks()
        if self.settings.events != .never {
            hooks.connectionClosed = { [unowned self] worker, closed in self.tell(closed, worker) }
        }
        return hooks
    }
}

/// Numbers of connections whose end somebody wants to hear of.
final class WatchedConnections: Sendable {
    private let numbers = Lock<Set<ConnectionID>>([])

    func insert(_ connection: ConnectionID) { self.numbers.withLock { _ = $0.insert(connection) } }
    /// - Returns: whether it was one of them.
    func remove(_ connection: ConnectionID) -> Bool { self.numbers.withLock { $0.remove(connection) != nil } }
}
