import Bytes

/// How long transactions wait: the times of RFC 3261 §17.1.1.1, and those that tm's parameters name in their place.
///
/// A plain value: an owner copies the server's, changes what a script set for this transaction, and hands it to each
/// event.
public struct TransactionTimers: Equatable, Sendable, BitwiseCopyable {
    /// What rules the time that a finished transaction stays to absorb repetitions.
    public enum Linger: UInt8, Sendable, BitwiseCopyable {
        /// Timers D, I, J, K, L and M as in RFC 3261 table 4 and RFC 6026: up to 64·T1, and nothing where the
        /// transport is reliable.
        case rfc
        /// `waitTimer` for all of them, over any transport, as `wt_timer` does.
        case waitTimer
    }

    /// First retransmission, T1 (`retr_timer1`).
    public var t1 = Interval.milliseconds(500)
    /// Longest pause between retransmissions, T2 (`retr_timer2`).
    public var t2 = Interval.milliseconds(4000)
    /// Longest time that a message stays in the network, T4.
    public var t4 = Interval.milliseconds(5000)
    /// No response at all, or no final one to other than INVITE: Timers B and F (`fr_timer`).
    public var finalResponse = Interval.milliseconds(30_000)
    /// No final response to an INVITE after a provisional one: Timer C (`fr_inv_timer`).
    public var inviteFinalResponse = Interval.milliseconds(120_000)
    /// Stay after completion (`wt_timer`), when `linger` says so.
    public var waitTimer = Interval.milliseconds(5000)
    /// Bound of an INVITE transaction from its creation on (`max_inv_lifetime`); zero is none.
    public var maxInviteLifetime = Interval.milliseconds(180_000)
    /// Bound of any other transaction from its creation on (`max_noninv_lifetime`); zero is none.
    public var maxNonInviteLifetime = Interval.milliseconds(32_000)
    /// Whether each provisional response starts Timer C anew, or only the first and then greater ones from 180 on
    /// (`restart_fr_on_each_reply`).
    public var restartsOnProvisional = true
    /// Whether Timer A stops doubling at T2, as tm has it; RFC 3261 §17.1.1.2 lets it double without limit.
    public var capsTimerA = true
    public var linger = Linger.waitTimer

    /// The defaults of tm.
    public init() {}

    /// RFC 3261 to the letter, with a Timer C of 200 s (§16.6 step 11 wants more than three minutes).
    public static var rfc3261: TransactionTimers {
        var timers = TransactionTimers()
        timers.finalResponse = timers.sixtyFourT1
        timers.inviteFinalResponse = .milliseconds(200_000)
        timers.maxInviteLifetime = .zero
        timers.maxNonInviteLifetime = .zero
        timers.capsTimerA = false
        timers.linger = .rfc
        return timers
    }

    /// 64·T1: as long as the peer may repeat itself.
    public var sixtyFourT1: Interval { self.t1 * 64 }

    /// When a transaction created at `now` ends at the latest.
    public func lifetimeEnd(isInvite: Bool, now: Instant) -> Instant {
        let bound = isInvite ? self.maxInviteLifetime : self.maxNonInviteLifetime
        return bound > .zero ? now + bound : Instant(milliseconds: .max)
    }
}

extension TransactionTimers {
    /// How long to stay; zero ends the transaction at once.
    func stay(unreliable: Interval, reliable: Interval, isReliable: Bool) -> Interval {
        switch self.linger {
        case .waitTimer: self.waitTimer
        case .rfc: isReliable ? reliable : unreliable
        }
    }

    func timerD(_ isReliable: Bool) -> Interval {
        // "At least 32 seconds", which 64·T1 is only as long as T1 has its default (§17.1.1.2).
        self.stay(unreliable: max(self.sixtyFourT1, .milliseconds(32_000)), reliable: .zero, isReliable: isReliable)
    }

    func timerI(_ isReliable: Bool) -> Interval {
        self.stay(unreliable: self.t4, reliable: .zero, isReliable: isReliable)
    }

    func timerJ(_ isReliable: Bool) -> Interval {
        self.stay(unreliable: self.sixtyFourT1, reliable: .zero, isReliable: isReliable)
    }

    func timerK(_ isReliable: Bool) -> Interval {
        self.stay(unreliable: self.t4, reliable: .zero, isReliable: isReliable)
    }

    /// Of a branch that is given up while its callee may still answer.
    var abandonedStay: Interval {
        self.answersLate ? max(self.sixtyFourT1, self.waitTimer) : self.sixtyFourT1
    }

    /// Of a branch whose callee has let every wait pass.
    var silentStay: Interval { self.answersLate ? self.waitTimer : .zero }

    /// Whether a finished transaction still answers what comes while it is there.
    var answersLate: Bool { self.linger == .waitTimer }

    func timerLM() -> Interval {
        self.stay(unreliable: self.sixtyFourT1, reliable: self.sixtyFourT1, isReliable: false)
    }
}
