#if LOCK_METER
import Glibc
import Synchronization

/// What threads do with one lock, in builds that measure it.
public final class LockMeter: @unchecked Sendable {  // counts change only while the lock that is measured is held
    /// Sums over all locks of one kind of state.
    public struct Sum: Sendable {
        public var locks = 0
        public var taken = 0
        public var contended = 0
        /// Nanoseconds.
        public var waited = 0
        public var held = 0
    }

    private static let known = Mutex<[(kind: String, meter: LockMeter)]>([])

    private var sum = Sum()
    private var since = 0

    init(of kind: AnyClass) {
        // Locks of single scripts and commands would make the list endless.
        Self.known.withLock { if $0.count < 100_000 { $0.append((_typeName(kind), self)) } }
    }

    private static func now() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    public func lock(_ mutex: borrowing Mutex<Void>) {
        if !mutex._unsafeTryLock() {
            let began = Self.now()
            mutex._unsafeLock()
            self.sum.contended += 1
            self.sum.waited += Self.now() - began
        }
        self.sum.taken += 1
        self.since = Self.now()
    }

    public func unlock(_ mutex: borrowing Mutex<Void>) {
        self.sum.held += Self.now() - self.since
        mutex._unsafeUnlock()
    }

    /// What there was until now, by kind of state, most taken first. To be asked for when the threads are at rest: it
    /// takes none of the locks.
    public static func sums() -> [(kind: String, sum: Sum)] {
        var sums: [String: Sum] = [:]
        for (kind, meter) in self.known.withLock({ $0 }) {
            var all = sums[kind] ?? Sum()
            all.locks += 1
            all.taken += meter.sum.taken
            all.contended += meter.sum.contended
            all.waited += meter.sum.waited
            all.held += meter.sum.held
            sums[kind] = all
        }
        return sums.map { ($0.key, $0.value) }.sorted { $0.1.taken > $1.1.taken }
    }
}
#endif
