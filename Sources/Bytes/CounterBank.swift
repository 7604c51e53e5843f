import Synchronization

/// Counters that one thread adds to and any thread reads: no shared cache line is written by two threads.
@safe
public final class CounterBank: @unchecked Sendable {  // cells are atomics; the pointer is set once
    @usableFromInline let cells: UnsafeMutablePointer<Atomic<Int>>
    @usableFromInline let capacity: Int

    public init(capacity: Int) {
        self.capacity = capacity
        // Lines of its own, and whole ones: the next worker's counters may be allocated right behind.
        let size = (max(capacity, 1) * MemoryLayout<Atomic<Int>>.stride + 127) / 128 * 128
        unsafe self.cells = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 128)
            .bindMemory(to: Atomic<Int>.self, capacity: capacity)
        for index in 0..<capacity { unsafe (self.cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        unsafe self.cells.deinitialize(count: self.capacity)
        unsafe UnsafeMutableRawPointer(self.cells).deallocate()
    }

    /// Adds to a counter; only the owning thread calls it, so load and store need not be one step.
    @inlinable
    public func add(at index: Int, _ amount: Int) {
        precondition(index >= 0 && index < self.capacity)
        let now = unsafe self.cells[index].load(ordering: .relaxed)
        unsafe self.cells[index].store(now &+ amount, ordering: .relaxed)
    }

    public func value(at index: Int) -> Int {
        precondition(index >= 0 && index < self.capacity)
        return unsafe self.cells[index].load(ordering: .relaxed)
    }
}
