import Bytes
import Glibc
import SIPMessage

/// Host names to addresses without blocking the caller: a few threads do the waiting, a cache spares most of it.
public final class Resolver: Sendable {
    /// How long answers hold, and how much is kept.
    public struct Settings: Sendable {
        /// Threads that wait for answers; so many lookups run at once.
        public var threads = 2
        /// How long addresses hold.
        public var positiveLifetime = Interval.seconds(60)
        /// How long it holds that a name has none.
        public var negativeLifetime = Interval.seconds(10)
        /// Names in the cache at most.
        public var capacity = 4096
        /// Names that may wait for a thread; more are answered with failure at once.
        public var queueLimit = 4096
        /// The defaults.
        public init() {}
    }

    /// Addresses, best first, or why there are none.
    public typealias Answer = Result<[IPAddress], LookupError>
    /// Runs the work it is given, on a thread of the caller's choice: by posting it to a loop, say.
    public typealias Executor = @Sendable (_ work: @escaping @Sendable () -> Void) -> Void
    /// Takes an answer.
    public typealias Completion = @Sendable (Answer) -> Void

    private struct Question: Hashable {
        var host: ByteString
        var family: HostLookup.Family
    }

    private struct Waiter {
        var executor: Executor
        var completion: Completion
    }

    private struct Entry {
        var answer: Answer
        var expires: Instant
        /// Never makes room for others.
        var isPermanent = false
    }

    private struct State {
        var cache: [Question: Entry] = [:]
        var waiters: [Question: [Waiter]] = [:]
        var queue: [Question] = []
        var isStopped = false
    }

    private let settings: Settings
    private let lookup: @Sendable (ByteString, HostLookup.Family) -> Answer
    private let clock: @Sendable () -> Instant
    private let state = Lock(State())
    private let threads = Lock<[WorkerThread]>([])
    private let signal: Semaphore

    /// - Parameters:
    ///   - settings: threads, lifetimes and limits.
    ///   - lookup: what a thread calls for an answer; it may block.
    ///   - clock: where the time comes from that answers age by.
    public init(
        settings: Settings = Settings(),
        lookup: @escaping @Sendable (ByteString, HostLookup.Family) -> Answer = {
            HostLookup.addresses(of: $0, family: $1)
        },
        clock: @escaping @Sendable () -> Instant = { Instant.now() }
    ) {
        self.settings = settings
        self.lookup = lookup
        self.clock = clock
        self.signal = Semaphore()
    }

    /// The answer as far as it is known now, without any lookup.
    ///
    /// An empty list: the name is known to have no address.
    public func cached(_ host: ByteString, family: HostLookup.Family = .any) -> [IPAddress]? {
        if let literal = IPAddress(host.span, ByteRange(start: 0, count: host.count)) { return [literal] }
        let now = self.clock()
        return self.state.withLock { state in
            guard let entry = state.cache[Question(host: host, family: family)], now < entry.expires else { return nil }
            return (try? entry.answer.get()) ?? []
        }
    }

    /// Answers with `addresses` from now on, for `lifetime` or for good (nil); none: the name has no address.
    public func remember(_ addresses: [IPAddress], of host: ByteString, for lifetime: Interval?) {
        let answer: Answer = addresses.isEmpty ? .failure(LookupError(code: 0)) : .success(addresses)
        let expires = self.clock() + (lifetime ?? .seconds(Int(Int32.max)))
        self.state.withLock { state in
            state.cache[Question(host: host, family: .any)] = Entry(
                answer: answer, expires: expires, isPermanent: lifetime == nil)
        }
    }

    /// Finds the addresses of `host` and hands the answer to `completion`, exactly once, through `executor`.
    ///
    /// Callers with the same question while it is being asked share one lookup. Full RFC 3263 (NAPTR, SRV) is not here:
    /// this is its last step, A and AAAA.
    public func resolve(
        _ host: ByteString,
        family: HostLookup.Family = .any,
        on executor: @escaping Executor,
        completion: @escaping Completion
    ) {
        if let known = self.cached(host, family: family) {
            executor { completion(known.isEmpty ? .failure(LookupError(code: 0)) : .success(known)) }
            return
        }
        let question = Question(host: host, family: family)
        enum Step { case wait, ask, refuse }
        let step = self.state.withLock { state -> Step in
            guard !state.isStopped else { return .refuse }
            let waiter = Waiter(executor: executor, completion: completion)
            if state.waiters[question] != nil {
                state.waiters[question]?.append(waiter)
                return .wait
            }
            guard state.queue.count < self.settings.queueLimit else { return .refuse }
            state.waiters[question] = [waiter]
            state.queue.append(question)
            return .ask
        }
        switch step {
        case .wait: break
        case .refuse: executor { completion(.failure(LookupError(code: EAI_AGAIN))) }
        case .ask:
            if self.startThreads() {
                self.signal.post()
            } else {
                self.fail(question)
            }
        }
    }

    /// Forgets every answer.
    public func removeAll() { self.state.withLock { $0.cache = [:] } }

    /// Ends the threads once their lookups are back; questions not yet asked fail.
    public func stop() {
        let left = self.state.withLock { state -> [Waiter] in
            state.isStopped = true
            let left = state.queue.flatMap { state.waiters.removeValue(forKey: $0) ?? [] }
            state.queue = []
            return left
        }
        for waiter in left { waiter.executor { waiter.completion(.failure(LookupError(code: EAI_AGAIN))) } }
        let threads = self.threads.withLock { list in
            defer { list = [] }
            return list
        }
        for _ in threads { self.signal.post() }
        for thread in threads { thread.join() }
    }

    /// Threads are started by the first question: most servers that know only addresses need none.
    /// - Returns: whether there is at least one.
    private func startThreads() -> Bool {
        self.threads.withLock { list in
            while list.count < max(self.settings.threads, 1) {
                let name = "resolver-\(list.count)"
                guard let thread = try? WorkerThread(name: name, stackSize: 512 * 1024, body: { self.work() }) else {
                    break
                }
                list.append(thread)
            }
            return !list.isEmpty
        }
    }

    private func fail(_ question: Question) {
        let waiters = self.state.withLock { state -> [Waiter] in
            state.queue.removeAll { $0 == question }
            return state.waiters.removeValue(forKey: question) ?? []
        }
        for waiter in waiters { waiter.executor { waiter.completion(.failure(LookupError(code: EAI_AGAIN))) } }
    }

    private func work() {
        while true {
            self.signal.wait()
            enum Step { case ask(Question), end, again }
            let step = self.state.withLock { state -> Step in
                if !state.queue.isEmpty { return .ask(state.queue.removeFirst()) }
                return state.isStopped ? .end : .again
            }
            switch step {
            case .end: return
            case .again: continue
            case .ask(let question): self.answer(question, self.lookup(question.host, question.family))
            }
        }
    }

    private func answer(_ question: Question, _ answer: Answer) {
        let now = self.clock()
        var lifetime = self.settings.negativeLifetime
        if case .success = answer { lifetime = self.settings.positiveLifetime }
        let waiters = self.state.withLock { state -> [Waiter] in
            self.makeRoom(in: &state, now: now)
            state.cache[question] = Entry(answer: answer, expires: now + lifetime)
            return state.waiters.removeValue(forKey: question) ?? []
        }
        for waiter in waiters { waiter.executor { waiter.completion(answer) } }
    }

    private func makeRoom(in state: inout State, now: Instant) {
        guard state.cache.count >= self.settings.capacity else { return }
        state.cache = state.cache.filter { now < $0.value.expires }
        // All still good: any one must go.
        if state.cache.count >= self.settings.capacity,
            let first = state.cache.indices.first(where: { !state.cache[$0].value.isPermanent })
        {
            state.cache.remove(at: first)
        }
    }
}
