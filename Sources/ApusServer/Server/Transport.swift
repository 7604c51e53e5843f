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
    /// Each worker stays on one processor (`pin_workers`).
    var pinsWorkers = false
    var datagram = DatagramSettings()
    var stream = StreamSettings()

    /// The processor that the worker of this lane stays on, of `count` that the server may use; nil: any.
    ///
    /// Workers of the same lane share one: those of several addresses, and the one of streams.
    func processor(lane: Int, of count: Int = WorkerThread.availableCPUs) -> Int? {
        self.pinsWorkers ? WorkerThread.cpu(at: lane % max(count, 1)) : nil
    }
}

/// The sockets at work: descriptors for each UDP address, one event loop for each event worker, all connections.
final class Transport: Sendable {
    let limits: TransportLimits
    let loops: [EventLoop]
    let streams: StreamTransport
    private let logger: Logger
    private let state = Lock(State())
    private let nextLoop = Atomic<Int>(0)

    /// What is bound, by the index of the listen socket.
    private struct State {
        var datagrams: [[DatagramSocket]] = []
        var listeners: [Int: StreamListener] = [:]
    }

    /// Sockets that are bound and not in service yet; dropped, they are closed.
    struct Opened {
        fileprivate(set) var datagrams: [[DatagramSocket]] = []
        fileprivate var listeners: [StreamListener] = []
    }

    init(sockets: [ListenSocket], limits: TransportLimits, logger: Logger) throws {
        self.limits = limits
        self.logger = logger
        self.loops = try (0..<max(limits.eventWorkers, 1)).map { try EventLoop(index: $0) }
        self.streams = StreamTransport(loops: self.loops, sockets: sockets, settings: limits.stream)
    }

    /// Binds every socket and puts it in service.
    /// - Throws: `SocketError` naming the address that is taken or not ours.
    func bind(_ sockets: [ListenSocket]) throws { self.commit(try self.open(sockets, self.limits)) }

    /// Binds sockets, with the settings of `limits`; nothing is received yet.
    /// - Throws: `SocketError` naming the address that is taken or not ours; then none is bound.
    func open(_ sockets: [ListenSocket], _ limits: TransportLimits) throws -> Opened {
        var opened = Opened()
        for socket in sockets {
            switch socket.transport {
            case .udp:
                opened.datagrams.append(
                    try DatagramSocket.open(socket, count: self.limits.datagramWorkers, settings: limits.datagram))
            case .tcp: opened.listeners.append(try self.streams.open(socket, settings: limits.stream))
            case .tls, .sctp, .ws, .wss: break
            }
        }
        return opened
    }

    /// Puts bound sockets in service. The workers of UDP sockets are somebody else's to start.
    func commit(_ opened: Opened) {
        self.state.withLock { state in
            for sockets in opened.datagrams {
                guard let index = sockets.first?.listenSocket.index else { continue }
                while state.datagrams.count <= index { state.datagrams.append([]) }
                state.datagrams[index] = sockets
            }
            for listener in opened.listeners { state.listeners[listener.socket.index] = listener }
        }
        for listener in opened.listeners { self.streams.begin(listener) }
    }

    /// Takes a listener out of service. Its connections live on, and its UDP descriptors as long as somebody has them.
    ///
    /// Returns when a stream listener is closed, so that its address can be bound again; not for workers' threads.
    func close(_ index: Int) {
        let listener = self.state.withLock { state in
            if index < state.datagrams.count { state.datagrams[index] = [] }
            return state.listeners.removeValue(forKey: index)
        }
        guard let listener else { return }
        self.streams.end(listener)
        let closed = WorkSignal()
        listener.loop.post(LoopWork { _ in closed.raise() })
        closed.wait(milliseconds: 1000)
    }

    /// Descriptors of all UDP addresses, by listen socket.
    var descriptors: [[DatagramSocket]] { self.state.withLock { $0.datagrams } }

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
