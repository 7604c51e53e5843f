/// What the user of a transaction decides about the responses of its branches: parameters of tm, and what a script
/// sets for one transaction.
public struct ResponsePolicy: Equatable, Sendable, BitwiseCopyable {
    /// What becomes of a branch without any response when it is to be cancelled (`cancel_b_method`).
    public enum Unanswered: UInt8, Sendable, BitwiseCopyable {
        /// It is given up at once, as if a 487 had come.
        case giveUp = 0
        /// It goes on, and its first provisional response brings the CANCEL (RFC 3261 §9.1).
        case wait = 1
        /// The CANCEL is sent all the same.
        case cancelAtOnce = 2
    }

    /// Which responses of earlier serial legs still compete once a new leg has a branch (`failure_reply_mode`).
    public enum FailureReplies: UInt8, Sendable, BitwiseCopyable {
        case keepAll = 0
        case dropAll = 1
        case dropLastLeg = 2
        case dropAllOnNewLeg = 3
    }

    /// Added to the priority of responses that were made up here (`faked_reply_prio`).
    public var fakedReplyPriority = 0
    /// Whether a 6xx cancels the other branches; off means that it competes like any other (`disable_6xx_block`).
    public var blocksOn6xx = true
    public var failureReplies = FailureReplies.dropAllOnNewLeg
    public var unanswered = Unanswered.wait
    /// Whether a 100 of a branch goes upstream (`relay_100`).
    public var relays100 = false

    /// The defaults of tm.
    public init() {}

    /// How good a final response is: the lowest wins, and of equal ones the first branch.
    ///
    /// 6xx before 3xx, 4xx and 5xx; in each class the lower code first, but 401, 407, 415, 420 and 484, which the
    /// caller can do something about, before all other 4xx (RFC 3261 §16.7 step 6).
    public func priority(of status: Int, isFaked: Bool = false) -> Int {
        let digits = status % 100
        let base: Int
        switch status / 100 {
        case 6...: base = 1000 + digits
        case 3: base = 3000 + digits
        case 4:
            switch status {
            case 401, 407, 415, 420, 484: base = 4000 + digits
            default: base = 4100 + digits
            }
        case 5: base = 5000 + digits
        default: base = 10_000 + digits
        }
        return isFaked ? base + self.fakedReplyPriority : base
    }
}
