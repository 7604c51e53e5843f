import SIPMessage

/// Which of our sockets to send from when nobody said.
public struct SocketChoice: Sendable {
    /// All listen sockets, in the order of the configuration.
    public let sockets: [ListenSocket]

    /// A choice among `sockets`.
    public init(_ sockets: [ListenSocket]) { self.sockets = sockets }

    /// The first socket of the protocol and address family; one on the loopback interface only for loopback
    /// destinations, unless there is no other.
    ///
    /// Nil when the family or protocol has no socket.
    ///
    /// - Complexity: O(sockets), no allocation.
    public func socket(for transport: TransportProtocol, to destination: SocketAddress) -> ListenSocket? {
        var fallback: ListenSocket?
        for socket in self.sockets
        where socket.transport == transport && socket.address.ip.isIPv6 == destination.ip.isIPv6 {
            let ip = socket.address.ip
            if ip.isAny || ip.isLoopback == destination.ip.isLoopback { return socket }
            if fallback == nil { fallback = socket }
        }
        return fallback
    }
}
