import Bytes
import ModuleKit
import SIPMessage
import SIPTransport
import Synchronization

/// How many workers, and how streams behave.
struct TransportLimits: Sendable {
    /// Threads for each UDP address.
    var datagramWorkers = 1
    /// Threads for streams, timers and resumed scripts.
    var eventWorkers = 1
    var datagram = DatagramSettings()
    var stream = StreamSettings()
}

/// The sockets at work: descriptors for each UDP address, one event loop for each event worker, all connections.
final class Transport: Sendable {
    let limits: TransportLimits
    let loops: [EventLoop]
    let streams: StreamTransport
    private let logger: Logger
    /// Descriptors by the index of their listen socket; filled once by `bind`.
    private let datagrams = Lock<[[DatagramSocket]]>([])
    private let nextLoop = Atomic<Int>(0)

    init(sockets: [ListenSocket], limits: TransportLimits, logger: Logger) throws {
        self.limits = limits
        self.logger = logger
        self.loops = try (0..<max(limits.eventWorkers, 1)).map { try EventLoop(index: $0) }
        self.streams = StreamTransport(loops: self.loops, sockets: sockets, settings: limits.stream)
    }

    /// Binds every socket.
    /// - Throws: `SocketError` naming the address that is taken or not ours.
    func bind(_ sockets: [ListenSocket]) throws {
        var table: [[DatagramSocket]] = []
        for socket in sockets {
            while table.count <= socket.index { table.append([]) }
            switch socket.transport {
            case .udp:
                table[socket.index] = try DatagramSocket.open(
                    socket, count: self.limits.datagramWorkers, settings: self.limits.datagram)
            case .tcp: _ = try self.streams.listen(on: socket)
            case .tls, .sctp, .ws, .wss: break
            }
        }
        self.datagrams.withLock { $0 = table }
    }

    /// Descriptors of all UDP addresses, by listen socket.
    var descriptors: [[DatagramSocket]] { self.datagrams.withLock { $0 } }

    /// Runs `body` on an event worker's thread, one after the other in turn.
    func post(_ body: @escaping @Sendable (EventLoop) -> Void) {
        let index = self.nextLoop.wrappingAdd(1, ordering: .relaxed).oldValue
        self.loops[abs(index % self.loops.count)].post(LoopWork(body))
    }
}

/// A closure as work for an event loop.
final class LoopWork: LoopTask {
    private let body: @Sendable (EventLoop) -> Void
    init(_ body: @escaping @Sendable (EventLoop) -> Void) { self.body = body }
    func perform(on loop: EventLoop) { self.body(loop) }
}
