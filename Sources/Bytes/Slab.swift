/// Records in pages of fixed size, found by `Handle` in constant time; no record ever moves.
///
/// Each slot has one word beside its record. In a slot that is in use the word is the record's handle, so a lookup is
/// one comparison. In a free slot it is the next generation and the index of the next free slot. Slots are reused in
/// the order in which they became free, which makes the time until a generation comes round as long as can be.
///
/// A slab has one owner; shared ones live behind a `Lock`. Its closures must not reach the slab again, and the
/// compiler sees to that. Pages are not given back before the slab goes.
@safe
public struct Slab<Record: ~Copyable>: ~Copyable {
    @usableFromInline var words: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>>
    @usableFromInline var records: UnsafeMutablePointer<UnsafeMutablePointer<Record>>
    @usableFromInline var pageCount: Int
    @usableFromInline var pageTableSize: Int
    /// Slots that were ever in use; those from here on have no word yet.
    @usableFromInline var used: UInt32
    @usableFromInline var freeHead: UInt32
    @usableFromInline var freeTail: UInt32
    @usableFromInline let indexBits: UInt32
    /// Mask of the index; also the index that ends the free list, hence never a slot.
    @usableFromInline let indexMask: UInt32
    @usableFromInline let generationMask: UInt32
    @usableFromInline let pageBits: UInt32
    @usableFromInline let pageMask: UInt32

    /// Records in the slab.
    @inlinable public var count: Int { self.occupied }
    @usableFromInline var occupied: Int

    /// Makes an empty slab; no page is reserved before the first record.
    /// - Parameters:
    ///   - indexBits: bits of a handle that number the slots, 4 to 28: the slab holds at most 2^bits - 1 records.
    ///   - generationBits: bits that tell a slot's successive records apart, at least 2; all the rest by default.
    ///   - recordsPerPage: rounded up to a power of two; as many as fit in 64 KiB by default.
    @inlinable
    public init(indexBits: Int = 22, generationBits: Int? = nil, recordsPerPage: Int? = nil) {
        let index = Swift.min(Swift.max(indexBits, 4), 28)
        let generation = Swift.min(Swift.max(generationBits ?? 32, 2), 32 - index)
        self.indexBits = UInt32(index)
        self.indexMask = (1 << UInt32(index)) - 1
        self.generationMask = (1 << UInt32(generation)) - 1
        let fitting = Swift.min(Swift.max(65536 / Swift.max(MemoryLayout<Record>.stride, 1), 16), 4096)
        let wanted = Swift.max(recordsPerPage ?? fitting, 1)
        var bits: UInt32 = 0
        while bits < 20 && (1 << bits) < wanted { bits += 1 }
        if recordsPerPage == nil && bits > 0 && (1 << bits) > wanted { bits -= 1 }
        self.pageBits = bits
        self.pageMask = (1 << bits) - 1
        self.pageCount = 0
        self.pageTableSize = 4
        unsafe self.words = .allocate(capacity: 4)
        unsafe self.records = .allocate(capacity: 4)
        self.used = 0
        self.freeHead = self.indexMask
        self.freeTail = self.indexMask
        self.occupied = 0
    }

    @inlinable
    deinit {
        for index in 0..<self.used where self.isOccupied(index) {
            // A word that names its own slot says that the record is there and initialised.
            unsafe self.record(index).deinitialize(count: 1)
        }
        for page in 0..<self.pageCount {
            unsafe self.words[page].deallocate()
            unsafe self.records[page].deallocate()
        }
        unsafe self.words.deallocate()
        unsafe self.records.deallocate()
    }
}

// Every slot below `used` lies in a page that exists; the pointers below are only asked for such slots.
extension Slab where Record: ~Copyable {
    @inlinable
    func word(_ index: UInt32) -> UnsafeMutablePointer<UInt32> {
        unsafe self.words[Int(index >> self.pageBits)] + Int(index & self.pageMask)
    }

    @inlinable
    func record(_ index: UInt32) -> UnsafeMutablePointer<Record> {
        unsafe self.records[Int(index >> self.pageBits)] + Int(index & self.pageMask)
    }

    @inlinable
    func isOccupied(_ index: UInt32) -> Bool { unsafe self.word(index).pointee & self.indexMask == index }

    /// The record that `handle` names, if it is still there.
    @inlinable @inline(__always)
    func pointer(_ handle: Handle) -> UnsafeMutablePointer<Record>? {
        let index = handle.rawValue & self.indexMask
        guard index < self.used, unsafe self.word(index).pointee == handle.rawValue else { return nil }
        return unsafe self.record(index)
    }
}

extension Slab where Record: ~Copyable {
    /// Most records that the slab can hold.
    @inlinable public var capacity: Int { Int(self.indexMask) }
    @inlinable public var isEmpty: Bool { self.count == 0 }
    /// Bytes of all pages, whether in use or not.
    public var reservedBytes: Int {
        self.pageCount << Int(self.pageBits) * (MemoryLayout<Record>.stride + MemoryLayout<UInt32>.stride)
    }

    /// The slot of a record, for tables beside the slab: below `slotCount`, and not shared while the record lives.
    @inlinable public func slot(of handle: Handle) -> Int { Int(handle.rawValue & self.indexMask) }
    /// Slots that were ever in use.
    @inlinable public var slotCount: Int { Int(self.used) }

    /// Whether the record that `handle` names is still there.
    @inlinable
    public func contains(_ handle: Handle) -> Bool { unsafe self.pointer(handle) != nil }

    /// Takes a record in.
    /// - Returns: its handle, never `none`; nil when the slab is full, and then the record is gone.
    /// - Complexity: O(1); a page is allocated now and then.
    @inlinable
    public mutating func insert(_ new: consuming Record) -> Handle? {
        let index: UInt32
        let generation: UInt32
        if self.freeHead != self.indexMask {
            index = self.freeHead
            let word = unsafe self.word(index).pointee
            self.freeHead = word & self.indexMask
            if self.freeHead == self.indexMask { self.freeTail = self.indexMask }
            generation = word >> self.indexBits
        } else {
            guard self.used < self.indexMask else { return nil }
            index = self.used
            if index & self.pageMask == 0 { self.addPage() }
            self.used = index + 1
            generation = 1
        }
        let handle = Handle(rawValue: generation << self.indexBits | index)
        unsafe self.word(index).initialize(to: handle.rawValue)
        unsafe self.record(index).initialize(to: new)
        self.occupied += 1
        return handle
    }

    /// Takes a record out and hands it over; nil when `handle` is stale.
    @inlinable @discardableResult
    public mutating func remove(_ handle: Handle) -> Record? {
        guard let record = unsafe self.pointer(handle) else { return nil }
        let index = handle.rawValue & self.indexMask
        // Generations go 1, 2 … mask, 1: never 0, so that no handle is ever `none`.
        let generation = (handle.rawValue >> self.indexBits) % self.generationMask + 1
        unsafe self.word(index).pointee = generation << self.indexBits | self.indexMask
        if self.freeTail == self.indexMask {
            self.freeHead = index
        } else {
            let tail = unsafe self.word(self.freeTail)
            unsafe tail.pointee = tail.pointee & ~self.indexMask | index
        }
        self.freeTail = index
        self.occupied -= 1
        return unsafe record.move()
    }

    /// The record that `handle` names, where it lies. It has to be there: `contains` tells.
    @inlinable
    public subscript(present handle: Handle) -> Record {
        unsafeAddress {
            guard let record = unsafe self.pointer(handle) else { preconditionFailure("no such record") }
            return unsafe UnsafePointer(record)
        }
        unsafeMutableAddress {
            guard let record = unsafe self.pointer(handle) else { preconditionFailure("no such record") }
            return unsafe record
        }
    }

    /// Gives `body` the record to read and change, where it lies.
    /// - Returns: what `body` returns, or nil when `handle` is stale.
    @inlinable @discardableResult
    public mutating func withRecord<R, E: Error>(
        _ handle: Handle,
        _ body: (inout Record) throws(E) -> R
    ) throws(E) -> R? {
        guard let record = unsafe self.pointer(handle) else { return nil }
        return try unsafe body(&record.pointee)
    }

    /// Gives `body` the record to read.
    /// - Returns: what `body` returns, or nil when `handle` is stale.
    @inlinable
    public func read<R, E: Error>(
        _ handle: Handle,
        _ body: (borrowing Record) throws(E) -> R
    ) throws(E) -> R? {
        guard let record = unsafe self.pointer(handle) else { return nil }
        return try unsafe body(record.pointee)
    }

    @usableFromInline
    mutating func addPage() {
        if self.pageCount == self.pageTableSize {
            let size = self.pageTableSize * 2
            let words = UnsafeMutablePointer<UnsafeMutablePointer<UInt32>>.allocate(capacity: size)
            let records = UnsafeMutablePointer<UnsafeMutablePointer<Record>>.allocate(capacity: size)
            unsafe words.moveInitialize(from: self.words, count: self.pageCount)
            unsafe records.moveInitialize(from: self.records, count: self.pageCount)
            unsafe self.words.deallocate()
            unsafe self.records.deallocate()
            unsafe self.words = words
            unsafe self.records = records
            self.pageTableSize = size
        }
        let slots = 1 << Int(self.pageBits)
        unsafe (self.words + self.pageCount).initialize(to: .allocate(capacity: slots))
        unsafe (self.records + self.pageCount).initialize(to: .allocate(capacity: slots))
        self.pageCount += 1
    }
}

extension Slab {
    /// A copy of the record, or nil when `handle` is stale.
    @inlinable
    public subscript(handle: Handle) -> Record? {
        guard let record = unsafe self.pointer(handle) else { return nil }
        return unsafe record.pointee
    }
}
