import Bytes
import ModuleKit
import SIPTransport

/// What one event worker has to go on with: scripts that were woken, and timers whose time has come.
///
/// `resume` and `wake` are for any thread, the rest for the loop's own.
final class ResumeLane: @unchecked Sendable {  // `state` is locked, the rest belongs to the loop's thread
    /// Scripts that are woken, and timers that fire, before the loop looks after everything else again.
    static let batch = 128

    private struct Wake {
        var token: any ResumeToken
        var code: Int
    }

    private struct State: ~Copyable {
        var wheel: TimerWheel<Handle>
        var timers = Slab<Wake>(indexBits: 24)
        var woken: [(token: SuspensionToken, result: ResumeResult)] = []
        /// When the loop wakes by itself; nil: it does not.
        var alarm: Instant?
        /// The loop has been told that there is something in `woken`.
        var isRung = false

        init(now: Instant) { self.wheel = TimerWheel(now: now, resolution: .milliseconds(1)) }
    }

    /// nil: nobody sleeps; whoever runs the lane looks by himself.
    private let loop: EventLoop?
    private let state: Lock<State>
    /// Taken out of `woken`; those before `position` are done.
    private var batch: [(token: SuspensionToken, result: ResumeResult)] = []
    private var position = 0
    private var due: [Handle] = []
    private var fired: [Wake] = []
    private static let bell = LoopWork { _ in }

    init(loop: EventLoop?) {
        self.loop = loop
        self.state = Lock(State(now: Instant.now()))
    }

    /// Timers that are armed.
    var timerCount: Int { self.state.withLock { $0.timers.count } }

    // MARK: Any thread

    /// Has the loop go on with a script.
    func resume(_ token: SuspensionToken, _ result: ResumeResult) {
        let mustRing = self.state.withLock { state in
            state.woken.append((token, result))
            defer { state.isRung = true }
            return !state.isRung
        }
        if mustRing { self.loop?.post(Self.bell) }
    }

    /// Has the loop wake `token` at `deadline`.
    /// - Returns: false when there is no room for another timer.
    func wake(_ token: any ResumeToken, at deadline: Instant, code: Int) -> Bool {
        let (isArmed, mustRing) = self.state.withLock { state -> (Bool, Bool) in
            guard let handle = state.timers.insert(Wake(token: token, code: code)) else { return (false, false) }
            guard state.wheel.arm(handle, at: deadline) != nil else {
                state.timers.remove(handle)
                return (false, false)
            }
            if let alarm = state.alarm, alarm <= deadline { return (true, false) }
            state.alarm = deadline
            return (true, true)
        }
        if mustRing { self.loop?.post(Self.bell) }
        return isArmed
    }

    // MARK: The loop's thread

    /// Until when the loop may sleep as far as this lane knows; whoever needs it earlier from now on rings.
    func sleepUntil() -> Instant? {
        guard self.position == self.batch.count else { return .zero }
        return self.state.withLock { state in
            guard state.woken.isEmpty else { return .zero }
            state.alarm = state.wheel.nextDeadline
            return state.alarm
        }
    }

    /// Has `worker` do what is to go on: at most a batch of timers and a batch of scripts.
    func fire(at now: Instant, by worker: Worker) {
        self.fire(at: now) { token, result in
            switch token {
            case let token as SuspensionToken: worker.resume(token, result)
            case let errand as Errand: errand.body(worker)
            default: token.resume(result)
            }
        }
    }

    /// Hands out what is to go on: at most a batch of timers and a batch of scripts.
    func fire(at now: Instant, _ body: (any ResumeToken, ResumeResult) -> Void) {
        self.state.withLock { state in
            state.wheel.collectExpired(at: now, into: &self.due, limit: Self.batch)
            for handle in self.due {
                if let wake = state.timers.remove(handle) { self.fired.append(wake) }
            }
            guard self.position == self.batch.count else { return }
            self.batch.removeAll(keepingCapacity: self.batch.capacity <= 1024)
            self.position = 0
            swap(&self.batch, &state.woken)
            state.isRung = false
        }
        self.due.removeAll(keepingCapacity: true)
        for wake in self.fired { body(wake.token, ResumeResult(code: wake.code)) }
        self.fired.removeAll(keepingCapacity: true)
        let end = min(self.position + Self.batch, self.batch.count)
        while self.position < end {
            let (token, result) = self.batch[self.position]
            self.position += 1
            body(token, result)
        }
    }
}

/// Work for whichever event worker a timer wakes.
final class Errand: ResumeToken {
    let body: @Sendable (any WorkerServices) -> Void
    init(_ body: @escaping @Sendable (any WorkerServices) -> Void) { self.body = body }
    func resume(_ result: ResumeResult) {}
}
