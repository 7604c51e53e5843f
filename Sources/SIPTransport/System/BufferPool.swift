import Bytes

/// Buffers that wait to be used again, for one thread.
///
/// Not `Sendable`. What does not come back is simply freed by its last owner.
@safe
public final class BufferPool {
    private let slots: UnsafeMutablePointer<ByteBuffer>  // the first `count` of `limit` are initialised
    private let limit: Int
    private var count = 0
    /// Capacity in bytes of a new buffer.
    public let bufferSize: Int

    /// - Parameters:
    ///   - bufferSize: capacity in bytes of a new buffer.
    ///   - limit: buffers to keep at most; more are freed.
    public init(bufferSize: Int = 4096, limit: Int = 64) {
        self.bufferSize = bufferSize
        self.limit = max(limit, 1)
        unsafe self.slots = .allocate(capacity: self.limit)
    }

    deinit {
        unsafe self.slots.deinitialize(count: self.count)
        unsafe self.slots.deallocate()
    }

    /// An empty buffer, new only when none waits.
    public func take() -> ByteBuffer {
        guard self.count > 0 else { return ByteBuffer(capacity: self.bufferSize) }
        self.count &-= 1
        return unsafe (self.slots + self.count).move()
    }

    /// Keeps `buffer` for later; the caller must not touch it any more.
    ///
    /// One that grew to more than four times the usual size gives the memory back, a smaller one is brought to it.
    public func give(_ buffer: consuming ByteBuffer) {
        guard self.count < self.limit else { return }
        buffer.removeAll()
        if buffer.capacity > self.bufferSize &* 4 { buffer.shrink(to: self.bufferSize) }
        buffer.reserve(self.bufferSize)
        unsafe (self.slots + self.count).initialize(to: buffer)
        self.count &+= 1
    }
}
