import Bytes

/// A statistic, by its row in every worker's `CounterBank`.
public struct CounterID: Hashable, Sendable, BitwiseCopyable {
    public var index: Int32
    public init(index: Int) { self.index = Int32(truncatingIfNeeded: index) }
}

/// All statistics by group and name, and their values summed over the workers.
///
/// A configuration that is being built registers with a `draft()`: nobody sees what is new in it before `adopt()`, and
/// nothing has changed when it is refused.
public final class CounterRegistry: Sendable {
    public struct Entry: Sendable {
        public var group: String
        public var name: String
        public var summary: String
        /// For values that are computed when asked (sizes, table counts).
        public var read: (@Sendable () -> Int)?
        /// Only drafts have registered it so far.
        var isHidden = false
        /// Whose `read` is.
        var reader: ObjectIdentifier?
    }

    private struct Name: Hashable {
        var group: String
        var name: String
    }

    private struct State {
        var entries: [Entry] = []
        /// Where in `entries` each is.
        var places: [Name: Int] = [:]
        var banks: [CounterBank] = []
        /// Sums at the last reset.
        var baselines: [Int] = []
    }

    /// What a configuration that is being built has registered.
    private struct Draft {
        var own: Set<Int> = []
        var reads: [(index: Int, read: @Sendable () -> Int)] = []
    }

    /// Shared with all drafts: a counter has one row in the workers' banks, whoever registers it.
    private final class Storage: Sendable {
        let lock = Lock(State())
    }

    private let storage: Storage
    private var state: Lock<State> { self.storage.lock }
    /// nil: what is registered is in force at once.
    private let pending: Lock<Draft?>
    public static let capacity = 2048

    public init() {
        self.storage = Storage()
        self.pending = Lock(nil)
    }

    private init(_ storage: Storage) {
        self.storage = storage
        self.pending = Lock(Draft())
    }

    /// The same statistics, for a configuration that may be refused yet.
    public func draft() -> CounterRegistry { CounterRegistry(self.storage) }

    /// Puts what was registered with this draft in force.
    public func adopt() {
        let draft = self.pending.withLock { pending in
            defer { pending = nil }
            return pending
        }
        guard let draft else { return }
        self.state.withLock { state in
            for index in draft.own { state.entries[index].isHidden = false }
            for (index, read) in draft.reads {
                state.entries[index].read = read
                state.entries[index].reader = ObjectIdentifier(self)
            }
        }
    }

    /// Forgets how statistics are computed that were registered through this registry and that nobody has registered
    /// since: whoever would compute them is gone.
    public func withdraw() {
        self.state.withLock { state in
            for index in state.entries.indices where state.entries[index].reader == ObjectIdentifier(self) {
                state.entries[index].read = nil
                state.entries[index].reader = nil
            }
        }
    }

    /// The counter of that name; the same pair gives the same counter, also after a reload.
    public func register(_ group: String, _ name: String, _ summary: String = "") -> CounterID {
        let isDraft = self.pending.withLock { $0 != nil }
        let index = self.state.withLock { state in
            if let known = state.places[Name(group: group, name: name)] {
                if !isDraft { state.entries[known].isHidden = false }
                return known
            }
            let index = min(state.entries.count, Self.capacity - 1)
            if index == state.entries.count {
                var entry = Entry(group: group, name: name, summary: summary)
                entry.isHidden = isDraft
                state.places[Name(group: group, name: name)] = index
                state.entries.append(entry)
                state.baselines.append(0)
            }
            return index
        }
        if isDraft { _ = self.pending.withLock { $0?.own.insert(index) } }
        return CounterID(index: index)
    }

    /// A statistic that `read` computes when somebody asks; replaces one of the same name.
    public func register(_ group: String, _ name: String, read: @escaping @Sendable () -> Int) {
        let index = Int(self.register(group, name).index)
        let isDraft = self.pending.withLock { pending in
            pending?.reads.append((index, read))
            return pending != nil
        }
        guard !isDraft else { return }
        self.state.withLock { state in
            state.entries[index].read = read
            state.entries[index].reader = ObjectIdentifier(self)
        }
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
        let own = self.pending.withLock { $0?.own } ?? []
        return self.state.withLock { state in
            guard let index = state.places[Name(group: group, name: name)],
                !state.entries[index].isHidden || own.contains(index)
            else { return nil }
            return CounterID(index: index)
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
        self.state.withLock { $0.entries.filter { !$0.isHidden } }
    }
}
