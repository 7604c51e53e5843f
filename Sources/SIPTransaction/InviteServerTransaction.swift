import Bytes

/// INVITE server transaction: RFC 3261 §17.2.1, figure 7, with `accepted` from RFC 6026 §7.1.
///
/// ```
///               INVITE ─▶ to user
///                  │
///            ┌─────▼──────┐  1xx: send;  INVITE: send last 1xx
///            │ proceeding │──┐
///            └─┬────────┬─┘◀─┘
///   300-699:   │        │  2xx: send, arm L
///   send,      │        │
///   arm G, H   │        └───────────────┐
///        ┌─────▼─────┐            ┌─────▼────┐  2xx: send;  ACK: to user
///        │ completed │──┐         │ accepted │──┐  INVITE: absorb
///        └─┬──────┬──┘◀─┘         └─────┬────┘◀─┘
///   ACK:   │      │ G: send, arm G      │
///   arm I  │      │ INVITE: send        │ L
///   ┌──────▼────┐ │ H: no ACK           │
///   │ confirmed │ └───────────┐         │
///   └──────┬────┘             │         │
///        I │           ┌──────▼─────┐   │
///          └──────────▶│ terminated │◀──┘
///                      └────────────┘
/// ```
///
/// A transport error is reported in any of the first three states and changes none (RFC 6026 §8.7).
/// The owner keeps the last response sent; the machine says when to send it.
public struct InviteServerTransaction: Sendable, BitwiseCopyable {
    private enum State: UInt8, BitwiseCopyable { case proceeding, completed, accepted, confirmed, terminated }

    private var state = State.proceeding
    private let isReliable: Bool
    private var hasResponse = false
    /// A 2xx of another callee went out after the refusal.
    private var isOvertaken = false
    private var pause = Pause()

    /// Begins with the INVITE, which goes to the user.
    /// - Parameter isReliable: whether the INVITE came over a reliable transport (§18).
    public init(isReliable: Bool) { self.isReliable = isReliable }

    public var isTerminated: Bool { self.state == .terminated }
    /// Whether no final response was given yet.
    public var isProceeding: Bool { self.state == .proceeding }
    /// Whether the final response was a refusal.
    public var isRefused: Bool { self.state == .completed || self.state == .confirmed }
    /// Whether a 2xx was given.
    public var isAccepted: Bool { self.state == .accepted }

    /// The INVITE came again.
    public mutating func receiveRequest() -> TransactionReaction {
        switch self.state {
        case .proceeding: self.hasResponse ? TransactionReaction(.sendResponse) : .absorb
        case .completed: TransactionReaction(.sendResponse)
        case .accepted, .confirmed, .terminated: .absorb
        }
    }

    /// The user gives a response.
    /// - Parameter status: 100 to 699.
    /// - Returns: with `sendResponse` when the response is taken: it is then the one to repeat. Without it, the
    ///   response comes too late and is dropped.
    public mutating func respond(_ status: Int, timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .proceeding:
            if status < 200 {
                self.hasResponse = true
                return TransactionReaction(.sendResponse)
            }
            if status < 300 {
                self.state = .accepted
                return TransactionReaction(.sendResponse, deadline: .arm(.timerL, after: timers.timerLM()))
            }
            self.state = .completed
            let timerH = TimerOrder.arm(.timerH, after: timers.sixtyFourT1)
            guard !self.isReliable else { return TransactionReaction(.sendResponse, deadline: timerH) }
            self.pause.set(timers.t1)
            return TransactionReaction(
                .sendResponse,
                retransmission: .arm(.timerG, after: self.pause.interval),
                deadline: timerH
            )
        case .accepted:
            return 200..<300 ~= status ? TransactionReaction(.sendResponse) : .absorb
        case .completed, .confirmed, .terminated:
            return .absorb
        }
    }

    /// The user gives no final response, now or later: the INVITE is absorbed for as long as `time` when it comes again.
    public mutating func abandon(for time: Interval) -> TransactionReaction {
        guard self.isProceeding else { return .absorb }
        self.state = .confirmed
        return TransactionReaction([], deadline: .arm(.timerI, after: time))
    }

    /// A 2xx that came after a refusal was sent past this transaction, as a proxy has to (§16.7 step 5): its callee
    /// repeats it, and to repeat the refusal would only contradict it.
    public mutating func overtake() -> TransactionReaction {
        guard self.state == .completed else { return .absorb }
        self.isOvertaken = true
        return TransactionReaction(.stopRetransmission)
    }

    /// An ACK that matches this transaction came.
    public mutating func receiveAck(timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .completed:
            let timerI = timers.timerI(self.isReliable)
            guard timerI > .zero else {
                self.state = .terminated
                return TransactionReaction([.stopRetransmission, .terminate])
            }
            self.state = .confirmed
            return TransactionReaction(.stopRetransmission, deadline: .arm(.timerI, after: timerI))
        case .accepted:
            return TransactionReaction(.deliver)
        case .proceeding, .confirmed, .terminated:
            return .absorb
        }
    }

    /// A timer fired; one that this state does not wait for is ignored.
    public mutating func timerFired(_ timer: TransactionTimer, timers: TransactionTimers) -> TransactionReaction {
        switch (self.state, timer) {
        case (.completed, .timerG) where !self.isOvertaken:
            self.pause.double(limit: timers.t2)
            return TransactionReaction(.sendResponse, retransmission: .arm(.timerG, after: self.pause.interval))
        case (.completed, .timerH):
            self.state = .terminated
            return TransactionReaction([.timeout, .stopRetransmission, .terminate])
        case (.confirmed, .timerI), (.accepted, .timerL):
            self.state = .terminated
            return TransactionReaction(.terminate)
        case (.proceeding, _), (.completed, _), (.accepted, _), (.confirmed, _), (.terminated, _):
            return .absorb
        }
    }

    /// The response could not be sent.
    public mutating func transportFailed() -> TransactionReaction {
        switch self.state {
        case .proceeding, .completed, .accepted: TransactionReaction(.transportError)
        case .confirmed, .terminated: .absorb
        }
    }
}
