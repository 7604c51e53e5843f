/// Where a walk over a slab stands between two of its slices.
public struct SlabCursor: Sendable, BitwiseCopyable {
    @usableFromInline var next: UInt32 = 0
    @inlinable public init() {}
}

/// What becomes of a record that a sweep has shown.
public enum SweepVerdict: Sendable, BitwiseCopyable {
    case keep
    case remove
}

extension Slab where Record: ~Copyable {
    /// Shows the records in the next `slots` slots to `body`, and removes those that it condemns.
    ///
    /// The slab may change between slices: a record that lives through the whole walk is shown exactly once.
    /// - Parameters:
    ///   - cursor: a new one starts at the first record; it starts anew by itself after the last.
    ///   - slots: slots to visit, whether in use or not: this bounds the time of a slice.
    /// - Returns: whether the walk has come to its end.
    @inlinable @discardableResult
    public mutating func sweep<E: Error>(
        _ cursor: inout SlabCursor,
        slots: Int,
        _ body: (Handle, inout Record) throws(E) -> SweepVerdict
    ) throws(E) -> Bool {
        var left = slots
        while cursor.next < self.used {
            guard left > 0 else { return false }
            left -= 1
            let index = cursor.next
            cursor.next += 1
            guard self.isOccupied(index) else { continue }
            let handle = Handle(rawValue: unsafe self.word(index).pointee)
            if case .remove = try unsafe body(handle, &self.record(index).pointee) { _ = self.remove(handle) }
        }
        cursor.next = 0
        return true
    }

    /// Shows every record to `body`.
    @inlinable
    public mutating func forEach<E: Error>(_ body: (Handle, inout Record) throws(E) -> Void) throws(E) {
        for index in 0..<self.used where self.isOccupied(index) {
            let handle = Handle(rawValue: unsafe self.word(index).pointee)
            try unsafe body(handle, &self.record(index).pointee)
        }
    }

    /// Removes every record. Handles given out before stay refused.
    public mutating func removeAll() {
        for index in 0..<self.used where self.isOccupied(index) {
            _ = self.remove(Handle(rawValue: unsafe self.word(index).pointee))
        }
    }
}
