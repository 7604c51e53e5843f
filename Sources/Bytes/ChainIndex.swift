/// A record of a slab that is in a chain of a hash table.
public protocol ChainedRecord: BitwiseCopyable {
    /// Its low bits choose the chain.
    var chainHash: UInt64 { get }
    /// The next record of the chain; none: it is the last.
    var next: Handle { get set }
}

/// A hash table over records of a slab, which it finds by the chains that the records form.
///
/// It grows by one chain at a time (linear hashing): an insertion moves the records of one other chain at most, so that
/// nobody waits for a table that doubles.
public struct ChainIndex<Record: ChainedRecord>: ~Copyable {
    @usableFromInline let heads: FlatStore<Handle>
    /// Chains above it have been split off in the present doubling: a power of two, less one.
    @usableFromInline var mask: Int
    /// Records for each chain, on average, from which on the table grows.
    @usableFromInline let load: Int

    /// - Parameter load: records for each chain from which on the table grows, at least 1.
    public init(load: Int = 1) {
        let size = 8
        self.heads = FlatStore(capacity: size)
        self.mask = size - 1
        self.load = max(load, 1)
        for _ in 0..<size { self.heads.append(.none) }
    }

    /// Chains.
    public var count: Int { self.heads.count }
    public var reservedBytes: Int { self.heads.capacity * MemoryLayout<Handle>.stride }

    @inlinable
    func place(_ hash: UInt64) -> Int {
        let bits = Int(truncatingIfNeeded: hash)
        let place = bits & (self.mask << 1 | 1)
        return place < self.heads.count ? place : bits & self.mask
    }

    /// The first record of the chain that a record with this hash is in, if it is anywhere.
    @inlinable
    public func first(_ hash: UInt64) -> Handle { self.heads[self.place(hash)] }

    /// Takes a record into the slab, and in front of its chain.
    /// - Returns: nil when the slab is full.
    @inlinable
    public mutating func insert(_ record: consuming Record, in slab: inout Slab<Record>) -> Handle? {
        if slab.count >= self.heads.count * self.load { self.split(&slab) }
        let place = self.place(record.chainHash)
        record.next = self.heads[place]
        guard let handle = slab.insert(record) else { return nil }
        self.heads[place] = handle
        return handle
    }

    /// Takes a record out of its chain and out of the slab.
    /// - Returns: nil when there is no such record.
    @inlinable @discardableResult
    public mutating func remove(_ handle: Handle, from slab: inout Slab<Record>) -> Record? {
        guard let record = slab[handle] else { return nil }
        let place = self.place(record.chainHash)
        if self.heads[place] == handle {
            self.heads[place] = record.next
        } else {
            var before = self.heads[place]
            while let link = slab[before], link.next != handle { before = link.next }
            slab.withRecord(before) { $0.next = record.next }
        }
        return slab.remove(handle)
    }

    /// Splits the next chain: each of its records stays or goes to the new last chain.
    @usableFromInline
    mutating func split(_ slab: inout Slab<Record>) {
        let old = self.heads.count & self.mask
        var handle = self.heads[old]
        var stays = Handle.none
        var goes = Handle.none
        let added = self.heads.count
        while let record = slab[handle] {
            let isMoved = Int(truncatingIfNeeded: record.chainHash) & (self.mask << 1 | 1) == added
            let head = isMoved ? goes : stays
            slab.withRecord(handle) { $0.next = head }
            if isMoved { goes = handle } else { stays = handle }
            handle = record.next
        }
        self.heads[old] = stays
        self.heads.append(goes)
        if self.heads.count == (self.mask + 1) * 2 { self.mask = self.mask << 1 | 1 }
    }
}
