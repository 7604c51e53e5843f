import Synchronization

#if TSAN
import Glibc
#endif

/// State that only one thread touches at a time, for as short as can be: decide inside, act after.
///
/// ThreadSanitizer does not understand `Mutex` and reports races that are not there; builds for it define `TSAN` and
/// get a pthread mutex in its place. Builds that define `LOCK_METER` count how often locks are taken, held and waited
/// for (`Benchmarks/scaling`).
@safe
public final class Lock<State: ~Copyable>: @unchecked Sendable {  // `mutex` guards what `state` points to
    #if TSAN
    @usableFromInline typealias Guard = pthread_mutex_t
    #else
    @usableFromInline typealias Guard = Mutex<Void>
    #endif
    #if LOCK_METER
    @usableFromInline let meter = LockMeter(of: Lock<State>.self)
    #endif
    /// In one allocation with the state, in front of it: who takes the lock has the beginning of the state with it.
    @usableFromInline let mutex: UnsafeMutablePointer<Guard>
    /// Behind a pointer that never changes: whoever holds the mutex is alone, so that an exclusivity check, which a
    /// property would cost, has nothing to find.
    @usableFromInline let state: UnsafeMutablePointer<State>

    /// - Parameter isApart: on cache lines of its own, for locks of a table that many threads use at a time: else
    ///   taking one would slow down whoever has its neighbour.
    public init(_ state: consuming State, isApart: Bool = false) {
        let (mutexSize, mutexAlignment) = Self.mutexLayout
        let alignment = max(MemoryLayout<State>.alignment, mutexAlignment)
        let offset = (mutexSize + alignment - 1) / alignment * alignment
        let size = offset + max(MemoryLayout<State>.size, 1)
        // Processors fetch lines in pairs.
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: isApart ? (size + 127) / 128 * 128 : size, alignment: isApart ? 128 : alignment)
        unsafe self.mutex = block.bindMemory(to: Guard.self, capacity: 1)
        unsafe self.state = (block + offset).bindMemory(to: State.self, capacity: 1)
        unsafe self.state.initialize(to: state)
        #if TSAN
        unsafe pthread_mutex_init(self.mutex, nil)
        #else
        unsafe self.mutex.initialize(to: Mutex(()))
        #endif
    }

    private static var mutexLayout: (size: Int, alignment: Int) {
        #if TSAN
        unsafe (MemoryLayout<Guard>.size, MemoryLayout<Guard>.alignment)
        #else
        (MemoryLayout<Guard>.size, MemoryLayout<Guard>.alignment)
        #endif
    }

    deinit {
        unsafe self.state.deinitialize(count: 1)
        #if TSAN
        unsafe pthread_mutex_destroy(self.mutex)
        #else
        unsafe self.mutex.deinitialize(count: 1)
        #endif
        unsafe UnsafeMutableRawPointer(self.mutex).deallocate()
    }

    #if TSAN
    public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return try unsafe body(&self.state.pointee)
    }
    #else
    @inlinable
    public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        #if LOCK_METER
        unsafe self.meter.lock(self.mutex.pointee)
        defer { unsafe self.meter.unlock(self.mutex.pointee) }
        #else
        unsafe self.mutex.pointee._unsafeLock()
        defer { unsafe self.mutex.pointee._unsafeUnlock() }
        #endif
        return try unsafe body(&self.state.pointee)
    }
    #endif
}
