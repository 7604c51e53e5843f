import Bytes
import SIPMessage

/// What modules may know of connections and do with them. From any thread.
public protocol ConnectionControl: AnyObject, Sendable {
    /// nil when there is no such connection any more.
    func state(of connection: ConnectionID) -> ConnectionState?
    /// The connection that a message to `peer` would be sent over, if there is one.
    func connection(_ transport: TransportProtocol, to peer: SocketAddress) -> ConnectionID?
    /// Closes it once what waits for its peer is written.
    /// - Returns: false when there is no such connection.
    func close(_ connection: ConnectionID) -> Bool
    /// How long it lives without a byte either way.
    func setLifetime(_ lifetime: Interval, of connection: ConnectionID) -> Bool
    /// Has the kernel probe the peer when it is silent; nil: no longer.
    func setKeepalive(_ keepalive: Keepalive?, of connection: ConnectionID) -> Bool
}

/// Where a connection is in its life.
public enum ConnectionState: Sendable {
    case connecting
    /// Accepted, and nothing came yet.
    case accepted
    case open
    case closing
}

/// Probes of the kernel, in seconds; 0: as the system does.
public struct Keepalive: Sendable, Equatable {
    public var idle: Int
    public var interval: Int
    public var count: Int

    public init(idle: Int = 0, interval: Int = 0, count: Int = 0) {
        self.idle = idle
        self.interval = interval
        self.count = count
    }
}
