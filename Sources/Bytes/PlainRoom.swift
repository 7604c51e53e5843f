import Glibc

/// Memory for plain values, by malloc.
///
/// `UnsafeMutablePointer.allocate` asks for memory of a certain alignment even where any piece of memory has it, and
/// that takes the allocator three times as long.
@usableFromInline
enum PlainRoom {
    /// Room for `count` values, uninitialised; no memory ends the process, as with every other allocation.
    @inlinable
    static func allocate<Value: BitwiseCopyable>(_ type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
        precondition(MemoryLayout<Value>.alignment <= 16)
        guard let room = unsafe malloc(count * MemoryLayout<Value>.stride) else { preconditionFailure("out of memory") }
        return unsafe room.bindMemory(to: Value.self, capacity: count)
    }

    @inlinable
    static func free<Value: BitwiseCopyable>(_ room: UnsafeMutablePointer<Value>) { unsafe Glibc.free(room) }
}
