import Bytes

/// Goes round all slots of all tables in even steps: what each step is to look at.
struct SlotWalk {
    struct Part {
        var table: LocationTable
        var stripe: Int
        var slots: Int
    }

    /// Slots looked at under one lock.
    private static let slice = 512

    private var table = 0
    private var stripe = 0
    /// Slots of the stripe that are left.
    private var left = 0
    /// Part of a slot that the last step did not get to, in thousandths.
    private var owed = 0

    init() {}

    /// - Parameter steps: in how many steps every slot is to be seen.
    mutating func next(_ tables: [LocationTable], steps: Int) -> [Part] {
        guard !tables.isEmpty else { return [] }
        // Some 10 % more than the average, so that a growing table is done in time.
        let slots = tables.reduce(0) { total, table in
            (0..<table.stripes.count).reduce(total) { $0 + table.slotCount(ofStripe: $1) }
        }
        self.owed += slots * 1100 / max(steps, 1)
        var parts: [Part] = []
        while self.owed >= 1000 {
            if self.left == 0 {
                guard self.advance(tables) else { break }
                continue
            }
            let count = min(Self.slice, self.left, max(self.owed / 1000, 1))
            parts.append(Part(table: tables[self.table % tables.count], stripe: self.stripe, slots: count))
            self.left -= count
            self.owed -= count * 1000
        }
        self.owed = min(self.owed, 1000 * Self.slice)
        return parts
    }

    /// Goes on to the next stripe that has slots; false when none has.
    private mutating func advance(_ tables: [LocationTable]) -> Bool {
        for _ in 0..<(tables.count * 64 + 1) {
            self.stripe += 1
            let count = tables[self.table % tables.count].stripes.count
            if self.stripe >= count {
                self.stripe = 0
                self.table = (self.table + 1) % tables.count
            }
            self.left = tables[self.table % tables.count].slotCount(ofStripe: self.stripe)
            if self.left > 0 { return true }
        }
        return false
    }
}
