/// A stripe of a `StripedTable` that is locked until `unlock()`: what `withStripe` does, for those who would else have
/// whatever their closure captures counted. The same rules hold.
@safe
public struct LockedStripe<Stripe: ~Copyable>: ~Copyable, ~Escapable {
    @usableFromInline let room: GuardedRoom<Stripe>
    #if DEBUG
    @usableFromInline let isLeaf: Bool
    #endif

    /// - Parameter room: of `table`; it is locked here.
    @inlinable
    @_lifetime(borrow table)
    init(_ room: GuardedRoom<Stripe>, of table: borrowing StripedTable<Stripe>) {
        self.room = room
        #if DEBUG
        self.isLeaf = table.isLeaf
        #endif
        room.lock()
    }

    @inlinable
    deinit {
        #if DEBUG
        if !self.isLeaf { StripeWatch.leave() }
        #endif
        self.room.unlock()
    }

    /// What the stripe holds, where it lies.
    @inlinable public var state: Stripe {
        // The room outlives the table's borrow, and its mutex is held.
        unsafeAddress { unsafe UnsafePointer(self.room.state) }
        unsafeMutableAddress { unsafe self.room.state }
    }

    /// Gives the stripe free. Whoever leaves early need not call it: the end of the value does the same.
    @inlinable
    public consuming func unlock() {}
}
