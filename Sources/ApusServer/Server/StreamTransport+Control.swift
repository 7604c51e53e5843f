import Bytes
import Glibc
import ModuleKit
import SIPMessage
import SIPTransport

extension StreamTransport: ConnectionControl {
    public func state(of connection: ConnectionID) -> ConnectionState? {
        guard let known = self.table[connection] else { return nil }
        switch known.state {
        case .fresh, .connecting: return .connecting
        case .open: return known.isSilent ? .accepted : .open
        case .closing: return .closing
        case .closed: return nil
        }
    }

    public func connection(_ transport: TransportProtocol, to peer: SocketAddress) -> ConnectionID? {
        self.table.connection(transport, to: peer)?.id
    }

    public func setKeepalive(_ keepalive: Keepalive?, of connection: ConnectionID) -> Bool {
        self.probe(
            connection, isOn: keepalive != nil, keepalive?.idle ?? 0, keepalive?.interval ?? 0, keepalive?.count ?? 0)
    }
}

extension CloseReason {
    /// What modules are told.
    var ending: ClosedConnection.Ending {
        switch self {
        case .peerClosed, .requested, .lifetimeEnded, .messageTimedOut, .noDataInTime, .memoryFull, .queueFull,
            .framing:
            .closed
        case .failed(let code): code == ETIMEDOUT ? .timedOut : .reset
        case .writeStalled: .timedOut
        case .connectFailed, .connectTimedOut, .badProxyHeader, .tooMany, .shutdown: .unnoticed
        }
    }
}
