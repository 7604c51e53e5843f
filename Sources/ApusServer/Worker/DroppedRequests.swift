import Bytes

/// Requests that were dropped without an answer for longer than anybody waits gladly, so that their repetitions are
/// dropped too.
///
/// A request without an answer is repeated for half a minute (RFC 3261 §17.1.1.2). Were old repetitions let in again,
/// then after an overload everything that had been dropped would come back, keep the server busy with calls that nobody
/// waits for any more, and be the next overload. So: a repetition has its chance like any request for two seconds, and
/// none from then on until the sender has given up.
///
/// Requests are not kept but bits of their hashes (a Bloom filter): a new one is taken for an old one once in some hundred
/// times when 50,000 are dropped a second, and hardly ever when it is fewer. 6 MiB while requests are being dropped.
struct DroppedRequests {
    /// How long a repetition has its chance.
    static let chance = Interval.seconds(2)
    /// How long old ones are remembered at least: what is left of 64 · T1.
    static let memory = Interval.seconds(32)

    private static let words = 1 << 18

    /// Bits of what was dropped within the last two seconds or so.
    private var fresh: [UInt64] = []
    /// Bits of what was dropped before, in two generations.
    private var old: [UInt64] = []
    private var older: [UInt64] = []
    private var freshSince = Instant(milliseconds: 0)
    private var oldSince = Instant(milliseconds: 0)
    private var last = Instant(milliseconds: 0)

    /// Anything is remembered.
    var isActive: Bool { !self.fresh.isEmpty }

    /// Remembers a request that is dropped now.
    mutating func note(_ hash: UInt64, at now: Instant) {
        if !self.isActive {
            self.fresh = Array(repeating: 0, count: Self.words)
            self.old = self.fresh
            self.older = self.fresh
            self.freshSince = now
            self.oldSince = now
        }
        self.last = now
        let bits = Self.bits(hash)
        for index in bits.indices { self.fresh[bits[index].word] |= bits[index].bit }
    }

    /// Whether the request was dropped for the first time so long ago that it is to be dropped again.
    mutating func isLost(_ hash: UInt64, at now: Instant) -> Bool {
        guard self.isActive else { return false }
        self.age(now)
        guard self.isActive else { return false }
        let bits = Self.bits(hash)
        for index in bits.indices {
            let (word, bit) = bits[index]
            guard (self.old[word] | self.older[word]) & bit != 0 else { return false }
        }
        return true
    }

    private mutating func age(_ now: Instant) {
        guard now - self.last < Self.memory + Self.chance else {
            self = DroppedRequests()
            return
        }
        if now - self.oldSince >= Self.memory {
            self.older = self.old
            self.old = Array(repeating: 0, count: Self.words)
            self.oldSince = now
        }
        guard now - self.freshSince >= Self.chance else { return }
        for word in self.fresh.indices { self.old[word] |= self.fresh[word] }
        self.fresh = Array(repeating: 0, count: Self.words)
        self.freshSince = now
    }

    /// Three bits each way.
    private static func bits(_ hash: UInt64) -> [3 of (word: Int, bit: UInt64)] {
        [Self.place(hash), Self.place(hash >> 20 ^ hash << 13), Self.place(hash >> 40)]
    }

    private static func place(_ value: UInt64) -> (word: Int, bit: UInt64) {
        (Int(truncatingIfNeeded: value >> 6) & (Self.words - 1), 1 << (value & 63))
    }
}
