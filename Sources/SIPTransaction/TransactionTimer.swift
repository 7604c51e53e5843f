import Bytes

/// The timers of RFC 3261 §17 and RFC 6026, by their letters.
///
/// A transaction has at most two armed at a time: one that repeats a message (A, E, G) and one that bounds a state
/// (all others). A machine recognises a firing that comes too late or too early, so an owner need not disarm timers,
/// only may.
public enum TransactionTimer: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// INVITE client: send the request again.
    case timerA
    /// INVITE client: no response at all.
    case timerB
    /// INVITE client of a proxy: no final response after a provisional one (§16.6 step 11).
    case timerC
    /// INVITE client: wait for repeated final responses.
    case timerD
    /// Other client: send the request again.
    case timerE
    /// Other client: no final response.
    case timerF
    /// INVITE server: send the final response again.
    case timerG
    /// INVITE server: no ACK.
    case timerH
    /// INVITE server: wait for repeated ACKs.
    case timerI
    /// Other server: wait for repeated requests.
    case timerJ
    /// Other client: wait for repeated responses.
    case timerK
    /// INVITE server: wait for repeated requests and for ACKs after a 2xx (RFC 6026 §7.1).
    case timerL
    /// INVITE client: wait for more 2xx (RFC 6026 §7.2).
    case timerM

    /// Whether the timer repeats a message instead of bounding a state.
    @inlinable public var isRetransmission: Bool {
        switch self {
        case .timerA, .timerE, .timerG: true
        case .timerB, .timerC, .timerD, .timerF, .timerH, .timerI, .timerJ, .timerK, .timerL, .timerM: false
        }
    }
}

/// A timer to arm, and how long from now.
public struct TimerOrder: Equatable, Sendable, BitwiseCopyable {
    public var timer: TransactionTimer
    public var after: Interval

    public static func arm(_ timer: TransactionTimer, after: Interval) -> TimerOrder {
        TimerOrder(timer: timer, after: after)
    }
}
