/// One plain value behind a pointer that never changes: the state of a pooled object, as a stored `let`.
///
/// Reading or changing a part touches that part only and costs no exclusivity check. Plain values hold no references,
/// so overlapping changes could at worst lose a write.
@safe
public struct Cell<Value: BitwiseCopyable>: ~Copyable {
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    @inlinable
    public init(_ value: Value) {
        unsafe self.pointer = .allocate(capacity: 1)
        unsafe self.pointer.initialize(to: value)
    }

    @inlinable
    deinit { unsafe self.pointer.deallocate() }

    @inlinable public var value: Value {
        // The allocation lives as long as the cell and is never moved.
        unsafeAddress { unsafe UnsafePointer(self.pointer) }
        nonmutating unsafeMutableAddress { unsafe self.pointer }
    }
}
