import Bytes

/// What a `mqueue` line says of one queue: `name=q;size=100;addmode=0|1|2`.
struct QueueDefinition: Sendable, Equatable {
    enum AddMode: Int, Sendable {
        case append = 0
        /// A key that waits already keeps its value.
        case keepOldest = 1
        /// A key that waits already is taken out; the new pair goes to the end.
        case keepNewest = 2
    }

    var name = ByteString()
    /// Pairs that may wait; 0: as many as come.
    var limit = 0
    var mode = AddMode.append
}

/// A queue of pairs of key and value, first in, first out, for all workers. It belongs to the server and survives a
/// reload.
///
/// A pair costs 20 bytes beside its packed texts.
final class MessageQueue: Sendable {
    private struct Item: BitwiseCopyable {
        var key: PackedHandle
        var value: PackedHandle
        var next: Handle
        var previous: Handle
    }

    private struct State: ~Copyable {
        var items = Slab<Item>(indexBits: 24, recordsPerPage: 64)
        var texts = PackedBytes(pageSize: 16 * 1024)
        var first = Handle.none
        var last = Handle.none
        /// Waiting items by hash of their key, in queues that look for them.
        var index: [UInt64: [Handle]] = [:]
    }

    let name: ByteString
    private let state = Lock(State())
    private let seed = HashSeed.process

    init(name: ByteString) { self.name = name }

    var count: Int { self.state.withLock { $0.items.count } }

    /// Puts a pair at the end. A full queue loses its oldest one.
    /// - Returns: false when there is no room for the texts.
    func add(_ key: ByteString, _ value: ByteString, _ definition: QueueDefinition) -> Bool {
        let hash = key.span.keyedHash(seed: self.seed)
        return self.state.withLock { state in
            if definition.mode != .append, let known = Self.find(&state, hash, key) {
                if definition.mode == .keepOldest { return true }
                Self.remove(&state, known, self.seed)
            }
            if definition.limit > 0 {
                while state.items.count >= definition.limit { Self.remove(&state, state.first, self.seed) }
            }
            return Self.append(&state, hash, key, value, isIndexed: definition.mode != .append)
        }
    }

    /// Takes the oldest pair out; nil when none waits.
    func fetch() -> (key: ByteString, value: ByteString)? {
        self.state.withLock { state in
            guard let item = state.items[state.first] else { return nil }
            let pair = (ByteString(state.texts.span(item.key)), ByteString(state.texts.span(item.value)))
            Self.remove(&state, state.first, self.seed)
            return pair
        }
    }

    private static func find(_ state: inout State, _ hash: UInt64, _ key: ByteString) -> Handle? {
        for handle in state.index[hash] ?? [] {
            if let item = state.items[handle], state.texts.span(item.key).equals(key.span) { return handle }
        }
        return nil
    }

    private static func append(
        _ state: inout State, _ hash: UInt64, _ key: ByteString, _ value: ByteString, isIndexed: Bool
    ) -> Bool {
        guard let keyHandle = state.texts.store(key.span) else { return false }
        guard let valueHandle = state.texts.store(value.span),
            let handle = state.items.insert(
                Item(key: keyHandle, value: valueHandle, next: .none, previous: state.last))
        else {
            state.texts.free(keyHandle)
            return false
        }
        if state.last.isNone { state.first = handle } else { state.items.withRecord(state.last) { $0.next = handle } }
        state.last = handle
        if isIndexed { state.index[hash, default: []].append(handle) }
        return true
    }

    private static func remove(_ state: inout State, _ handle: Handle, _ seed: UInt64) {
        guard let item = state.items.remove(handle) else { return }
        if !state.index.isEmpty {
            let hash = state.texts.span(item.key).keyedHash(seed: seed)
            state.index[hash]?.removeAll { $0 == handle }
            if state.index[hash]?.isEmpty == true { state.index[hash] = nil }
        }
        let (next, previous) = (item.next, item.previous)
        if previous.isNone { state.first = next } else { state.items.withRecord(previous) { $0.next = next } }
        if next.isNone { state.last = previous } else { state.items.withRecord(next) { $0.previous = previous } }
        state.texts.free(item.key)
        state.texts.free(item.value)
    }
}
