import Bytes

/// A statistic, by its row in every worker's `CounterBank`.
public struct CounterID: Hashable, Sendable, BitwiseCopyable {
    public var index: Int32
    public init(index: Int) { self.index = Int32(truncatingIfNeeded: index) }
}

/// All statistics by group and name, and their values summed over the workers.
public final class CounterRegistry: Sendable {
    public struct Entry: Sendable {
        public var group: String
        public var name: String
        public var summary: String
        /// For values that are computed when asked (sizes, table counts).
        public var read: (@Sendable () -> Int)?
    }

    private struct State {
        var entries: [Entry] = []
        var banks: [CounterBank] = []
        /// Sums at the last reset.
        var baselines: [Int] = []
    }

    private let state = Lock(State())
    public static let capacity = 2048

    public init() {}

    /// The counter of that name; the same pair gives the same counter, also after a reload.
    public func register(_ group: String, _ name: String, _ summary: String = "") -> CounterID {
        self.state.withLock { state in
            if let known = state.entries.firstIndex(where: { $0.group == group && $0.name == name }) {
                return CounterID(index: known)
            }
            let index = min(state.entries.count, Self.capacity - 1)
            if index == state.entries.count {
                state.entries.append(Entry(group: group, name: name, summary: summary))
                state.baselines.append(0)
            }
            return CounterID(index: index)
        }
    }

    /// A statistic that `read` computes when somebody asks; replaces one of the same name.
    public func register(_ group: String, _ name: String, read: @escaping @Sendable () -> Int) {
        let id = self.register(group, name)
        self.state.withLock { $0.entries[Int(id.index)].read = read }
    }

    /// A row for one more worker.
    public func makeBank() -> CounterBank {
        let bank = CounterBank(capacity: Self.capacity)
        self.state.withLock { $0.banks.append(bank) }
        return bank
    }

    public func value(_ id: CounterID) -> Int {
        let (entry, banks, baseline) = self.state.withLock {
            ($0.entries[Int(id.index)], $0.banks, $0.baselines[Int(id.index)])
        }
        if let read = entry.read { return read() }
        return banks.reduce(-baseline) { $0 + $1.value(at: Int(id.index)) }
    }

    public func value(_ group: String, _ name: String) -> Int? {
        self.find(group, name).map { self.value($0) }
    }

    public func find(_ group: String, _ name: String) -> CounterID? {
        self.state.withLock { state in
            state.entries.firstIndex { $0.group == group && $0.name == name }.map { CounterID(index: $0) }
        }
    }

    /// Makes the counter read 0 from now on.
    public func reset(_ id: CounterID) {
        self.state.withLock { state in
            let index = Int(id.index)
            state.baselines[index] = state.banks.reduce(0) { $0 + $1.value(at: index) }
        }
    }

    /// Sorted by group, then in order of registration.
    public var entries: [Entry] {
        self.state.withLock { $0.entries }
    }
}
