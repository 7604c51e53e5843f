import CLinux

/// Memory that will be looked at soon: the processor fetches it meanwhile, all of it at the same time.
///
/// What was written seconds ago no cache has, and waiting for one line after the other is what costs. A hint, nothing more.
@usableFromInline
enum Prefetch {
    /// - Parameter count: bytes from `address` on.
    @inlinable @inline(__always)
    static func bytes(_ address: UnsafeRawPointer, count: Int) {
        var offset = 0
        while offset < count {
            unsafe apus_prefetch(address + offset)
            offset += 64
        }
        // The last byte may lie in a further line.
        unsafe apus_prefetch(address + max(count - 1, 0))
    }
}

extension Slab where Record: ~Copyable {
    /// Has the slot fetched that the record is in, or was.
    /// - Parameter bytes: how much of it, from its beginning.
    @inlinable @inline(__always)
    public func prefetch(_ handle: Handle, bytes: Int = .max) {
        let index = handle.rawValue & self.indexMask
        guard index < self.used else { return }
        unsafe apus_prefetch(self.word(index))
        unsafe Prefetch.bytes(self.record(index), count: Swift.min(MemoryLayout<Record>.size, bytes))
    }
}

extension PackedBytes {
    /// Has the beginning of the bytes of `handle` fetched.
    public func prefetch(_ handle: PackedHandle) {
        guard !handle.isEmpty, handle.rawValue & Self.largeBit == 0, handle.rawValue < self.frontier else { return }
        unsafe Prefetch.bytes(self.address(handle.rawValue), count: 64)
    }
}

extension Array {
    /// Has the elements fetched, `limit` of them at most, and what the array itself is.
    @inlinable @inline(__always)
    public func prefetch(limit: Int = .max) {
        guard !self.isEmpty else { return }
        unsafe self.withUnsafeBufferPointer { elements in
            guard let base = unsafe UnsafeRawPointer(elements.baseAddress) else { return }
            // The head of an array's storage: type, reference count, size.
            let head = 32
            unsafe Prefetch.bytes(
                base - head, count: head + Swift.min(elements.count, limit) * MemoryLayout<Element>.stride)
        }
    }
}
