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
    /// Datagrams that leave as one at most, and their bytes: the kernel takes no more.
    private static let jointCount = 64
    private static let jointBytes = 64_000
    /// Bytes at most of a datagram that leaves with others: what an Ethernet takes unfragmented, and what every network.
    private static let usualSize = 1400
    private static let smallSize = 1200
    /// How long a flush waits for a full send buffer, milliseconds.
    private static let patience: Int32 = 20

    private struct Entry {
        var destination: SocketAddress
        var token: UInt64
        var descriptor: Int32  // -1 once it is in a run
        var order: UInt32
    }

    /// What is one for the kernel: places of the plan.
    private struct Departure {
        var first: Int16
        var count: Int16
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

    /// Datagrams for one peer may leave as one, if they have an order.
    public var joins = true
    /// Bytes at most of one that leaves with others; 0 once the kernel, or a device, has refused to send several as one.
    private var jointSize = SendQueue.usualSize
    /// Whether the kernel can; nil: it has not been asked.
    private var kernelCuts: Bool?
    private var plan = SendPlan()
    private let departures = FlatStore<Departure>(capacity: SendQueue.capacity)
    private let sender: OpaquePointer
    private let buffers: UnsafeMutablePointer<ByteBuffer>  // all initialised
    private let entries: UnsafeMutablePointer<Entry>  // the first `count` are valid
    private let slots: UnsafeMutablePointer<Int32>  // the first `plan.count` are valid
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
        unsafe self.slots = .allocate(capacity: Self.capacity)
        for slot in 0..<Self.capacity {
            unsafe (self.buffers + slot).initialize(to: ByteBuffer(capacity: bufferSize))
        }
    }

    deinit {
        unsafe self.buffers.deinitialize(count: Self.capacity)
        unsafe self.buffers.deallocate()
        unsafe self.entries.deallocate()
        unsafe self.slots.deallocate()
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
    ///   - order: what it shares with all to the same destination that it must not overtake, and hardly with others: a
    ///     hash of the call. It may then leave as one with datagrams of other orders, which takes half to a quarter of
    ///     the time. They arrive as they would alone; captures on this machine show one large datagram. A SIP message
    ///     may get up to 32 spaces more in front of the value of Content-Length. 0: it leaves by itself.
    public func commit(
        to destination: SocketAddress, from socket: DatagramSocket, token: UInt64 = 0, order: UInt32 = 0
    ) {
        self.commit(to: destination, from: socket.descriptor, token: token, order: order)
    }

    private func commit(to destination: SocketAddress, from descriptor: Int32, token: UInt64, order: UInt32) {
        precondition(self.count < Self.capacity, "commit without begin")
        unsafe (self.entries + self.count).initialize(
            to: Entry(destination: destination, token: token, descriptor: descriptor, order: order)
        )
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
        order: UInt32 = 0
    ) -> ByteBuffer {
        if self.count == Self.capacity { self.flush() }
        // One out, one in: the place holds a buffer again before anybody looks.
        let spare = unsafe (self.buffers + self.count).move()
        unsafe (self.buffers + self.count).initialize(to: buffer)
        spare.removeAll()
        self.commit(to: destination, from: descriptor, token: token, order: order)
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

    /// Sends all that waits. To one destination datagrams of one order leave as they were queued, and so do those without.
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
        var sent = 0
        for first in 0..<self.count {
            let descriptor = unsafe self.entries[first].descriptor
            guard descriptor >= 0 else { continue }
            self.arrangeRun(descriptor, from: first)
            sent &+= self.sendRun(descriptor)
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

    /// Puts all datagrams of `descriptor` side by side, those that leave as one together.
    private func arrangeRun(_ descriptor: Int32, from first: Int) {
        self.plan.removeAll()
        for slot in first..<self.count where unsafe self.entries[slot].descriptor == descriptor {
            let entry = unsafe self.entries[slot]
            self.plan.add(
                slot, to: Self.peer(entry.destination), order: entry.order, size: unsafe self.buffers[slot].count)
            unsafe self.entries[slot].descriptor = -1
        }
        let mayJoin = self.joins && self.jointSize > 0 && self.plan.arrange() && self.canJoin(from: descriptor)
        self.departures.removeAll()
        var place = 0
        while place < self.plan.count {
            let count = mayJoin ? self.jointCount(at: place) : 1
            let position = Int32(truncatingIfNeeded: self.departures.count)
            for member in place..<place &+ count {
                unsafe self.slots[member] = Int32(truncatingIfNeeded: self.plan.number(at: member))
            }
            if count == 1 {
                unsafe apus_sender_arrange(self.sender, position, self.slots[place])
            } else {
                unsafe apus_sender_join(
                    self.sender, position, self.slots + place, Int32(truncatingIfNeeded: count),
                    UInt16(truncatingIfNeeded: self.buffers[Int(self.slots[place])].count))
            }
            self.departures.append(
                Departure(first: Int16(truncatingIfNeeded: place), count: Int16(truncatingIfNeeded: count)))
            place &+= count
        }
    }

    private func canJoin(from descriptor: Int32) -> Bool {
        if let known = self.kernelCuts { return known }
        let cuts = apus_socket_cuts(descriptor) != 0
        self.kernelCuts = cuts
        return cuts
    }

    private static func peer(_ address: SocketAddress) -> UInt32 {
        let place = address.ip.high ^ UInt64(address.port) << 32
        return UInt32(
            truncatingIfNeeded: HashSeed.fold(address.ip.low ^ 0x2d35_8dcc_aa6c_78a5, place ^ 0x4b33_a62e_d433_d4a3))
    }

    /// How many of the plan leave as one, from a place on.
    private func jointCount(at place: Int) -> Int {
        let slot = self.plan.number(at: place)
        let first = unsafe self.entries[slot]
        let size = unsafe self.buffers[slot].count
        guard first.order != 0, size > 0, size <= self.jointSize else { return 1 }
        var count = 1
        while count < Self.jointCount, count &* size < Self.jointBytes, place &+ count < self.plan.count,
            self.plan.areAlike(place, place &+ count)
        {
            let other = self.plan.number(at: place &+ count)
            guard unsafe self.entries[other].destination == first.destination else { break }
            count &+= 1
            // None is longer: that is the order of the plan. One that stays shorter is the last.
            let missing = unsafe size &- self.buffers[other].count
            if missing > 0, !self.canGrow(other, by: missing) { break }
        }
        return count
    }

    /// Where a SIP message may be made longer by spaces without its meaning another thing: behind the colon of
    /// Content-Length (RFC 3261 §25.1); nil when it may nowhere.
    public static func growingPlace(in message: Span<UInt8>) -> Int? {
        let place = unsafe message.withUnsafeBytes { bytes in
            unsafe apus_growing_place(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return place > 0 ? place : nil
    }

    private func canGrow(_ slot: Int, by size: Int) -> Bool {
        guard size <= Int(APUS_SENDER_GROWTH) else { return false }
        return unsafe apus_sender_can_grow(self.sender, Int32(truncatingIfNeeded: slot)) != 0
    }

    /// Sends the arranged run.
    ///
    /// A datagram that fails is passed over, the others go on. Returns how many went out.
    private func sendRun(_ descriptor: Int32) -> Int {
        let count = self.departures.count
        var position = 0
        var sent = 0
        var hasWaited = false
        while position < count {
            let taken = unsafe apus_sender_send(self.sender, descriptor, Int32(position), Int32(count - position))
            if taken > 0 {
                for _ in 0..<taken {
                    sent &+= Int(self.departures[position].count)
                    position &+= 1
                }
                continue
            }
            if taken == -EAGAIN, !hasWaited {
                // A full send buffer empties at line speed; waiting once a flush bounds the worker's loss of time.
                hasWaited = apus_wait_writable(descriptor, Self.patience) == 0
                if !hasWaited { continue }
            }
            sent &+= self.sendSingly(descriptor, at: position, after: taken == 0 ? EIO : -taken)
            position &+= 1
        }
        return sent
    }

    /// Sends what the kernel did not take as one, datagram by datagram; notes what it does not take even so.
    private func sendSingly(_ descriptor: Int32, at position: Int, after code: Int32) -> Int {
        let departure = self.departures[position]
        let first = Int(departure.first)
        guard departure.count > 1 else {
            self.note(code, of: Int(unsafe self.slots[first]))
            return 0
        }
        // A full buffer passes, and a destination that cannot be reached is no fault of the way it was sent.
        if code == EIO || code == EINVAL || code == EMSGSIZE || code == EOPNOTSUPP {
            let size = unsafe self.buffers[Int(self.slots[first])].count
            self.jointSize = size > Self.smallSize ? min(self.jointSize, Self.smallSize) : 0
        }
        var sent = 0
        for member in first..<first &+ Int(departure.count) {
            unsafe apus_sender_arrange(self.sender, Int32(position), self.slots[member])
            let taken = unsafe apus_sender_send(self.sender, descriptor, Int32(position), 1)
            if taken > 0 {
                sent &+= 1
            } else {
                self.note(taken == 0 ? EIO : -taken, of: Int(unsafe self.slots[member]))
            }
        }
        return sent
    }

    private func note(_ code: Int32, of slot: Int) {
        guard self.failures.count < 4096 else { return }
        let entry = unsafe self.entries[slot]
        self.failures.append(SendFailure(token: entry.token, destination: entry.destination, code: code))
    }
}
