import Synchronization

#if TSAN
import Glibc
#endif

/// A mutex and what it guards, in one allocation: what locks are made of. Copies are the same room; one owner frees it.
///
/// ThreadSanitizer does not understand `Mutex` and reports races that are not there; builds for it define `TSAN` and
/// get a pthread mutex in its place. Builds that define `LOCK_METER` count how often locks are taken, held and waited
/// for (`Benchmarks/scaling`).
@safe
@usableFromInline
struct GuardedRoom<State: ~Copyable> {
    #if TSAN
    @usableFromInline typealias Guard = pthread_mutex_t
    #else
    @usableFromInline typealias Guard = Mutex<Void>
    #endif
    #if LOCK_METER
    @usableFromInline let meter = LockMeter(of: Lock<State>.self)
    #endif
    /// In front of the state: who takes the lock has the beginning of the state with it.
    @usableFromInline let mutex: UnsafeMutablePointer<Guard>
    /// Behind a pointer that never changes: whoever holds the mutex is alone, so that an exclusivity check, which a
    /// property would cost, has nothing to find.
    @usableFromInline let state: UnsafeMutablePointer<State>

    init(_ state: consuming State, isApart: Bool) {
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

    func free() {
        unsafe self.state.deinitialize(count: 1)
        #if TSAN
        unsafe pthread_mutex_destroy(self.mutex)
        #else
        unsafe self.mutex.deinitialize(count: 1)
        #endif
        unsafe UnsafeMutableRawPointer(self.mutex).deallocate()
    }

    #if TSAN
    @usableFromInline
    func lock() { unsafe pthread_mutex_lock(self.mutex) }

    @usableFromInline
    func unlock() { unsafe pthread_mutex_unlock(self.mutex) }
    #elseif LOCK_METER
    @inlinable
    func lock() { unsafe self.meter.lock(self.mutex.pointee) }

    @inlinable
    func unlock() { unsafe self.meter.unlock(self.mutex.pointee) }
    #else
    @inlinable
    func lock() { unsafe self.mutex.pointee._unsafeLock() }

    @inlinable
    func unlock() { unsafe self.mutex.pointee._unsafeUnlock() }
    #endif

    @inlinable
    func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        self.lock()
        defer { self.unlock() }
        return try unsafe body(&self.state.pointee)
    }
}
