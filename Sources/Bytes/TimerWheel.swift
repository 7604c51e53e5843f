/// The name of an armed timer; refused once the timer has fired or was cancelled.
public struct TimerHandle: Hashable, Sendable, BitwiseCopyable {
    public var handle: Handle
    @inlinable public init(_ handle: Handle) { self.handle = handle }
    /// Names no timer.
    @inlinable public static var none: TimerHandle { TimerHandle(.none) }
    @inlinable public var isNone: Bool { self.handle.isNone }
}

/// Timers by the million: a hierarchical wheel of entries in a slab, linked by 32-bit handles.
///
/// Seven levels of 64 slots. A timer waits on the level of the highest six bits in which its tick differs from the
/// current one; when the current tick enters its slot it moves down. A bitmap per level makes empty time free to cross.
/// Timers never fire early, and late by less than one resolution after the `now` that is handed in; those of one tick
/// fire in no particular order. 36 bytes a timer with an 8-byte payload.
///
/// A payload says whom to wake: key and generation of a record, so that a firing that comes too late is recognised.
public struct TimerWheel<Payload: BitwiseCopyable>: ~Copyable {
    @usableFromInline
    struct Entry: BitwiseCopyable {
        @usableFromInline var payload: Payload
        @usableFromInline var tick: UInt64
        @usableFromInline var next: Handle
        @usableFromInline var previous: Handle
        @usableFromInline var slot: UInt16

        @inlinable
        init(payload: Payload, tick: UInt64) {
            self.payload = payload
            self.tick = tick
            self.next = .none
            self.previous = .none
            self.slot = 0
        }
    }

    @inlinable static var levels: Int { 7 }
    /// The last tick: some 1390 years of 10 ms. What is armed past it waits for it.
    @inlinable static var lastTick: UInt64 { 1 << 42 - 1 }

    @usableFromInline var entries: Slab<Entry>
    /// First timer of each slot, 64 a level. Behind a pointer: reading one of an inline array copies all of them.
    @usableFromInline let heads: FlatStore<Handle>
    @usableFromInline var occupied: InlineArray<7, UInt64>
    /// Ticks before this one are over; what is armed for them fires at the next chance.
    @usableFromInline var current: UInt64
    @usableFromInline let origin: Instant
    @usableFromInline let resolution: Interval

    /// Makes a wheel without timers.
    /// - Parameters:
    ///   - now: no timer is ever due before it.
    ///   - resolution: length of a tick, at least 1 ms.
    ///   - capacityBits: the wheel holds 2^bits - 1 timers, 4 to 28 bits.
    ///   - generationBits: bits that tell a slot's successive timers apart; all the rest by default. Those above are 0.
    @inlinable
    public init(
        now: Instant, resolution: Interval = .milliseconds(10), capacityBits: Int = 24, generationBits: Int? = nil
    ) {
        self.entries = Slab(indexBits: capacityBits, generationBits: generationBits)
        self.heads = FlatStore(capacity: Self.levels * 64)
        for _ in 0..<Self.levels * 64 { self.heads.append(.none) }
        self.occupied = InlineArray(repeating: 0)
        self.current = 0
        self.origin = now
        self.resolution = Swift.max(resolution, Interval(milliseconds: 1))
    }

    /// Timers armed.
    @inlinable public var count: Int { self.entries.count }

    /// Arms a timer.
    /// - Parameter deadline: when it is due; in the past means at the next chance.
    /// - Returns: its handle; nil when the wheel is full.
    /// - Complexity: O(1).
    @inlinable
    public mutating func arm(_ payload: Payload, at deadline: Instant) -> TimerHandle? {
        let wait = deadline.milliseconds.subtractingReportingOverflow(self.origin.milliseconds)
        var tick: UInt64 = 0
        if wait.overflow {
            tick = deadline < self.origin ? 0 : Self.lastTick
        } else if wait.partialValue > 0 {
            // Rounded up, so that the timer never fires early.
            let step = self.resolution.milliseconds
            tick = UInt64(wait.partialValue / step) + (wait.partialValue % step == 0 ? 0 : 1)
        }
        guard let handle = self.entries.insert(Entry(payload: payload, tick: Swift.min(tick, Self.lastTick))) else {
            return nil
        }
        self.link(handle)
        return TimerHandle(handle)
    }

    /// Disarms a timer.
    /// - Returns: whether it was still armed.
    /// - Complexity: O(1).
    @inlinable @discardableResult
    public mutating func cancel(_ timer: TimerHandle) -> Bool {
        guard let entry = self.entries[timer.handle] else { return false }
        self.unlink(entry)
        _ = self.entries.remove(timer.handle)
        return true
    }

    @inlinable public func isArmed(_ timer: TimerHandle) -> Bool { self.entries.contains(timer.handle) }

    /// Appends the payloads of the timers that are due to `expired`, and disarms them.
    /// - Parameters:
    ///   - now: an earlier time than at the last call fires only what was already due then.
    ///   - limit: most payloads to append.
    /// - Returns: whether all that were due have fired; false asks for another call.
    @inlinable @discardableResult
    public mutating func collectExpired(at now: Instant, into expired: inout [Payload], limit: Int = .max) -> Bool {
        self.advance(to: now, limit: limit) { expired.append($0) }
    }

    /// Fires the timers that are due: each is disarmed, then its payload goes to `fire`, which cannot reach the wheel.
    /// - Returns: whether all that were due have fired, or `limit` came first.
    @inlinable @discardableResult
    public mutating func advance(to now: Instant, limit: Int = .max, _ fire: (Payload) -> Void) -> Bool {
        let target = Swift.max(self.tickPassed(at: now), self.current)
        var left = limit
        while let (level, slot) = self.firstOccupied {
            let start = self.start(level, slot)
            guard start <= target else { break }
            self.current = start
            let index = level * 64 + slot
            if level > 0 {
                self.cascade(index)
                continue
            }
            while !self.heads[index].isNone {
                guard left > 0 else { return false }
                left -= 1
                let head = self.heads[index]
                guard let entry = self.entries[head] else { break }
                self.unlink(entry)
                _ = self.entries.remove(head)
                fire(entry.payload)
            }
        }
        self.current = target
        return true
    }

    /// No timer is due before this; nil without timers. A bound, not a promise that one is due then.
    @inlinable public var nextDeadline: Instant? {
        guard let (level, slot) = self.firstOccupied else { return nil }
        return self.origin + self.resolution * Int64(self.start(level, slot))
    }
}

// The links. A handle in a link always names an entry of the slab; `withRecord` would refuse any other.
extension TimerWheel {
    @inlinable
    func tickPassed(at now: Instant) -> UInt64 {
        let passed = now.milliseconds.subtractingReportingOverflow(self.origin.milliseconds)
        guard !passed.overflow, passed.partialValue > 0 else { return 0 }
        return Swift.min(UInt64(passed.partialValue / self.resolution.milliseconds), Self.lastTick)
    }

    /// The slot with the earliest timers: all of a level are due before any of the next.
    @inlinable
    var firstOccupied: (level: Int, slot: Int)? {
        for level in 0..<Self.levels where self.occupied[level] != 0 {
            return (level, self.occupied[level].trailingZeroBitCount)
        }
        return nil
    }

    /// The tick with which this slot begins.
    @inlinable
    func start(_ level: Int, _ slot: Int) -> UInt64 {
        let shift = UInt64(level) * 6
        let above = (self.current >> (shift + 6)) << (shift + 6)
        return above | UInt64(slot) << shift
    }

    @inlinable
    mutating func link(_ handle: Handle) {
        let current = self.current
        guard let tick = self.entries.withRecord(handle, { (entry) -> UInt64 in Swift.max(entry.tick, current) }) else {
            return
        }
        let level = (63 - ((tick ^ current) | 63).leadingZeroBitCount) / 6
        let slot = Int(truncatingIfNeeded: tick >> (UInt64(level) * 6) & 63)
        let index = level * 64 + slot
        let head = self.heads[index]
        self.entries.withRecord(handle) { entry in
            entry.slot = UInt16(index)
            entry.next = head
            entry.previous = .none
        }
        if !head.isNone { self.entries.withRecord(head) { $0.previous = handle } }
        self.heads[index] = handle
        self.occupied[level] |= 1 << UInt64(slot)
    }

    @inlinable
    mutating func unlink(_ entry: Entry) {
        if entry.previous.isNone {
            let index = Int(entry.slot)
            self.heads[index] = entry.next
            if entry.next.isNone { self.occupied[index / 64] &= ~(1 << UInt64(index % 64)) }
        } else {
            self.entries.withRecord(entry.previous) { $0.next = entry.next }
        }
        if !entry.next.isNone { self.entries.withRecord(entry.next) { $0.previous = entry.previous } }
    }

    /// Moves the timers of a slot that the current tick has entered to lower levels.
    @inlinable
    mutating func cascade(_ index: Int) {
        var handle = self.heads[index]
        self.heads[index] = .none
        self.occupied[index / 64] &= ~(1 << UInt64(index % 64))
        while !handle.isNone {
            let next = self.entries[handle]?.next ?? .none
            self.link(handle)
            handle = next
        }
    }
}
