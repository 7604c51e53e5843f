import Bytes
import SIPMessage

/// Where replies to a request go (RFC 3261 §18.2.2, RFC 3581 §4).
///
/// To the address the request came from: to its source port when the sender asked for it (`rport`) or the script did
/// (`force_rport`), else to the port in the top Via. Over streams: down the same connection, and should that be gone,
/// over a new one to the same place. `maddr` counts only when it is a multicast address: a unicast one would let
/// anybody aim replies at a third party.
public enum ReplyPath {
    /// The destination of replies to the request of `route`.
    /// - Parameters:
    ///   - forceRport: the core parameter; the script's `force_rport()` is looked up in the context.
    ///   - toVia: the core parameter `reply_to_via`: trust the address in the top Via, when it is one.
    public static func destination(for route: RouteContext, forceRport: Bool, toVia: Bool) -> Destination {
        let options = route.options
        return self.destination(
            message: route.message, arrival: route.arrival,
            forceRport: forceRport || options.contains(.forceRport), toVia: toVia,
            mayConnect: !options.contains(.replyNoConnect), closesAfter: options.contains(.replyClose)
        )
    }

    /// The destination of replies to the request `message` that came in as `arrival` says.
    public static func destination(
        message: Message, arrival: Arrival, forceRport: Bool, toVia: Bool = false, mayConnect: Bool = true,
        closesAfter: Bool = false
    ) -> Destination {
        self.destination(
            via: message.topVia, message.span, arrival: arrival, forceRport: forceRport, toVia: toVia,
            mayConnect: mayConnect, closesAfter: closesAfter)
    }

    /// The destination of replies to a request whose top Via is `via`.
    /// - Parameter span: the bytes of the request.
    public static func destination(
        via: Via, _ span: Span<UInt8>, arrival: Arrival, forceRport: Bool, toVia: Bool = false,
        mayConnect: Bool = true, closesAfter: Bool = false
    ) -> Destination {
        var address = arrival.source
        if via.isValid, !forceRport, !via.hasRport {
            address.port = via.port > 0 ? UInt16(truncatingIfNeeded: via.port) : arrival.transport.defaultPort
            if toVia, let host = via.hostAddress(span), host.isIPv6 == address.ip.isIPv6 { address.ip = host }
        }
        if !arrival.transport.isReliable, via.isValid, via.maddr.isPresent,
            let group = IPAddress(span, via.maddr), group.isMulticast
        {
            address.ip = group
        }
        return Destination(
            transport: arrival.transport, address: address, socket: arrival.socket, connection: arrival.connection,
            mayConnect: mayConnect, closesAfter: closesAfter
        )
    }
}

extension IPAddress {
    /// Whether it is a multicast address: 224.0.0.0/4 or ff00::/8.
    var isMulticast: Bool { self.isIPv6 ? self.high >> 56 == 0xff : self.low >> 28 == 0xe }
}
