import CLinux

/// A value that messages read all the time and that is hardly ever another: a table loaded from a database, a list filled
/// at the start.
///
/// One lock for all of them would be the place where all processors meet. So there are copies, one for each processor up
/// to sixteen, and a thread reads its own. What a copy holds by reference they share.
public final class ReadMostly<Value: Sendable>: Sendable {
    @usableFromInline let copies: StripedTable<Value>
    private let newest: Lock<Value>

    public init(_ value: Value) {
        self.copies = StripedTable(stripes: min(Int(apus_cpu_count()), 16), isLeaf: true) { _ in value }
        self.newest = Lock(value)
    }

    /// Looks at the value, as whoever holds a lock: nothing else, and not for long.
    @inlinable
    public func read<R, E: Error>(_ body: (Value) throws(E) -> R) throws(E) -> R {
        try self.copies.withStripe(at: ThreadNumber.current & (self.copies.count - 1)) { (value) throws(E) in
            try body(value)
        }
    }

    /// Puts another value in its place, for one thread after the other.
    public func replace(_ value: Value) { self.change { $0 = value } }

    /// Changes the value. What it shares with the copies is copied first: not for what changes often.
    public func change(_ body: (inout Value) -> Void) {
        self.newest.withLock { newest in
            body(&newest)
            let value = newest
            self.copies.forEachStripe { _, copy in copy = value }
        }
    }
}

/// A small number of the calling thread, for spreading threads over copies of something: threads that were started one
/// after the other have different ones.
public enum ThreadNumber {
    @inlinable @inline(__always)
    public static var current: Int { Int(apus_thread_number()) }
}
