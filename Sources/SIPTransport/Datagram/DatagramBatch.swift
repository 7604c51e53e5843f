import Bytes
import CLinux
import SIPMessage

/// The datagrams of one receive call, each in a buffer of its own, with where it came from.
///
/// The buffers are allocated once. A datagram longer than its buffer ends in an overflow area and is put together
/// again, so buffers can be small while datagrams of any size arrive whole. Not `Sendable`: one worker's.
@safe
public final class DatagramBatch {
    /// Datagrams at most in one batch.
    public static let capacity = 32

    /// Datagrams that the last receive brought.
    public private(set) var count: Int {
        get { self.taken.value }
        set { self.taken.value = newValue }
    }
    private let taken = Cell(0)
    private let receiver: OpaquePointer
    private let results: UnsafePointer<apus_received>
    private let buffers: UnsafeMutablePointer<ByteBuffer>  // all `capacity` are initialised
    private let pool: BufferPool

    /// - Parameters:
    ///   - pool: where fresh buffers come from when a datagram's is taken; its `bufferSize` is that of the slots.
    ///   - maximumSize: bytes of the longest datagram to take; the rest of a longer one is lost and it is flagged.
    public init(pool: BufferPool = BufferPool(), maximumSize: Int = 65_535) {
        self.pool = pool
        let overflow = max(maximumSize - pool.bufferSize, 0)
        guard let receiver = unsafe apus_receiver_new(Int32(Self.capacity), overflow) else {
            preconditionFailure("out of memory")  // as every other allocation does
        }
        unsafe self.receiver = receiver
        unsafe self.results = apus_receiver_results(receiver)
        unsafe self.buffers = .allocate(capacity: Self.capacity)
        for slot in 0..<Self.capacity {
            unsafe (self.buffers + slot).initialize(to: ByteBuffer(capacity: pool.bufferSize))
            self.offer(slot)
        }
    }

    deinit {
        unsafe self.buffers.deinitialize(count: Self.capacity)
        unsafe self.buffers.deallocate()
        unsafe apus_receiver_free(self.receiver)
    }

    /// Bytes of datagram `index` as far as they were taken.
    @inline(__always)
    public func length(at index: Int) -> Int {
        precondition(index >= 0 && index < self.count, "datagram index out of range")
        return unsafe self.buffers[index].count
    }

    /// Has `message` read datagram `index`, and keeps the buffer for it that the message has had: neither is counted.
    @inline(__always)
    public func hand(_ index: Int, to message: Message) {
        precondition(index >= 0 && index < self.count, "datagram index out of range")
        unsafe message.exchangeBuffer(with: &self.buffers[index])
    }

    /// The bytes of datagram `index`.
    ///
    /// They stay as they are until the next receive; use `take` to keep them longer.
    @inline(__always)
    public func buffer(at index: Int) -> ByteBuffer {
        precondition(index >= 0 && index < self.count, "datagram index out of range")
        return unsafe self.buffers[index]
    }

    /// Where datagram `index` came from.
    @inline(__always)
    public func source(at index: Int) -> SocketAddress {
        precondition(index >= 0 && index < self.count, "datagram index out of range")
        return unsafe SocketAddress(self.results[index].source)
    }

    /// Whether the end of datagram `index` was lost: it was longer than the batch takes.
    public func isTruncated(at index: Int) -> Bool {
        precondition(index >= 0 && index < self.count, "datagram index out of range")
        return unsafe self.results[index].truncated != 0
    }

    /// When the kernel took datagram `index`: microseconds of the wall clock, 0 when it did not say.
    @inline(__always)
    public func arrival(at index: Int) -> Int {
        precondition(index >= 0 && index < self.count, "datagram index out of range")
        return Int(unsafe self.results[index].arrived_us)
    }

    /// Hands the buffer of datagram `index` over for good, as a suspended script needs, and puts another in its place.
    public func take(at index: Int) -> ByteBuffer {
        precondition(index >= 0 && index < self.count, "datagram index out of range")
        let taken = unsafe self.buffers[index]
        unsafe self.buffers[index] = self.pool.take()
        return taken
    }

    /// Forgets the datagrams, keeps the buffers.
    public func removeAll() {
        for slot in 0..<self.count { self.offer(slot) }
        self.count = 0
    }

    /// One receive call, or several for `spin` microseconds before it sleeps.
    ///
    /// Returns the datagrams taken, or a negative error number.
    func receive(from descriptor: Int32, waits: Bool, spin: Int = 0) -> Int {
        // Only slots of the last batch can have another buffer, or a buffer that moved.
        self.removeAll()
        let received = Int(unsafe apus_receiver_receive(self.receiver, descriptor, waits ? 1 : 0, Int64(spin)))
        guard received > 0 else { return received }
        for slot in 0..<received {
            let buffer = unsafe self.buffers[slot]
            let length = Int(unsafe self.results[slot].length)
            let fitting = min(length, buffer.capacity)
            buffer.setCount(fitting)
            if length > fitting {
                // The kernel wrote length - fitting bytes there: never more than the area has.
                unsafe buffer.append(
                    Span(_unsafeStart: apus_receiver_overflow(self.receiver, Int32(slot)), count: length - fitting)
                )
            }
        }
        self.count = received
        return received
    }

    /// Tells the receiver where the buffer of `slot` is now.
    private func offer(_ slot: Int) {
        unsafe self.buffers[slot].removeAll()
        let capacity = unsafe self.buffers[slot].capacity
        let usual = self.pool.bufferSize
        if capacity < usual || capacity > usual &* 4 { self.resize(slot) }
        // The pointer is used only inside `receive`, which offers every slot anew that could have changed.
        let base = unsafe self.buffers[slot].baseAddress
        unsafe apus_receiver_slot(self.receiver, Int32(slot), base, self.buffers[slot].capacity)
    }

    /// Gives the empty buffer of `slot` its usual size: it has grown, or came from a message that had a small one.
    @inline(never)
    private func resize(_ slot: Int) {
        unsafe self.buffers[slot].shrink(to: self.pool.bufferSize)
        unsafe self.buffers[slot].reserve(self.pool.bufferSize)
    }
}
