import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

/// Where a request goes (RFC 3263 §4): by its URI, what DNS says, and the sockets there are.
extension Server {
    /// The next hop of a URI, as far as it is known without asking anybody.
    /// - Parameter table: the listeners to send from.
    func nextHop(
        for span: Span<UInt8>, range: ByteRange, socket: ListenSocket?, of table: SocketTable
    ) -> NextHopAnswer {
        guard let uri = SIPURI(span, range), uri.isSIP else { return .unreachable(.badURI) }
        let host = uri.maddr.count > 0 ? uri.maddr : uri.host
        if uri.transportRange.isPresent, uri.transport == nil { return .unreachable(.unsupportedTransport) }
        var query = NextHopQuery(
            host: ByteString(), port: uri.port, transport: uri.transport, isSecure: uri.isSecure, socket: socket
        )
        if let address = IPAddress(span, host) {
            let transport = query.target.plainTransport
            let port = query.port > 0 ? UInt16(truncatingIfNeeded: query.port) : transport.defaultPort
            let next = NextHopAddress(transport: transport, address: SocketAddress(ip: address, port: port))
            guard var destination = Self.destination(next, socket, of: table) else { return .unreachable(.noSocket) }
            if self.blocklist.isUsed {
                destination.isBlocked = self.blocklist.contains(next.transport, next.address, at: Instant.now())
            }
            return .destination(destination)
        }
        query.host = ByteString(span, host)
        guard !query.host.isEmpty else { return .unreachable(.badURI) }
        if let world = self.world { return self.destination(query, among: self.ask(world, query, table), of: table) }
        if let known = self.resolver.cachedNextHops(query.target, isSupported: table.supports) {
            return self.destination(query, among: known, of: table)
        }
        return .needsLookup(query)
    }

    /// The addresses of a name as far as they are known without asking anybody.
    func knownAddresses(of name: ByteString) -> [IPAddress]? {
        if let world = self.world { return world.addresses(of: name) }
        return self.resolver.cached(name)
    }

    /// Looks up what `nextHop` left open.
    func resolve(_ query: NextHopQuery, then token: any ResumeToken) {
        let table = self.sockets
        let finish = { @Sendable [self] (found: [NextHopAddress]) in
            guard case .destination(let destination) = self.destination(query, among: found, of: table) else {
                return token.resume(ResumeResult(code: -1))
            }
            token.resume(ResumeResult(code: 1, payload: destination))
        }
        if let world = self.world { return finish(self.ask(world, query, table)) }
        self.resolver.findNextHops(query.target, isSupported: table.supports, completion: finish)
    }

    /// What the DNS of a simulation says; it knows everything at once.
    private func ask(_ world: any SimulatedWorld, _ query: NextHopQuery, _ table: SocketTable) -> [NextHopAddress] {
        let search = NextHopSearch(
            target: query.target, settings: self.resolver.settings, isSupported: table.supports, seed: 1)
        guard case .found(let found) = search.evaluate({ world.records($0) }) else { return [] }
        return found
    }

    /// The best of the addresses that a socket reaches and that is not blocked, with the others behind it; the best of
    /// the blocked ones when all are.
    private func destination(
        _ query: NextHopQuery, among found: [NextHopAddress], of table: SocketTable
    ) -> NextHopAnswer {
        guard !found.isEmpty else { return .unreachable(.unresolvable) }
        let reachable = found.compactMap { Self.destination($0, query.socket, of: table) }
        guard !reachable.isEmpty else { return .unreachable(.noSocket) }
        let now = Instant.now()
        let usable = reachable.filter { !self.blocklist.contains($0.transport, $0.address, at: now) }
        let failsOver = self.resolver.settings.failsOver
        var first = usable.first ?? reachable[0]
        first.isBlocked = usable.isEmpty
        let others = failsOver ? Array(usable.dropFirst()) : []
        if usable.count < reachable.count {
            first.alternatives = Destination.Alternatives(
                others, unfiltered: failsOver ? reachable : [reachable[0]])
        } else if !others.isEmpty {
            first.alternatives = Destination.Alternatives(others)
        }
        return .destination(first)
    }

    /// The forced socket when it fits, else the one that the table chooses; nil when there is none.
    private static func destination(
        _ next: NextHopAddress, _ forced: ListenSocket?, of table: SocketTable
    ) -> Destination? {
        let isIPv6 = next.address.ip.isIPv6
        var socket = forced
        if socket == nil || socket?.transport != next.transport || socket?.address.ip.isIPv6 != isIPv6 {
            socket = table.socket(for: next.transport, to: next.address.ip)
        }
        guard let socket else { return nil }
        return Destination(transport: next.transport, address: next.address, socket: socket)
    }
}

extension NextHopQuery {
    var target: NextHopTarget {
        NextHopTarget(
            host: self.host, port: self.port > 0 ? UInt16(clamping: self.port) : 0, transport: self.transport,
            isSecure: self.isSecure)
    }
}

extension SocketTable {
    /// Whether there is a socket of a protocol.
    @Sendable func supports(_ transport: TransportProtocol) -> Bool {
        self.sockets.contains { $0.transport == transport }
    }
}
