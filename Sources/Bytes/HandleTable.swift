import CLinux
import Glibc

/// A fixed number of handles, all `none` at first: the heads of a hash table's chains.
///
/// Takes memory only where something was written, so it can be large enough for a busy server. Threads that share one
/// agree on who changes which handle when.
@safe
public final class HandleTable: @unchecked Sendable {  // the pointer is set once, its users guard the handles
    @usableFromInline let base: UnsafeMutablePointer<Handle>
    public let count: Int

    /// - Parameter count: at least 1.
    public init(count: Int) {
        self.count = max(count, 1)
        // `none` is zero, and so is fresh memory, which the system gives page by page when it is first written.
        guard let room = unsafe calloc(self.count, MemoryLayout<Handle>.stride) else {
            preconditionFailure("out of memory")  // as every other allocation does
        }
        unsafe self.base = room.bindMemory(to: Handle.self, capacity: self.count)
    }

    deinit { unsafe free(self.base) }

    @inlinable
    public subscript(index: Int) -> Handle {
        get {
            precondition(index >= 0 && index < self.count, "index out of range")
            return unsafe self.base[index]
        }
        set {
            precondition(index >= 0 && index < self.count, "index out of range")
            unsafe self.base[index] = newValue
        }
    }

    /// Has the handle fetched, for whoever asks for it soon: it is one among so many that no cache has it.
    @inlinable @inline(__always)
    public func prefetch(_ index: Int) {
        guard index >= 0 && index < self.count else { return }
        unsafe apus_prefetch(self.base + index)
    }
}
