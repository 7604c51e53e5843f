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

    /// A connection to `peer`, accepted or opened, aliases included; of several, one of `socket` first.
    public func connection(
        _ transport: TransportProtocol,
        to peer: SocketAddress,
        preferring socket: ListenSocket? = nil
    ) -> StreamConnection? {
        self.peers(peer).withLock { peers in
            guard let entry = peers[PeerKey(transport: transport, address: peer)] else { return nil }
            return Self.choose(from: entry, socket)
        }
    }

    /// All connections, in no order.
    public var all: [StreamConnection] {
        self.numbers.flatMap { stripe in stripe.withLock { $0.values.map(\.connection) } }
    }

    /// Has `connection` found under another port of its peer as well (`force_tcp_alias`, RFC 5923).
    ///
    /// - Returns: false when the connection is gone, or the address is another connection's already.
    @discardableResult
    public func addAlias(_ address: SocketAddress, for connection: StreamConnection) -> Bool {
        let key = PeerKey(transport: connection.transport, address: address)
        let isAdded = self.peers(address).withLock { peers -> Bool in
            if let entry = peers[key] { return entry.first === connection }
            peers[key] = PeerEntry(connection)
            return true
        }
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
                peers[key]?.others.append(connection)
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
        guard let socket, !entry.others.isEmpty, entry.first.socket !== socket else { return entry.first }
        return entry.others.first { $0.socket === socket } ?? entry.first
    }
}
