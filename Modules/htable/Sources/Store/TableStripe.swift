import Bytes

/// Items of one stripe of a table: 32 bytes each beside their packed texts, chained by hash.
struct TableStripe: ~Copyable {
    struct Item: BitwiseCopyable {
        var hash: UInt64
        /// The number, or the handle of the text.
        var payload: Int64
        var key: PackedHandle
        var next: Handle
        /// Second in which it goes, counted as `TableClock` does; 0: never.
        var expires: UInt32
        var isText: Bool
    }

    private(set) var items = Slab<Item>(indexBits: 24, recordsPerPage: 64)
    private var texts = PackedBytes(pageSize: 8192)
    private var heads: FlatStore<Handle>
    private var mask: UInt64

    init() {
        self.heads = Self.emptyHeads(8)
        self.mask = 7
    }

    private static func emptyHeads(_ count: Int) -> FlatStore<Handle> {
        let heads = FlatStore<Handle>(capacity: count)
        for _ in 0..<count { heads.append(.none) }
        return heads
    }

    var count: Int { self.items.count }
    var reservedBytes: Int { self.items.reservedBytes + self.texts.reservedBytes + self.heads.count * 4 }

    /// Where the chain of a hash begins. The low bits chose the stripe.
    private func chain(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: (hash >> 16) & self.mask) }

    // MARK: Finding

    func find(_ hash: UInt64, _ key: Span<UInt8>) -> Handle? {
        var handle = self.heads[self.chain(hash)]
        while !handle.isNone {
            guard let item = self.items[handle] else { return nil }
            if item.hash == hash, self.texts.span(item.key).equals(key) { return handle }
            handle = item.next
        }
        return nil
    }

    subscript(handle: Handle) -> Item? { self.items[handle] }

    func withKey<R>(_ item: Item, _ body: (Span<UInt8>) -> R) -> R { body(self.texts.span(item.key)) }

    /// Calls `body` with the text of an item that holds text.
    func withText<R>(_ item: Item, _ body: (Span<UInt8>) -> R) -> R {
        body(self.texts.span(PackedHandle(rawValue: UInt32(truncatingIfNeeded: item.payload))))
    }

    func value(_ item: Item) -> TableValue {
        item.isText ? .text(self.withText(item) { ByteString($0) }) : .int(Int(item.payload))
    }

    func key(_ item: Item) -> ByteString { self.withKey(item) { ByteString($0) } }

    // MARK: Changing

    /// Adds an item that is not there yet.
    /// - Returns: false when the stripe is full.
    mutating func insert(_ hash: UInt64, _ key: Span<UInt8>, _ value: TableValue, expires: UInt32) -> Bool {
        if self.items.count > self.heads.count * 2 { self.grow() }
        guard let keyHandle = self.texts.store(key) else { return false }
        guard let payload = self.store(value) else {
            self.texts.free(keyHandle)
            return false
        }
        let place = self.chain(hash)
        let item = Item(
            hash: hash, payload: payload, key: keyHandle, next: self.heads[place], expires: expires,
            isText: value.isText)
        guard let handle = self.items.insert(item) else {
            self.texts.free(keyHandle)
            if value.isText { self.texts.free(PackedHandle(rawValue: UInt32(truncatingIfNeeded: payload))) }
            return false
        }
        self.heads[place] = handle
        return true
    }

    private mutating func store(_ value: TableValue) -> Int64? {
        switch value {
        case .int(let number): return Int64(number)
        case .text(let text): return self.texts.store(text.span).map { Int64($0.rawValue) }
        }
    }

    /// - Returns: false when there is no room for the text; then the old value stays.
    mutating func replace(_ handle: Handle, with value: TableValue) -> Bool {
        guard let old = self.items[handle], let payload = self.store(value) else { return false }
        self.freeText(of: old)
        self.items.withRecord(handle) { item in
            item.payload = payload
            item.isText = value.isText
        }
        return true
    }

    mutating func setExpiry(_ handle: Handle, _ expires: UInt32) {
        self.items.withRecord(handle) { $0.expires = expires }
    }

    mutating func remove(_ handle: Handle) {
        guard let item = self.items.remove(handle) else { return }
        self.unlink(handle, item)
        self.texts.free(item.key)
        self.freeText(of: item)
    }

    private mutating func freeText(of item: Item) {
        if item.isText { self.texts.free(PackedHandle(rawValue: UInt32(truncatingIfNeeded: item.payload))) }
    }

    private mutating func unlink(_ handle: Handle, _ item: Item) {
        let place = self.chain(item.hash)
        if self.heads[place] == handle {
            self.heads[place] = item.next
            return
        }
        var previous = self.heads[place]
        while let record = self.items[previous] {
            if record.next == handle {
                self.items.withRecord(previous) { $0.next = item.next }
                return
            }
            previous = record.next
        }
    }

    mutating func removeAll() {
        self.items = Slab(indexBits: 24, recordsPerPage: 64)
        self.texts = PackedBytes(pageSize: 8192)
        self.heads = Self.emptyHeads(8)
        self.mask = 7
    }

    private mutating func grow() {
        let heads = Self.emptyHeads(self.heads.count * 2)
        self.mask = UInt64(heads.count - 1)
        let mask = self.mask
        self.items.forEach { handle, item in
            let place = Int(truncatingIfNeeded: (item.hash >> 16) & mask)
            item.next = heads[place]
            heads[place] = handle
        }
        self.heads = heads
    }

    /// Shows the items in the next slots to `body`; see `Slab.sweep`.
    /// - Returns: whether the walk has come to its end.
    mutating func walk(_ cursor: inout SlabCursor, slots: Int, _ body: (Handle, Item) -> Void) -> Bool {
        self.items.sweep(&cursor, slots: slots) { handle, item in
            body(handle, item)
            return .keep
        }
    }
}

/// What an item holds.
enum TableValue: Sendable, Equatable {
    case int(Int)
    case text(ByteString)

    var isText: Bool {
        if case .text = self { return true }
        return false
    }
}
