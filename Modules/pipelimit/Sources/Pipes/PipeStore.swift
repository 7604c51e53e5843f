import Bytes
import ratelimit

/// All pipes, which survive a reload, and the load that FEEDBACK and NETWORK go by.
final class PipeStore: Sendable {
    /// Longest name of a pipe, in bytes.
    static let longestName = 255

    private let table: StripedTable<PipeTable>
    let watch = LoadWatch()
    private let seed = HashSeed.process

    /// - Parameters:
    ///   - stripes: a power of two.
    ///   - capacity: most pipes that scripts make.
    init(stripes: Int, capacity: Int) {
        self.table = StripedTable(stripes: stripes) { _ in PipeTable(capacity: capacity / max(stripes, 1)) }
    }

    private func hash(_ name: ByteString) -> UInt64 { name.span.keyedHash(seed: self.seed) }

    func has(_ name: ByteString) -> Bool { self.table.withStripe(self.hash(name)) { $0.has(name) } }

    /// Gives `body` the pipe to change.
    /// - Returns: nil when there is none.
    @discardableResult
    func with<R>(_ name: ByteString, _ body: (inout TrafficPipe) -> R) -> R? {
        self.table.withStripe(self.hash(name)) { $0.with(name, body) }
    }

    /// Counts a message.
    /// - Returns: nil when there is no such pipe.
    func take(_ name: ByteString) -> TrafficPipe.Answer? {
        let share = self.watch.refusedShare
        return self.with(name) { $0.take(scale: 1, refusedShare: share) }
    }

    /// Counts a message for a pipe that is made when it is not there; one that is keeps its algorithm and takes the
    /// limit, unless that is 0.
    func take(_ name: ByteString, _ algorithm: LimitAlgorithm, limit: Int) -> TrafficPipe.Answer? {
        let share = self.watch.refusedShare
        return self.table.withStripe(self.hash(name)) { table in
            if !table.has(name) { table.set(name, algorithm, limit: limit, isStored: false) }
            return table.with(name) { pipe in
                if limit > 0 { pipe.limit = limit }
                return pipe.take(scale: 1, refusedShare: share)
            }
        }
    }

    func set(_ name: ByteString, _ algorithm: LimitAlgorithm, limit: Int, isStored: Bool) {
        self.table.withStripe(self.hash(name)) { $0.set(name, algorithm, limit: limit, isStored: isStored) }
    }

    func remove(_ name: ByteString) -> Bool { self.table.withStripe(self.hash(name)) { $0.remove(name) } }

    func endInterval(unused: Int) {
        let waiting = self.watch.waitingBytes
        self.table.forEachStripe { _, table in table.endInterval(waiting: waiting, unused: unused) }
    }

    /// All pipes, by name.
    var all: [PipeTable.Entry] {
        var all: [PipeTable.Entry] = []
        self.table.forEachStripe { _, table in all += table.entries }
        return all.sorted { $0.name < $1.name }
    }

    var count: Int {
        var count = 0
        self.table.forEachStripe { _, table in count += table.entries.count }
        return count
    }

    var evictions: Int {
        var evictions = 0
        self.table.forEachStripe { _, table in evictions += table.evictions }
        return evictions
    }
}
