/// One value of any kind that is changed in place: the state of a pooled object, as a stored `let`.
///
/// What `Slot` is for values that are only replaced as a whole. Accesses that overlap stop the program, as those to a
/// property of a class do; but for one thread only, which makes the check two instructions instead of a hundred.
/// What a value that cannot be copied holds is lent with it: it need not be counted.
@safe
public struct Guarded<Value: ~Copyable>: ~Copyable {
    @usableFromInline
    struct Contents: ~Copyable {
        /// Reads in progress; -1 during a change.
        @usableFromInline var accesses = 0
        @usableFromInline var value: Value

        @inlinable
        init(_ value: consuming Value) { self.value = value }
    }

    @usableFromInline let pointer: UnsafeMutablePointer<Contents>

    @inlinable
    public init(_ value: consuming Value) {
        unsafe self.pointer = .allocate(capacity: 1)
        unsafe self.pointer.initialize(to: Contents(value))
    }

    @inlinable
    deinit {
        unsafe self.pointer.deinitialize(count: 1)
        unsafe self.pointer.deallocate()
    }

    @inlinable public var value: Value {
        // The allocation lives as long as the owner and is never moved.
        _read {
            precondition(unsafe self.pointer.pointee.accesses >= 0, "read while it is changed")
            unsafe self.pointer.pointee.accesses += 1
            defer { unsafe self.pointer.pointee.accesses -= 1 }
            yield unsafe self.pointer.pointee.value
        }
        nonmutating _modify {
            self.beginChange()
            defer { self.endChange() }
            yield &self.changing
        }
    }

    // For accessors that yield the value further: an accessor in an accessor allocates.

    @inlinable
    public func beginChange() {
        precondition(unsafe self.pointer.pointee.accesses == 0, "changed while it is in use")
        unsafe self.pointer.pointee.accesses = -1
    }

    @inlinable
    public func endChange() { unsafe self.pointer.pointee.accesses = 0 }

    /// The value between `beginChange` and `endChange`.
    @inlinable public var changing: Value {
        unsafeAddress {
            precondition(unsafe self.pointer.pointee.accesses < 0, "not being changed")
            return unsafe UnsafePointer(self.place)
        }
        nonmutating unsafeMutableAddress {
            precondition(unsafe self.pointer.pointee.accesses < 0, "not being changed")
            return unsafe self.place
        }
    }

    /// Of the value, which stays where it is.
    @inlinable var place: UnsafeMutablePointer<Value> {
        unsafe withUnsafeMutablePointer(to: &self.pointer.pointee.value) { unsafe $0 }
    }
}
