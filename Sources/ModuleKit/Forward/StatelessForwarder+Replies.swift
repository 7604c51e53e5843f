import Bytes
import SIPMessage

extension StatelessForwarder {
    /// Forwards the reply of `route` by its second Via (RFC 3261 §16.7, §16.11, §18.2.2; RFC 3581 §4).
    ///
    /// To `received` when there is one, else to sent-by; to the port in `rport`, else to that of sent-by. `maddr`
    /// counts only when it is a multicast address. A host name without `received` is one that this server did not
    /// complete when it forwarded the request; it is used when its address is known already, and looked up for the next time
    /// when not. `forwardReplyAsking` waits for it.
    /// - Returns: whether it is on its way; false too when there is no second Via: then it was for this server.
    @discardableResult
    public static func forwardReply(_ route: RouteContext) -> Bool {
        guard let destination = self.replyDestination(route) else { return false }
        let buffer = route.worker.outgoing()
        MessageWriter.forwardResponse(route.message, route.edits, into: buffer)
        route.completeReplyVia(in: buffer)
        return route.worker.send(buffer, to: destination, token: 0)
    }

    /// The same, once the address of a host name is known, and after `onsend_route` where it has a word in replies too
    /// (`onsend_route_reply`).
    /// - Parameter then: told whether the reply is on its way.
    public static func forwardReplyAsking(
        _ route: RouteContext, then: @escaping (RouteContext, Bool) -> Outcome
    ) -> Outcome {
        switch self.way(of: route) {
        case .nowhere: return then(route, false)
        case .known(let destination): return self.depart(route, to: destination, then)
        case .named(let destination, let query):
            let token = route.suspend()
            route.worker.host.resolve(query, then: token)
            return .suspended(
                Continuation { route, result in
                    guard result.code >= 0, let found = result.payload as? Destination else {
                        return then(route, false)
                    }
                    return self.depart(route, to: self.completed(destination, found.address, route), then)
                })
        }
    }

    private static func depart(
        _ route: RouteContext, to destination: Destination, _ then: @escaping (RouteContext, Bool) -> Outcome
    ) -> Outcome {
        let buffer = route.worker.outgoing()
        MessageWriter.forwardResponse(route.message, route.edits, into: buffer)
        route.completeReplyVia(in: buffer)
        guard route.asksBeforeSending, route.coreSettings.onsendRouteReply else {
            return then(route, route.worker.send(buffer, to: destination, token: 0))
        }
        return route.askBeforeSending(ByteString(buffer.span), to: destination) { route, maySend in
            then(route, maySend && route.worker.send(buffer, to: destination, token: 0))
        }
    }

    /// Where a reply goes.
    private enum Way {
        /// It was for this server, or that cannot be said.
        case nowhere
        case known(Destination)
        /// To a name; what is missing of the destination is its address.
        case named(Destination, NextHopQuery)
    }

    /// Where the reply of `route` goes next, or nil when that cannot be said.
    public static func replyDestination(_ route: RouteContext) -> Destination? {
        switch self.way(of: route) {
        case .nowhere: return nil
        case .known(let destination): return destination
        case .named(_, let query):
            // This reply is lost; when it is repeated the name is known (RFC 3263 §5).
            route.worker.host.resolve(query, then: UnheardToken())
            return nil
        }
    }

    private static func way(of route: RouteContext) -> Way {
        let message = route.message
        guard message.isResponse else { return .nowhere }
        let span = message.span
        let host = route.worker.host
        let own = message.topVia
        if route.coreSettings.checkVia, !self.isOwn(own, span, host) { return .nowhere }
        let via = message.via(at: 1)
        guard via.isValid, let transport = via.transport else { return .nowhere }
        var destination = Destination(
            transport: transport, address: SocketAddress(ip: .anyIPv4, port: 0),
            connection: ConnectionToken.connection(in: own, span),
            mayConnect: !route.options.contains(.replyNoConnect), closesAfter: route.options.contains(.replyClose)
        )
        if let rport = span.decimal(in: via.rport, limit: 65535), rport > 0 {
            destination.address.port = UInt16(rport)
        } else {
            destination.address.port = via.port > 0 ? UInt16(via.port) : transport.defaultPort
        }
        if !transport.isReliable, let group = IPAddress(span, via.maddr), group.isMulticast {
            destination.address.ip = group
        } else if let ip = IPAddress(span, via.received) ?? via.hostAddress(span) {
            destination.address.ip = ip
        } else {
            switch self.lookup(via, span, destination.address.port, route) {
            case .destination(let known): destination.address = known.address
            case .needsLookup(let query): return .named(destination, query)
            case .unreachable: return .nowhere
            }
        }
        if self.leadsHere(destination, host), self.hasTooManyVias(message) { return .nowhere }
        return .known(self.completed(destination, destination.address, route))
    }

    /// Hops that a reply may have left when the next one is this server again: as many as Max-Forwards lets a request
    /// spiral, so that a reply which nobody asked for does not go round for as long as Vias fit in it.
    static let ownHopLimit = 70

    private static func leadsHere(_ destination: Destination, _ host: any ModuleHost) -> Bool {
        host.sockets.contains { socket in
            socket.address.port == destination.address.port && socket.transport == destination.transport
                && (socket.address.ip == destination.address.ip || socket.address.ip.isAny)
        }
    }

    private static func hasTooManyVias(_ message: Message) -> Bool {
        var count = 0
        message.forEachVia { _ in
            count += 1
            return count <= self.ownHopLimit
        }
        return count > self.ownHopLimit
    }

    private static func completed(
        _ destination: Destination, _ address: SocketAddress, _ route: RouteContext
    ) -> Destination {
        var destination = destination
        destination.address = address
        let message = route.message
        destination.socket = self.socket(message.topVia, message.span, destination, route.worker.host)
        return destination
    }

    private static func isOwn(_ via: Via, _ span: Span<UInt8>, _ host: any ModuleHost) -> Bool {
        guard let transport = via.transport else { return false }
        let port = via.port > 0 ? via.port : Int(transport.defaultPort)
        return host.isMyself(span, host: via.host, port: port, transport: transport)
    }

    /// The socket that the request came in on, as our branch says; nil leaves the choice to the transport.
    private static func socket(
        _ own: Via, _ span: Span<UInt8>, _ destination: Destination, _ host: any ModuleHost
    ) -> ListenSocket? {
        guard let index = StatelessBranch.socketIndex(span, own.branch),
            let socket = host.sockets.first(where: { $0.index == index })
        else { return nil }
        let isFitting =
            socket.transport == destination.transport && socket.address.ip.isIPv6 == destination.address.ip.isIPv6
        return isFitting ? socket : nil
    }

    private static func lookup(
        _ via: Via, _ span: Span<UInt8>, _ port: UInt16, _ route: RouteContext
    ) -> NextHopAnswer {
        let uri = ByteBuffer(capacity: via.host.length + 32)
        uri.append("sip:")
        uri.append(span, via.host)
        uri.append(UInt8(ascii: ":"))
        uri.append(decimal: Int(port))
        uri.append(";transport=")
        uri.append(span, via.transportRange)
        return route.worker.nextHop(for: uri.span, range: ByteRange(start: 0, count: uri.count), socket: nil)
    }
}

/// Nobody waits.
private final class UnheardToken: ResumeToken {
    func resume(_ result: ResumeResult) {}
}
