import Glibc

/// A table shared by all threads, cut into stripes with a lock each.
///
/// Two rules keep it free of deadlocks and fast. **Never two stripes at once**, of this table or another: finish with
/// one, then take the next. **Never a call out** while a stripe is held: no send, no script, no hook, no log; decide
/// inside, return what is to be done, do it after. Debug builds stop at a second stripe taken by one thread.
///
/// What a stripe holds is the owner's: as a rule a `~Copyable` struct of slab, hash chains and timer wheel.
@safe
public final class StripedTable<Stripe: ~Copyable>: @unchecked Sendable {  // set once by init; the locks guard the rest
    // No objects: taking a stripe costs no reference count. The table owns its rooms until deinit.
    @usableFromInline let rooms: UnsafeMutablePointer<GuardedRoom<Stripe>>
    @usableFromInline let mask: UInt64
    /// Number of stripes, a power of two.
    public let count: Int
    /// Its locks are the last that a thread takes: they may be taken under a stripe of another table.
    @usableFromInline let isLeaf: Bool

    /// - Parameters:
    ///   - stripes: rounded up to a power of two, at least 1, at most 65536.
    ///   - isLeaf: nothing else is ever locked under its stripes, so that they may be taken under one of another table.
    ///   - make: makes the state of the stripe with this index.
    public init(stripes: Int, isLeaf: Bool = false, _ make: (Int) -> Stripe) {
        self.isLeaf = isLeaf
        var size = 1
        while size < stripes && size < 65536 { size *= 2 }
        self.count = size
        self.mask = UInt64(size - 1)
        unsafe self.rooms = .allocate(capacity: size)
        for index in 0..<size {
            unsafe (self.rooms + index).initialize(to: GuardedRoom(make(index), isApart: true))
        }
    }

    deinit {
        for index in 0..<self.count { unsafe self.rooms[index].free() }
        unsafe self.rooms.deallocate()
    }

    /// The stripe that a hash falls to: by its low bits, so chains inside a stripe should use the high ones.
    @inlinable
    public func index(of hash: UInt64) -> Int { Int(truncatingIfNeeded: hash & self.mask) }

    /// Locks the stripe of `hash` for the time of `body`.
    @inlinable
    public func withStripe<R, E: Error>(_ hash: UInt64, _ body: (inout Stripe) throws(E) -> R) throws(E) -> R {
        try self.withStripe(at: self.index(of: hash), body)
    }

    /// Locks the stripe with this index for the time of `body`.
    @inlinable
    public func withStripe<R, E: Error>(at index: Int, _ body: (inout Stripe) throws(E) -> R) throws(E) -> R {
        precondition(index >= 0 && index < self.count, "no such stripe")
        #if DEBUG
        if !self.isLeaf { StripeWatch.enter() }
        defer { if !self.isLeaf { StripeWatch.leave() } }
        #endif
        defer { extendLifetime(self) }
        return try unsafe self.rooms[index].withLock(body)
    }

    /// Locks the stripe with this index until `unlock()` is called on what is returned.
    @inlinable
    @_lifetime(borrow self)
    public func lock(at index: Int) -> LockedStripe<Stripe> {
        precondition(index >= 0 && index < self.count, "no such stripe")
        #if DEBUG
        if !self.isLeaf { StripeWatch.enter() }
        #endif
        return unsafe LockedStripe(self.rooms[index], of: self)
    }

    /// Locks one stripe after the other, never two. What changes meanwhile in other stripes may be seen or not.
    @inlinable
    public func forEachStripe<E: Error>(_ body: (Int, inout Stripe) throws(E) -> Void) throws(E) {
        for index in 0..<self.count {
            try self.withStripe(at: index) { (stripe) throws(E) in try body(index, &stripe) }
        }
    }
}

#if DEBUG
/// Notices in debug builds when a thread takes a second stripe.
@usableFromInline
enum StripeWatch {
    // A key of pthreads, made once; its value is nil unless the thread holds a stripe.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()

    @usableFromInline
    static func enter() {
        precondition(unsafe pthread_getspecific(self.key) == nil, "a thread holds one stripe at a time")
        unsafe pthread_setspecific(self.key, UnsafeRawPointer(bitPattern: 1))
    }

    @usableFromInline
    static func leave() { pthread_setspecific(self.key, nil) }
}
#endif
