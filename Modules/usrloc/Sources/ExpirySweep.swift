import Bytes

/// Removes expired bindings in even slices: each step looks at a few slots of one or more stripes, and every slot is
/// looked at once in `timer_interval` seconds. No stripe is held for more than one slice.
final class ExpirySweep: Sendable {
    /// Time between two steps.
    static let pace = Interval.milliseconds(100)

    private let store: LocationStore
    private let steps: Int
    private let delay: UInt32
    private let walk = Lock(SlotWalk())

    init(store: LocationStore, settings: UserLocation.Settings) {
        self.store = store
        self.steps = max(settings.timerInterval * 10, 1)
        self.delay = UInt32(settings.removalDelay)
    }

    /// Does one slice. Called by one thread at a time.
    /// - Parameters:
    ///   - collects: what goes is wanted.
    ///   - forgets: the database keeps its rows.
    /// - Returns: what went, when it is wanted.
    @discardableResult
    func step(now: Instant, collects: Bool = false, forgets: Bool = false) -> [ExpiredContact] {
        let limit = now.seconds
        guard limit > self.delay else { return [] }
        let tables = self.store.all
        var walk = self.walk.withLock { $0 }
        let parts = walk.next(tables, steps: self.steps)
        self.walk.withLock { $0 = walk }
        var expired = 0
        var gone: [ExpiredContact] = []
        for part in parts {
            let (count, contacts) = part.table.sweep(
                stripe: part.stripe, slots: part.slots, limit: limit - self.delay, collects: collects,
                forgets: forgets)
            expired += count
            gone += contacts
        }
        if expired > 0 { self.store.commons.countExpired(expired) }
        return gone
    }
}
