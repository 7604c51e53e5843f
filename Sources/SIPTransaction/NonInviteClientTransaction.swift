import Bytes

/// Client transaction for all but INVITE and ACK: RFC 3261 §17.1.2, figure 6.
///
/// ```
///        ┌────────┐
///        │ unsent │
///        └───┬────┘ start: send, arm E, F
///        ┌───▼────┐ E: send, arm E (doubling up to T2)
///     ┌──│ trying │───────────────────────────┐
///     └─▶└─┬───┬──┘ F, transport error        │
///     1xx: │   │ 200-699: to user, arm K      │
///  to user │   └─────────────┐                │
///   ┌──────▼─────┐           │                │
///   │ proceeding │─┐ E: send, arm E (T2)      │
///   └─┬──────┬───┘◀┘ 1xx: to user             │
///     │      │ 200-699:      │                │
///     │ F,   │ to user,      │                │
///     │ tr.  │ arm K   ┌─────▼─────┐          │
///     │ err. └────────▶│ completed │          │
///     │                └─────┬─────┘          │
///     │                      │ K              │
///     │                ┌─────▼──────┐         │
///     └───────────────▶│ terminated │◀────────┘
///                      └────────────┘
/// ```
///
/// `unsent`, which the figure lacks, waits for the next hop to be resolved.
public struct NonInviteClientTransaction: Sendable, BitwiseCopyable {
    private enum State: UInt8, BitwiseCopyable { case unsent, trying, proceeding, completed, terminated }

    private var state = State.unsent
    private let isReliable: Bool
    private var pause = Pause()
    /// When to give up at the latest: creation of the whole transaction plus `max_noninv_lifetime`.
    public var endsBy: Instant

    /// - Parameters:
    ///   - isReliable: whether the request leaves over a reliable transport (§18).
    ///   - endsBy: see `TransactionTimers.lifetimeEnd`.
    public init(isReliable: Bool, endsBy: Instant = .distantFuture) {
        self.isReliable = isReliable
        self.endsBy = endsBy
    }

    public var isTerminated: Bool { self.state == .terminated }
    /// Whether the user still waits for a final response.
    public var isPending: Bool { self.state == .unsent || self.state == .trying || self.state == .proceeding }
    /// Whether a provisional response came.
    public var isProceeding: Bool { self.state == .proceeding }

    /// Sends the request.
    public mutating func start(now: Instant, timers: TransactionTimers) -> TransactionReaction {
        guard self.state == .unsent else { return .absorb }
        self.state = .trying
        let end = min(now + timers.finalResponse, self.endsBy)
        var reaction = TransactionReaction(.sendRequest)
        reaction.deadline = .arm(.timerF, after: max(end - now, .zero))
        if !self.isReliable {
            self.pause.set(timers.t1)
            reaction.retransmission = .arm(.timerE, after: self.pause.interval)
        }
        return reaction
    }

    /// A response came.
    /// - Parameter status: 100 to 699.
    public mutating func receiveResponse(_ status: Int, timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .trying, .proceeding:
            guard status >= 200 else {
                self.state = .proceeding
                return TransactionReaction(.deliver)
            }
            let timerK = timers.timerK(self.isReliable)
            guard timerK > .zero else {
                self.state = .terminated
                return TransactionReaction([.deliver, .stopRetransmission, .terminate])
            }
            self.state = .completed
            return TransactionReaction([.deliver, .stopRetransmission], deadline: .arm(.timerK, after: timerK))
        case .unsent, .completed, .terminated:
            return .absorb
        }
    }

    /// The user gives the request up without waiting for an answer; nothing is reported any more.
    public mutating func abandon(timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .unsent:
            self.state = .terminated
            return TransactionReaction(.terminate)
        case .trying, .proceeding:
            self.state = .completed
            return TransactionReaction(.stopRetransmission, deadline: .arm(.timerK, after: timers.t4))
        case .completed, .terminated:
            return .absorb
        }
    }

    /// A timer fired; one that this state does not wait for is ignored.
    public mutating func timerFired(_ timer: TransactionTimer, timers: TransactionTimers) -> TransactionReaction {
        switch (self.state, timer) {
        case (.trying, .timerE):
            self.pause.double(limit: timers.t2)
            return TransactionReaction(.sendRequest, retransmission: .arm(.timerE, after: self.pause.interval))
        case (.proceeding, .timerE):
            return TransactionReaction(.sendRequest, retransmission: .arm(.timerE, after: timers.t2))
        case (.trying, .timerF), (.proceeding, .timerF):
            self.state = .terminated
            return TransactionReaction([.timeout, .stopRetransmission, .terminate])
        case (.completed, .timerK):
            self.state = .terminated
            return TransactionReaction(.terminate)
        case (.unsent, _), (.trying, _), (.proceeding, _), (.completed, _), (.terminated, _):
            return .absorb
        }
    }

    /// The request could not be sent.
    public mutating func transportFailed() -> TransactionReaction {
        switch self.state {
        case .unsent, .trying, .proceeding:
            self.state = .terminated
            return TransactionReaction([.transportError, .stopRetransmission, .terminate])
        case .completed, .terminated:
            return .absorb
        }
    }
}
