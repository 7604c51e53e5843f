import Bytes
import SIPMessage

/// Names to addresses and next hops without blocking the caller: a cache that knows most answers, and a source that is
/// asked for the rest.
///
/// Callers with the same question while it is being asked share one look-up. Every completion is called exactly once, on
/// whatever thread had the last answer.
public final class Resolver: Sendable {
    /// Addresses, best first, or why there are none.
    public typealias Answer = Result<[IPAddress], LookupError>

    /// Questions that may be open at once; more are answered with failure.
    public static let questionLimit = 4096
    /// Rounds of questions that one search may take.
    private static let roundLimit = 16

    /// A search that waits for answers.
    fileprivate final class Pending: Sendable {
        /// Looks at what is known: finishes the search and gives nothing, or names the questions that are open.
        let advance: @Sendable (_ known: (DNSQuestion) -> DNSAnswer?) -> [DNSQuestion]
        /// Ends it without an answer.
        let fail: @Sendable () -> Void
        let state = Lock(Progress())

        struct Progress {
            var answers: [DNSQuestion: DNSAnswer] = [:]
            var open = 0
            var rounds = 0
        }

        init(
            fail: @escaping @Sendable () -> Void,
            advance: @escaping @Sendable (_ known: (DNSQuestion) -> DNSAnswer?) -> [DNSQuestion]
        ) {
            self.fail = fail
            self.advance = advance
        }
    }

    private struct State {
        var settings: NameSettings
        var waiters: [DNSQuestion: [Pending]] = [:]
        /// Seconds for which answers hold instead of what servers say; 0: as they say (`dns_set_local_ttl`).
        var forcedLifetime = 0
        var isStopped = false
        /// A watchdog has said that servers are down: only what is kept counts (`dns.set_server_state`).
        var areServersDown = false
    }

    private let state: Lock<State>
    /// What is known, several times over: most look-ups end here, and threads that look up the same name do not wait for
    /// each other. Changes go to all copies, one after the other; texts and records are shared.
    private let copies: [Lock<KnownNames>]
    private let source: any NameSource
    private let clock: @Sendable () -> Instant
    private let report: @Sendable (String) -> Void

    /// - Parameters:
    ///   - source: who answers what is not known.
    ///   - clock: where the time comes from that answers age by.
    ///   - report: takes a line about a look-up that was slow.
    public init(
        settings: NameSettings = NameSettings(), source: any NameSource = ServerSource(),
        clock: @escaping @Sendable () -> Instant = { Instant.now() },
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.state = Lock(State(settings: settings))
        self.copies = (0..<KnownNames.copies).map { Lock(KnownNames(settings: settings, copy: $0), isApart: true) }
        self.source = source
        self.clock = clock
        self.report = report
    }

    public var settings: NameSettings { self.state.withLock { $0.settings } }

    /// Goes by other settings from the next question on.
    public func update(_ settings: NameSettings) {
        self.state.withLock { $0.settings = settings }
        self.change { $0.settings = settings }
    }

    /// The copy of the thread that asks.
    private var here: Lock<KnownNames> { self.copies[ThreadNumber.current & (KnownNames.copies - 1)] }

    private func change(_ body: (inout KnownNames) -> Void) { for copy in self.copies { copy.withLock { body(&$0) } } }

    // MARK: What is known

    /// The addresses of `host` as far as they are known now, without asking anybody.
    ///
    /// An empty list: the name is known to have no address.
    public func cached(_ host: ByteString) -> [IPAddress]? {
        if let literal = IPAddress(host.span, ByteRange(start: 0, count: host.count)) { return [literal] }
        let now = self.clock()
        return self.here.withLock { known in
            let result = NextHopSearch.addresses(of: host, known.settings) { known.answer(to: $0, at: now) }
            return result.missing.isEmpty ? result.found : nil
        }
    }

    /// The next hops of `target` as far as they are known now, best first; nil: somebody has to be asked.
    public func cachedNextHops(
        _ target: NextHopTarget, isSupported: @escaping @Sendable (TransportProtocol) -> Bool
    ) -> [NextHopAddress]? {
        let now = self.clock()
        return self.here.withLock { known in
            let search = NextHopSearch(
                target: target, settings: known.settings, isSupported: isSupported, seed: known.draw())
            guard case .found(let found) = search.evaluate({ known.answer(to: $0, at: now) }) else { return nil }
            return found
        }
    }

    // MARK: Asking

    /// Finds the addresses of `host` and hands them to `completion`.
    public func resolve(_ host: ByteString, completion: @escaping @Sendable (Answer) -> Void) {
        guard !host.isEmpty, host.count <= 255, !host.bytes.contains(0) else {
            return completion(.failure(LookupError(code: 0)))
        }
        let settings = self.settings
        self.begin(
            Pending(fail: { completion(.failure(LookupError(code: 0))) }) { known in
                let result = NextHopSearch.addresses(of: host, settings, known)
                guard result.missing.isEmpty else { return result.missing }
                completion(result.found.isEmpty ? .failure(LookupError(code: 0)) : .success(result.found))
                return []
            })
    }

    /// Finds the next hops of `target`, best first, and hands them to `completion`; none: it cannot be reached.
    public func findNextHops(
        _ target: NextHopTarget, isSupported: @escaping @Sendable (TransportProtocol) -> Bool,
        completion: @escaping @Sendable ([NextHopAddress]) -> Void
    ) {
        guard !target.host.isEmpty, target.host.count <= 255, !target.host.bytes.contains(0) else {
            return completion([])
        }
        let search = NextHopSearch(
            target: target, settings: self.settings, isSupported: isSupported, seed: self.here.withLock { $0.draw() })
        self.begin(
            Pending(fail: { completion([]) }) { known in
                switch search.evaluate(known) {
                case .missing(let questions): return questions
                case .found(let found):
                    completion(found)
                    return []
                }
            })
    }

    /// Finds the records of one type and name, behind aliases if need be.
    public func records(_ question: DNSQuestion, completion: @escaping @Sendable (DNSAnswer) -> Void) {
        guard !question.name.isEmpty, question.name.count <= 255, !question.name.bytes.contains(0) else {
            return completion(.none)
        }
        self.begin(
            Pending(fail: { completion(.failure) }) { known in
                var asked = question
                for _ in 0..<8 {
                    guard let answer = known(asked) else { return [asked] }
                    guard answer.records.isEmpty, let alias = answer.alias, alias != asked.name else {
                        completion(answer)
                        return []
                    }
                    asked = DNSQuestion(question.type, alias)
                }
                completion(.none)
                return []
            })
    }

    /// The same, waiting for the answer: for control clients, never for a worker.
    public func waitForRecords(_ question: DNSQuestion) -> DNSAnswer {
        let result = Lock(DNSAnswer.failure)
        let isDone = Semaphore()
        self.records(question) { answer in
            result.withLock { $0 = answer }
            isDone.post()
        }
        isDone.wait()
        return result.withLock { $0 }
    }

    private func begin(_ pending: Pending) {
        guard !self.state.withLock({ $0.isStopped }) else { return pending.fail() }
        self.advance(pending)
    }

    /// Lets a search look at what is known, and asks what it lacks.
    private func advance(_ pending: Pending) {
        let now = self.clock()
        let progress = pending.state.withLock { state in
            state.rounds += 1
            return state
        }
        let missing = pending.advance { question in
            progress.answers[question] ?? self.here.withLock { $0.answer(to: question, at: now) }
        }
        guard !missing.isEmpty else { return }
        guard progress.rounds <= Self.roundLimit else { return pending.fail() }
        pending.state.withLock { $0.open = missing.count }
        var toAsk: [DNSQuestion] = []
        var refused: [DNSQuestion] = []
        let settings = self.state.withLock { state in
            for question in missing {
                if state.waiters[question] != nil {
                    state.waiters[question]?.append(pending)
                } else if state.isStopped || state.areServersDown || state.waiters.count >= Self.questionLimit {
                    refused.append(question)
                } else {
                    state.waiters[question] = [pending]
                    toAsk.append(question)
                }
            }
            return state.settings
        }
        for question in toAsk {
            self.source.ask(question, settings) { answer in self.answered(question, answer, since: now) }
        }
        for question in refused { self.deliver(question, .failure, to: [pending]) }
    }

    private func answered(_ question: DNSQuestion, _ answer: DNSAnswer, since start: Instant) {
        let now = self.clock()
        let (settings, forced) = self.state.withLock { ($0.settings, $0.forcedLifetime) }
        if settings.usesCache {
            var kept = answer
            if forced > 0, !answer.isFailure { kept.lifetime = forced }
            self.change { $0.cache.keep(kept, to: question, at: now, settings) }
        }
        // After it is kept: who finds nobody asking finds it there.
        let waiters = self.state.withLock { $0.waiters.removeValue(forKey: question) ?? [] }
        let slowLimit = settings.slowLimit
        let took = (now - start).milliseconds
        if slowLimit > 0, took > slowLimit {
            self.report("\(question.type.name) of \(question.name.string) took \(took) ms")
        }
        self.deliver(question, answer, to: waiters)
    }

    private func deliver(_ question: DNSQuestion, _ answer: DNSAnswer, to waiters: [Pending]) {
        for pending in waiters {
            let isReady = pending.state.withLock { state in
                state.answers[question] = answer
                state.open -= 1
                return state.open == 0
            }
            if isReady { self.advance(pending) }
        }
    }

    // MARK: By hand

    /// Answers with `addresses` from now on, for `lifetime` or for good (nil); none: the name has no address.
    public func remember(_ addresses: [IPAddress], of host: ByteString, for lifetime: Interval?) {
        for isIPv6 in [false, true] {
            let records = addresses.filter { $0.isIPv6 == isIPv6 }.map { DNSData.address($0) }
            self.remember(records, of: DNSQuestion(isIPv6 ? .aaaa : .a, host), for: lifetime)
        }
    }

    /// Answers a question with `records` from now on, for `lifetime` or for good (nil); none: there are no such records.
    public func remember(_ records: [DNSData], of question: DNSQuestion, for lifetime: Interval?) {
        let now = self.clock()
        self.change { known in
            known.cache.set(
                DNSAnswer(records, lifetime: lifetime?.seconds), to: question, for: lifetime, at: now, known.settings)
        }
    }

    /// Whether servers are asked at all.
    public var asksServers: Bool {
        get { self.state.withLock { !$0.areServersDown } }
        set { self.state.withLock { $0.areServersDown = !newValue } }
    }

    /// An answer that is kept.
    public struct Kept: Sendable {
        public var question: DNSQuestion
        public var answer: DNSAnswer
        /// Seconds that it still holds; nil: for good.
        public var left: Int?
        /// Bytes it takes, roughly.
        public var size: Int

        public init(question: DNSQuestion, answer: DNSAnswer, left: Int?, size: Int) {
            self.question = question
            self.answer = answer
            self.left = left
            self.size = size
        }
    }

    /// All answers that hold, by name.
    public var kept: [Kept] {
        let now = self.clock()
        return self.copies[0].withLock { known in
            known.cache.entries.compactMap { question, entry -> Kept? in
                guard entry.isPermanent || now < entry.expires else { return nil }
                return Kept(
                    question: question, answer: entry.answer,
                    left: entry.isPermanent ? nil : (entry.expires - now).seconds, size: entry.size)
            }
        }.sorted { ($0.question.name, $0.question.type.rawValue) < ($1.question.name, $1.question.type.rawValue) }
    }

    /// Bytes that the answers take, roughly, and that they may take.
    public var memory: (used: Int, limit: Int) {
        self.copies[0].withLock { ($0.cache.used, $0.settings.cacheMemory << 10) }
    }

    /// Forgets one answer. Returns whether there was one.
    @discardableResult
    public func forget(_ question: DNSQuestion) -> Bool {
        var isKnown = false
        self.change { known in
            let wasThere = known.cache.remove(question)
            isKnown = isKnown || wasThere
        }
        return isKnown
    }

    /// Forgets every answer.
    /// - Parameter keepingPermanent: except what was put in for good.
    public func removeAll(keepingPermanent: Bool = false) {
        self.change { $0.cache.removeAll(keepingPermanent: keepingPermanent) }
    }

    /// Has answers hold for so many seconds whatever servers say; 0: as they say.
    public func force(lifetime seconds: Int) { self.state.withLock { $0.forcedLifetime = max(seconds, 0) } }

    /// Ends; what is open, and what is asked from now on, fails.
    public func stop() {
        self.state.withLock { $0.isStopped = true }
        self.source.stop()
    }
}
