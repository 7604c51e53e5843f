import Bytes

/// Which registrations to look at when: a ring of half-second buckets.
///
/// Nothing is ever taken out early. Whoever fires looks at its real deadline and comes in again if that is later, so
/// that moving a deadline back, which every byte on a connection does, costs nothing.
struct DeadlineWheel {
    struct Entry {
        var key: UInt64
        var tick: Int64
    }

    private static let shift: Int64 = 9
    private static let size: Int64 = 256
    private var buckets: [[Entry]]
    private var current: Int64  // all up to this tick has fired
    private var filled = InlineArray<4, UInt64>(repeating: 0)  // a bit per bucket that is not empty

    init(now: Instant) {
        self.buckets = Array(repeating: [], count: Int(Self.size))
        self.current = now.milliseconds >> Self.shift
    }

    /// The first tick at which `deadline` has passed.
    func tick(of deadline: Instant) -> Int64 {
        (deadline.milliseconds &+ (1 << Self.shift) &- 1) >> Self.shift
    }

    /// Has `key` fire at `tick`, or as far towards it as the ring reaches.
    ///
    /// Returns the tick it will fire at.
    mutating func insert(_ key: UInt64, at tick: Int64) -> Int64 {
        let real = min(max(tick, self.current &+ 1), self.current &+ Self.size &- 1)
        let bucket = Int(real & (Self.size &- 1))
        self.buckets[bucket].append(Entry(key: key, tick: real))
        self.filled[bucket >> 6] |= 1 << UInt64(bucket & 63)
        return real
    }

    /// Appends to `due` what fires up to `now`.
    mutating func advance(to now: Instant, into due: inout [Entry]) {
        let target = now.milliseconds >> Self.shift
        guard target > self.current else { return }
        let steps = min(target &- self.current, Self.size)
        for step in 1...steps {
            let bucket = Int((self.current &+ step) & (Self.size &- 1))
            guard self.filled[bucket >> 6] & 1 << UInt64(bucket & 63) != 0 else { continue }
            due.append(contentsOf: self.buckets[bucket])
            self.buckets[bucket].removeAll(keepingCapacity: self.buckets[bucket].capacity <= 64)
            self.filled[bucket >> 6] &= ~(1 << UInt64(bucket & 63))
        }
        self.current = target
    }

    /// When the next one fires; nil when none waits.
    var next: Instant? {
        if self.filled[0] | self.filled[1] | self.filled[2] | self.filled[3] == 0 { return nil }
        // The word the next tick is in comes twice: its later buckets first, its earlier ones last.
        let first = Int((self.current &+ 1) & (Self.size &- 1))
        for turn in 0...4 {
            let word = (first >> 6 &+ turn) & 3
            var bits = self.filled[word]
            if turn == 0 { bits &= ~0 << UInt64(first & 63) }
            guard bits != 0 else { continue }
            let bucket = word << 6 &+ bits.trailingZeroBitCount
            let step = Int64(bucket &- first) & (Self.size &- 1)
            return Instant(milliseconds: (self.current &+ 1 &+ step) << Self.shift)
        }
        return nil
    }
}
