import Bytes
import SIPMessage

extension RouteContext {
    /// Appends `host:port` as Via and Record-Route name a socket: by what the script set for this message, else by what
    /// the configuration advertises.
    public func writeSentBy(_ socket: ListenSocket, to buffer: ByteBuffer) {
        guard self.advertisedHost != nil || self.advertisedPort > 0 else { return buffer.append(socket.sentBy) }
        buffer.append(self.advertisedHost ?? socket.host)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: Int(self.advertisedPort > 0 ? self.advertisedPort : socket.port))
    }

    /// Where a request of `size` bytes goes instead when it is too large for UDP (`udp_mtu`, RFC 3261 §18.1.1); nil
    /// when it may stay.
    public func destinationForLargeRequest(_ size: Int, instead destination: Destination) -> Destination? {
        let host = self.worker.host
        let limit = host.sharedSettings.values.udpMTU
        guard limit > 0, size > limit, destination.transport == .udp,
            let transport = self.protocolForLargeRequests ?? host.sharedSettings.values.udpMTUTryProtocol, transport != .udp,
            let socket = host.socket(for: transport, isIPv6: destination.address.ip.isIPv6)
        else { return nil }
        var changed = destination
        changed.transport = transport
        changed.socket = socket
        return changed
    }
}
