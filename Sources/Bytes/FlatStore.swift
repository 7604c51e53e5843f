/// A growing run of plain values in one allocation that is reused: an index of fields, a list of edits.
///
/// Meant as a stored `let` of a pooled object in place of an `Array` variable: no uniqueness check, no reference count,
/// no exclusivity check. It is a handle: changing it needs no `mutating`. Elements are copied in and out, and every
/// access is checked against `count`.
@safe
public struct FlatStore<Element: BitwiseCopyable>: ~Copyable {
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
        unsafe self.state.pointee.base.deallocate()
        unsafe self.state.deallocate()
    }

    @inlinable public var count: Int { unsafe self.state.pointee.used }
    @inlinable public var isEmpty: Bool { self.count == 0 }

    @inlinable
    public subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < self.count, "index out of range")
            return unsafe self.state.pointee.base[index]
        }
        nonmutating set {
            precondition(index >= 0 && index < self.count, "index out of range")
            unsafe self.state.pointee.base[index] = newValue
        }
    }

    @inlinable
    public func append(_ element: Element) {
        let used = self.count
        if unsafe used == self.state.pointee.capacity { self.grow() }
        unsafe self.state.pointee.base[used] = element
        unsafe self.state.pointee.used = used &+ 1
    }

    @inlinable
    public func removeAll() { unsafe self.state.pointee.used = 0 }

    @inlinable public var capacity: Int { unsafe self.state.pointee.capacity }

    /// Forgets everything, and gives memory back when the run grew past `limit`.
    public func removeAll(keeping limit: Int) {
        self.removeAll()
        guard self.capacity > limit else { return }
        unsafe self.state.pointee.base.deallocate()
        unsafe self.state.pointee = State(capacity: max(limit, 1))
    }

    /// Forgets the elements from `count` on.
    @inlinable
    public func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        unsafe self.state.pointee.used = count
    }

    @usableFromInline
    func grow() {
        let size = unsafe self.state.pointee.capacity * 2
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: size)
        unsafe moved.update(from: self.state.pointee.base, count: self.count)
        unsafe self.state.pointee.base.deallocate()
        unsafe self.state.pointee.base = moved
        unsafe self.state.pointee.capacity = size
    }
}
