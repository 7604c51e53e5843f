import Bytes
import CLinux
import Glibc
import SIPMessage

/// A datagram that did not leave.
public struct SendFailure: Equatable, Sendable {
    /// What the sender gave with the datagram.
    public var token: UInt64
    /// Where it was to go.
    public var destination: SocketAddress
    /// `errno`: EMSGSIZE, ENETUNREACH, EPERM…; EAGAIN when the send buffer stayed full.
    public var code: Int32
}

/// Datagrams on their way out: written in place, sent together by one call per descriptor.
///
/// Each sending thread has its own; descriptors are shared freely. Nothing is allocated once buffers have grown to the
/// size of the traffic. Not `Sendable`.
@safe
public final class SendQueue {
    /// Datagrams that wait at most; the next one flushes first.
    public static let capacity = 256
    /// Datagrams that are handed to the kernel as one, at most.
    private static let togetherCount = 64
    /// Bytes at most of a datagram that is sent together with others: what passes everywhere unfragmented.
    private static let togetherSize = 1200
    /// How long a flush waits for a full send buffer, milliseconds.
    private static let patience: Int32 = 20

    private struct Entry {
        var destination: SocketAddress
        var token: UInt64
        var descriptor: Int32  // -1 once its run is arranged, or it is sent
        var mayJoin: Bool
    }

    /// Datagrams that wait for `flush`.
    public private(set) var count: Int {
        get { self.waiting.value }
        set { self.waiting.value = newValue }
    }
    private let waiting = Cell(0)
    /// Datagrams sent since the queue was made.
    public private(set) var sentCount = 0
    /// Datagrams that failed since the last `takeFailures`, at most 4096.
    public private(set) var failures: [SendFailure] = []

    /// Datagrams that may be sent together with others.
    private var joining = 0
    /// The kernel, or the device that one went to, has not refused to send several as one.
    private var sendsTogether = true
    private let sender: OpaquePointer
    private let buffers: UnsafeMutablePointer<ByteBuffer>  // all initialised
    private let entries: UnsafeMutablePointer<Entry>  // the first `count` are valid
    private let order: UnsafeMutablePointer<Int32>
    private let bufferSize: Int

    /// - Parameter bufferSize: bytes a datagram buffer starts with.
    public init(bufferSize: Int = 2048) {
        self.bufferSize = bufferSize
        guard let sender = unsafe apus_sender_new(Int32(Self.capacity)) else {
            preconditionFailure("out of memory")  // as every other allocation does
        }
        unsafe self.sender = sender
        unsafe self.buffers = .allocate(capacity: Self.capacity)
        unsafe self.entries = .allocate(capacity: Self.capacity)
        unsafe self.order = .allocate(capacity: Self.capacity)
        for slot in 0..<Self.capacity {
            unsafe (self.buffers + slot).initialize(to: ByteBuffer(capacity: bufferSize))
        }
    }

    deinit {
        unsafe self.buffers.deinitialize(count: Self.capacity)
        unsafe self.buffers.deallocate()
        unsafe self.entries.deallocate()
        unsafe self.order.deallocate()
        unsafe apus_sender_free(self.sender)
    }

    /// An empty buffer to write the next datagram into.
    ///
    /// Nothing is queued before `commit`.
    public func begin() -> ByteBuffer {
        if self.count == Self.capacity { self.flush() }
        let buffer = unsafe self.buffers[self.count]
        buffer.removeAll()
        return buffer
    }

    /// Queues what was written to the buffer of the last `begin`.
    ///
    /// - Parameters:
    ///   - destination: where it goes.
    ///   - socket: the descriptor to send it from; it must stay open until the next `flush`.
    ///   - token: comes back in `failures` if the datagram does not leave.
    ///   - mayJoin: it may be handed to the kernel in one with others of the same size to the same destination, which
    ///     takes a quarter of the time. They arrive as they would alone; captures on this machine show one large datagram.
    public func commit(
        to destination: SocketAddress, from socket: DatagramSocket, token: UInt64 = 0, mayJoin: Bool = false
    ) {
        self.commit(to: destination, from: socket.descriptor, token: token, mayJoin: mayJoin)
    }

    private func commit(to destination: SocketAddress, from descriptor: Int32, token: UInt64, mayJoin: Bool) {
        precondition(self.count < Self.capacity, "commit without begin")
        unsafe (self.entries + self.count).initialize(
            to: Entry(destination: destination, token: token, descriptor: descriptor, mayJoin: mayJoin)
        )
        if mayJoin { self.joining &+= 1 }
        self.count &+= 1
    }

    /// Queues `buffer` itself, without copying; the queue owns it from here on.
    ///
    /// - Parameter descriptor: of a `DatagramSocket` that stays until the next `flush`.
    /// - Returns: the buffer that had its place, empty, for the caller to use again.
    public func enqueue(
        _ buffer: consuming ByteBuffer,
        to destination: SocketAddress,
        from descriptor: Int32,
        token: UInt64 = 0,
        mayJoin: Bool = false
    ) -> ByteBuffer {
        if self.count == Self.capacity { self.flush() }
        // One out, one in: the place holds a buffer again before anybody looks.
        let spare = unsafe (self.buffers + self.count).move()
        unsafe (self.buffers + self.count).initialize(to: buffer)
        spare.removeAll()
        self.commit(to: destination, from: descriptor, token: token, mayJoin: mayJoin)
        return spare
    }

    /// Queues a copy of `bytes`.
    public func enqueue(
        _ bytes: Span<UInt8>,
        to destination: SocketAddress,
        from socket: DatagramSocket,
        token: UInt64 = 0
    ) {
        self.begin().append(bytes)
        self.commit(to: destination, from: socket, token: token)
    }

    /// Sends all that waits, in order for each descriptor but for those that are sent together, which come first.
    ///
    /// The descriptors must still be open.
    ///
    /// - Returns: datagrams the kernel took; the others are in `failures`.
    @discardableResult
    public func flush() -> Int {
        guard self.count > 0 else { return 0 }
        for slot in 0..<self.count {
            let buffer = unsafe self.buffers[slot]
            // Pointers are taken here and used before this function returns: no buffer can move in between.
            unsafe buffer.withUnsafeBytes { bytes in
                unsafe apus_sender_slot(
                    self.sender,
                    Int32(slot),
                    bytes.baseAddress,
                    bytes.count,
                    self.entries[slot].destination.system
                )
            }
        }
        var sent = self.joining > 1 && self.sendsTogether ? self.sendTogether() : 0
        self.joining = 0
        for first in 0..<self.count {
            let descriptor = unsafe self.entries[first].descriptor
            guard descriptor >= 0 else { continue }
            sent &+= self.send(descriptor, count: self.arrangeRun(descriptor, from: first))
        }
        for slot in 0..<self.count {
            let buffer = unsafe self.buffers[slot]
            buffer.removeAll()
            if buffer.capacity > self.bufferSize &* 8 { buffer.shrink(to: self.bufferSize) }
        }
        self.count = 0
        self.sentCount &+= sent
        return sent
    }

    /// What failed so far; the list starts anew.
    public func takeFailures() -> [SendFailure] {
        guard !self.failures.isEmpty else { return [] }
        let taken = self.failures
        self.failures = []
        return taken
    }

    /// Sends those that may join others; what the kernel does not take is left for the run of its descriptor.
    private func sendTogether() -> Int {
        var sent = 0
        for first in 0..<self.count {
            let entry = unsafe self.entries[first]
            let size = unsafe self.buffers[first].count
            guard entry.mayJoin, entry.descriptor >= 0, size > 0, size <= Self.togetherSize else { continue }
            unsafe self.order[0] = Int32(first)
            var members = 1
            // The kernel takes 64 KiB at most.
            for slot in first + 1..<self.count where members < Self.togetherCount && (members + 1) * size < 64_000 {
                let other = unsafe self.entries[slot]
                guard other.mayJoin, other.descriptor == entry.descriptor, unsafe self.buffers[slot].count == size,
                    other.destination == entry.destination
                else { continue }
                unsafe self.order[members] = Int32(slot)
                members &+= 1
            }
            guard members > 1 else { continue }
            let result = unsafe apus_sender_send_together(
                self.sender, entry.descriptor, self.order, Int32(members), UInt16(size))
            guard result == 0 else {
                // A full buffer passes, and a destination that cannot be reached is no fault of the way it was sent.
                if result == -EIO || result == -EINVAL || result == -EMSGSIZE || result == -EOPNOTSUPP {
                    self.sendsTogether = false
                }
                break
            }
            for position in 0..<members { unsafe self.entries[Int(self.order[position])].descriptor = -1 }
            sent &+= members
        }
        return sent
    }

    /// Puts all datagrams of `descriptor` side by side.
    ///
    /// Returns how many.
    private func arrangeRun(_ descriptor: Int32, from first: Int) -> Int {
        var position = 0
        for slot in first..<self.count where unsafe self.entries[slot].descriptor == descriptor {
            unsafe apus_sender_arrange(self.sender, Int32(position), Int32(slot))
            unsafe self.order[position] = Int32(slot)
            unsafe self.entries[slot].descriptor = -1
            position &+= 1
        }
        return position
    }

    /// Sends the arranged run.
    ///
    /// A datagram that fails is passed over, the others go on. Returns how many went out.
    private func send(_ descriptor: Int32, count: Int) -> Int {
        var position = 0
        var sent = 0
        var hasWaited = false
        while position < count {
            let taken = unsafe apus_sender_send(self.sender, descriptor, Int32(position), Int32(count - position))
            if taken > 0 {
                position &+= Int(taken)
                sent &+= Int(taken)
                continue
            }
            if taken == -EAGAIN, !hasWaited {
                // A full send buffer empties at line speed; waiting once a flush bounds the worker's loss of time.
                hasWaited = apus_wait_writable(descriptor, Self.patience) == 0
                if !hasWaited { continue }
            }
            let slot = Int(unsafe self.order[position])
            if self.failures.count < 4096 {
                let entry = unsafe self.entries[slot]
                self.failures.append(
                    SendFailure(token: entry.token, destination: entry.destination, code: taken == 0 ? EIO : -taken)
                )
            }
            position &+= 1
        }
        return sent
    }
}
