import Bytes
import SIPMessage

/// Answers that still hold, within a number of bytes. A value; its owner has the lock.
struct NameCache {
    struct Entry {
        var answer: DNSAnswer
        var expires: Instant
        /// Set by hand: never makes room for others, and nothing that comes from a server takes its place.
        var isPermanent = false
        /// Roughly what it takes.
        var size: Int
    }

    private(set) var entries: [DNSQuestion: Entry] = [:]
    /// Bytes in use, roughly.
    private(set) var used = 0

    /// The answer to a question, while it holds.
    func answer(to question: DNSQuestion, at now: Instant) -> DNSAnswer? {
        guard let entry = self.entries[question], entry.isPermanent || now < entry.expires else { return nil }
        return entry.answer
    }

    /// Keeps what a server has answered, as long as it says and the settings allow. A server that did not answer is
    /// remembered for a moment only, so that not every message waits for it anew.
    mutating func keep(_ answer: DNSAnswer, to question: DNSQuestion, at now: Instant, _ settings: NameSettings) {
        var seconds = answer.lifetime ?? settings.negativeLifetime
        if answer.isFailure {
            seconds = min(settings.negativeLifetime, Self.failureLifetime)
        } else if answer.isNegative {
            seconds = settings.negativeLifetime
        } else {
            seconds = max(seconds, settings.minLifetime)
            if settings.maxLifetime >= 0 { seconds = min(seconds, settings.maxLifetime) }
        }
        guard seconds > 0 else { return }
        let expires = now + .seconds(min(seconds, 1_000_000_000))
        if let known = self.entries[question], known.isPermanent || now < known.expires {
            if known.isPermanent { return }
            let keepsOld =
                settings.recordPreference == 1 || settings.recordPreference == 3 && expires < known.expires
            if keepsOld, !known.answer.isNegative { return }
        }
        self.insert(Entry(answer: answer, expires: expires, size: Self.size(question, answer)), question, now, settings)
    }

    /// Seconds for which a silent server is believed silent.
    static let failureLifetime = 5

    /// Puts in an answer by hand.
    /// - Parameter lifetime: nil: for good.
    mutating func set(
        _ answer: DNSAnswer, to question: DNSQuestion, for lifetime: Interval?, at now: Instant,
        _ settings: NameSettings
    ) {
        let entry = Entry(
            answer: answer, expires: now + (lifetime ?? .zero), isPermanent: lifetime == nil,
            size: Self.size(question, answer))
        self.insert(entry, question, now, settings)
    }

    private mutating func insert(_ entry: Entry, _ question: DNSQuestion, _ now: Instant, _ settings: NameSettings) {
        self.remove(question)
        let limit = max(settings.cacheMemory, 1) << 10
        if self.used + entry.size > limit { self.removeExpired(at: now) }
        if self.used + entry.size > limit {
            guard settings.dropsUnexpired || entry.isPermanent else { return }
            // Any will do: a dictionary's order is nobody's choice.
            while self.used + entry.size > limit,
                let victim = self.entries.first(where: { !$0.value.isPermanent })?.key
            {
                self.remove(victim)
            }
            guard self.used + entry.size <= limit || entry.isPermanent else { return }
        }
        self.entries[question] = entry
        self.used += entry.size
    }

    /// - Returns: whether there was one.
    @discardableResult
    mutating func remove(_ question: DNSQuestion) -> Bool {
        guard let old = self.entries.removeValue(forKey: question) else { return false }
        self.used -= old.size
        return true
    }

    mutating func removeExpired(at now: Instant) {
        for (question, entry) in self.entries where !entry.isPermanent && !(now < entry.expires) {
            self.remove(question)
        }
    }

    /// Forgets everything.
    /// - Parameter keepingPermanent: except what was put in for good.
    mutating func removeAll(keepingPermanent: Bool) {
        for (question, entry) in self.entries where !(keepingPermanent && entry.isPermanent) { self.remove(question) }
    }

    private static func size(_ question: DNSQuestion, _ answer: DNSAnswer) -> Int {
        var size = 160 + question.name.count + (answer.alias?.count ?? 0)
        for record in answer.records {
            size += 64
            switch record {
            case .address: break
            case .service(let service): size += 64 + service.target.count
            case .pointer(let pointer):
                size += 192 + pointer.services.count + pointer.regularExpression.count + pointer.replacement.count
            case .name(let name): size += 32 + name.count
            case .text(let text): size += 32 + text.count
            }
        }
        return size
    }
}
