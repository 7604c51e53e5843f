import Bytes
import ModuleKit
import SIPMessage
import Synchronization

/// How many transactions there may be at a time (`max_transactions`), for each stripe.
///
/// Counted by stripes, each of which knows its number under the lock that is held anyway: a number that all workers change
/// would cost them more than all the rest of the bound. Call-IDs fall into stripes by a keyed hash, so nobody fills one of
/// them alone, and one with four standard deviations more than its share says that the whole is about full.
struct TransactionBound: Sendable, BitwiseCopyable, Equatable {
    /// For requests that begin something.
    let new: Int
    /// A quarter more, for requests inside of dialogs and the server's own: what has begun should come to its end.
    let ongoing: Int

    /// - Parameters:
    ///   - total: transactions in all stripes; 0: as many as come.
    ///   - stripes: of the table.
    init(total: Int, stripes: Int) {
        guard total > 0 else {
            self.new = .max
            self.ongoing = .max
            return
        }
        let share = (total - 1) / stripes + 1
        self.new = share + 4 * Int(Double(share).squareRoot().rounded(.up))
        self.ongoing = self.new + self.new / 4 + 1
    }

    /// - Parameters:
    ///   - asked: the parameter; negative: what a quarter of the memory has room for, at 4 KiB each.
    ///   - memory: bytes that the system lets the server have; `Int.max`: nobody knows.
    init(asked: Int, memory: Int, stripes: Int) {
        self.init(total: Self.total(asked: asked, memory: memory), stripes: stripes)
    }

    /// Transactions in all stripes; 0: as many as come.
    static func total(asked: Int, memory: Int) -> Int {
        asked >= 0 ? asked : memory == .max ? 0 : max(memory / 4 / 4096, 1024)
    }

    /// What holds for a request: one with a To tag belongs to a dialog, or says so.
    func limit(for message: Message) -> Int { message.to.tag.isPresent ? self.ongoing : self.new }
}

/// When requests were refused for want of room, so that the next ones are refused before anything is made for them, and
/// the log has a line now and then.
struct RefusalClock: ~Copyable, Sendable {
    /// Between two lines of the log.
    static let pause = Interval.seconds(10)
    private static let never: Int64 = -1_000_000
    private let last = Atomic(Self.never)
    private let told = Atomic(Self.never)

    /// Whether one was within the last second.
    func isRecent(_ now: Instant) -> Bool { now.milliseconds - self.last.load(ordering: .relaxed) < 1000 }

    /// Notes one.
    /// - Returns: whether the log should have a line of it.
    func note(_ now: Instant) -> Bool {
        let now = now.milliseconds
        // Seldom, since every worker reads it.
        if now - self.last.load(ordering: .relaxed) >= 250 { self.last.store(now, ordering: .relaxed) }
        let told = self.told.load(ordering: .relaxed)
        guard now - told >= Self.pause.milliseconds else { return false }
        return self.told.compareExchange(expected: told, desired: now, ordering: .relaxed).exchanged
    }
}

extension TransactionStripe {
    /// Takes a transaction in unless there are `limit` already.
    mutating func insert(
        _ record: consuming TransactionRecord, upTo limit: Int
    ) -> (handle: Handle, random: UInt64)? {
        guard self.records.count < limit else { return nil }
        return self.insert(record)
    }
}

extension Transactions {
    /// Whether the request would begin a transaction that there is no room for. Asked only when others were refused just
    /// now: else the transaction is made first, since it will have its room.
    func isFullFor(_ route: RouteContext, _ hash: UInt64, _ rules: MatchingRules) -> Bool {
        guard self.refusals.isRecent(route.worker.now) else { return false }
        let message = route.message
        return self.table.stripes.withStripe(at: self.table.index(of: hash)) { stripe in
            stripe.records.count >= self.bound.limit(for: message)
                && stripe.find(message, hash: hash, created: nil, rules).isNone
        }
    }

    /// Answers a request for which there is no room: `503` without a transaction, and when to come again (RFC 3261
    /// §21.5.4). Where the script wants to answer itself, it is told instead.
    func refuse(_ route: RouteContext, relayedBy order: RelayOrder?) {
        self.noteRefusal(by: route.worker)
        let isOwn = route.state(TransactionIntent.self)?.suppressesErrorReply ?? false
        guard !isOwn, order?.answersFailure ?? true else { return route.noteFailure(.overloaded) }
        let worker = route.worker
        let headers = route.replyHeaders
        let mark = headers.count
        headers.append("Retry-After: ")
        // Spread, so that they do not all come back together; the same for repetitions of a request.
        headers.append(decimal: 5 + Int(truncatingIfNeeded: TransactionTable.hash(route.message) >> 33) % 6)
        headers.append("\r\n")
        let out = worker.outgoing()
        self.reply.write(503, ("Server Busy" as StaticString).span, for: route, from: .stateless, into: out)
        headers.truncate(to: mark)
        worker.send(out, to: self.reply.destination(for: route), token: 0)
        route.options.insert(.hasReplied)
    }

    /// Counts one, and says so now and then.
    func noteRefusal(by worker: any WorkerServices) {
        worker.count(self.counters.refused)
        guard self.refusals.note(worker.now) else { return }
        self.host.logger.warning(
            "there are as many transactions as max_transactions of tm allows: requests that begin something get 503")
    }

    /// What a function answers that could make no transaction: the script ends where the caller has his answer.
    static func withoutTransaction(_ route: RouteContext) -> Outcome {
        route.transaction != 0 || route.options.contains(.hasReplied) ? .stop : .failure
    }
}
