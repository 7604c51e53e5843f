/// The 32-bit name of an interned text.
public struct InternedID: Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The text without bytes; never counted.
    @inlinable public static var empty: InternedID { InternedID(rawValue: 0) }
    @inlinable public var isEmpty: Bool { self.rawValue == 0 }
}

/// Byte strings that many records share, each kept once: User-Agent, paths, socket names.
///
/// Every `intern` counts one holder, and `release` takes one away; the text goes with its last holder. Any thread may
/// call. Its locks are leaves: nothing else is locked under them, so it may be used while a stripe is held.
public final class Interner: Sendable {
    private static let stripeBits: UInt32 = 4
    private let stripes: StripedTable<InternerStripe>
    private let seed: UInt64

    public init(seed: UInt64 = HashSeed.process) {
        self.seed = seed
        self.stripes = StripedTable(stripes: 1 << Int(Self.stripeBits), isLeaf: true) { _ in InternerStripe() }
    }

    /// The id of `text`, with one more holder.
    /// - Returns: nil when there is no room (some 64 million texts).
    public func intern(_ text: Span<UInt8>) -> InternedID? {
        guard text.count > 0 else { return .empty }
        let hash = text.keyedHash(seed: self.seed)
        let stripe = UInt32(truncatingIfNeeded: hash) & (1 << Self.stripeBits - 1)
        let entry = self.stripes.withStripe(at: Int(stripe)) { $0.intern(text, hash: hash >> UInt64(Self.stripeBits)) }
        guard let entry else { return nil }
        return InternedID(rawValue: entry.rawValue << Self.stripeBits | stripe)
    }

    /// The id of `text` when it is interned; counts no holder.
    public func find(_ text: Span<UInt8>) -> InternedID? {
        guard text.count > 0 else { return .empty }
        let hash = text.keyedHash(seed: self.seed)
        let stripe = UInt32(truncatingIfNeeded: hash) & (1 << Self.stripeBits - 1)
        let entry = self.stripes.withStripe(at: Int(stripe)) { $0.find(text, hash: hash >> UInt64(Self.stripeBits)) }
        guard let entry else { return nil }
        return InternedID(rawValue: entry.rawValue << Self.stripeBits | stripe)
    }

    /// Counts one more holder of a text that has one.
    public func retain(_ id: InternedID) {
        guard !id.isEmpty else { return }
        self.stripes.withStripe(at: Self.stripe(id)) { stripe in
            _ = stripe.entries.withRecord(Self.entry(id)) { $0.holders += 1 }
        }
    }

    /// Takes one holder away; the last one takes the text along.
    public func release(_ id: InternedID) {
        guard !id.isEmpty else { return }
        self.stripes.withStripe(at: Self.stripe(id)) { $0.release(Self.entry(id)) }
    }

    /// Gives `body` the text, under the lock: copy or compare, no more. No bytes when `id` names nothing.
    public func withBytes<R, E: Error>(_ id: InternedID, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        guard !id.isEmpty else { return try body(Span()) }
        return try self.stripes.withStripe(at: Self.stripe(id)) { (stripe) throws(E) -> R in
            try body(stripe.bytes.span(stripe.entries[Self.entry(id)]?.text ?? .empty))
        }
    }

    /// A copy of the text; no bytes when `id` names nothing.
    public func text(_ id: InternedID) -> ByteString { self.withBytes(id) { ByteString($0) } }

    /// Distinct texts.
    public var count: Int {
        var total = 0
        self.stripes.forEachStripe { _, stripe in total += stripe.entries.count }
        return total
    }

    private static func stripe(_ id: InternedID) -> Int { Int(id.rawValue & (1 << Self.stripeBits - 1)) }

    private static func entry(_ id: InternedID) -> Handle { Handle(rawValue: id.rawValue >> Self.stripeBits) }
}

/// Texts of one stripe, counted, in a hash table.
struct InternerStripe: ~Copyable {
    struct Entry: ChainedRecord {
        var hash: UInt64
        var text: PackedHandle
        var holders: UInt32
        var next = Handle.none
        var chainHash: UInt64 { self.hash }
    }

    var entries = Slab<Entry>(indexBits: 22, generationBits: 6, recordsPerPage: 256)
    var bytes = PackedBytes(pageSize: 64 * 1024)
    var index = ChainIndex<Entry>()

    func find(_ text: Span<UInt8>, hash: UInt64) -> Handle? {
        var handle = self.index.first(hash)
        while let entry = self.entries[handle] {
            if entry.hash == hash && self.bytes.span(entry.text).equals(text) { return handle }
            handle = entry.next
        }
        return nil
    }

    mutating func intern(_ text: Span<UInt8>, hash: UInt64) -> Handle? {
        if let known = self.find(text, hash: hash) {
            self.entries.withRecord(known) { $0.holders += 1 }
            return known
        }
        guard let stored = self.bytes.store(text) else { return nil }
        let entry = Entry(hash: hash, text: stored, holders: 1)
        guard let handle = self.index.insert(entry, in: &self.entries) else {
            self.bytes.free(stored)
            return nil
        }
        return handle
    }

    mutating func release(_ handle: Handle) {
        guard var entry = self.entries[handle] else { return }
        guard entry.holders <= 1 else {
            entry.holders -= 1
            self.entries.withRecord(handle) { $0 = entry }
            return
        }
        self.bytes.free(entry.text)
        self.index.remove(handle, from: &self.entries)
    }
}
