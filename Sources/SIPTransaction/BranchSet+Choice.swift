extension BranchSet {
    /// The best of the final responses that compete, by `ResponsePolicy.priority` (§16.7 step 6).
    /// - Returns: nil while none competes: all branches were withdrawn, or their responses dropped.
    public func choice(policy: ResponsePolicy) -> BranchChoice? {
        var best: BranchChoice?
        var bestPriority = Int.max
        for index in self.competing {
            let status = Int(self.branches[index].status)
            let isFaked = self.branches[index].flags.contains(.faked)
            let priority = policy.priority(of: status, isFaked: isFaked)
            if priority < bestPriority {
                best = BranchChoice(branch: index, status: status, isFaked: isFaked)
                bestPriority = priority
            }
        }
        return best
    }

    /// The branches whose 401 or 407 is to be merged into the one that is forwarded (§16.7 step 7).
    /// - Returns: the choice among them; nothing unless the choice is a challenge.
    public func challenges(policy: ResponsePolicy) -> BranchMask {
        guard let choice = self.choice(policy: policy), choice.status == 401 || choice.status == 407 else { return [] }
        var mask = BranchMask()
        for index in self.competing where !self.branches[index].flags.contains(.faked) {
            let status = self.branches[index].status
            if status == 401 || status == 407 { mask.insert(index) }
        }
        return mask
    }

    /// Drops responses now, when a failure route has ended without a new leg.
    ///
    /// What is to be dropped only for a new leg stays.
    public mutating func dropReplies(_ replies: ResponsePolicy.FailureReplies) {
        let first: Int
        switch replies {
        case .keepAll, .dropAllOnNewLeg: return
        case .dropAll: first = 0
        case .dropLastLeg: first = self.legStart
        }
        for index in first..<self.count where self.branches[index].state == .final {
            self.branches[index].flags.insert(.discarded)
        }
    }

    /// Branches that ended with a response other than 2xx which was not dropped.
    private var competing: BranchMask {
        var mask = BranchMask()
        for index in 0..<self.count {
            let branch = self.branches[index]
            if branch.state == .final && branch.status >= 300 && !branch.flags.contains(.discarded) {
                mask.insert(index)
            }
        }
        return mask
    }
}
