import Bytes

/// Removes expired bindings in even slices: each step looks at a few slots of one or more stripes, and every slot is
/// looked at once in `timer_interval` seconds. No stripe is held for more than one slice.
final class ExpirySweep: Sendable {
    /// Time between two steps.
    static let pace = Interval.milliseconds(100)
    /// Slots looked at under one lock.
    private static let slice = 512

    private struct Position {
        var table = 0
        var stripe = 0
        /// Slots of the stripe that are left.
        var left = 0
        /// Part of a slot that the last step did not get to, in thousandths.
        var owed = 0
    }

    private let store: LocationStore
    private let steps: Int
    private let delay: UInt32
    private let position = Lock(Position())

    init(store: LocationStore, settings: UserLocation.Settings) {
        self.store = store
        self.steps = max(settings.timerInterval * 10, 1)
        self.delay = UInt32(settings.removalDelay)
    }

    /// Does one slice. Called by one thread at a time.
    func step(now: Instant) {
        let tables = self.store.all
        guard !tables.isEmpty else { return }
        let limit = now.seconds
        guard limit > self.delay else { return }
        // Some 10 % more than the average, so that a growing table is done in time.
        let slots = tables.reduce(0) { total, table in
            (0..<table.stripes.count).reduce(total) { $0 + table.slotCount(ofStripe: $1) }
        }
        var position = self.position.withLock { $0 }
        position.owed += slots * 1100 / self.steps
        var expired = 0
        while position.owed >= 1000 {
            if position.left == 0 {
                guard self.advance(&position, tables) else { break }
                continue
            }
            let table = tables[position.table % tables.count]
            let part = min(Self.slice, position.left, max(position.owed / 1000, 1))
            expired += table.sweep(stripe: position.stripe, slots: part, limit: limit - self.delay)
            position.left -= part
            position.owed -= part * 1000
        }
        position.owed = min(position.owed, 1000 * Self.slice)
        self.position.withLock { $0 = position }
        if expired > 0 { self.store.countExpired(expired) }
    }

    /// Goes on to the next stripe that has slots; false when none has.
    private func advance(_ position: inout Position, _ tables: [LocationTable]) -> Bool {
        for _ in 0..<(tables.count * 64 + 1) {
            position.stripe += 1
            let count = tables[position.table % tables.count].stripes.count
            if position.stripe >= count {
                position.stripe = 0
                position.table = (position.table + 1) % tables.count
            }
            position.left = tables[position.table % tables.count].slotCount(ofStripe: position.stripe)
            if position.left > 0 { return true }
        }
        return false
    }
}
