import Bytes

/// Items of one stripe of a table: 32 bytes each beside their packed texts, chained by hash.
struct TableStripe: ~Copyable {
    struct Item: ChainedRecord {
        var hash: UInt64
        /// The number, or the handle of the text.
        var payload: Int64
        var key: PackedHandle
        var next = Handle.none
        /// Second in which it goes, counted as `TableClock` does; 0: never.
        var expires: UInt32
        var isText: Bool
        /// The low bits chose the stripe.
        var chainHash: UInt64 { TableStripe.chainHash(self.hash) }
    }

    private(set) var items = Slab<Item>(indexBits: 24, recordsPerPage: 64)
    private var texts = PackedBytes(pageSize: 8192)
    private var index = ChainIndex<Item>(load: 2)

    var count: Int { self.items.count }
    var reservedBytes: Int { self.items.reservedBytes + self.texts.reservedBytes + self.index.reservedBytes }

    private static func chainHash(_ hash: UInt64) -> UInt64 { hash >> 16 }

    // MARK: Finding

    func find(_ hash: UInt64, _ key: Span<UInt8>) -> Handle? {
        var handle = self.index.first(Self.chainHash(hash))
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
        guard let keyHandle = self.texts.store(key) else { return false }
        guard let payload = self.store(value) else {
            self.texts.free(keyHandle)
            return false
        }
        let item = Item(hash: hash, payload: payload, key: keyHandle, expires: expires, isText: value.isText)
        guard self.index.insert(item, in: &self.items) != nil else {
            self.texts.free(keyHandle)
            if value.isText { self.texts.free(PackedHandle(rawValue: UInt32(truncatingIfNeeded: payload))) }
            return false
        }
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
        guard let item = self.index.remove(handle, from: &self.items) else { return }
        self.texts.free(item.key)
        self.freeText(of: item)
    }

    private mutating func freeText(of item: Item) {
        if item.isText { self.texts.free(PackedHandle(rawValue: UInt32(truncatingIfNeeded: item.payload))) }
    }

    mutating func removeAll() {
        self.items = Slab(indexBits: 24, recordsPerPage: 64)
        self.texts = PackedBytes(pageSize: 8192)
        self.index = ChainIndex(load: 2)
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
