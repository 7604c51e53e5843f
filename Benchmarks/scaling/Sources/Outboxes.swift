import ApusServer
import Bytes
import SIPMessage

/// What the server has sent since it was last emptied, of one worker.
final class Outbox {
    /// To the callee's port.
    let down = ByteBuffer(capacity: 4096)
    var downCount = 0
    var upCount = 0

    func removeAll() {
        self.downCount = 0
        self.upCount = 0
    }
}

/// The outboxes of all threads.
final class Outboxes: @unchecked Sendable {  // each box belongs to one thread
    let boxes: [Outbox]

    init(count: Int) { self.boxes = (0..<count).map { _ in Outbox() } }

    /// Takes what a server sends whose first worker is number `first` here.
    func sink(_ first: Int) -> any PacketSink { Sink(self, first) }

    private final class Sink: PacketSink {
        let outboxes: Outboxes
        let first: Int

        init(_ outboxes: Outboxes, _ first: Int) {
            self.outboxes = outboxes
            self.first = first
        }

        func sent(_ bytes: Span<UInt8>, to destination: SocketAddress, by worker: Int) {
            let box = self.outboxes.boxes[self.first + worker]
            guard destination.port == Caller.calleePort else {
                box.upCount += 1
                return
            }
            box.downCount += 1
            box.down.removeAll()
            box.down.append(bytes)
        }
    }
}
