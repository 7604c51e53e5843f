/// A stack of values of any kind in one allocation that is reused: operands and frames of a script.
///
/// What `FlatStore` is for plain values: meant as a stored `let` of a pooled object in place of an `Array` variable, with
/// no uniqueness check and no exclusivity check. It is a handle: changing it needs no `mutating`. Every access is
/// checked against `count`.
@safe
public struct ElementStack<Element>: ~Copyable {
    @safe @usableFromInline
    struct State {
        @usableFromInline var base: UnsafeMutablePointer<Element>
        @usableFromInline var capacity: Int
        @usableFromInline var used: Int

        @inlinable
        init(capacity: Int) {
            unsafe self.base = .allocate(capacity: capacity)
            self.capacity = capacity
            self.used = 0
        }
    }

    @usableFromInline let state: UnsafeMutablePointer<State>

    /// - Parameter capacity: elements to reserve, at least 1.
    @inlinable
    public init(capacity: Int) {
        unsafe self.state = .allocate(capacity: 1)
        unsafe self.state.initialize(to: State(capacity: Swift.max(capacity, 1)))
    }

    @inlinable
    deinit {
        self.removeAll()
        unsafe self.state.pointee.base.deallocate()
        unsafe self.state.deallocate()
    }

    @inlinable public var count: Int { unsafe self.state.pointee.used }
    @inlinable public var isEmpty: Bool { self.count == 0 }

    /// The element at `index`, changed in place. An index that came from `count` stays good until something is taken
    /// away; the element must not be used while something is appended.
    @inlinable
    public subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(index >= 0 && index < self.count, "index out of range")
            return unsafe UnsafePointer(self.state.pointee.base + index)
        }
        nonmutating unsafeMutableAddress {
            precondition(index >= 0 && index < self.count, "index out of range")
            return unsafe self.state.pointee.base + index
        }
    }

    @inlinable public var last: Element? { self.isEmpty ? nil : self[self.count - 1] }

    @inlinable
    public func append(_ element: consuming Element) {
        let used = self.count
        if unsafe used == self.state.pointee.capacity { self.grow() }
        // The place is allocated and holds nothing.
        unsafe (self.state.pointee.base + used).initialize(to: element)
        unsafe self.state.pointee.used = used &+ 1
    }

    @inlinable
    public func popLast() -> Element? {
        let used = self.count
        guard used > 0 else { return nil }
        unsafe self.state.pointee.used = used &- 1
        // The place held an element until now, and holds none afterwards.
        return unsafe (self.state.pointee.base + (used &- 1)).move()
    }

    /// Takes away the element at `index`; the last one takes its place.
    @inlinable
    public func remove(at index: Int) -> Element? {
        guard index >= 0, index < self.count, var last = self.popLast() else { return nil }
        if index < self.count { swap(&self[index], &last) }
        return last
    }

    /// Takes away the elements from `count` on.
    @inlinable
    public func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        let excess = self.count &- count
        guard excess > 0 else { return }
        unsafe self.state.pointee.used = count
        let first = unsafe self.state.pointee.base + count
        // The library's way to end many costs several times as much as one.
        if excess == 1 { _ = unsafe first.move() } else { unsafe first.deinitialize(count: excess) }
    }

    @inlinable public func removeAll() { self.truncate(to: 0) }

    /// Gives back what is not used.
    public func shrink() {
        let size = Swift.max(self.count, 1)
        if unsafe size < self.state.pointee.capacity { self.move(capacity: size) }
    }

    @usableFromInline
    func grow() { self.move(capacity: unsafe self.state.pointee.capacity * 2) }

    /// - Parameter size: at least `count`.
    private func move(capacity size: Int) {
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: size)
        unsafe moved.moveInitialize(from: self.state.pointee.base, count: self.count)
        unsafe self.state.pointee.base.deallocate()
        unsafe self.state.pointee.base = moved
        unsafe self.state.pointee.capacity = size
    }
}
