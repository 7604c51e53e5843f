/// State that only one thread touches at a time, for as short as can be: decide inside, act after.
public final class Lock<State: ~Copyable>: @unchecked Sendable {  // what `room` points to is guarded by its mutex
    @usableFromInline let room: GuardedRoom<State>

    /// - Parameter isApart: on cache lines of its own, for locks of a table that many threads use at a time: else
    ///   taking one would slow down whoever has its neighbour.
    public init(_ state: consuming State, isApart: Bool = false) { self.room = GuardedRoom(state, isApart: isApart) }

    deinit { self.room.free() }

    @inlinable
    public func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        // The pointers of the room do not say whose it is: without this the lock might end, inlined, before `body` does.
        defer { extendLifetime(self) }
        return try self.room.withLock(body)
    }
}
