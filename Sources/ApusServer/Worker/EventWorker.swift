import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

/// Feeds a worker from an event loop: messages of streams, resumed scripts, and on the first one the periodic work of
/// modules.
final class EventWorker: EventLoopDelegate, StreamReceiver, @unchecked Sendable {  // belongs to its loop's thread
    let worker: Worker
    let loop: EventLoop
    private let thread = Lock<WorkerThread?>(nil)
    private var periodic: PeriodicWork
    private let lane: ResumeLane
    /// When the first message of this turn of the loop came up of which the kernel does not say when it came, by the wall
    /// clock in microseconds; 0: none yet. All that the turn brings was there by then.
    private let turnBegan = Cell(0)
    /// Messages have come that are not dealt with to the end: datagrams that they sent wait for each other.
    private let isInBatch = Cell(false)

    init(worker: Worker, loop: EventLoop) {
        self.worker = worker
        self.loop = loop
        self.lane = worker.server.lanes[loop.index]
        self.periodic = PeriodicWork(lane: loop.index)
    }

    /// - Parameter processor: the one that the thread stays on; nil: any.
    func start(name: String, processor: Int?) throws {
        self.loop.delegate = self
        self.loop.receiver = self
        // The first look round sets the deadlines of periodic work.
        self.loop.post(LoopWork { _ in })
        let thread = try WorkerThread(name: name, cpu: processor) { [self] in self.loop.run() }
        self.thread.withLock { $0 = thread }
    }

    func stop() {
        self.loop.stop()
        self.thread.withLock { $0 }?.join()
    }

    // MARK: Streams

    func received(_ buffer: ByteBuffer, arrival: Arrival, on loop: EventLoop) {
        if !self.isInBatch.value {
            self.isInBatch.value = true
            self.worker.beginBatch(at: loop.now)
        }
        if loop.arrivedAt > 0 {
            self.worker.arrivedAt = loop.arrivedAt
        } else {
            if self.turnBegan.value == 0 { self.turnBegan.value = WallClock.microseconds() }
            self.worker.arrivedAt = self.turnBegan.value
        }
        var buffer = buffer
        self.worker.receive(&buffer, arrival)
        loop.buffers.give(buffer)
    }

    func messagesEnded(on loop: EventLoop) {
        guard self.isInBatch.value else { return }
        self.isInBatch.value = false
        self.worker.endBatch()
    }

    func connectionClosed(_ connection: StreamConnection, reason: CloseReason, on loop: EventLoop) {
        self.worker.beginBatch(at: loop.now)
        let hooks = self.worker.program.hooks.connectionClosed
        if !hooks.isEmpty {
            let closed = ClosedConnection(
                id: connection.id, peer: connection.peer, socket: connection.socket, ending: reason.ending)
            for hook in hooks { hook(self.worker, closed) }
        }
        self.worker.endBatch()
        switch reason {
        case .framing(let error):
            self.worker.server.logger.error("connection from \(connection.peer) closed: \(error)")
        case .badProxyHeader:
            self.worker.server.logger.error("connection from \(connection.peer) closed: its PROXY header is malformed")
        case .tooMany:
            self.worker.server.logger.warning(
                "connection from \(connection.peer) closed: its address has too many (tcp_accept_iplimit)")
        case .queueFull, .memoryFull, .writeStalled:
            self.worker.server.logger.warning("connection to \(connection.peer) closed: \(reason)")
        case .peerClosed, .lifetimeEnded, .requested, .shutdown: break
        default: self.worker.server.logger.debug("connection to \(connection.peer) ended: \(reason)")
        }
    }

    func refused(_ refusal: HTTPRefusal, over connection: StreamConnection, on loop: EventLoop) {
        self.worker.server.logger.info(
            "HTTP request from \(connection.peer) refused with \(refusal.status): \(refusal.explanation)")
    }

    func sendFailed(to destination: Destination, token: UInt64, code: Int32, on loop: EventLoop) {
        self.worker.beginBatch(at: loop.now)
        self.worker.sendFailed(to: destination, token: token, code: code)
        self.worker.endBatch()
    }

    // MARK: Time

    var nextDeadline: Instant? {
        // The lane keeps to the precise clock, the loop sleeps by the coarse one, which is behind.
        let lag = Instant.precise() - Instant.now()
        let lane = self.lane.sleepUntil().map { $0 - lag }
        guard let task = self.periodic.nextDeadline else { return lane }
        return min(lane ?? task, task)
    }

    func loopWoke(_ loop: EventLoop, now: Instant) {
        self.turnBegan.value = 0
        self.worker.beginBatch(at: now)
        self.periodic.run(by: self.worker, now)
        // A batch each: when thousands come due at once, connections have their turn in between.
        self.lane.fire(at: Instant.precise(), by: self.worker)
        self.worker.endBatch()
    }
}
