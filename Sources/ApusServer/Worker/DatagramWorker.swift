import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

/// Feeds a worker from one UDP descriptor: a batch in, all of it routed, a batch out.
final class DatagramWorker: @unchecked Sendable {  // all but `port` belongs to its thread
    let worker: Worker
    private let port: DatagramPort
    private var batch: DatagramBatch
    private var maximumSize: Int
    /// Datagrams that the kernel had lost when it was asked last.
    private var lost: UInt32 = 0
    private var watch = ArrivalWatch()
    /// When a failure was logged last, and what is never raised.
    private var complainedAt = Instant.zero
    private let pause = WorkSignal()
    private let thread = Lock<WorkerThread?>(nil)

    init(worker: Worker, socket: DatagramSocket) {
        self.worker = worker
        self.port = DatagramPort(socket)
        self.maximumSize = worker.host.sharedSettings.values.maxMessageSize
        self.batch = DatagramBatch(maximumSize: self.maximumSize)
    }

    /// - Parameter processor: the one that the thread stays on; nil: any.
    func start(name: String, processor: Int?) throws {
        let thread = try WorkerThread(name: name, cpu: processor) { [self] in self.run() }
        self.thread.withLock { $0 = thread }
    }

    func stop() {
        self.port.stop()
        self.thread.withLock { $0 }?.join()
    }

    /// Has it look at the configuration in force although no datagram comes.
    func wake() { self.port.wake() }

    private func run() {
        while true {
            // What the last batch left unsent does not wait for a datagram that may not come.
            let outcome = self.port.receiveBatch(self.batch, waits: self.worker.sends.count == 0)
            switch outcome {
            case .received(let count): self.route(count)
            case .woken:
                self.worker.beginBatch(at: Instant.now())
                self.worker.endBatch()
                self.followMessageSize()
            case .stopped: return
            case .failed(let code): self.rest(after: code)
            }
        }
    }

    /// Whatever it is (no memory in the kernel, an interface that goes), it may pass: one line a second, and on.
    private func rest(after code: Int32) {
        let now = Instant.now()
        if now - self.complainedAt >= .seconds(1) {
            self.complainedAt = now
            self.worker.server.logger.error(
                "receiving on \(self.port.socket.listenSocket.socketName) failed: \(SocketError.text(of: code))")
        }
        self.pause.wait(milliseconds: 50)
    }

    private func route(_ count: Int) {
        let worker = self.worker
        let batch = self.batch
        worker.beginBatch(at: Instant.now())
        let isFull = count == DatagramBatch.capacity
        let waiting = isFull ? self.lookAtBacklog() : 0
        if !isFull { worker.isLosing = false }
        if let wanted = self.watch.begin(count, waiting: waiting, isRefusing: worker.isRefusing, at: worker.now) {
            self.port.noteArrivals(wanted)
        }
        // As the worker has it; one that is given up goes by what it was.
        let own = self.port.socket.listenSocket
        let listen = worker.sockets.current(own) ?? own
        let takesProxyHeader = worker.policy.takesProxyHeader
        for index in 0..<count {
            // A datagram of four bytes or less is a keep-alive (RFC 5626 §3.5.1 and what NATs are sent).
            guard batch.length(at: index) > 4 else { continue }
            if batch.isTruncated(at: index) {
                worker.noteTruncated(batch.source(at: index))
                continue
            }
            var arrival = Arrival(source: batch.source(at: index), socket: listen, time: worker.now)
            if takesProxyHeader, !Self.takeProxyHeader(batch.buffer(at: index), &arrival) { continue }
            worker.arrivedAt = batch.arrival(at: index)
            worker.receive(index, of: batch, arrival)
        }
        self.watch.end(at: Instant.now())
        worker.endBatch(more: isFull)
        self.followMessageSize()
    }

    /// Finds out what a full batch has left, and whether the kernel has thrown something away.
    /// - Returns: how many datagrams wait; more than can be taken, when some were lost.
    private func lookAtBacklog() -> Int {
        let backlog = self.port.backlog
        self.worker.isLosing = backlog.lost != self.lost
        self.lost = backlog.lost
        return self.worker.isLosing ? .max : Int(backlog.bytes) / Self.usualSize
    }

    /// What a datagram of some 600 bytes takes of the kernel's memory; one of a thousand takes 2,304.
    private static let usualSize = 1280

    /// Takes the PROXY header off a datagram and the sender from it (`udp_accept_proxy`): replies go to the client itself.
    /// - Returns: false when the header is broken.
    private static func takeProxyHeader(_ buffer: ByteBuffer, _ arrival: inout Arrival) -> Bool {
        switch ProxyHeader.read(buffer.span, isDatagram: true) {
        case .absent: return true
        case .incomplete, .malformed: return false
        case .header(let client, let length):
            buffer.removeFirst(length)
            if let client { arrival.source = client }
            return true
        }
    }

    /// `msg_recv_max_size` may be another after a reload.
    private func followMessageSize() {
        let size = self.worker.host.sharedSettings.values.maxMessageSize
        guard size != self.maximumSize else { return }
        self.maximumSize = size
        self.batch = DatagramBatch(maximumSize: size)
    }
}
