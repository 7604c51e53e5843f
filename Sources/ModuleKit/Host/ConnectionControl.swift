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

/// A connection that is no more.
public struct ClosedConnection: Sendable {
    public enum Ending: Sendable {
        /// In order, by the peer or here.
        case closed
        /// The peer broke it off.
        case reset
        /// The peer did not answer the kernel's probes, or took no byte for too long.
        case timedOut
        /// It never came to be, or the server stops.
        case unnoticed
    }

    public var id: ConnectionID
    public var peer: SocketAddress
    /// The listen socket that it was accepted on, or that its messages named as ours.
    public var socket: ListenSocket
    public var ending: Ending

    public init(id: ConnectionID, peer: SocketAddress, socket: ListenSocket, ending: Ending) {
        self.id = id
        self.peer = peer
        self.socket = socket
        self.ending = ending
    }
}

/// The connection that the script chose for the request, whatever address it goes to (`tcp_set_otcpid`). Attached to the
/// context by whoever chose; looked for only while `RouteContext.Options.usesChosenConnection` is set.
public final class ChosenConnection {
    public let id: ConnectionID
    public init(_ id: ConnectionID) { self.id = id }
}

extension RouteContext {
    /// Has the request go over the connection that was chosen for it, if it goes over a stream.
    public func chooseConnection(for destination: inout Destination) {
        guard destination.transport.isStream else { return }
        if self.options.contains(.usesChosenConnection), let choice = self.state(ChosenConnection.self) {
            destination.connection = choice.id
        } else if self.target.connection.isPresent {
            destination.connection = self.target.connection
        }
    }
}
