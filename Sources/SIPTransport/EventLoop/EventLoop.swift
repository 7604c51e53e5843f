import Bytes
import CLinux
import Glibc
import SIPMessage
import Synchronization

/// Work for a loop's thread, posted from any thread.
public protocol LoopTask: AnyObject, Sendable {
    /// Runs on the loop's thread.
    func perform(on loop: EventLoop)
}

/// What else runs on a loop's thread: timers, batches to flush.
public protocol EventLoopDelegate: AnyObject {
    /// The loop has handled all that was ready.
    func loopWoke(_ loop: EventLoop, now: Instant)
    /// When the loop must wake even if nothing happens; nil: never.
    var nextDeadline: Instant? { get }
}

/// The owner of a descriptor that is registered with a loop.
public protocol DescriptorHandler: AnyObject {
    /// There is something to read, or the descriptor is broken, which the read will tell.
    func readable(on loop: EventLoop)
    /// The descriptor takes bytes again.
    func writable(on loop: EventLoop)
}

extension DescriptorHandler {
    /// Does nothing.
    public func writable(on loop: EventLoop) {}
}

/// One event worker: waits for descriptors, letters from other threads and deadlines, and handles them on one thread.
///
/// `post` and `stop` are for any thread. All else is for the thread that calls `run` or `runOnce`.
@safe
public final class EventLoop: @unchecked Sendable {  // mailbox is locked; atomics; the rest is the loop's thread's
    /// Position among the server's event workers.
    public let index: Int
    /// The time this wake-up began.
    ///
    /// Machines are handed this, not the clock.
    public internal(set) var now: Instant {
        get { self.clock.value.now }
        set { self.clock.value.now = newValue }
    }
    /// When the kernel took the bytes that the receiver is being given, by the wall clock in microseconds; 0: unknown.
    ///
    /// Bytes that one read brings count as one: those that came first have waited longer. The kernel is not asked while
    /// nothing can have waited for long.
    public internal(set) var arrivedAt: Int {
        get { self.clock.value.arrivedAt }
        set { self.clock.value.arrivedAt = newValue }
    }
    /// What is ready now may have been so for some time.
    var isBehind: Bool { self.clock.value.isBehind }
    /// A read left bytes behind: the next turn finds what has waited already.
    func leftBytes() { self.clock.value.leftBytes = true }

    /// Times of the turn: behind a cell, since every message asks for them.
    private struct Clock: BitwiseCopyable {
        var now: Instant
        var arrivedAt = 0
        /// When nothing was left waiting in the kernel.
        var caughtUpAt: Instant
        var isBehind = false
        var leftBytes = false
        /// Messages handed on since what they left to send was sent.
        var delivered = 0
        /// The registration whose event is at hand.
        var key = UInt64.max
    }
    /// What waits no longer than that is as good as new.
    private static let behindLimit = Interval.milliseconds(5)
    /// Messages after which what they left to send is sent: several for a connection by one call, none held back for long.
    private static let flushInterval = 16
    private let clock: Cell<Clock>
    /// What else runs on this thread.
    public var delegate: (any EventLoopDelegate)?
    /// Takes the messages of this loop's connections.
    public var receiver: (any StreamReceiver)?
    /// Buffers to write or keep messages in, for this thread.
    public let buffers: BufferPool

    /// A byte area for reading: connections keep none of their own.
    let scratch = ByteBuffer(capacity: 65_536)
    var settings = StreamSettings()
    /// Connections this loop owns or is about to.
    let connectionCount = Atomic<Int>(0)

    private static let batchSize = 128
    private let poller: Int32
    private let bell: Int32
    private let events: UnsafeMutablePointer<apus_event>
    private let mailbox = Lock(Mailbox())
    private var opened = Mailbox()
    private let stopRequested = Atomic<Bool>(false)
    var registrations = RegistrationTable()
    var wheel: DeadlineWheel
    private var due: [DeadlineWheel.Entry] = []
    var errands: [LoopErrand] = []
    private var unflushed: [StreamConnection] = []
    private var departed: [(connection: StreamConnection, reason: CloseReason)] = []

    /// A loop that has yet to be run.
    public init(index: Int = 0, now: Instant = .now()) throws(SocketError) {
        self.index = index
        self.clock = Cell(Clock(now: now, caughtUpAt: now))
        self.buffers = BufferPool(bufferSize: 4096, limit: 128)
        self.wheel = DeadlineWheel(now: now)
        self.poller = try checked(apus_epoll_new(), .poll)
        self.bell = apus_eventfd_new()
        unsafe self.events = .allocate(capacity: Self.batchSize)
        try checked(self.bell, .poll)
        let key = self.registrations.insert(.bell, descriptor: self.bell)
        try checked(apus_epoll_add(self.poller, self.bell, UInt32(APUS_READABLE), key), .poll)
    }

    deinit {
        _ = apus_close(self.poller)
        if self.bell >= 0 { _ = apus_close(self.bell) }
        unsafe self.events.deallocate()
    }

    /// Whether the caller is on this loop's thread, inside `run` or `runOnce`.
    public var isCurrent: Bool {
        unsafe apus_thread_context() == UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    // MARK: Other threads

    /// Has `task` performed on the loop's thread, in order of posting.
    ///
    /// From any thread.
    ///
    /// - Returns: false when the loop has ended and the task will not run.
    @discardableResult
    public func post(_ task: any LoopTask) -> Bool {
        let (isTaken, mustRing) = self.mailbox.withLock { box -> (Bool, Bool) in
            guard !box.isClosed else { return (false, false) }
            box.tasks.append(task)
            return (true, self.announce(&box))
        }
        if mustRing { apus_eventfd_signal(self.bell) }
        return isTaken
    }

    /// Leaves a copy of `bytes` for a connection of this loop.
    ///
    /// False when the loop has ended.
    func post(_ bytes: Span<UInt8>, for connection: StreamConnection, token: UInt64, closesAfter: Bool) -> Bool {
        let (isTaken, mustRing) = self.mailbox.withLock { box -> (Bool, Bool) in
            guard !box.isClosed else { return (false, false) }
            box.letters.append(
                Letter(
                    connection: connection,
                    start: box.bytes.count,
                    count: bytes.count,
                    token: token,
                    closesAfter: closesAfter
                )
            )
            box.bytes.append(bytes)
            return (true, self.announce(&box))
        }
        if mustRing { apus_eventfd_signal(self.bell) }
        return isTaken
    }

    private func announce(_ box: inout Mailbox) -> Bool {
        guard !box.isAnnounced else { return false }
        box.isAnnounced = true
        return !self.isCurrent  // the loop looks into the mailbox before it waits
    }

    /// Has `run` return after closing every connection.
    ///
    /// From any thread.
    public func stop() {
        self.stopRequested.store(true, ordering: .releasing)
        apus_eventfd_signal(self.bell)
    }

    // MARK: The loop's thread

    /// Handles events until `stop`, then closes all connections of this loop and reports what they did not send.
    public func run() {
        while !self.stopRequested.load(ordering: .acquiring) { self.runOnce() }
        self.close()
    }

    /// Waits once and handles what is ready.
    ///
    /// - Parameters:
    ///   - timeout: longest wait; nil waits for the next event or deadline.
    ///   - time: what the time is, in place of the clock.
    public func runOnce(timeout: Interval? = nil, at time: Instant? = nil) {
        self.enter {
            let before = time ?? .now()
            let wait = self.waitTime(timeout, now: before)
            let ready = Int(unsafe apus_epoll_wait(self.poller, self.events, Int32(Self.batchSize), wait))
            self.now = time ?? .now()
            self.notice(ready, before)
            for position in 0..<max(ready, 0) {
                self.dispatch(unsafe self.events[position])
                if max(self.clock.value.delivered, self.unflushed.count) >= Self.flushInterval { self.endMessages() }
            }
            self.endMessages()
            self.openMailbox()
            self.endMessages()
            self.fireDeadlines()
            if !self.errands.isEmpty { self.runErrands() }
            self.reportDeparted()
            self.delegate?.loopWoke(self, now: self.now)
            self.endMessages()
            self.reportDeparted()
        }
    }

    /// Closes everything, as the end of `run` does.
    ///
    /// For a loop driven by `runOnce`.
    public func close() {
        self.enter {
            self.mailbox.withLock { $0.isClosed = true }
            self.openMailbox()
            self.flushOutput()
            for entry in self.registrations.all {
                switch entry {
                case .connection(let connection): connection.close(.shutdown)
                case .listener(let listener): listener.close()
                case .handler, .bell, .free: break
                }
            }
            self.reportDeparted()
            self.delegate = nil
            self.receiver = nil
        }
    }

    /// Runs `body` as this loop's thread.
    func enter<R>(_ body: () -> R) -> R {
        let before = unsafe apus_thread_context()
        unsafe apus_thread_set_context(Unmanaged.passUnretained(self).toOpaque())
        defer { unsafe apus_thread_set_context(before) }
        return body()
    }

    /// Whatever is ready came to be so since all was taken last, if not while the loop slept.
    private func notice(_ ready: Int, _ sleptFrom: Instant) {
        var clock = self.clock.value
        clock.isBehind = sleptFrom - clock.caughtUpAt >= Self.behindLimit
        if ready < Self.batchSize, !clock.leftBytes { clock.caughtUpAt = clock.now }
        clock.leftBytes = false
        self.clock.value = clock
    }

    /// Milliseconds for epoll; -1 without end.
    private func waitTime(_ timeout: Interval?, now: Instant) -> Int32 {
        if self.mailbox.withLock({ !$0.isEmpty }) || self.stopRequested.load(ordering: .acquiring) { return 0 }
        var wait = timeout?.milliseconds ?? Int64.max
        if let deadline = self.delegate?.nextDeadline { wait = min(wait, (deadline - now).milliseconds) }
        if let deadline = self.wheel.next { wait = min(wait, (deadline - now).milliseconds) }
        if !self.errands.isEmpty { wait = min(wait, self.untilErrand(from: now)) }
        return wait == Int64.max ? -1 : Int32(clamping: max(wait, 0))
    }

    /// The connection whose event is at hand, if it is that one and takes messages: where most replies go, found without
    /// a look into the table of all.
    func connectionAtHand(_ id: ConnectionID) -> StreamConnection? {
        guard case .connection(let connection) = self.registrations[self.clock.value.key], connection.id == id,
            connection.state == .open, !connection.closesWhenWritten
        else { return nil }
        return connection
    }

    private func dispatch(_ event: apus_event) {
        self.clock.value.key = event.key
        defer { self.clock.value.key = .max }
        let isReadable = event.flags & UInt32(APUS_READABLE | APUS_HUNG_UP) != 0
        let isWritable = event.flags & UInt32(APUS_WRITABLE) != 0
        switch self.registrations[event.key] {
        case .free: break  // closed earlier in this batch
        case .bell: apus_eventfd_clear(self.bell)
        case .connection(let connection):
            if isWritable { connection.writable() }
            if isReadable { connection.readable() }
        case .listener(let listener): listener.readable()
        case .handler(let handler):
            if isReadable { handler.readable(on: self) }
            // The handler may have gone by its own read.
            if isWritable, case .handler(let handler) = self.registrations[event.key] { handler.writable(on: self) }
        }
    }

    private func openMailbox() {
        self.mailbox.withLock { box in
            swap(&box.tasks, &self.opened.tasks)
            swap(&box.letters, &self.opened.letters)
            swap(&box.bytes, &self.opened.bytes)
            box.isAnnounced = false
        }
        guard !self.opened.isEmpty else { return }
        let bytes = self.opened.bytes
        for position in 0..<self.opened.letters.count {
            let letter = self.opened.letters[position]
            letter.connection.take(letter, bytes.span.extracting(letter.start..<letter.start + letter.count))
        }
        for position in 0..<self.opened.tasks.count { self.opened.tasks[position].perform(on: self) }
        self.opened.removeAll()
    }

    private func fireDeadlines() {
        self.wheel.advance(to: self.now, into: &self.due)
        guard !self.due.isEmpty else { return }
        for entry in self.due {
            switch self.registrations[entry.key] {
            case .connection(let connection): connection.deadlineFired(entry.tick)
            case .listener(let listener): listener.resume()
            case .free, .bell, .handler: break
            }
        }
        self.due.removeAll(keepingCapacity: self.due.capacity <= 1024)
        self.flushOutput()
    }

    // MARK: Connections of this loop

    /// Hands a message on. What it leaves to send goes out with what others leave.
    func deliver(_ message: ByteBuffer, _ arrival: Arrival) {
        guard let receiver = self.receiver else { return }
        self.clock.value.delivered += 1
        receiver.received(message, arrival: arrival, on: self)
    }

    /// Sends what the messages since the last time left to send.
    private func endMessages() {
        self.clock.value.delivered = 0
        self.receiver?.messagesEnded(on: self)
        self.flushOutput()
    }

    /// Has `connection` write what it has soon, with what other messages leave: one call for several.
    func flushLater(_ connection: StreamConnection) { self.unflushed.append(connection) }

    private func flushOutput() {
        guard !self.unflushed.isEmpty else { return }
        var position = 0
        while position < self.unflushed.count {
            self.unflushed[position].flush()
            position += 1
        }
        self.unflushed.removeAll(keepingCapacity: true)
    }

    /// Reports the end of `connection` later, when nobody is in the middle of a send.
    func reportLater(_ connection: StreamConnection, _ reason: CloseReason) {
        self.departed.append((connection, reason))
    }

    private func reportDeparted() {
        var position = 0
        while position < self.departed.count {
            let (connection, reason) = self.departed[position]
            connection.reportEnd(reason)
            position += 1
        }
        if position > 0 { self.departed.removeAll() }
    }

    // MARK: Registrations

    func add(_ entry: Registration, _ descriptor: Int32, _ flags: UInt32) throws(SocketError) -> UInt64 {
        let key = self.registrations.insert(entry, descriptor: descriptor)
        let result = apus_epoll_add(self.poller, descriptor, flags, key)
        guard result >= 0 else {
            self.registrations.remove(key)
            throw SocketError(.poll, code: -result)
        }
        return key
    }

    func change(_ key: UInt64, _ flags: UInt32) {
        guard let descriptor = self.registrations.descriptor(of: key) else { return }
        _ = apus_epoll_change(self.poller, descriptor, flags, key)
    }

    func remove(_ key: UInt64) {
        guard let descriptor = self.registrations.descriptor(of: key) else { return }
        _ = apus_epoll_remove(self.poller, descriptor)
        self.registrations.remove(key)
    }
}
