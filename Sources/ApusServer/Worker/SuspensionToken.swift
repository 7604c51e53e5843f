import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import Synchronization

/// One suspended script: holds what its context held until somebody wakes it.
///
/// The wake-up may come before the worker has put the context in: then the worker finds it here and goes on at once.
final class SuspensionToken: ResumeToken {
    private enum State {
        case running
        case wokenEarly(ResumeResult)
        case parked(HeldContext, since: Instant)
        case over
    }

    private let state = Lock(State.running)
    private let server: Server

    init(server: Server) { self.server = server }

    deinit {
        // A module lost the token: the script never goes on, its memory is free.
        guard case .parked = self.state.withLock({ $0 }) else { return }
        self.server.suspended.leave()
        self.server.suspended.list.remove(self)
    }

    /// Puts the context in. Gives the result back when the wake-up was faster.
    func park(_ context: HeldContext, at now: Instant) -> ResumeResult? {
        self.server.suspended.enter()
        self.server.suspended.list.insert(self)
        return self.state.withLock { state in
            defer { state = .parked(context, since: now) }
            if case .wokenEarly(let result) = state { return result }
            return nil
        }
    }

    /// Takes the context out, once. When it is not in yet, `result` wakes the script as soon as it is.
    func take(wakingWith result: ResumeResult) -> HeldContext? {
        let context = self.state.withLock { state -> HeldContext? in
            switch state {
            case .parked(let context, _):
                state = .over
                return context
            case .running:
                state = .wokenEarly(result)
                return nil
            case .wokenEarly, .over: return nil
            }
        }
        if context != nil {
            self.server.suspended.leave()
            self.server.suspended.list.remove(self)
        }
        return context
    }

    /// When the script began to wait; nil when it does not wait.
    var since: Instant? {
        if case .parked(_, let since) = self.state.withLock({ $0 }) { return since }
        return nil
    }

    /// What is to be shown of the script; nil when it does not wait. Nobody resumes it meanwhile.
    func describe() -> SuspensionList.Entry? {
        self.state.withLock { state in
            guard case .parked(let held, let since) = state, let program = held.program as? Program else { return nil }
            let message = Message(buffer: held.buffer)
            var title = "none"
            var callID = ByteString()
            if message.parse() == nil {
                let span = message.span
                title =
                    message.isResponse ? "\(message.statusCode)" : ByteString(span, message.methodRange).string
                let range = message.callID
                if range.isPresent { callID = ByteString(span, range) }
            }
            return SuspensionList.Entry(
                since: since, place: program.waitingPlace(of: held), message: title, callID: callID,
                source: "\(held.arrival.source)")
        }
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
    let list = SuspensionList()
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
