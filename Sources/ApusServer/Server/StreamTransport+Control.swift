import Bytes
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
