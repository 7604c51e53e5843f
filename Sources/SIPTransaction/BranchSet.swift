/// The branches of one forwarded request and what came of them: the response context of RFC 3261 §16.7.
///
/// ```
///   add ─▶ unsent ─sent─▶ calling ─1xx─▶ proceeding ─200-699, timeout─▶ final
///             │              │                                           ▲
///             └── withdraw ──┴──────────── 200-699, timeout ─────────────┘
/// ```
///
/// A value of some 150 bytes without any message: it says what to forward, hold, choose and cancel, and the owner does
/// it. Branches are added in legs: those of one leg ring in parallel, a failure route may add the next leg.
public struct BranchSet: Sendable, BitwiseCopyable {
    enum State: UInt8, BitwiseCopyable { case unsent, calling, proceeding, final }

    struct Branch: BitwiseCopyable {
        var state = State.unsent
        var flags: BranchFlags = []
        var status: UInt16 = 0
    }

    /// What else is known of a branch.
    struct BranchFlags: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        /// Its status was made up here.
        static let faked = BranchFlags(rawValue: 1 << 0)
        /// Its response no longer competes.
        static let discarded = BranchFlags(rawValue: 1 << 1)
        static let cancelSent = BranchFlags(rawValue: 1 << 2)
        /// To be cancelled as soon as it gives a provisional response.
        static let cancelPending = BranchFlags(rawValue: 1 << 3)
        static let timedOut = BranchFlags(rawValue: 1 << 4)
        /// Some response came from the network.
        static let replied = BranchFlags(rawValue: 1 << 5)
    }

    /// Most branches of one transaction.
    public static var capacity: Int { 32 }

    /// Whether the request is an INVITE: only then is anything cancelled, and more than one 2xx forwarded.
    public let isInvite: Bool
    /// Branches added so far, of all legs.
    public internal(set) var count = 0
    /// First branch of the current leg.
    public internal(set) var legStart = 0
    /// Whether a final response went upstream.
    public internal(set) var isFinalSent = false
    /// Whether the caller has cancelled.
    public internal(set) var isCancelled = false
    /// Whether a 6xx has ended the search: no more branches, please.
    public internal(set) var isBlocked = false
    private var isNewLeg = false
    private var dropsOnNewBranch: ResponsePolicy.FailureReplies?
    var branches = InlineArray<32, Branch>(repeating: Branch())

    public init(isInvite: Bool) { self.isInvite = isInvite }

    /// Begins a serial leg: the next branch added belongs to it, and drops old responses as `policy` has it.
    /// - Parameter replies: what `t_drop_replies` asked for, in place of the policy.
    public mutating func startLeg(_ policy: ResponsePolicy, dropping replies: ResponsePolicy.FailureReplies? = nil) {
        self.dropsOnNewBranch = replies ?? policy.failureReplies
        self.isNewLeg = true
    }

    /// Adds a branch to the current leg.
    /// - Returns: its index; nil when there are 32 already, or when the search is over: the caller has cancelled, a 6xx
    ///   came (unless the policy lets it pass, or the script begins a new leg all the same), or a final response went
    ///   upstream.
    public mutating func add() -> Int? {
        guard self.count < Self.capacity, !self.isFinalSent, !self.isCancelled, !self.isBlocked || self.isNewLeg else {
            return nil
        }
        if self.isNewLeg { self.beginLeg() }
        let index = self.count
        self.branches[index] = Branch()
        self.count += 1
        return index
    }

    private mutating func beginLeg() {
        self.isBlocked = false
        let dropped: Range<Int>
        switch self.dropsOnNewBranch ?? .keepAll {
        case .keepAll: dropped = 0..<0
        case .dropAll, .dropAllOnNewLeg: dropped = 0..<self.count
        case .dropLastLeg: dropped = self.legStart..<self.count
        }
        for index in dropped { self.branches[index].flags.insert(.discarded) }
        self.legStart = self.count
        self.isNewLeg = false
    }

    /// The request has left on this branch.
    public mutating func sent(_ branch: Int) {
        guard self.has(branch), self.branches[branch].state == .unsent else { return }
        self.branches[branch].state = .calling
    }

    /// Takes back a branch that was never sent (dropped by its branch route): it competes with nothing.
    public mutating func withdraw(_ branch: Int) -> BranchDecision {
        guard self.has(branch), self.branches[branch].state == .unsent else { return BranchDecision() }
        self.branches[branch].state = .final
        self.branches[branch].flags.insert(.discarded)
        return BranchDecision(isComplete: self.isComplete)
    }

    /// A final response went upstream that no event of this set asked for: the choice, or one by the script.
    public mutating func finalSent() { self.isFinalSent = true }

    func has(_ branch: Int) -> Bool { branch >= 0 && branch < self.count }

    /// Whether all branches have come to their end while the caller still waits.
    var isComplete: Bool { !self.isFinalSent && self.count > 0 && self.open.isEmpty }
}

extension BranchSet {
    /// The branches that have not come to their end.
    public var open: BranchMask {
        var mask = BranchMask()
        for index in 0..<self.count where self.branches[index].state != .final { mask.insert(index) }
        return mask
    }

    /// Last status of a branch: 0 before any response.
    public func status(of branch: Int) -> Int { self.has(branch) ? Int(self.branches[branch].status) : 0 }

    /// Whether the status of the branch was made up here.
    public func isFaked(_ branch: Int) -> Bool { self.has(branch) && self.branches[branch].flags.contains(.faked) }

    /// Whether a response came from the network on this branch.
    public func hasReplied(_ branch: Int) -> Bool { self.has(branch) && self.branches[branch].flags.contains(.replied) }

    public func hasTimedOut(_ branch: Int) -> Bool {
        self.has(branch) && self.branches[branch].flags.contains(.timedOut)
    }

    /// Whether a CANCEL was ordered for this branch.
    public func isCancelSent(_ branch: Int) -> Bool {
        self.has(branch) && self.branches[branch].flags.contains(.cancelSent)
    }

    /// Whether a response came on any branch.
    public var hasAnyReplied: Bool { (0..<self.count).contains { self.hasReplied($0) } }
    public var hasAnyTimedOut: Bool { (0..<self.count).contains { self.hasTimedOut($0) } }
    /// Whether the last response of some branch has this status.
    public func hasStatus(_ status: Int) -> Bool { (0..<self.count).contains { self.status(of: $0) == status } }
}
