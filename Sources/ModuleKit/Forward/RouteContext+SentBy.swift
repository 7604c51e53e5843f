import Bytes
import SIPMessage

extension RouteContext {
    /// Chooses the socket that the request leaves by: the one that the script chose where its protocol and family fit,
    /// else the one that the request came in on, unless the kernel's routes decide (`mhomed`).
    public func chooseSocket(for destination: inout Destination) {
        if let chosen = self.targetSocket, destination.fits(chosen) {
            destination.socket = chosen
        } else if !self.coreSettings.multiHomed {
            let socket = self.arrival.socket
            if destination.fits(socket) { destination.socket = socket }
        }
    }

    /// Appends `host:port` as Via and Record-Route name a socket: by what the script set for this message, else by what
    /// the configuration advertises.
    public func writeSentBy(_ socket: ListenSocket, to buffer: ByteBuffer) {
        guard self.advertisedHost != nil || self.advertisedPort > 0 else {
            return buffer.append(socket.sentByBytes.span)
        }
        buffer.append(self.advertisedHost ?? socket.host)
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: Int(self.advertisedPort > 0 ? self.advertisedPort : socket.port))
    }

    /// Where a request of `size` bytes goes instead when it is too large for UDP (`udp_mtu`, RFC 3261 §18.1.1); nil
    /// when it may stay.
    public func destinationForLargeRequest(_ size: Int, instead destination: Destination) -> Destination? {
        let limit = self.coreSettings.udpMTU
        guard limit > 0, size > limit, destination.transport == .udp else { return nil }
        let host = self.worker.host
        guard let transport = self.protocolForLargeRequests ?? host.sharedSettings.values.udpMTUTryProtocol,
            transport != .udp,
            let socket = host.socket(for: transport, isIPv6: destination.address.ip.isIPv6)
        else { return nil }
        var changed = destination
        changed.transport = transport
        changed.socket = socket
        changed.datagramSocket = destination.socket ?? host.socket(for: .udp, isIPv6: destination.address.ip.isIPv6)
        return changed
    }
}

extension Destination {
    /// Whether `socket` can send there.
    func fits(_ socket: ListenSocket) -> Bool {
        socket.transport == self.transport && socket.address.ip.isIPv6 == self.address.ip.isIPv6
    }
}
