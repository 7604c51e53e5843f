import Bytes
import CLinux
import Glibc
import SIPMessage
import Synchronization

/// Messages over connections: finds the one to use, opens it if need be, and hands the bytes to its loop.
///
/// Every method may be called from any thread.
public final class StreamTransport: Sendable {
    /// The connections there are.
    public let table = ConnectionTable()
    /// The event workers that connections are spread over.
    public let loops: [EventLoop]
    private let currentChoice: Lock<SocketChoice>
    private let currentSettings: Lock<StreamSettings>
    private let lastID = Atomic<UInt64>(0)
    private let openCount = Atomic<Int>(0)
    private let queuedCount = Atomic<Int>(0)
    private let partialTotal = Atomic<Int>(0)
    private let flags: Atomic<UInt8>
    /// What has happened to connections.
    public let counts = StreamCounts()
    let addresses = AddressCounts()
    private let descriptors = Atomic<Int>(.max)

    /// - Parameters:
    ///   - loops: the event workers, at least one. A connection stays with one of them.
    ///   - sockets: all listen sockets of the server.
    ///   - settings: how connections behave.
    public init(loops: [EventLoop], sockets: [ListenSocket], settings: StreamSettings = StreamSettings()) {
        precondition(!loops.isEmpty, "a stream transport needs an event loop")
        self.loops = loops
        self.currentChoice = Lock(SocketChoice(sockets))
        self.currentSettings = Lock(settings)
        self.flags = Atomic(Self.flags(of: settings))
        for loop in loops { loop.settings = settings }
    }

    /// Which socket stands for us on a connection that we open when the destination names none.
    public var choice: SocketChoice { self.currentChoice.withLock { $0 } }

    /// Replaces the listen sockets that new connections choose from; living connections keep theirs.
    public func update(sockets: [ListenSocket]) { self.currentChoice.withLock { $0 = SocketChoice(sockets) } }

    /// The settings in force.
    public var settings: StreamSettings { self.currentSettings.withLock { $0 } }

    /// Connections that the process has descriptors for; a lower limit of the settings counts.
    public var descriptorLimit: Int {
        get { self.descriptors.load(ordering: .relaxed) }
        set { self.descriptors.store(newValue, ordering: .relaxed) }
    }

    /// Connections, accepted and opened, of all loops.
    public var connectionCount: Int { self.openCount.load(ordering: .relaxed) }

    /// Bytes that wait for all peers together.
    public var queuedBytes: Int { self.queuedCount.load(ordering: .relaxed) }

    /// Bytes of messages that have begun and not ended, of all peers together.
    public var partialBytes: Int { self.partialTotal.load(ordering: .relaxed) }

    private static func flags(of settings: StreamSettings) -> UInt8 { settings.matchesSocket ? 1 : 0 }

    /// Replaces the settings.
    ///
    /// Limits and timeouts hold for living connections too; lifetimes and framing for new ones.
    public func update(_ settings: StreamSettings) {
        self.currentSettings.withLock { $0 = settings }
        self.flags.store(Self.flags(of: settings), ordering: .relaxed)
        for loop in self.loops { loop.post(SettingsTask(settings)) }
    }

    /// Binds and listens.
    ///
    /// The listener accepts once `loop` runs.
    ///
    /// - Parameters:
    ///   - socket: the address to listen on.
    ///   - loop: which event worker accepts; the connections are spread over all.
    /// - Returns: the listener, which lives until its loop ends.
    /// - Throws: what the system refused.
    public func listen(on socket: ListenSocket, loop: EventLoop? = nil) throws(SocketError) -> StreamListener {
        let listener = try self.open(socket, loop: loop)
        self.begin(listener)
        return listener
    }

    /// Binds and listens, but accepts nothing before `begin`: clients wait. Dropped, it closes.
    ///
    /// - Parameter settings: nil for those in force.
    /// - Throws: what the system refused.
    public func open(
        _ socket: ListenSocket, settings: StreamSettings? = nil, loop: EventLoop? = nil
    ) throws(SocketError) -> StreamListener {
        try StreamListener(
            socket,
            owner: self,
            loop: loop ?? self.loops[socket.index % self.loops.count],
            settings: settings ?? self.settings
        )
    }

    /// Begins to accept.
    public func begin(_ listener: StreamListener) { listener.loop.post(ListenTask(listener)) }

    /// Stops listening; connections live on.
    public func end(_ listener: StreamListener) { listener.loop.post(ListenerEndTask(listener)) }

    /// Sends one message.
    ///
    /// The destination's connection is used while it lives, else one to its address, else one is opened. The bytes are
    /// copied. Order is kept among messages that one thread sends over one connection.
    /// - Parameters:
    ///   - bytes: the whole message.
    ///   - destination: where it goes, and over which connection if it can.
    ///   - token: comes back in `sendFailed` if the message does not get out; 0: nobody asks.
    /// - Returns: whether it is on its way.
    public func send(_ bytes: Span<UInt8>, to destination: Destination, token: UInt64 = 0) -> SendOutcome {
        switch self.way(to: destination) {
        case .refused(let refusal): return .refused(refusal)
        case .connection(let connection):
            return self.send(bytes, over: connection, token: token, closesAfter: destination.closesAfter)
        }
    }

    /// The same for a message in a buffer of `pool`, which is taken over: on the thread of the connection's loop, whose
    /// pool it is, nothing is copied.
    public func send(
        _ message: ByteBuffer, from pool: BufferPool, to destination: Destination, token: UInt64 = 0
    ) -> SendOutcome {
        switch self.way(to: destination) {
        case .refused(let refusal):
            pool.give(message)
            return .refused(refusal)
        case .connection(let connection):
            if connection.loop.buffers === pool, connection.loop.isCurrent {
                return connection.enqueue(message, token: token, closesAfter: destination.closesAfter)
            }
            defer { pool.give(message) }
            return self.send(message.span, over: connection, token: token, closesAfter: destination.closesAfter)
        }
    }

    private enum Way {
        case connection(StreamConnection)
        case refused(SendRefusal)
    }

    /// The connection to send over, made when there is none.
    private func way(to destination: Destination) -> Way {
        if let connection = self.connection(for: destination) { return .connection(connection) }
        let settings = self.settings
        guard destination.mayConnect, settings.mayConnect, destination.address.port != 0 else {
            return .refused(.noConnection)
        }
        guard let socket = destination.socket ?? self.choice.socket(for: destination.transport, to: destination.address)
        else { return .refused(.noSocket) }
        guard let loop = self.loopForNewConnection(limit: settings.maximumConnections) else {
            self.counts.count(.refused)
            return .refused(.tooManyConnections)
        }
        let fresh = StreamConnection(
            id: self.nextID(),
            owner: self,
            loop: loop,
            socket: socket,
            peer: destination.address,
            descriptor: -1,
            settings: settings,
            now: loop.isCurrent ? loop.now : .now()
        )
        let connection = self.table.insertIfFirst(fresh)
        if connection !== fresh { self.connectionEnded(on: loop) }
        return .connection(connection)
    }

    private func connectionAtHand(_ id: ConnectionID) -> StreamConnection? {
        guard id.isPresent else { return nil }
        for loop in self.loops where loop.isCurrent { return loop.connectionAtHand(id) }
        return nil
    }

    /// The connection that `send` would use, if there is one.
    public func connection(for destination: Destination) -> StreamConnection? {
        self.connectionAtHand(destination.connection) ?? self.table[destination.connection]
            ?? self.table.connection(
                destination.transport, to: destination.address, preferring: destination.socket,
                isStrict: self.flags.load(ordering: .relaxed) & 1 != 0)
    }

    /// Closes a connection once what waits for its peer is written.
    ///
    /// False when there is none of that number.
    @discardableResult
    public func close(_ id: ConnectionID) -> Bool {
        guard let connection = self.table[id] else { return false }
        let task = CloseTask(connection)
        guard connection.loop.isCurrent else { return connection.loop.post(task) }
        // At once: what came behind the message in progress is not to be looked at.
        task.perform(on: connection.loop)
        return true
    }

    /// Changes how long a connection lives without traffic: longer than others while a phone is registered over it, say.
    @discardableResult
    public func setLifetime(_ lifetime: Interval, of id: ConnectionID) -> Bool {
        guard let connection = self.table[id] else { return false }
        return connection.loop.post(LifetimeTask(connection, lifetime))
    }

    /// Has the kernel probe the peer of one connection when it is silent, or leave that; numbers are seconds and probes,
    /// 0 leaves the system's.
    @discardableResult
    public func probe(_ id: ConnectionID, isOn: Bool, _ idle: Int, _ interval: Int, _ count: Int) -> Bool {
        guard let connection = self.table[id] else { return false }
        return connection.loop.post(KeepaliveTask(connection, isOn, idle, interval, count))
    }

    private func send(
        _ bytes: Span<UInt8>,
        over connection: StreamConnection,
        token: UInt64,
        closesAfter: Bool
    ) -> SendOutcome {
        let loop = connection.loop
        if loop.isCurrent {
            return connection.enqueue(bytes, token: token, closesAfter: closesAfter, isCounted: false)
        }
        guard self.hasRoom(for: bytes.count, limit: self.settings.totalQueueLimit) else {
            self.counts.count(.overflowed)
            return .refused(.queueFull)
        }
        self.account(bytes.count)
        if loop.post(bytes, for: connection, token: token, closesAfter: closesAfter) { return .queued }
        self.account(-bytes.count)
        if connection.state == .fresh { self.table.remove(connection) }
        return .refused(.shutdown)
    }

    // MARK: For connections and listeners

    /// Takes an accepted descriptor in.
    ///
    /// False when there are too many connections.
    func adopt(_ descriptor: Int32, peer: SocketAddress, socket: ListenSocket) -> Bool {
        let settings = self.settings
        guard let loop = self.loopForNewConnection(limit: settings.maximumConnections, prefersCurrent: false) else {
            self.counts.count(.refused)
            return false
        }
        let connection = StreamConnection(
            id: self.nextID(),
            owner: self,
            loop: loop,
            socket: socket,
            peer: peer,
            descriptor: descriptor,
            settings: settings,
            now: .now()
        )
        if settings.takesProxyHeader {
            connection.awaitsHeader = true
        } else if !self.admit(connection) {
            connection.release()
            return true
        }
        if loop.isCurrent {
            connection.begin()
        } else if !loop.post(BeginTask(connection)) {
            connection.release()
        }
        return true
    }

    /// Makes an accepted connection one that others can find; false when its client has too many.
    func admit(_ connection: StreamConnection) -> Bool {
        let settings = self.settings
        let ip = connection.peer.ip
        if settings.acceptsUnique, self.table.contains(connection.transport, connection.peer) {
            self.counts.count(.refused)
            return false
        }
        if settings.connectionsPerAddress > 0, !ip.isLoopback {
            guard self.addresses.enter(ip, limit: settings.connectionsPerAddress) else {
                self.counts.count(.refused)
                return false
            }
            connection.isCountedByAddress = true
        }
        self.counts.count(.accepted)
        self.counts.count(.established)
        self.table.insert(connection)
        return true
    }

    /// The loop with the fewest connections, or the caller's own for one that it opens: that spares two hand-overs a
    /// message.
    ///
    /// The connection is counted. Nil when there are too many.
    private func loopForNewConnection(limit: Int, prefersCurrent: Bool = true) -> EventLoop? {
        guard self.openCount.wrappingAdd(1, ordering: .relaxed).newValue <= min(limit, self.descriptorLimit) else {
            self.openCount.wrappingSubtract(1, ordering: .relaxed)
            return nil
        }
        var best = self.loops[0]
        var bestCount = Int.max
        for loop in self.loops {
            let count = loop.connectionCount.load(ordering: .relaxed)
            if prefersCurrent, loop.isCurrent {
                best = loop
                break
            }
            if count < bestCount {
                best = loop
                bestCount = count
            }
        }
        best.connectionCount.wrappingAdd(1, ordering: .relaxed)
        return best
    }

    func connectionEnded(on loop: EventLoop) {
        loop.connectionCount.wrappingSubtract(1, ordering: .relaxed)
        self.openCount.wrappingSubtract(1, ordering: .relaxed)
    }

    func hasRoom(for count: Int, limit: Int) -> Bool { self.queuedBytes + count <= limit }
    func accountPartial(_ count: Int) { self.partialTotal.wrappingAdd(count, ordering: .relaxed) }
    func account(_ count: Int) { self.queuedCount.wrappingAdd(count, ordering: .relaxed) }

    private func nextID() -> ConnectionID {
        ConnectionID(rawValue: self.lastID.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}
