import Bytes
import SIPMessage

/// A copy of what a resolver knows: answers, and how they are to be used. Its owner has the lock.
struct KnownNames {
    /// A power of two.
    static let copies = 8

    var cache = NameCache()
    var settings: NameSettings
    private var draws: UInt64

    init(settings: NameSettings, copy: Int) {
        self.settings = settings
        self.draws = UInt64(copy) << 48
    }

    /// What the cache says; nothing when it is not to be used, except what was put in by hand.
    func answer(to question: DNSQuestion, at now: Instant) -> DNSAnswer? {
        guard let answer = self.cache.answer(to: question, at: now) else { return nil }
        return self.settings.usesCache || self.cache.entries[question]?.isPermanent == true ? answer : nil
    }

    /// The seed of a search.
    mutating func draw() -> UInt64 {
        self.draws &+= 1
        return HashSeed.fold(self.draws, HashSeed.process | 1)
    }
}
