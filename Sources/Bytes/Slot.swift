/// One value of any kind that is only read and replaced as a whole: the state of a pooled object, as a stored `let`.
///
/// What `Cell` is for plain values. A property of a class costs an exclusivity check at every access; this needs none,
/// since no access lasts: `value` hands out a copy and takes a new one in, and nothing can happen in between.
@safe
public struct Slot<Value>: ~Copyable {
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    @inlinable
    public init(_ value: consuming Value) {
        unsafe self.pointer = .allocate(capacity: 1)
        unsafe self.pointer.initialize(to: value)
    }

    @inlinable
    deinit {
        unsafe self.pointer.deinitialize(count: 1)
        unsafe self.pointer.deallocate()
    }

    @inlinable public var value: Value {
        // The allocation lives as long as the slot and is never moved.
        get { unsafe self.pointer.pointee }
        nonmutating set { unsafe self.pointer.pointee = newValue }
    }
}
