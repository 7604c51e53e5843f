import Bytes
import SIPMessage
import Synchronization

/// All calls being watched, by Call-ID.
final class DialogTable: Sendable {
    // Chains of calls whose Call-IDs have the same hash: two legs through this server, or chance.
    private let stripes = StripedTable<[UInt64: [DialogRecord]]>(stripes: 64) { _ in [:] }
    private let seed = HashSeed.process
    private let serial = Atomic<Int>(0)
    /// What calls are timed by.
    let clock = SteadyClock()
    private let prefix = String(WallClock.microseconds(), radix: 16)

    /// False until the first call was announced: replies need not be looked at.
    var isUsed: Bool { self.serial.load(ordering: .relaxed) != 0 }

    private func hash(_ message: Message) -> UInt64 { message.span.keyedHash(message.callID, seed: self.seed) }

    /// The call that `message` belongs to: same Call-ID, and its From tag is that of the caller or the callee.
    private static func index(of message: Message, in chain: [DialogRecord]) -> Int? {
        let span = message.span
        let callID = message.callID
        let tag = message.from.tag
        return chain.firstIndex { record in
            span.equals(callID, record.callID.span)
                && (span.equals(tag, record.fromTag.span)
                    || (!record.toTag.isEmpty && span.equals(tag, record.toTag.span)))
        }
    }

    /// Begins to watch the call of an INVITE; one that is known and not over stays as it is.
    func begin(_ message: Message, source: ByteString, target: ByteString, data: ByteString, now: Int) {
        let number = self.serial.wrappingAdd(1, ordering: .relaxed).newValue
        let record = DialogRecord(
            callID: message.text(message.callID), fromTag: message.text(message.from.tag), source: source,
            target: target, data: data, ruid: ByteString("\(self.prefix)-\(number)"), begun: now)
        let hash = self.hash(message)
        self.stripes.withStripe(hash) { stripe in
            if let known = Self.index(of: message, in: stripe[hash] ?? []) {
                if stripe[hash]?[known].state.isOver == true { stripe[hash]?[known] = record }
            } else {
                stripe[hash, default: []].append(record)
            }
        }
    }

    /// Changes the call that `message` belongs to.
    /// - Returns: nil when there is none.
    @discardableResult
    func withRecord<R>(of message: Message, _ body: (inout DialogRecord) -> R) -> R? {
        let hash = self.hash(message)
        return self.stripes.withStripe(hash) { stripe in
            guard var chain = stripe[hash], let index = Self.index(of: message, in: chain) else { return nil }
            // Out of the table while it changes, so that it is not copied.
            stripe[hash] = nil
            let result = body(&chain[index])
            stripe[hash] = chain
            return result
        }
    }

    /// Shows every call to `body`, stripe after stripe.
    func forEach(_ body: (DialogRecord) -> Void) {
        self.stripes.forEachStripe { _, stripe in
            for chain in stripe.values {
                for record in chain { body(record) }
            }
        }
    }

    /// Number of calls that are not over and match.
    func count(where matches: (DialogRecord) -> Bool) -> Int {
        var count = 0
        self.forEach { if !$0.state.isOver, matches($0) { count += 1 } }
        return count
    }

    func removeExpired(_ lifetimes: DialogLifetimes, now: Int) {
        self.stripes.forEachStripe { _, stripe in
            let stale = stripe.filter { $0.value.contains { $0.isExpired(lifetimes, now: now) } }.map(\.key)
            for key in stale {
                let kept = (stripe[key] ?? []).filter { !$0.isExpired(lifetimes, now: now) }
                stripe[key] = kept.isEmpty ? nil : kept
            }
        }
    }
}
