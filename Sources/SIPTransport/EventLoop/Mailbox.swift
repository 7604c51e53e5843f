import Bytes
import CLinux

/// A message for a connection of another thread's loop.
///
/// Its bytes are in the mailbox.
struct Letter {
    var connection: StreamConnection
    var start: Int
    var count: Int
    var token: UInt64
    var closesAfter: Bool
}

/// What other threads left for a loop.
///
/// Two of them take turns, so that nothing is allocated once they have grown.
struct Mailbox {
    var tasks: [any LoopTask] = []
    var letters: [Letter] = []
    var bytes = ByteBuffer(capacity: 4096)
    /// The loop knows that it must look: the eventfd is set, or the loop itself put something in.
    var isAnnounced = false
    /// The loop has ended; nothing is taken any more.
    var isClosed = false

    var isEmpty: Bool { self.tasks.isEmpty && self.letters.isEmpty }

    mutating func removeAll() {
        self.tasks.removeAll(keepingCapacity: self.tasks.capacity <= 1024)
        self.letters.removeAll(keepingCapacity: self.letters.capacity <= 1024)
        self.bytes.removeAll()
        if self.bytes.capacity > 1 << 20 { self.bytes.shrink(to: 1 << 16) }
    }
}
