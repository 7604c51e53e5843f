import Bytes
import ModuleKit
import SIPMessage
import SIPTransaction

/// Who a timer belongs to inside a transaction.
enum TimerRole: UInt8, BitwiseCopyable {
    case server = 0
    case client = 1
    case cancel = 2
    /// The wait of its script.
    case suspension = 3
}

/// What fires: a machine of a branch of a transaction in the stripe of the wheel.
struct TimerPayload: BitwiseCopyable {
    var handle: Handle
    var branch: UInt8
    var role: TimerRole
    var timer: TransactionTimer
}

/// One stripe: records, the chains that find them, their timers.
struct TransactionStripe: ~Copyable {
    /// Transactions in one chain, at most. Honest requests spread; those that were made to meet in one chain, by one
    /// Call-ID and CSeq number with ever new branches or by collisions of the hash, must not make each other dear.
    static let chainLimit = 256

    var records = Slab<TransactionRecord>(indexBits: 20)
    /// First transaction of each chain; of all stripes, each with its share.
    private let chains: HandleTable
    private let firstChain: Int
    private let chainMask: UInt64
    var wheel: TimerWheel<TimerPayload>
    /// Timers of machines that have done their part and stay for repetitions: most of all.
    var lane = TimerLane<TimerPayload>(tolerance: .milliseconds(10))
    private var secrets = RandomPool()
    /// How many records the last `find` passed without a match.
    private(set) var passed = 0

    /// - Parameters:
    ///   - chains: of all stripes.
    ///   - share: which of them are this one's, a power of two.
    init(now: Instant, chains: HandleTable, share: Range<Int>) {
        self.chains = chains
        self.firstChain = share.lowerBound
        self.chainMask = UInt64(share.count - 1)
        self.wheel = TimerWheel(
            now: now, resolution: .milliseconds(10), capacityBits: LaneHandle.wheelIndexBits,
            generationBits: LaneHandle.wheelGenerationBits)
    }

    private func chain(_ hash: UInt64) -> Int { self.firstChain + Self.place(hash, self.chainMask) }
    /// Of the chain among those of the stripe; the low bits have chosen the stripe.
    static func place(_ hash: UInt64, _ mask: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 20 & mask) }

    /// Has the head of the chain fetched that such a transaction is in.
    func prefetchChain(_ hash: UInt64) { self.chains.prefetch(self.chain(hash)) }

    /// Takes a transaction in, with a secret of its own; nil when there is no room.
    mutating func insert(_ record: consuming TransactionRecord) -> (handle: Handle, random: UInt64)? {
        let random = self.secrets.next()
        record.random = random
        let bucket = self.chain(record.hash)
        record.next = self.chains[bucket]
        guard let handle = self.records.insert(record) else { return nil }
        self.chains[bucket] = handle
        return (handle, random)
    }

    mutating func remove(_ handle: Handle) {
        guard let found = self.records.withRecord(handle, { ($0.hash, $0.next) }) else { return }
        let bucket = self.chain(found.0)
        if self.chains[bucket] == handle {
            self.chains[bucket] = found.1
        } else {
            var previous = self.chains[bucket]
            while !previous.isNone {
                let next = self.records.withRecord(previous) { record in
                    defer { if record.next == handle { record.next = found.1 } }
                    return record.next
                }
                guard let next, next != handle else { break }
                previous = next
            }
        }
        self.cancelTimers(of: handle)
        _ = self.records.remove(handle)
    }

    /// Disarms every timer of the transaction.
    private mutating func cancelTimers(of handle: Handle) {
        let found = self.records.withRecord(handle) { record in
            (
                [record.serverTimers.retransmission, record.serverTimers.deadline, record.suspensionTimer]
                    as [3 of TimerHandle], record.branches.count
            )
        }
        guard let (own, branches) = found else { return }
        for index in own.indices { self.disarm(own[index]) }
        for branch in 0..<branches {
            let timers = self.records.withRecord(handle) { record in
                (record.branches[branch].timers, record.branches[branch].cancelTimers)
            }
            guard let (request, cancel) = timers else { return }
            self.disarm(request)
            self.disarm(cancel)
        }
    }

    private mutating func disarm(_ timers: MachineTimers) {
        self.disarm(timers.retransmission)
        self.disarm(timers.deadline)
    }

    /// Arms and disarms what a machine's reaction asks for.
    mutating func apply(
        _ reaction: TransactionReaction, to timers: inout MachineTimers, handle: Handle, branch: Int, role: TimerRole,
        now: Instant
    ) {
        if let order = reaction.retransmission {
            self.disarm(timers.retransmission)
            let payload = TimerPayload(
                handle: handle, branch: UInt8(truncatingIfNeeded: branch), role: role, timer: order.timer)
            timers.retransmission = self.wheel.arm(payload, at: now + order.after) ?? .none
        } else if reaction.actions.contains(.stopRetransmission) || reaction.actions.contains(.terminate),
            !timers.retransmission.isNone
        {
            _ = self.wheel.cancel(timers.retransmission)
            timers.retransmission = .none
        }
        if let order = reaction.deadline {
            self.disarm(timers.deadline)
            let payload = TimerPayload(
                handle: handle, branch: UInt8(truncatingIfNeeded: branch), role: role, timer: order.timer)
            timers.deadline = self.arm(payload, at: now + order.after)
        } else if reaction.actions.contains(.terminate) {
            self.disarm(timers.deadline)
            timers.deadline = .none
        }
    }

    mutating func applyServer(_ reaction: TransactionReaction, _ handle: Handle, _ now: Instant) {
        guard !reaction.isAbsorbed, var timers = self.records.withRecord(handle, { $0.serverTimers }) else { return }
        self.apply(reaction, to: &timers, handle: handle, branch: 0, role: .server, now: now)
        self.records.withRecord(handle) { $0.serverTimers = timers }
    }

    mutating func applyClient(_ reaction: TransactionReaction, _ handle: Handle, branch: Int, _ now: Instant) {
        guard !reaction.isAbsorbed, var timers = self.records.withRecord(handle, { $0.branches[branch].timers })
        else { return }
        self.apply(reaction, to: &timers, handle: handle, branch: branch, role: .client, now: now)
        self.records.withRecord(handle) { $0.branches[branch].timers = timers }
    }

    mutating func applyCancel(_ reaction: TransactionReaction, _ handle: Handle, branch: Int, _ now: Instant) {
        guard !reaction.isAbsorbed, var timers = self.records.withRecord(handle, { $0.branches[branch].cancelTimers })
        else { return }
        self.apply(reaction, to: &timers, handle: handle, branch: branch, role: .cancel, now: now)
        self.records.withRecord(handle) { $0.branches[branch].cancelTimers = timers }
    }

    /// Whether nothing more can happen to the transaction, so that it can go.
    mutating func removeIfOver(_ handle: Handle) -> Bool {
        let isOver = self.records.withRecord(handle) { record in
            guard record.server.isTerminated, !record.isForking, !record.isFailing else { return false }
            // A branch given up may still ring, and a refusal come again: somebody has to cancel and acknowledge it.
            // By index: a branch that is taken out is copied.
            return record.branches.indices.allSatisfy { index in
                record.branches[index].machine.isTerminated
                    && (record.branches[index].cancel?.isTerminated ?? true)
            }
        }
        guard isOver == true else { return false }
        self.remove(handle)
        return true
    }
}

/// All transactions of the server. Survives reloads of the configuration.
final class TransactionTable: Sendable {
    let stripes: StripedTable<TransactionStripe>
    private let chains: HandleTable
    private let chainsOfStripe: Int

    /// Chains of a table for few transactions, and of one for many: so many that few of the transactions that a fast server
    /// keeps are in one with another, and a request which begins something new mostly meets none: each step of a chain is a
    /// record that no cache holds. 4 bytes each.
    private static let chainCounts = (few: 1 << 18, many: 1 << 20)

    /// - Parameters:
    ///   - workers: those that share the table. Eight stripes for each, so that one hardly ever waits for another, and no
    ///     more than that: each brings kilobytes of its own, which a worker's cache has to hold.
    ///   - transactions: how many there may be; 0: as many as come.
    init(workers: Int, transactions: Int = 0) {
        var count = 16
        while count < 256 && count < workers * 8 { count *= 2 }
        let isForFew = transactions > 0 && transactions <= Self.chainCounts.few / 4
        let total = isForFew ? Self.chainCounts.few : Self.chainCounts.many
        let chains = HandleTable(count: total)
        let share = total / count
        self.chains = chains
        self.chainsOfStripe = share
        self.stripes = StripedTable(stripes: count) { number in
            TransactionStripe(now: Instant.now(), chains: chains, share: number * share..<(number + 1) * share)
        }
    }

    /// Has the place fetched where the transaction of a request would be looked for: it is one of so many that it is mostly
    /// in no cache. Until the script asks for it there is something else to do.
    func prefetch(for message: Message) {
        guard message.isRequest else { return }
        let hash = Self.hash(message)
        let place = TransactionStripe.place(hash, UInt64(self.chainsOfStripe - 1))
        self.chains.prefetch(self.index(of: hash) * self.chainsOfStripe + place)
    }

    /// Hash of what request, CANCEL and ACK of one transaction share: Call-ID and CSeq number. Under the secret of the
    /// process and as long as a key: two that are equal are of one call.
    static func hash(_ message: Message) -> UInt64 {
        self.mix(message.span.keyedHash(message.callID, seed: HashSeed.process), message.cSeq.number)
    }

    static func hash(_ callID: Span<UInt8>, _ cSeq: UInt32) -> UInt64 {
        self.mix(callID.keyedHash(seed: HashSeed.process), cSeq)
    }

    private static func mix(_ callID: UInt64, _ cSeq: UInt32) -> UInt64 {
        let value = callID ^ UInt64(cSeq) &* 0x9e37_79b9_7f4a_7c15
        return value ^ value >> 29
    }

    /// Whether there may be a transaction of a request with this Call-ID and CSeq number; false is certain.
    func mayHold(_ span: Span<UInt8>, _ callID: ByteRange, _ cSeq: UInt32) -> Bool {
        let hash = Self.mix(span.keyedHash(callID, seed: HashSeed.process), cSeq)
        return self.stripes.withStripe(at: self.index(of: hash)) { $0.mayHold(hash) }
    }

    func index(of hash: UInt64) -> Int { self.stripes.index(of: hash) }

    /// Runs `body` on the transaction, if it is still there, with its stripe locked.
    func withTransaction<R>(_ id: TransactionID, _ body: (inout TransactionRecord) -> R) -> R? {
        guard id.isPresent, id.stripe < self.stripes.count else { return nil }
        return self.stripes.withStripe(at: id.stripe) { $0.records.withRecord(id.handle, body) }
    }

    /// Runs `body` on the stripe and handle of the transaction, if it is still there.
    func withStripe<R>(_ id: TransactionID, _ body: (inout TransactionStripe, Handle) -> R) -> R? {
        guard id.isPresent, id.stripe < self.stripes.count else { return nil }
        return self.stripes.withStripe(at: id.stripe) { stripe in
            guard stripe.records.contains(id.handle) else { return nil }
            return body(&stripe, id.handle)
        }
    }

    var count: Int {
        var total = 0
        self.stripes.forEachStripe { _, stripe in total += stripe.records.count }
        return total
    }
}

extension TransactionStripe {
    mutating func mayHold(_ hash: UInt64) -> Bool {
        var handle = self.chains[self.chain(hash)]
        while !handle.isNone {
            guard let found = self.records.withRecord(handle, { ($0.hash == hash, $0.next) }) else { return false }
            if found.0 { return true }
            handle = found.1
        }
        return false
    }

    /// The transaction that `message` repeats, or that its CANCEL or ACK is for (RFC 3261 §17.2.3, §9.2).
    /// - Parameter wanted: the method the transaction was created by; nil: the message's own.
    mutating func find(
        _ message: Message, hash: UInt64, created wanted: Method?, _ rules: MatchingRules
    ) -> Handle {
        var handle = self.chains[self.chain(hash)]
        var passed = 0
        defer { self.passed = passed }
        guard !handle.isNone else { return .none }
        let method = wanted ?? message.method
        let key = MatchingKey(message)
        while !handle.isNone {
            let found = self.records.withRecord(handle) { record -> (isMatch: Bool, next: Handle) in
                guard record.hash == hash, record.method == method, record.local == nil else {
                    return (false, record.next)
                }
                if rules.contains(.callIDOnly) { return (true, record.next) }
                if key.hasCookie || record.key.hasCookie {
                    return (key.hasCookie && record.key.hasCookie && record.key.via == key.via, record.next)
                }
                return (record.isSameCall(message, key) && record.isSameOldRequest(message, rules), record.next)
            }
            guard let found else { return .none }
            if found.isMatch { return handle }
            handle = found.next
            passed += 1
        }
        return .none
    }

    /// The transaction that was created by a request with this Call-ID and CSeq number.
    mutating func find(cSeq: UInt32, hash: UInt64, isInvite: Bool) -> Handle {
        var handle = self.chains[self.chain(hash)]
        while !handle.isNone {
            let found = self.records.withRecord(handle) { record in
                (
                    isMatch: record.hash == hash && record.cSeq == cSeq && (record.isInvite || !isInvite),
                    next: record.next
                )
            }
            guard let found else { return .none }
            if found.isMatch { return handle }
            handle = found.next
        }
        return .none
    }

    /// The INVITE transaction whose 2xx this ACK confirms: same Call-ID, CSeq number and From tag.
    mutating func findInvite(acknowledgedBy message: Message, hash: UInt64) -> Handle {
        let key = MatchingKey(message)
        var handle = self.chains[self.chain(hash)]
        while !handle.isNone {
            let found = self.records.withRecord(handle) { record in
                (
                    isMatch: record.hash == hash && record.isInvite && record.local == nil
                        && record.isSameCall(message, key),
                    next: record.next
                )
            }
            guard let found else { return .none }
            if found.isMatch { return handle }
            handle = found.next
        }
        return .none
    }
}

extension TransactionRecord {
    /// What tells requests without the magic cookie apart beside the call: Request-URI and topmost Via
    /// (RFC 3261 §17.2.3, second half).
    func isSameOldRequest(_ message: Message, _ rules: MatchingRules) -> Bool {
        guard !rules.isDisjoint(with: [.requestURI, .via]) else { return true }
        guard let bytes = self.request?.bytes, let known = Message(bytes.span) else { return false }
        let span = message.span
        let stored = known.span
        if rules.contains(.requestURI), !Self.isSame(message.requestURI, span, known.requestURI, stored) {
            return false
        }
        let via = message.topVia
        let first = known.topVia
        return !rules.contains(.via)
            || (Self.isSame(via.branch, span, first.branch, stored)
                && Self.isSame(via.sentBy, span, first.sentBy, stored))
    }

    private static func isSame(
        _ range: ByteRange, _ span: Span<UInt8>, _ other: ByteRange, _ stored: Span<UInt8>
    ) -> Bool {
        guard range.isPresent, other.isPresent else { return range.isPresent == other.isPresent }
        return span.equals(range, stored.extracting(other.indices))
    }

    /// Whether a message of the same Call-ID and CSeq number is of the same caller.
    func isSameCall(_ message: Message, _ key: MatchingKey) -> Bool {
        self.cSeq == message.cSeq.number && self.key.fromTag == key.fromTag
    }
}
