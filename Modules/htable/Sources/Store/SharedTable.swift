import Bytes
import ModuleKit

/// One hash table, for all workers. It belongs to the server: a reload finds it as it was.
///
/// Striped; a call holds one stripe and never calls out. Times are seconds of the monotonic clock; an item whose
/// second has come is as good as gone, and `collectExpired` takes it out.
final class SharedTable: Sendable {
    let name: ByteString
    private let stripes: StripedTable<TableStripe>
    private let seed = HashSeed.process

    /// - Parameter size: 2^size slots were asked for; at most 64 stripes are made.
    init(name: ByteString, size: Int) {
        self.name = name
        self.stripes = StripedTable(stripes: 1 << min(size, 6)) { _ in TableStripe() }
    }

    func hash(_ key: Span<UInt8>) -> UInt64 { key.keyedHash(seed: self.seed) }

    /// The second that stamps and deadlines are counted in.
    static func second(_ now: Instant) -> UInt32 { UInt32(clamping: max(now.milliseconds, 0) / 1000) }

    private static func isGone(_ item: TableStripe.Item, _ second: UInt32) -> Bool {
        item.expires != 0 && item.expires <= second
    }

    // MARK: One item

    func value(_ hash: UInt64, _ key: Span<UInt8>, at second: UInt32) -> TableValue? {
        self.stripes.withStripe(hash) { stripe in
            guard let handle = stripe.find(hash, key), let item = stripe[handle], !Self.isGone(item, second) else {
                return nil
            }
            return stripe.value(item)
        }
    }

    /// How an item's time is set.
    enum Expiry: Sendable {
        /// `seconds` after which it goes; 0: never. An item that is there keeps its time unless `updates`.
        case automatic(seconds: Int, updates: Bool)
        /// At this second; 0: never.
        case at(UInt32)
    }

    /// Stores a value.
    /// - Returns: false when the table is full.
    func set(_ hash: UInt64, _ key: Span<UInt8>, _ value: TableValue, _ expiry: Expiry, at second: UInt32) -> Bool {
        self.stripes.withStripe(hash) { stripe in
            if let handle = stripe.find(hash, key), let item = stripe[handle] {
                let isGone = Self.isGone(item, second)
                guard stripe.replace(handle, with: value) else { return false }
                switch expiry {
                case .automatic(let seconds, let updates):
                    if updates || isGone { stripe.setExpiry(handle, Self.deadline(seconds, second)) }
                case .at(let deadline): stripe.setExpiry(handle, deadline)
                }
                return true
            }
            let deadline: UInt32 =
                switch expiry {
                case .automatic(let seconds, _): Self.deadline(seconds, second)
                case .at(let moment): moment
                }
            return stripe.insert(hash, key, value, expires: deadline)
        }
    }

    static func deadline(_ seconds: Int, _ second: UInt32) -> UInt32 {
        seconds <= 0 ? 0 : UInt32(clamping: Int(second) + min(seconds, Int(UInt32.max)))
    }

    /// Adds to a number, in one step for all workers.
    /// - Parameter initial: what a missing item counts as; nil: it stays missing.
    /// - Returns: the sum; nil when there is no such number.
    func add(
        _ hash: UInt64, _ key: Span<UInt8>, _ amount: Int, initial: Int?, _ expiry: Expiry, at second: UInt32
    ) -> Int? {
        self.stripes.withStripe(hash) { stripe in
            if let handle = stripe.find(hash, key), let item = stripe[handle], !Self.isGone(item, second) {
                guard !item.isText else { return nil }
                let sum = Int(item.payload) &+ amount
                guard stripe.replace(handle, with: .int(sum)) else { return nil }
                if case .automatic(let seconds, true) = expiry {
                    stripe.setExpiry(handle, Self.deadline(seconds, second))
                }
                return sum
            }
            guard let initial else { return nil }
            if let handle = stripe.find(hash, key) { stripe.remove(handle) }
            let sum = initial &+ amount
            guard case .automatic(let seconds, _) = expiry else { return nil }
            return stripe.insert(hash, key, .int(sum), expires: Self.deadline(seconds, second)) ? sum : nil
        }
    }

    /// - Returns: whether it was there.
    @discardableResult
    func remove(_ hash: UInt64, _ key: Span<UInt8>) -> Bool {
        self.stripes.withStripe(hash) { stripe in
            guard let handle = stripe.find(hash, key) else { return false }
            stripe.remove(handle)
            return true
        }
    }

    /// The second in which an item goes, 0 for never; nil when it is not there.
    func deadline(_ hash: UInt64, _ key: Span<UInt8>, at second: UInt32) -> UInt32? {
        self.stripes.withStripe(hash) { stripe in
            guard let handle = stripe.find(hash, key), let item = stripe[handle], !Self.isGone(item, second) else {
                return nil
            }
            return item.expires
        }
    }

    /// - Returns: whether the item is there.
    func setDeadline(_ hash: UInt64, _ key: Span<UInt8>, _ deadline: UInt32, at second: UInt32) -> Bool {
        self.stripes.withStripe(hash) { stripe in
            guard let handle = stripe.find(hash, key), let item = stripe[handle], !Self.isGone(item, second) else {
                return false
            }
            stripe.setExpiry(handle, deadline)
            return true
        }
    }
}

// MARK: All items

extension SharedTable {
    var count: Int {
        var total = 0
        self.stripes.forEachStripe { _, stripe in total += stripe.count }
        return total
    }

    var reservedBytes: Int {
        var total = 0
        self.stripes.forEachStripe { _, stripe in total += stripe.reservedBytes }
        return total
    }

    func removeAll() { self.stripes.forEachStripe { _, stripe in stripe.removeAll() } }

    var stripeCount: Int { self.stripes.count }

    /// Items that `matches` picks. It is called with one stripe locked: it may compute, nothing else.
    func count(at second: UInt32, where matches: (borrowing TableStripe, TableStripe.Item) -> Bool) -> Int {
        var total = 0
        self.stripes.forEachStripe { _, stripe in
            var cursor = SlabCursor()
            var picked: [TableStripe.Item] = []
            _ = stripe.walk(&cursor, slots: .max) { _, item in if !Self.isGone(item, second) { picked.append(item) } }
            for item in picked where matches(stripe, item) { total += 1 }
        }
        return total
    }

    /// Removes the items that `matches` picks; gives their number.
    @discardableResult
    func remove(where matches: (borrowing TableStripe, TableStripe.Item) -> Bool) -> Int {
        var total = 0
        self.stripes.forEachStripe { _, stripe in
            var cursor = SlabCursor()
            var shown: [(Handle, TableStripe.Item)] = []
            _ = stripe.walk(&cursor, slots: .max) { handle, item in shown.append((handle, item)) }
            for (handle, item) in shown where matches(stripe, item) {
                stripe.remove(handle)
                total += 1
            }
        }
        return total
    }

    /// An item copied out.
    struct Record: Sendable, Equatable {
        var key: ByteString
        var value: TableValue
    }

    /// Where a walk stands.
    struct Cursor {
        var stripe = 0
        var slab = SlabCursor()
        init() {}
    }

    /// Copies the items in the next 256 places out; nil at the end. What changes meanwhile may be seen or not.
    func next(_ cursor: inout Cursor, at second: UInt32) -> [Record]? {
        guard cursor.stripe < self.stripes.count else { return nil }
        let start = cursor.slab
        let (records, after, isOver) = self.stripes.withStripe(at: cursor.stripe) { stripe in
            var slab = start
            var items: [TableStripe.Item] = []
            let isOver = stripe.walk(&slab, slots: 256) { _, item in
                if !Self.isGone(item, second) { items.append(item) }
            }
            return (items.map { Record(key: stripe.key($0), value: stripe.value($0)) }, slab, isOver)
        }
        if isOver {
            cursor.stripe += 1
            cursor.slab = SlabCursor()
        } else {
            cursor.slab = after
        }
        return records
    }

    /// All items. For control clients and debugging.
    func records(at second: UInt32) -> [Record] {
        var cursor = Cursor()
        var all: [Record] = []
        while let some = self.next(&cursor, at: second) { all += some }
        return all
    }

    /// Takes out the items whose time is over.
    /// - Parameter wantsRecords: whether to copy them out for their event.
    func collectExpired(at second: UInt32, wantsRecords: Bool) -> [Record] {
        var gone: [Record] = []
        self.stripes.forEachStripe { _, stripe in
            var cursor = SlabCursor()
            var over: [(Handle, TableStripe.Item)] = []
            _ = stripe.walk(&cursor, slots: .max) { handle, item in
                if Self.isGone(item, second) { over.append((handle, item)) }
            }
            for (handle, item) in over {
                if wantsRecords { gone.append(Record(key: stripe.key(item), value: stripe.value(item))) }
                stripe.remove(handle)
            }
        }
        return gone
    }
}
