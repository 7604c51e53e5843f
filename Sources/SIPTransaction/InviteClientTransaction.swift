import Bytes

/// INVITE client transaction: RFC 3261 §17.1.1, figure 5, with `accepted` from RFC 6026 §7.2 and Timer C of §16.6.
///
/// ```
///           ┌────────┐
///           │ unsent │
///           └───┬────┘ start: send, arm A, B
///          ┌────▼────┐ A: send, arm A
///          │ calling │───────────────────────────┐
///          └─┬─┬──┬──┘                           │
///     1xx:   │ │  │ 2xx       B, transport error │
///     arm C  │ │  └────────────────────────┐     │
///   ┌────────▼───┐ 1xx: to user, arm C     │     │
///   │ proceeding │─────────────┐           │     │
///   └─┬──────┬───┘             │ 2xx       │     │
///     │ C:   │ 300-699:        │           │     │
///     │ time-│ ACK, arm D      │           │     │
///     │ out, │ │               │           │     │
///     │CANCEL│ │   300-699:    │           │     │
///   ┌─▼─────────┐ ACK      ┌───▼───────────▼┐    │
///   │ abandoned │──┐       │    accepted    │    │
///   └─┬─────┬───┘  │       └───┬────────────┘    │
///     │     │ 2xx: to user, arm M ▲   │ 2xx: to  │
///     │     └──────┼──────────────┘   │ user     │
///     │ D    ┌─────▼─────┐            │ M        │
///     │      │ completed │ 300-699: ACK          │
///     │      └─────┬─────┘            │          │
///     │            │ D, transport err.│          │
///     │     ┌──────▼─────┐            │          │
///     └────▶│ terminated │◀───────────┴──────────┘
///           └────────────┘
/// ```
///
/// States that the figure lacks: `unsent` waits for the next hop to be resolved. `abandoned` is a branch that the user
/// has given up (Timer C, or a CANCEL that does not wait) while the far end may still answer: what comes is
/// acknowledged and goes no further, except a 2xx, which must reach the user (§16.7 step 5). With `linger` set to
/// `waitTimer`, Timer B and the end of the wait for a cancelled branch lead there as well.
public struct InviteClientTransaction: Sendable, BitwiseCopyable {
    private enum State: UInt8, BitwiseCopyable {
        case unsent, calling, proceeding, completed, accepted, abandoned, terminated
    }

    private struct Marks: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        static let isReliable = Marks(rawValue: 1)
        static let isCancelled = Marks(rawValue: 2)
        static let hasFinal = Marks(rawValue: 4)
    }

    private var state = State.unsent
    private var marks: Marks
    /// Greatest provisional status so far, less 100.
    private var progress: UInt8 = 0
    private var pause = Pause()
    private var deadline = Instant.distantFuture
    /// When to give up at the latest, whatever comes: creation of the whole transaction plus `max_inv_lifetime`.
    public var endsBy: Instant

    /// - Parameters:
    ///   - isReliable: whether the INVITE leaves over a reliable transport (§18).
    ///   - endsBy: see `TransactionTimers.lifetimeEnd`.
    public init(isReliable: Bool, endsBy: Instant = .distantFuture) {
        self.marks = isReliable ? .isReliable : []
        self.endsBy = endsBy
    }

    private var isReliable: Bool { self.marks.contains(.isReliable) }
    private var isCancelled: Bool { self.marks.contains(.isCancelled) }
    private var hasFinal: Bool { self.marks.contains(.hasFinal) }

    public var isTerminated: Bool { self.state == .terminated }
    /// Whether a provisional response came and no final one, so that a CANCEL may be sent (§9.1).
    public var isProceeding: Bool { self.state == .proceeding }
    /// Whether the user still waits for a final response.
    public var isPending: Bool { self.state == .unsent || self.state == .calling || self.state == .proceeding }

    /// Whether the INVITE as sent may still be wanted: to repeat it, to acknowledge a refusal, or for a CANCEL.
    public var needsRequest: Bool { self.state != .accepted && self.state != .terminated }

    /// Sends the INVITE.
    public mutating func start(now: Instant, timers: TransactionTimers) -> TransactionReaction {
        guard self.state == .unsent else { return .absorb }
        self.state = .calling
        var reaction = TransactionReaction(.sendRequest)
        reaction.deadline = self.bound(.timerB, timers.finalResponse, now)
        if !self.isReliable {
            self.pause.set(timers.t1)
            reaction.retransmission = .arm(.timerA, after: self.pause.interval)
        }
        return reaction
    }

    /// A response came.
    /// - Parameter status: 100 to 699.
    public mutating func receiveResponse(
        _ status: Int,
        now: Instant,
        timers: TransactionTimers
    ) -> TransactionReaction {
        if status < 200 { return self.receiveProvisional(status, now, timers) }
        return status < 300 ? self.receiveSuccess(now, timers) : self.receiveFailure(now, timers)
    }

    private mutating func receiveProvisional(
        _ status: Int, _ now: Instant, _ timers: TransactionTimers
    ) -> TransactionReaction {
        let isFurther = status >= 180 && status - 100 > Int(self.progress)
        self.progress = max(self.progress, UInt8(clamping: status - 100))
        switch self.state {
        case .calling:
            self.state = .proceeding
            let wait = self.isCancelled ? timers.sixtyFourT1 : timers.inviteFinalResponse
            return TransactionReaction(
                [.deliver, .stopRetransmission],
                deadline: self.bound(.timerC, wait, now)
            )
        case .proceeding:
            guard timers.restartsOnProvisional || isFurther, !self.isCancelled else {
                return TransactionReaction(.deliver)
            }
            return TransactionReaction(.deliver, deadline: self.bound(.timerC, timers.inviteFinalResponse, now))
        case .abandoned:
            // Given up before it answered: now that it has, it can be told (§9.1), and its answer is waited for anew.
            guard !self.isCancelled else { return .absorb }
            self.marks.insert(.isCancelled)
            return self.settle(.sendCancel, .timerD, timers.abandonedStay, now)
        case .unsent, .completed, .accepted, .terminated:
            return .absorb
        }
    }

    private mutating func receiveSuccess(_ now: Instant, _ timers: TransactionTimers) -> TransactionReaction {
        defer { self.marks.insert(.hasFinal) }
        switch self.state {
        case .calling, .proceeding, .abandoned:
            self.state = .accepted
            return self.settle([.deliver, .stopRetransmission], .timerM, timers.timerLM(), now)
        case .accepted:
            return TransactionReaction(.deliver)
        case .unsent, .completed, .terminated:
            return .absorb
        }
    }

    private mutating func receiveFailure(_ now: Instant, _ timers: TransactionTimers) -> TransactionReaction {
        defer { self.marks.insert(.hasFinal) }
        switch self.state {
        case .calling, .proceeding:
            self.state = .completed
            return self.settle([.sendAck, .deliver, .stopRetransmission], .timerD, timers.timerD(self.isReliable), now)
        case .abandoned:
            self.state = .completed
            return self.settle(.sendAck, .timerD, timers.timerD(self.isReliable), now)
        case .completed:
            return TransactionReaction(.sendAck)
        case .unsent, .accepted, .terminated:
            return .absorb
        }
    }

    /// A response came after the end, while the owner still has the transaction, because of its other branches: the
    /// callee is heard once more, as one that was given up, so that it does not ring or repeat itself in vain.
    ///
    /// Repetitions of a final response are answered, and prolong nothing.
    public mutating func receiveLateResponse(
        _ status: Int,
        now: Instant,
        timers: TransactionTimers
    ) -> TransactionReaction {
        guard self.state == .terminated else { return .absorb }
        guard !self.hasFinal else {
            return status < 200 ? .absorb : TransactionReaction(status < 300 ? .deliver : .sendAck)
        }
        guard status >= 200 || !self.isCancelled else { return .absorb }
        self.state = .abandoned
        return self.receiveResponse(status, now: now, timers: timers)
    }

    /// A CANCEL for this branch was sent: no final response within 64·T1 is then taken as none (§9.1).
    public mutating func cancelSent(now: Instant, timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .calling, .proceeding:
            guard !self.isCancelled else { return .absorb }
            self.marks.insert(.isCancelled)
            let timer: TransactionTimer = self.state == .calling ? .timerB : .timerC
            let left = self.deadline - now
            return TransactionReaction(deadline: self.bound(timer, min(left, timers.sixtyFourT1), now))
        case .abandoned:
            self.marks.insert(.isCancelled)
            return .absorb
        case .unsent, .completed, .accepted, .terminated:
            return .absorb
        }
    }

    /// The user gives the branch up without waiting for an answer: no more repetitions, nothing but a 2xx is reported.
    public mutating func abandon(now: Instant, timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .unsent:
            self.state = .terminated
            return TransactionReaction(.terminate)
        case .calling, .proceeding:
            self.state = .abandoned
            return self.settle(.stopRetransmission, .timerD, timers.abandonedStay, now)
        case .completed, .accepted, .abandoned, .terminated:
            return .absorb
        }
    }

    /// A timer fired; one that this state does not wait for is ignored, one that comes too early is armed anew.
    public mutating func timerFired(
        _ timer: TransactionTimer,
        now: Instant,
        timers: TransactionTimers
    ) -> TransactionReaction {
        switch (self.state, timer) {
        case (.calling, .timerA):
            self.pause.double(limit: timers.capsTimerA ? timers.t2 : nil)
            return TransactionReaction(.sendRequest, retransmission: .arm(.timerA, after: self.pause.interval))
        case (.calling, .timerB), (.proceeding, .timerC), (.completed, .timerD), (.abandoned, .timerD),
            (.accepted, .timerM):
            guard now >= self.deadline else {
                return TransactionReaction(deadline: .arm(timer, after: self.deadline - now))
            }
            return self.deadlinePassed(now, timers)
        case (.unsent, _), (.calling, _), (.proceeding, _), (.completed, _), (.accepted, _), (.abandoned, _),
            (.terminated, _):
            return .absorb
        }
    }

    private mutating func deadlinePassed(_ now: Instant, _ timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .proceeding where !self.isCancelled:
            self.marks.insert(.isCancelled)
            self.state = .abandoned
            return self.settle([.sendCancel, .timeout], .timerD, timers.abandonedStay, now)
        case .proceeding:
            self.state = .abandoned
            return self.settle(.timeout, .timerD, timers.silentStay, now)
        case .calling:
            self.state = .abandoned
            return self.settle([.timeout, .stopRetransmission], .timerD, timers.silentStay, now)
        case .unsent, .completed, .accepted, .abandoned, .terminated:
            self.state = .terminated
            return TransactionReaction(.terminate)
        }
    }

    /// The INVITE or the ACK could not be sent.
    public mutating func transportFailed() -> TransactionReaction {
        switch self.state {
        case .unsent, .calling:
            self.state = .terminated
            return TransactionReaction([.transportError, .stopRetransmission, .terminate])
        case .completed:
            self.state = .terminated
            return TransactionReaction([.transportError, .terminate])
        case .proceeding, .accepted, .abandoned, .terminated:
            return .absorb
        }
    }

    /// Arms a timer that bounds the wait of the user, within the lifetime of the transaction.
    private mutating func bound(_ timer: TransactionTimer, _ wait: Interval, _ now: Instant) -> TimerOrder {
        self.deadline = min(now + wait, self.endsBy)
        return .arm(timer, after: max(self.deadline - now, .zero))
    }

    /// Arms the timer that ends a finished transaction, or ends it when there is nothing to wait for.
    private mutating func settle(
        _ actions: TransactionActions,
        _ timer: TransactionTimer,
        _ wait: Interval,
        _ now: Instant
    ) -> TransactionReaction {
        guard wait > .zero else {
            self.state = .terminated
            return TransactionReaction(actions.union(.terminate))
        }
        self.deadline = now + wait
        return TransactionReaction(actions, deadline: .arm(timer, after: wait))
    }
}
