/// A value that stays until the process ends, and a handle to it that is copied as a number is: no references are
/// counted, so processors that use it do not take it away from each other.
///
/// For what there are few of and no message makes: the listeners of configurations. Whoever makes one sees to it that
/// the same is not made again.
@safe
public struct Immortal<Value: Sendable>: BitwiseCopyable, Equatable, @unchecked Sendable {  // the value never changes
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    @inlinable
    public init(_ value: consuming Value) {
        unsafe self.pointer = .allocate(capacity: 1)
        unsafe self.pointer.initialize(to: value)
    }

    @inlinable public var value: Value {
        // The allocation is never freed, moved or written to.
        unsafeAddress { unsafe UnsafePointer(self.pointer) }
    }

    /// Whether both are handles to one value.
    @inlinable
    public static func == (left: Self, right: Self) -> Bool { unsafe left.pointer == right.pointer }
}

/// Bytes that stay until the process ends: see `Immortal`.
@safe
public struct ImmortalBytes: BitwiseCopyable, @unchecked Sendable {  // the bytes never change
    @usableFromInline let pointer: UnsafeMutablePointer<UInt8>
    public let count: Int

    public init(_ text: ByteString) {
        unsafe self.pointer = .allocate(capacity: max(text.count, 1))
        self.count = text.count
        for (index, byte) in text.bytes.enumerated() { unsafe (self.pointer + index).initialize(to: byte) }
    }

    @inlinable public var span: Span<UInt8> {
        // The allocation has `count` bytes and is never freed.
        @_lifetime(borrow self) get {
            unsafe _overrideLifetime(
                Span(_unsafeStart: UnsafePointer(self.pointer), count: self.count), borrowing: self)
        }
    }
}
