import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

/// Feeds a worker from one UDP descriptor: a batch in, all of it routed, a batch out.
final class DatagramWorker: @unchecked Sendable {  // all but `port` belongs to its thread
    private let worker: Worker
    private let port: DatagramPort
    private let batch: DatagramBatch
    private let thread = Lock<WorkerThread?>(nil)

    init(worker: Worker, socket: DatagramSocket, maximumSize: Int) {
        self.worker = worker
        self.port = DatagramPort(socket)
        self.batch = DatagramBatch(maximumSize: maximumSize)
    }

    func start(name: String) throws {
        let thread = try WorkerThread(name: name) { [self] in self.run() }
        self.thread.withLock { $0 = thread }
    }

    func stop() {
        self.port.stop()
        self.thread.withLock { $0 }?.join()
    }

    private func run() {
        let listen = self.port.socket.listenSocket
        while true {
            let outcome = self.port.receiveBatch(self.batch)
            switch outcome {
            case .received(let count):
                self.worker.beginBatch(at: Instant.now())
                for index in 0..<count {
                    // A datagram of four bytes or less is a keep-alive (RFC 5626 §3.5.1 and what NATs are sent).
                    let buffer = self.batch.buffer(at: index)
                    guard buffer.count > 4 else { continue }
                    if self.batch.isTruncated(at: index) {
                        self.worker.noteTruncated(self.batch.source(at: index))
                        continue
                    }
                    let arrival = Arrival(
                        source: self.batch.source(at: index), socket: listen, time: self.worker.now)
                    if self.worker.receive(buffer, arrival) { _ = self.batch.take(at: index) }
                }
                self.worker.endBatch()
            case .woken: continue
            case .stopped: return
            case .failed(let code):
                self.worker.server.logger.error(
                    "receiving on \(listen.socketName) failed: \(SocketError.text(of: code))")
                return
            }
        }
    }
}
