extension BranchSet {
    /// A response on a branch.
    /// - Parameters:
    ///   - status: 100 to 699; anything else is ignored.
    ///   - isFaked: made up here, because the request could not be sent or by a script.
    public mutating func receive(
        _ status: Int,
        on branch: Int,
        policy: ResponsePolicy,
        isFaked: Bool = false
    ) -> BranchDecision {
        guard self.has(branch), 100..<700 ~= status else { return BranchDecision() }
        if !isFaked { self.branches[branch].flags.insert(.replied) }
        if status < 200 { return self.receiveProvisional(status, branch, policy) }
        if status < 300 { return self.receiveSuccess(status, branch, policy) }
        return self.receiveFailure(status, branch, policy, isFaked)
    }

    /// No final response came in time: counts as a 408 made up here (§16.8), or as a 487 when the caller has cancelled.
    public mutating func timeOut(_ branch: Int, policy: ResponsePolicy) -> BranchDecision {
        guard self.has(branch), self.branches[branch].state != .final else { return BranchDecision() }
        self.branches[branch].flags.insert(.timedOut)
        return self.receiveFailure(self.isCancelled ? 487 : 408, branch, policy, true)
    }

    /// The caller cancels (§16.10). No branch can be added any more.
    public mutating func cancel(policy: ResponsePolicy) -> BranchDecision {
        guard self.isInvite, !self.isCancelled else { return BranchDecision() }
        self.isCancelled = true
        guard !self.isFinalSent, !self.open.isEmpty else { return BranchDecision() }
        var decision = BranchDecision()
        self.cancelOpen(&decision, policy)
        decision.isComplete = self.isComplete
        return decision
    }

    /// A script answers the request itself: what is still open is cancelled, and nothing is chosen any more.
    public mutating func answered(policy: ResponsePolicy) -> BranchDecision {
        var decision = BranchDecision()
        self.isFinalSent = true
        self.cancelOpen(&decision, policy)
        return decision
    }

    private mutating func receiveProvisional(_ status: Int, _ branch: Int, _ policy: ResponsePolicy) -> BranchDecision {
        guard self.branches[branch].state != .final else { return BranchDecision() }
        self.branches[branch].state = .proceeding
        self.branches[branch].status = UInt16(status)
        var decision = BranchDecision()
        if self.branches[branch].flags.contains(.cancelPending) {
            self.branches[branch].flags.remove(.cancelPending)
            self.branches[branch].flags.insert(.cancelSent)
            decision.cancel.insert(branch)
        }
        // A caller who has hung up, or has an answer, is no longer told that it rings.
        if (status > 100 || policy.relays100) && !self.isFinalSent && !self.isCancelled {
            decision.forward = .provisional
        }
        return decision
    }

    private mutating func receiveSuccess(_ status: Int, _ branch: Int, _ policy: ResponsePolicy) -> BranchDecision {
        let isNew = self.branches[branch].state != .final
        // Every 2xx to an INVITE goes upstream, also after another final response; else only the first (§16.7 step 5).
        guard self.isInvite || (isNew && !self.isFinalSent) else {
            if isNew { self.settle(branch, status, isFaked: false) }
            return BranchDecision()
        }
        self.settle(branch, status, isFaked: false)
        self.isFinalSent = true
        var decision = BranchDecision(forward: .final)
        // The caller has an answer: a branch that is silent so far is not asked again, and cancelled once it speaks.
        self.cancelOpen(&decision, policy, unanswered: .giveUp)
        return decision
    }

    private mutating func receiveFailure(
        _ status: Int,
        _ branch: Int,
        _ policy: ResponsePolicy,
        _ isFaked: Bool
    ) -> BranchDecision {
        guard self.branches[branch].state != .final else { return BranchDecision() }
        self.settle(branch, status, isFaked: isFaked)
        var decision = BranchDecision()
        if status >= 600 && policy.blocksOn6xx {
            self.isBlocked = true
            self.cancelOpen(&decision, policy)
        }
        decision.isComplete = self.isComplete
        return decision
    }

    private mutating func settle(_ branch: Int, _ status: Int, isFaked: Bool) {
        self.branches[branch].state = .final
        self.branches[branch].status = UInt16(status)
        self.branches[branch].flags.remove(.cancelPending)
        if isFaked { self.branches[branch].flags.insert(.faked) } else { self.branches[branch].flags.remove(.faked) }
    }

    /// Cancels what is open: only a branch that has given a provisional response may be sent a CANCEL (§9.1).
    private mutating func cancelOpen(
        _ decision: inout BranchDecision, _ policy: ResponsePolicy, unanswered: ResponsePolicy.Unanswered? = nil
    ) {
        guard self.isInvite else { return }
        for index in 0..<self.count {
            switch self.branches[index].state {
            case .final: continue
            case .unsent:
                self.settle(index, 487, isFaked: true)
                decision.abandon.insert(index)
            case .proceeding:
                self.orderCancel(index, &decision)
            case .calling:
                switch unanswered ?? policy.unanswered {
                case .giveUp:
                    self.settle(index, 487, isFaked: true)
                    decision.abandon.insert(index)
                case .wait: self.branches[index].flags.insert(.cancelPending)
                case .cancelAtOnce: self.orderCancel(index, &decision)
                }
            }
        }
    }

    private mutating func orderCancel(_ branch: Int, _ decision: inout BranchDecision) {
        guard !self.branches[branch].flags.contains(.cancelSent) else { return }
        self.branches[branch].flags.insert(.cancelSent)
        decision.cancel.insert(branch)
    }
}
