import Bytes
import ModuleKit
import Synchronization

/// One suspended script: holds what its context held until somebody wakes it.
///
/// The wake-up may come before the worker has put the context in: then the worker finds it here and goes on at once.
final class SuspensionToken: ResumeToken {
    private enum State {
        case running
        case wokenEarly(ResumeResult)
        case parked(HeldContext)
        case over
    }

    private let state = Lock(State.running)
    private let server: Server

    init(server: Server) { self.server = server }

    deinit {
        // A module lost the token: the script never goes on, its memory is free.
        if case .parked = self.state.withLock({ $0 }) { self.server.suspended.leave() }
    }

    /// Puts the context in. Gives the result back when the wake-up was faster.
    func park(_ context: HeldContext) -> ResumeResult? {
        self.server.suspended.enter()
        return self.state.withLock { state in
            defer { state = .parked(context) }
            if case .wokenEarly(let result) = state { return result }
            return nil
        }
    }

    /// Takes the context out, once. When it is not in yet, `result` wakes the script as soon as it is.
    func take(wakingWith result: ResumeResult) -> HeldContext? {
        let context = self.state.withLock { state -> HeldContext? in
            switch state {
            case .parked(let context):
                state = .over
                return context
            case .running:
                state = .wokenEarly(result)
                return nil
            case .wokenEarly, .over: return nil
            }
        }
        if context != nil { self.server.suspended.leave() }
        return context
    }

    func resume(_ result: ResumeResult) {
        let isParked = self.state.withLock { state in
            switch state {
            case .running:
                state = .wokenEarly(result)
                return false
            case .parked: return true
            case .wokenEarly, .over: return false
            }
        }
        if isParked { self.server.resume(self, result) }
    }
}

/// How many scripts wait, and the statistics about it: group `script`.
final class SuspensionCount: Sendable {
    /// Scripts suspended so far.
    let total: CounterID
    private let refused: CounterID
    private let waiting = Atomic<Int>(0)
    private let peak = Atomic<Int>(0)
    /// When the log last said that there are too many, in milliseconds.
    private let complained = Atomic<Int>(0)

    init(_ registry: CounterRegistry) {
        self.total = registry.register("script", "suspended_total", "Scripts that were suspended.")
        self.refused = registry.register("script", "suspended_refused", "Scripts that could not be suspended.")
        registry.register("script", "suspended") { [unowned self] in self.count }
        registry.register("script", "suspended_peak") { [unowned self] in self.peak.load(ordering: .relaxed) }
    }

    var count: Int { self.waiting.load(ordering: .relaxed) }

    func enter() {
        let count = self.waiting.wrappingAdd(1, ordering: .relaxed).newValue
        if count > self.peak.load(ordering: .relaxed) { self.peak.max(count, ordering: .relaxed) }
    }

    func leave() { self.waiting.wrappingSubtract(1, ordering: .relaxed) }

    /// Counts a refusal.
    /// - Returns: whether it is time to say so in the log: once a second.
    func refuse(at now: Instant, in bank: CounterBank) -> Bool {
        bank.add(at: Int(self.refused.index), 1)
        let last = self.complained.load(ordering: .relaxed)
        let time = Int(now.milliseconds)
        guard last == 0 || time - last >= 1000 else { return false }
        return self.complained.compareExchange(expected: last, desired: time, ordering: .relaxed).exchanged
    }
}
