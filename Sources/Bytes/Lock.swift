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
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    #else
    @usableFromInline let mutex = Mutex<Void>(())
    #endif
    #if LOCK_METER
    @usableFromInline let meter = LockMeter(of: Lock<State>.self)
    #endif
    /// Behind a pointer that never changes: whoever holds the mutex is alone, so that an exclusivity check, which a
    /// property would cost, has nothing to find.
    @usableFromInline let state: UnsafeMutablePointer<State>

    public init(_ state: consuming State) {
        unsafe self.state = .allocate(capacity: 1)
        unsafe self.state.initialize(to: state)
        #if TSAN
        unsafe self.mutex = .allocate(capacity: 1)
        unsafe pthread_mutex_init(self.mutex, nil)
        #endif
    }

    #if TSAN
    deinit {
        unsafe pthread_mutex_destroy(self.mutex)
        unsafe self.mutex.deallocate()
        unsafe self.state.deinitialize(count: 1)
        unsafe self.state.deallocate()
    }

    public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        unsafe pthread_mutex_lock(self.mutex)
        defer { unsafe pthread_mutex_unlock(self.mutex) }
        return try unsafe body(&self.state.pointee)
    }
    #else
    deinit {
        unsafe self.state.deinitialize(count: 1)
        unsafe self.state.deallocate()
    }

    @inlinable
    public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        #if LOCK_METER
        self.meter.lock(self.mutex)
        defer { self.meter.unlock(self.mutex) }
        #else
        self.mutex._unsafeLock()
        defer { self.mutex._unsafeUnlock() }
        #endif
        return try unsafe body(&self.state.pointee)
    }
    #endif
}
