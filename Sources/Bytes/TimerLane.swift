/// Timers that are due in the order in which they were armed, as those are that all wait equally long: a queue.
///
/// For timers that are hardly ever disarmed. What has been armed fires, with the number that it was given, by which
/// whoever armed it tells whether it is still meant. 16 bytes a timer with an 8-byte payload, one behind the other: a
/// wheel's lie where no cache has them when their time comes, after seconds.
public struct TimerLane<Payload: BitwiseCopyable>: ~Copyable {
    @usableFromInline
    struct Entry: BitwiseCopyable {
        @usableFromInline var payload: Payload
        @usableFromInline var due: Instant

        @inlinable
        init(payload: Payload, due: Instant) {
            self.payload = payload
            self.due = due
        }
    }

    /// A ring; its size is a power of two.
    @usableFromInline let entries: FlatStore<Entry>
    /// Number of the first timer: its place in the ring, modulo the size.
    @usableFromInline var first: UInt32 = 0
    /// Timers armed.
    @inlinable public var count: Int { self.armed }
    @usableFromInline var armed = 0
    @usableFromInline var lastDue = Instant.zero

    /// Entries of a ring that has not grown.
    @inlinable static var smallest: Int { 64 }

    /// How much later than asked for a timer may fire, so that it can be kept here.
    @usableFromInline let tolerance: Interval
    /// How much later than the last a timer may be due.
    @usableFromInline let leap: Interval

    /// - Parameters:
    ///   - tolerance: threads whose clocks are read at different times arm timers a little out of order; by so much one may be
    ///     late for the sake of it.
    ///   - leap: a timer that is due by more than this later than the last is not kept here: those that wait as long as most
    ///     would have to stay out until it is gone.
    @inlinable
    public init(tolerance: Interval = .zero, leap: Interval = .milliseconds(1000)) {
        self.entries = FlatStore(capacity: Self.smallest)
        self.tolerance = tolerance
        self.leap = leap
    }

    /// Arms a timer.
    /// - Returns: its number; nil when it waits so much longer or less than those before that it cannot be kept here.
    /// - Complexity: O(1), and now and then all are copied, when there are twice as many as ever before.
    @inlinable
    public mutating func arm(_ payload: Payload, at due: Instant) -> UInt32? {
        var due = due
        if self.count > 0 {
            guard self.lastDue - due <= self.tolerance, due - self.lastDue <= self.leap else { return nil }
            due = max(due, self.lastDue)
        }
        let number = self.first &+ UInt32(truncatingIfNeeded: self.count)
        let entry = Entry(payload: payload, due: due)
        if self.entries.count < Self.smallest {
            while self.entries.count < Self.smallest { self.entries.append(entry) }
        } else if self.count == self.entries.count {
            self.grow()
        }
        self.entries[self.place(number)] = entry
        self.armed += 1
        self.lastDue = due
        return number
    }

    /// Takes the first timer out, with its number; nil when none is due.
    @inlinable
    public mutating func takeDue(at now: Instant) -> (payload: Payload, number: UInt32)? {
        guard self.count > 0 else { return nil }
        let entry = self.entries[self.place(self.first)]
        guard !(now < entry.due) else { return nil }
        defer {
            self.first &+= 1
            self.armed -= 1
            if self.count == 0, self.entries.count > Self.smallest {
                self.entries.removeAll(keeping: Self.smallest)
            }
        }
        return (entry.payload, self.first)
    }

    /// Shows the timers that are due, in order and `limit` of them at most, and leaves them.
    @inlinable
    public func forEachDue(at now: Instant, limit: Int = .max, _ body: (Payload) -> Void) {
        for offset in 0..<Swift.min(self.count, limit) {
            let entry = self.entries[self.place(self.first &+ UInt32(truncatingIfNeeded: offset))]
            guard !(now < entry.due) else { return }
            body(entry.payload)
        }
    }

    @inlinable
    func place(_ number: UInt32) -> Int { Int(number) & (self.entries.count - 1) }

    /// Twice the size: timers keep their order, each goes to the place that its number has now.
    @usableFromInline
    func grow() {
        let size = self.entries.count
        for index in 0..<size { self.entries.append(self.entries[index]) }
    }
}
