/// Holds one buffer that can be exchanged: what a message reads from.
///
/// Kept as a stored `let` of the object that lends out the bytes; the reference lives behind a pointer, so reading it
/// costs neither an exclusivity check nor a reference count.
@safe
public struct BufferSlot: ~Copyable {
    @usableFromInline let pointer: UnsafeMutablePointer<ByteBuffer>

    public init(_ buffer: ByteBuffer) {
        unsafe self.pointer = .allocate(capacity: 1)
        unsafe self.pointer.initialize(to: buffer)
    }

    deinit {
        unsafe self.pointer.deinitialize(count: 1)
        unsafe self.pointer.deallocate()
    }

    @inlinable public var buffer: ByteBuffer {
        get { unsafe self.pointer.pointee }
        nonmutating set { unsafe self.pointer.pointee = newValue }
    }

    /// Takes `other` in and gives what was held for it: neither is counted.
    @inlinable
    public func exchange(with other: inout ByteBuffer) { unsafe swap(&self.pointer.pointee, &other) }

    /// The bytes of the buffer, lent for as long as `owner`, the object that holds the slot, is borrowed.
    ///
    /// The owner neither changes the buffer nor puts another in its place while the span is in use.
    @inlinable @inline(__always)
    @_lifetime(borrow owner)
    public func span(heldBy owner: AnyObject) -> Span<UInt8> {
        // The slot keeps the buffer alive while its owner is borrowed.
        unsafe _overrideLifetime(
            Span(_unsafeStart: UnsafePointer(self.pointer.pointee.base), count: self.pointer.pointee.count),
            borrowing: owner
        )
    }
}
