import Bytes

/// Spares a database that does not answer, and those who would wait for it.
///
/// Closed: everything goes through. After `threshold` failures in a row it opens: nothing goes through for a pause. Then
/// one try is let through; if it goes well, everything does, else the next pause is twice as long, up to a limit.
public struct CircuitBreaker: Sendable, Equatable {
    public struct Policy: Sendable, Equatable {
        /// Failures in a row; at least 1.
        public var threshold = 3
        public var firstPause = Interval.seconds(1)
        public var longestPause = Interval.seconds(30)
        public init() {}
    }

    private enum State: Equatable {
        case closed(failures: Int)
        case open(until: Instant, pause: Interval)
        case trying(pause: Interval)
    }

    private let policy: Policy
    private var state = State.closed(failures: 0)

    public init(_ policy: Policy = Policy()) { self.policy = policy }

    public enum Admission: Sendable, Equatable {
        case go
        /// The one try that decides.
        case trial
        /// Not before so much time has passed; zero: a try is on its way.
        case refused(after: Interval)
    }

    /// Whether somebody may try now.
    public mutating func admit(now: Instant) -> Admission {
        switch self.state {
        case .closed: return .go
        case .open(let until, let pause):
            guard until <= now else { return .refused(after: until - now) }
            self.state = .trying(pause: pause)
            return .trial
        case .trying: return .refused(after: .zero)
        }
    }

    /// Somebody got an answer.
    /// - Returns: whether it was open until now.
    public mutating func succeed() -> Bool {
        switch self.state {
        case .closed(let failures):
            if failures > 0 { self.state = .closed(failures: 0) }
            return false
        // A late answer to somebody who was let through before: the try decides, not he.
        case .open: return false
        case .trying:
            self.state = .closed(failures: 0)
            return true
        }
    }

    /// Somebody got none.
    /// - Returns: how long nothing goes through, when it opens by that.
    public mutating func fail(now: Instant) -> Interval? {
        switch self.state {
        case .closed(let failures):
            guard failures + 1 >= self.policy.threshold else {
                self.state = .closed(failures: failures + 1)
                return nil
            }
            return self.open(for: self.policy.firstPause, now)
        case .open: return nil
        case .trying(let pause): return self.open(for: min(pause * 2, self.policy.longestPause), now)
        }
    }

    private mutating func open(for pause: Interval, _ now: Instant) -> Interval {
        self.state = .open(until: now + pause, pause: pause)
        return pause
    }

    public var isClosed: Bool {
        if case .closed = self.state { return true }
        return false
    }
    var isTrying: Bool {
        if case .trying = self.state { return true }
        return false
    }
}
