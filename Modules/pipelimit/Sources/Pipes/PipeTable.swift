import Bytes
import ratelimit

/// Pipes by name: one stripe of a `PipeStore`.
///
/// There are never more than `capacity`. When there is no room, of eight pipes by chance the one that had the fewest
/// messages goes: names that somebody makes up drive out each other, not a pipe that is over its limit. Pipes of the
/// database never go.
struct PipeTable: ~Copyable {
    struct Entry: Sendable {
        var name: ByteString
        var pipe: TrafficPipe
        /// It is a row of the database.
        var isStored: Bool

        /// How much it would be missed.
        var weight: Int { self.isStored ? .max : max(self.pipe.counter, self.pipe.lastCounter) }
    }

    private(set) var entries: [Entry] = []
    private var places: [ByteString: Int] = [:]
    private(set) var evictions = 0
    let capacity: Int
    private var state: UInt64

    init(capacity: Int, seed: UInt64 = .random(in: .min ... .max)) {
        self.capacity = max(capacity, 1)
        self.state = seed | 1
    }

    func has(_ name: ByteString) -> Bool { self.places[name] != nil }

    /// Gives `body` the pipe to change.
    /// - Returns: nil when there is none.
    mutating func with<R>(_ name: ByteString, _ body: (inout TrafficPipe) -> R) -> R? {
        self.places[name].map { body(&self.entries[$0].pipe) }
    }

    /// Adds a pipe, or sets algorithm and limit of one that is there.
    mutating func set(_ name: ByteString, _ algorithm: LimitAlgorithm, limit: Int, isStored: Bool) {
        if let place = self.places[name] {
            self.entries[place].pipe.algorithm = algorithm
            self.entries[place].pipe.limit = limit
            self.entries[place].isStored = self.entries[place].isStored || isStored
            return
        }
        if self.entries.count >= self.capacity, !isStored { self.evict() }
        self.places[name] = self.entries.count
        self.entries.append(Entry(name: name, pipe: TrafficPipe(algorithm, limit: limit), isStored: isStored))
    }

    @discardableResult
    mutating func remove(_ name: ByteString) -> Bool {
        guard let place = self.places.removeValue(forKey: name) else { return false }
        let last = self.entries.removeLast()
        if place < self.entries.count {
            self.entries[place] = last
            self.places[last.name] = place
        }
        return true
    }

    private mutating func evict() {
        var victim: Entry?
        for _ in 0..<8 where !self.entries.isEmpty {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let entry = self.entries[Int(self.state >> 33) % self.entries.count]
            if !entry.isStored, entry.weight < victim?.weight ?? .max { victim = entry }
        }
        guard let victim = victim ?? self.entries.first(where: { !$0.isStored }) else { return }
        self.evictions += 1
        self.remove(victim.name)
    }

    /// Ends an interval for all.
    /// - Parameter unused: pipes without a message in so many intervals go; 0: none.
    mutating func endInterval(waiting: Int, unused: Int) {
        for index in self.entries.indices.reversed() {
            self.entries[index].pipe.endInterval(scale: 1, waiting: waiting)
            if unused > 0, !self.entries[index].isStored, self.entries[index].pipe.unusedIntervals > unused {
                self.remove(self.entries[index].name)
            }
        }
    }
}
