import Glibc

/// The 32-bit name of a stored run of bytes.
public struct PackedHandle: Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// No bytes at all: needs no storing and no freeing.
    @inlinable public static var empty: PackedHandle { PackedHandle(rawValue: 0) }
    @inlinable public var isEmpty: Bool { self.rawValue == 0 }
}

/// Small runs of bytes, packed: two bytes of overhead, rounded up to 16; above 4094 bytes an allocation each.
///
/// A handle counts 16-byte granules from the first page on; the top bit marks what is allocated on its own. Freed
/// blocks go to the next run of the same class. A freed handle is told from a live one only until its block is used
/// again: the owner forgets handles that it frees. Whatever a handle says, reads stay inside the pages.
///
/// One owner; shared ones live behind a `Lock`.
@safe
public struct PackedBytes: ~Copyable {
    static var granule: Int { 16 }
    static var largestBlock: Int { 4096 }
    static var freeMark: UInt16 { 0xffff }
    static var largeBit: UInt32 { 0x8000_0000 }

    struct LargeBlock: ~Copyable {
        let bytes: ByteBuffer
    }

    var pages: UnsafeMutablePointer<UnsafeMutableRawPointer>
    var pageCount = 0
    var pageTableSize = 4
    let pageBits: UInt32
    /// First granule that was never handed out; granule 0 stays unused, so that no handle is 0 but `empty`.
    var frontier: UInt32 = 1
    /// Heads of the lists of free blocks, by granules; 0 ends a list. Beside the struct, which stays small to lend.
    let free = FlatStore<UInt32>(capacity: 257)
    var large: Slab<LargeBlock>

    /// Runs of bytes stored.
    public private(set) var count = 0
    /// Bytes of them, without overhead.
    public private(set) var storedBytes = 0

    /// - Parameter pageSize: bytes of a page, rounded up to a power of two, 8 KiB to 16 MiB.
    public init(pageSize: Int = 256 * 1024) {
        var bits: UInt32 = 9
        while bits < 20 && (Self.granule << Int(bits)) < pageSize { bits += 1 }
        self.pageBits = bits
        for _ in 0..<257 { self.free.append(0) }
        self.large = Slab(indexBits: 20, generationBits: 11, recordsPerPage: 64)
        unsafe self.pages = .allocate(capacity: 4)
    }

    deinit {
        for page in 0..<self.pageCount { unsafe Glibc.free(self.pages[page]) }
        unsafe self.pages.deallocate()
    }

    /// Bytes of all pages, whether in use or not; without what is allocated on its own.
    public var reservedBytes: Int { self.pageCount * self.pageSize }
    var pageSize: Int { Self.granule << Int(self.pageBits) }

    /// Copies `bytes` in.
    /// - Returns: their handle; nil when the store is full (32 GiB).
    public mutating func store(_ bytes: Span<UInt8>) -> PackedHandle? {
        let length = bytes.count
        guard length > 0 else { return .empty }
        let handle: PackedHandle
        if length + 2 > Self.largestBlock {
            guard let block = self.large.insert(LargeBlock(bytes: ByteBuffer(bytes))) else { return nil }
            handle = PackedHandle(rawValue: block.rawValue | Self.largeBit)
        } else {
            guard let index = self.takeBlock(granules: Self.granules(length)) else { return nil }
            let base = unsafe self.address(index)
            unsafe base.storeBytes(of: UInt16(length), as: UInt16.self)
            // The block has room for the two bytes of length and for the text.
            unsafe bytes.withUnsafeBytes { source in
                if let from = source.baseAddress { unsafe memcpy(base + 2, from, length) }
            }
            handle = PackedHandle(rawValue: index)
        }
        self.count += 1
        self.storedBytes += length
        return handle
    }

    /// Stores other bytes and frees those of `handle`, which then names the new ones.
    /// - Returns: false when the store is full; then nothing has changed.
    public mutating func replace(_ handle: inout PackedHandle, with bytes: Span<UInt8>) -> Bool {
        guard let new = self.store(bytes) else { return false }
        self.free(handle)
        handle = new
        return true
    }

    /// Gives the bytes of `handle` back. Does nothing for `empty` and for what is free already.
    public mutating func free(_ handle: PackedHandle) {
        if handle.rawValue & Self.largeBit != 0 {
            guard let block = self.large.remove(Handle(rawValue: handle.rawValue & ~Self.largeBit)) else { return }
            self.count -= 1
            self.storedBytes -= block.bytes.count
            return
        }
        guard let length = self.length(handle) else { return }
        self.putBlock(handle.rawValue, granules: Self.granules(length))
        self.count -= 1
        self.storedBytes -= length
    }

    /// The bytes of `handle`; none when it names nothing. The span borrows the store until its next change.
    @_lifetime(borrow self)
    public func span(_ handle: PackedHandle) -> Span<UInt8> {
        // Both branches take pointer and length from storage that this store owns until it changes.
        if handle.rawValue & Self.largeBit != 0 {
            guard let block = unsafe self.large.pointer(Handle(rawValue: handle.rawValue & ~Self.largeBit)) else {
                return Span()
            }
            let start = unsafe block.pointee.bytes.baseAddress
            let count = unsafe block.pointee.bytes.count
            return unsafe _overrideLifetime(Span(_unsafeStart: start, count: count), borrowing: self)
        }
        guard let length = self.length(handle) else { return Span() }
        let start = unsafe (self.address(handle.rawValue) + 2).assumingMemoryBound(to: UInt8.self)
        return unsafe _overrideLifetime(Span(_unsafeStart: start, count: length), borrowing: self)
    }

    /// Gives `body` the bytes of `handle`; none when it names nothing.
    public func withSpan<R, E: Error>(_ handle: PackedHandle, _ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(self.span(handle))
    }
}

extension PackedBytes {
    static func granules(_ length: Int) -> Int { (length + 2 + Self.granule - 1) / Self.granule }

    /// Address of a granule below the frontier.
    func address(_ index: UInt32) -> UnsafeMutableRawPointer {
        let offset = Int(index & (1 << self.pageBits - 1)) * Self.granule
        return unsafe self.pages[Int(index >> self.pageBits)] + offset
    }

    /// The length of a stored run, or nil when no block in use can begin there.
    private func length(_ handle: PackedHandle) -> Int? {
        guard handle.rawValue != 0, handle.rawValue < self.frontier else { return nil }
        let length = Int(unsafe self.address(handle.rawValue).load(as: UInt16.self))
        let offset = Int(handle.rawValue & (1 << self.pageBits - 1)) * Self.granule
        guard length > 0, length + 2 <= Self.largestBlock, offset + 2 + length <= self.pageSize else { return nil }
        return length
    }

    private mutating func putBlock(_ index: UInt32, granules: Int) {
        let base = unsafe self.address(index)
        unsafe base.storeBytes(of: Self.freeMark, as: UInt16.self)
        unsafe base.storeBytes(of: self.free[granules], toByteOffset: 4, as: UInt32.self)
        self.free[granules] = index
    }

    private mutating func takeBlock(granules: Int) -> UInt32? {
        let head = self.free[granules]
        if head != 0 {
            self.free[granules] = unsafe self.address(head).load(fromByteOffset: 4, as: UInt32.self)
            return head
        }
        let page = UInt32(1) << self.pageBits
        var room = self.pageCount == 0 ? 0 : Int(UInt32(self.pageCount) << self.pageBits &- self.frontier)
        if room < granules {
            guard self.frontier < Self.largeBit - 2 * page else { return nil }
            if room > 0 {
                let rest = self.frontier
                self.frontier += UInt32(room)
                self.putBlock(rest, granules: room)
            }
            guard self.addPage() else { return nil }
            room = self.pageCount == 1 ? Int(page) - 1 : Int(page)
        }
        let index = self.frontier
        self.frontier += UInt32(granules)
        return index
    }

    private mutating func addPage() -> Bool {
        guard let page = unsafe calloc(1, self.pageSize) else { return false }
        if self.pageCount == self.pageTableSize {
            let pages = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: self.pageTableSize * 2)
            unsafe pages.moveInitialize(from: self.pages, count: self.pageCount)
            unsafe self.pages.deallocate()
            unsafe self.pages = pages
            self.pageTableSize *= 2
        }
        // Zeroed, so that a stale handle never reads what nobody wrote; untouched pages cost no memory all the same.
        unsafe (self.pages + self.pageCount).initialize(to: page)
        self.pageCount += 1
        return true
    }
}
