import Bytes

/// The texts that one worker interned last, so that a refresh with a User-Agent seen before takes no lock.
///
/// Direct-mapped by a keyed 64-bit hash, which stands for the text: two texts share it with a chance of 2^-64. The memo
/// holds what it names. One worker owns it.
public final class InternMemo {
    private static let slots = 128

    private struct Entry: BitwiseCopyable {
        var hash: UInt64 = 0
        var id = InternedID.empty
    }

    private let interner: Interner
    private let seed = HashSeed.process ^ 0x6a09_e667_f3bc_c908
    private let entries = FlatStore<Entry>(capacity: InternMemo.slots)
    /// Dropped since the last `settle`.
    private let dropped = FlatStore<InternedID>(capacity: 8)

    package init(_ interner: Interner) {
        self.interner = interner
        for _ in 0..<Self.slots { self.entries.append(Entry()) }
    }

    deinit {
        self.settle()
        for index in 0..<Self.slots { self.interner.release(self.entries[index].id) }
    }

    /// Lets go of what made room for others.
    public func settle() {
        guard self.dropped.count > 0 else { return }
        for index in 0..<self.dropped.count { self.interner.release(self.dropped[index]) }
        self.dropped.removeAll()
    }

    /// The id of `text`, held at least until `settle`; `empty` for no text, and when there is no room.
    public func id(_ text: Span<UInt8>) -> InternedID {
        guard text.count > 0 else { return .empty }
        let hash = text.keyedHash(seed: self.seed)
        let slot = Int(truncatingIfNeeded: hash >> 57)
        let entry = self.entries[slot]
        if entry.hash == hash, !entry.id.isEmpty { return entry.id }
        guard let id = self.interner.intern(text) else { return .empty }
        if !entry.id.isEmpty { self.dropped.append(entry.id) }
        self.entries[slot] = Entry(hash: hash, id: id)
        return id
    }
}
