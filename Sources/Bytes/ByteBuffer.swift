import CLinux

/// A growing run of bytes in one allocation that is reused: a received datagram, a message being written.
///
/// Not `Sendable`: one worker owns it. Every access is checked against `count`; the pointer never leaves this file
/// but through the `withUnsafe…` calls that system calls need.
@safe
public final class ByteBuffer {
    /// The state lives behind a pointer that never changes: properties of the class itself would cost an exclusivity
    /// check at every read, and there are many.
    @safe @usableFromInline
    struct State: BitwiseCopyable {
        @usableFromInline var base: UnsafeMutablePointer<UInt8>
        @usableFromInline var used: Int
        @usableFromInline var capacity: Int

        @usableFromInline
        init(capacity: Int) {
            unsafe self.base = PlainRoom.allocate(UInt8.self, capacity)
            self.used = 0
            self.capacity = capacity
        }
    }

    @usableFromInline let state: UnsafeMutablePointer<State>

    @inlinable var base: UnsafeMutablePointer<UInt8> {
        get { unsafe self.state.pointee.base }
        set { unsafe self.state.pointee.base = newValue }
    }
    @inlinable var used: Int {
        get { unsafe self.state.pointee.used }
        set { unsafe self.state.pointee.used = newValue }
    }
    /// Bytes that fit without a new allocation.
    @inlinable public internal(set) var capacity: Int {
        get { unsafe self.state.pointee.capacity }
        set { unsafe self.state.pointee.capacity = newValue }
    }

    /// Bytes written so far; never more than `capacity`.
    @inlinable public var count: Int { self.used }

    /// - Parameter capacity: bytes to reserve, at least 1.
    public init(capacity: Int = 2048) {
        unsafe self.state = PlainRoom.allocate(State.self, 1)
        unsafe self.state.initialize(to: State(capacity: Swift.max(capacity, 1)))
    }

    public convenience init(_ span: Span<UInt8>) {
        self.init(capacity: span.count)
        self.append(span)
    }

    public convenience init(_ text: String) {
        self.init(capacity: text.utf8.count)
        self.append(text)
    }

    deinit {
        unsafe PlainRoom.free(self.base)
        unsafe PlainRoom.free(self.state)
    }

    /// The bytes written so far. It borrows the buffer: the compiler refuses to let it outlive the next change.
    @inlinable public var span: Span<UInt8> {
        @_lifetime(borrow self) get {
            // The lifetime of the span is tied to self, which owns the allocation; count ≤ capacity always holds.
            unsafe _overrideLifetime(Span(_unsafeStart: UnsafePointer(self.base), count: self.count), borrowing: self)
        }
    }

    /// The bytes of `buffer`, lent for as long as `owner` is borrowed: for an object that holds it in a variable.
    ///
    /// The owner neither changes the buffer nor puts another in its place while the span is in use.
    @inlinable @inline(__always)
    @_lifetime(borrow owner)
    public static func span(of buffer: ByteBuffer, heldBy owner: AnyObject) -> Span<UInt8> {
        // The owner's reference keeps the buffer alive while the owner is borrowed.
        unsafe _overrideLifetime(
            Span(_unsafeStart: UnsafePointer(buffer.base), count: buffer.count),
            borrowing: owner
        )
    }

    @inlinable
    public subscript(index: Int) -> UInt8 {
        get {
            precondition(index >= 0 && index < self.count, "byte index out of range")
            return unsafe self.base[index]
        }
        set {
            precondition(index >= 0 && index < self.count, "byte index out of range")
            unsafe self.base[index] = newValue
        }
    }

    @inlinable
    public func removeAll() { self.used = 0 }

    /// Forgets the bytes from `count` on.
    @inlinable
    public func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.used = count
    }

    /// Drops the first `count` bytes and moves the rest to the front.
    public func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        let rest = self.count - count
        if rest > 0 { unsafe memmove(self.base, self.base + count, rest) }
        self.used = rest
    }

    @inlinable
    public func reserve(_ extra: Int) {
        if self.capacity &- self.count < extra { self.grow(extra) }
    }

    @usableFromInline
    func grow(_ extra: Int) {
        let size = Swift.max(self.capacity * 2, self.count + extra)
        let moved = unsafe PlainRoom.allocate(UInt8.self, size)
        unsafe moved.update(from: self.base, count: self.count)
        unsafe PlainRoom.free(self.base)
        unsafe self.base = moved
        self.capacity = size
    }

    /// Appends while the old allocation is still there: `span` may be a part of this buffer.
    @usableFromInline
    func growAndAppend(_ span: Span<UInt8>) {
        let old = unsafe self.base
        let size = Swift.max(self.capacity * 2, self.used + span.count)
        unsafe self.base = PlainRoom.allocate(UInt8.self, size)
        unsafe self.base.update(from: old, count: self.used)
        self.capacity = size
        self.append(span)
        unsafe PlainRoom.free(old)
    }

    /// Gives memory back when the buffer grew past `limit` and holds nothing.
    public func shrink(to limit: Int) {
        guard self.count == 0, self.capacity > limit else { return }
        unsafe PlainRoom.free(self.base)
        unsafe self.base = PlainRoom.allocate(UInt8.self, limit)
        self.capacity = limit
    }

    @inlinable
    public func append(_ byte: UInt8) {
        self.reserve(1)
        unsafe self.base[self.count] = byte
        self.used &+= 1
    }

    @inlinable
    public func append(_ span: Span<UInt8>) {
        let added = span.count
        guard added > 0 else { return }
        guard self.capacity &- self.used >= added else { return self.growAndAppend(span) }
        // Outside of the closure: it would hold the buffer, and that is counted.
        let place = unsafe self.base + self.used
        unsafe span.withUnsafeBufferPointer { source in
            if let from = source.baseAddress { unsafe memcpy(place, from, added) }
        }
        self.used &+= added
    }

    /// Appends `range` of `span`; an absent range appends nothing.
    @inlinable
    public func append(_ span: Span<UInt8>, _ range: ByteRange) {
        guard range.isPresent, range.count > 0 else { return }
        self.append(span.extracting(range.indices))
    }

    // A literal is meant as the StaticString it is: no String is made, nothing is counted.

    @_disfavoredOverload @inlinable
    public func append(_ text: ByteString) { self.append(text.span) }

    @inlinable
    public func append(_ text: StaticString) {
        unsafe self.append(Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @_disfavoredOverload
    public func append(_ text: String) {
        var copy = text
        copy.withUTF8 { bytes in
            unsafe self.append(Span(_unsafeElements: bytes))
        }
    }

    /// Appends `value` in decimal, with a minus sign when negative.
    public func append(decimal value: Int) {
        if value < 0 { self.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var digits = 1
        var limit: UInt = 10
        while digits < 20, rest >= limit {
            digits &+= 1
            limit = digits < 20 ? limit &* 10 : limit
        }
        self.reserve(digits)
        // The digits have been made room for; they are written from the last to the first.
        var place = unsafe self.base + self.count + digits
        for _ in 0..<digits {
            unsafe place -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            unsafe place.pointee = 48 &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
        self.used &+= digits
    }

    /// Appends the lowest `count` bytes of `word`, the lowest first.
    /// - Parameter count: 0 to 8.
    @inlinable @inline(__always)
    public func append(word: UInt64, count: Int) {
        precondition(count >= 0 && count <= 8)
        self.reserve(8)
        // Eight bytes have been made room for; those past `count` do not count.
        unsafe UnsafeMutableRawPointer(self.base + self.count).storeBytes(of: word.littleEndian, as: UInt64.self)
        self.used &+= count
    }

    /// Appends the bytes of `span`, which is not in this buffer, in lower-case hexadecimal.
    public func append(hexOf span: Span<UInt8>) {
        self.reserve(span.count * 2 + 8)
        var index = 0
        while index + 8 <= span.count {
            let bytes = span.word(at: index)
            self.append(word: bytes.hexadecimalDigits, count: 8)
            self.append(word: (bytes >> 32).hexadecimalDigits, count: 8)
            index += 8
        }
        for rest in index..<span.count { self.append(word: UInt64(span[rest]).hexadecimalDigits, count: 2) }
    }

    /// Appends `value` in lower-case hexadecimal, at least `digits` long.
    public func append(hex value: UInt64, digits: Int = 1, isCapital: Bool = false) {
        let needed = Swift.max((67 &- value.leadingZeroBitCount) / 4, 1)
        let width = Swift.max(needed, digits)
        self.reserve(width)
        var rest = value
        // The digits have been made room for; they are written from the last to the first.
        var place = unsafe self.base + self.count + width
        for _ in 0..<width {
            unsafe place -= 1
            let digit = UInt8(truncatingIfNeeded: rest & 15)
            unsafe place.pointee = digit < 10 ? 48 &+ digit : (isCapital ? 55 : 87) &+ digit
            rest >>= 4
        }
        self.used &+= width
    }

    /// Puts `text` in place of the `deleting` bytes at `index`.
    public func replace(at index: Int, deleting: Int, with text: Span<UInt8>) {
        precondition(index >= 0 && deleting >= 0 && index + deleting <= self.count)
        let added = text.count
        if added > deleting { self.reserve(added - deleting) }
        let tail = self.count - index - deleting
        unsafe memmove(self.base + index + added, self.base + index + deleting, tail)
        unsafe text.withUnsafeBufferPointer { source in
            if let from = source.baseAddress { unsafe memcpy(self.base + index, from, added) }
        }
        self.used += added - deleting
    }

    /// For system calls that fill the buffer: the whole capacity is handed out and `count` becomes what `body` returns.
    @unsafe
    public func fill(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        let filled = unsafe body(UnsafeMutableBufferPointer(start: self.base, count: self.capacity))
        precondition(filled >= 0 && filled <= self.capacity)
        self.used = filled
    }

    /// For system calls that write the buffer out.
    @unsafe @inlinable
    public func withUnsafeBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
        try unsafe body(UnsafeBufferPointer(start: self.base, count: self.count))
    }

    /// The allocation itself, for a `recvmmsg` slot that is set up once. Valid until the buffer grows or goes.
    @unsafe @inlinable public var baseAddress: UnsafeMutablePointer<UInt8> { unsafe self.base }

    /// Says that a system call wrote `count` bytes through `baseAddress`.
    public func setCount(_ count: Int) {
        precondition(count >= 0 && count <= self.capacity)
        self.used = count
    }
}
