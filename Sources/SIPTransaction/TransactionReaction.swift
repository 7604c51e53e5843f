import Bytes

/// What the owner of a transaction does after an event, in the order of the cases.
public struct TransactionActions: OptionSet, Sendable, BitwiseCopyable, Hashable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Send the request, for the first time or again.
    public static let sendRequest = TransactionActions(rawValue: 1 << 0)
    /// Send the last response given to the machine, for the first time or again.
    public static let sendResponse = TransactionActions(rawValue: 1 << 1)
    /// Send the ACK for a final response other than 2xx (RFC 3261 §17.1.1.3).
    public static let sendAck = TransactionActions(rawValue: 1 << 2)
    /// Send a CANCEL for the request (§9.1), as a transaction of its own.
    public static let sendCancel = TransactionActions(rawValue: 1 << 3)
    /// Pass the message of this event to the transaction user.
    public static let deliver = TransactionActions(rawValue: 1 << 4)
    /// Tell the user that nothing final came in time: as if a 408 had come (§16.8); for a server, that no ACK came.
    public static let timeout = TransactionActions(rawValue: 1 << 5)
    /// Tell the user that the message could not be sent: as if a 503 had come (§16.9).
    public static let transportError = TransactionActions(rawValue: 1 << 6)
    /// The retransmission timer may be disarmed; when it fires all the same, the machine ignores it.
    public static let stopRetransmission = TransactionActions(rawValue: 1 << 7)
    /// The machine is done: forget it. It reacts to nothing any more.
    public static let terminate = TransactionActions(rawValue: 1 << 8)
}

/// The answer of a machine to an event. Nothing to do and nothing to arm means: absorb it.
public struct TransactionReaction: Equatable, Sendable, BitwiseCopyable {
    public var actions: TransactionActions
    /// The retransmission timer to arm; takes the place of the one armed before.
    public var retransmission: TimerOrder?
    /// The timer that bounds the state; takes the place of the one armed before.
    public var deadline: TimerOrder?

    @inlinable
    public init(
        _ actions: TransactionActions = [],
        retransmission: TimerOrder? = nil,
        deadline: TimerOrder? = nil
    ) {
        self.actions = actions
        self.retransmission = retransmission
        self.deadline = deadline
    }

    /// Nothing is to be done.
    @inlinable public static var absorb: TransactionReaction { TransactionReaction() }

    @inlinable public var isAbsorbed: Bool {
        self.actions.isEmpty && self.retransmission == nil && self.deadline == nil
    }
}

extension Instant {
    /// Later than any other: no bound.
    public static var distantFuture: Instant { Instant(milliseconds: .max) }
}

/// A pause between retransmissions, in milliseconds, in half the bytes of an `Interval`.
struct Pause: BitwiseCopyable, Sendable {
    private var milliseconds: UInt32 = 0

    var interval: Interval { Interval(milliseconds: Int64(self.milliseconds)) }

    mutating func set(_ interval: Interval) {
        self.milliseconds = UInt32(clamping: interval.milliseconds)
    }

    /// Twice as long, but not longer than `limit`.
    mutating func double(limit: Interval?) {
        let doubled = self.interval * 2
        self.set(limit.map { min(doubled, $0) } ?? doubled)
    }
}
