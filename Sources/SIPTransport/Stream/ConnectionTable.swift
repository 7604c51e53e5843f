import Bytes
import SIPMessage

/// All connections by their number and by their peer's address, for all threads.
///
/// Striped: a lookup holds one of sixteen locks for one dictionary access. Closed connections are not in it.
public final class ConnectionTable: Sendable {
    /// What a connection can be found by when it is to be used again.
    struct PeerKey: Hashable {
        var transport: TransportProtocol
        var address: SocketAddress
    }

    private struct PeerEntry {
        var first: StreamConnection
        var others: [StreamConnection] = []  // seldom: one peer address on several of our sockets

        init(_ connection: StreamConnection) { self.first = connection }

        func contains(_ connection: StreamConnection) -> Bool {
            self.first === connection || self.others.contains { $0 === connection }
        }

        /// Puts `connection` first: of several to one address the latest is the likeliest to live.
        mutating func promote(_ connection: StreamConnection) {
            guard self.first !== connection else { return }
            self.others.removeAll { $0 === connection }
            self.others.append(self.first)
            self.first = connection
        }
    }

    private struct NumberEntry {
        var connection: StreamConnection
        var aliases: [PeerKey] = []
    }

    private typealias Numbers = [UInt64: NumberEntry]
    private typealias Peers = [PeerKey: PeerEntry]
    private static let stripes = 16
    private let numbers: [Lock<Numbers>]
    private let peers: [Lock<Peers>]

    init() {
        self.numbers = (0..<Self.stripes).map { _ in Lock(Numbers()) }
        self.peers = (0..<Self.stripes).map { _ in Lock(Peers()) }
    }

    private func numbers(_ id: ConnectionID) -> Lock<Numbers> { self.numbers[Int(id.rawValue % UInt64(Self.stripes))] }

    private func peers(_ address: SocketAddress) -> Lock<Peers> {
        let mixed = (address.ip.low ^ address.ip.high) &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(address.port) &* 0x85eb_ca6b
        return self.peers[Int((mixed >> 32) % UInt64(Self.stripes))]
    }

    /// The connection with this number, while it takes messages.
    public subscript(id: ConnectionID) -> StreamConnection? {
        guard id.isPresent else { return nil }
        return self.numbers(id).withLock { $0[id.rawValue]?.connection }
    }

    /// A connection to `peer`, accepted or opened, aliases included; of several, one of `socket` first, then the latest.
    ///
    /// - Parameter isStrict: none but one of `socket`.
    public func connection(
        _ transport: TransportProtocol,
        to peer: SocketAddress,
        preferring socket: ListenSocket? = nil,
        isStrict: Bool = false
    ) -> StreamConnection? {
        self.peers(peer).withLock { peers in
            guard let entry = peers[PeerKey(transport: transport, address: peer)] else { return nil }
            let chosen = Self.choose(from: entry, socket)
            if isStrict, let socket, !chosen.socket.isSame(as: socket) { return nil }
            return chosen
        }
    }

    /// Whether there is a connection to `peer`, or an alias.
    func contains(_ transport: TransportProtocol, _ peer: SocketAddress) -> Bool {
        self.peers(peer).withLock { $0[PeerKey(transport: transport, address: peer)] != nil }
    }

    /// All connections, in no order.
    public var all: [StreamConnection] {
        self.numbers.flatMap { stripe in stripe.withLock { $0.values.map(\.connection) } }
    }

    /// Has `connection` found under another port of its peer as well (`force_tcp_alias`, RFC 5923).
    ///
    /// - Returns: false when the connection is gone, or the address is another connection's and `rule` leaves it there.
    @discardableResult
    public func addAlias(
        _ address: SocketAddress, for connection: StreamConnection, rule: AliasRule = .add
    ) -> Bool {
        let key = PeerKey(transport: connection.transport, address: address)
        let isAdded = self.peers(address).withLock { peers -> Bool? in
            guard let entry = peers[key] else {
                peers[key] = PeerEntry(connection)
                return true
            }
            if entry.contains(connection) {
                if rule != .keep { peers[key]?.promote(connection) }
                return nil
            }
            switch rule {
            case .keep: return false
            case .add: peers[key]?.promote(connection)
            case .replace: peers[key] = PeerEntry(connection)
            }
            return true
        }
        guard let isAdded else { return self[connection.id] != nil }  // it has the alias already
        guard isAdded else { return false }
        let isAlive = self.numbers(connection.id).withLock { numbers -> Bool in
            guard numbers[connection.id.rawValue] != nil else { return false }
            numbers[connection.id.rawValue]?.aliases.append(key)
            return true
        }
        if !isAlive { self.remove(connection, from: key) }
        return isAlive
    }

    func insert(_ connection: StreamConnection) {
        self.numbers(connection.id).withLock { $0[connection.id.rawValue] = NumberEntry(connection: connection) }
        let key = PeerKey(transport: connection.transport, address: connection.peer)
        self.peers(connection.peer).withLock { peers in
            if peers[key] == nil {
                peers[key] = PeerEntry(connection)
            } else {
                peers[key]?.promote(connection)
            }
        }
    }

    /// Puts `connection` in, unless another one to its peer was quicker: then that one is returned, else `connection`.
    func insertIfFirst(_ connection: StreamConnection) -> StreamConnection {
        let key = PeerKey(transport: connection.transport, address: connection.peer)
        self.numbers(connection.id).withLock { $0[connection.id.rawValue] = NumberEntry(connection: connection) }
        let winner = self.peers(connection.peer).withLock { peers -> StreamConnection in
            if let entry = peers[key] { return entry.first }
            peers[key] = PeerEntry(connection)
            return connection
        }
        if winner !== connection {
            _ = self.numbers(connection.id).withLock { $0.removeValue(forKey: connection.id.rawValue) }
        }
        return winner
    }

    func remove(_ connection: StreamConnection) {
        let entry = self.numbers(connection.id).withLock { $0.removeValue(forKey: connection.id.rawValue) }
        guard let entry else { return }
        self.remove(connection, from: PeerKey(transport: connection.transport, address: connection.peer))
        for alias in entry.aliases { self.remove(connection, from: alias) }
    }

    private func remove(_ connection: StreamConnection, from key: PeerKey) {
        self.peers(key.address).withLock { peers in
            guard var entry = peers[key] else { return }
            if entry.first !== connection {
                entry.others.removeAll { $0 === connection }
                peers[key] = entry
            } else if entry.others.isEmpty {
                peers[key] = nil
            } else {
                entry.first = entry.others.removeLast()
                peers[key] = entry
            }
        }
    }

    private static func choose(from entry: PeerEntry, _ socket: ListenSocket?) -> StreamConnection {
        guard let socket, !entry.others.isEmpty, !entry.first.socket.isSame(as: socket) else { return entry.first }
        return entry.others.first { $0.socket.isSame(as: socket) } ?? entry.first
    }
}
