import Bytes

/// Server transaction for all but INVITE and ACK: RFC 3261 §17.2.2, figure 8.
///
/// ```
///           request ─▶ to user
///              │
///        ┌─────▼──┐  request: absorb
///        │ trying │──────────┐
///        └─────┬──┘          │ 200-699: send, arm J
///      1xx:    │             │
///      send    │             │
///       ┌──────▼─────┐       │
///    ┌──│ proceeding │───────┤     1xx, request: send last 1xx
///    └─▶└──────┬─────┘       │
///              │             │
///              │      ┌──────▼────┐
///   transport  │   ┌──│ completed │    request: send last response
///   error      │   └─▶└──────┬────┘    further responses: drop
///              │             │ J, transport error
///              │     ┌───────▼────┐
///              └────▶│ terminated │
///                    └────────────┘
/// ```
public struct NonInviteServerTransaction: Sendable, BitwiseCopyable {
    private enum State: UInt8, BitwiseCopyable { case trying, proceeding, completed, terminated }

    private var state = State.trying
    private let isReliable: Bool

    /// Begins with the request, which goes to the user.
    public init(isReliable: Bool) { self.isReliable = isReliable }

    public var isTerminated: Bool { self.state == .terminated }
    /// Whether no final response was given yet.
    public var isProceeding: Bool { self.state == .trying || self.state == .proceeding }

    /// The request came again.
    public mutating func receiveRequest() -> TransactionReaction {
        switch self.state {
        case .proceeding, .completed: TransactionReaction(.sendResponse)
        case .trying, .terminated: .absorb
        }
    }

    /// The user gives a response.
    /// - Parameter status: 100 to 699.
    /// - Returns: with `sendResponse` when the response is taken; without it, it comes too late and is dropped.
    public mutating func respond(_ status: Int, timers: TransactionTimers) -> TransactionReaction {
        switch self.state {
        case .trying, .proceeding:
            guard status >= 200 else {
                self.state = .proceeding
                return TransactionReaction(.sendResponse)
            }
            let timerJ = timers.timerJ(self.isReliable)
            guard timerJ > .zero else {
                self.state = .terminated
                return TransactionReaction([.sendResponse, .terminate])
            }
            self.state = .completed
            return TransactionReaction(.sendResponse, deadline: .arm(.timerJ, after: timerJ))
        case .completed, .terminated:
            return .absorb
        }
    }

    /// The user gives no final response, now or later: the request is absorbed for as long as `time` when it comes again.
    public mutating func abandon(for time: Interval) -> TransactionReaction {
        guard self.isProceeding else { return .absorb }
        self.state = .completed
        return TransactionReaction([], deadline: .arm(.timerJ, after: time))
    }

    /// A timer fired; one that this state does not wait for is ignored.
    public mutating func timerFired(_ timer: TransactionTimer) -> TransactionReaction {
        switch (self.state, timer) {
        case (.completed, .timerJ):
            self.state = .terminated
            return TransactionReaction(.terminate)
        case (.trying, _), (.proceeding, _), (.completed, _), (.terminated, _):
            return .absorb
        }
    }

    /// The response could not be sent.
    public mutating func transportFailed() -> TransactionReaction {
        switch self.state {
        case .proceeding, .completed:
            self.state = .terminated
            return TransactionReaction([.transportError, .terminate])
        case .trying, .terminated:
            return .absorb
        }
    }
}
