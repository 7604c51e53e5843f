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
        var mask: BranchMask = []
        for index in self.competing where !self.branches[index].flags.contains(.faked) {
            let status = self.branches[index].status
            if status == 401 || status == 407 { mask.insert(index) }
        }
        return mask
    }

    /// Drops responses now, for a script that answers by itself (`t_drop_replies`).
    public mutating func dropReplies(_ replies: ResponsePolicy.FailureReplies) {
        let first = replies == .dropLastLeg ? self.legStart : 0
        guard replies != .keepAll else { return }
        for index in first..<self.count where self.branches[index].state == .final {
            self.branches[index].flags.insert(.discarded)
        }
    }

    /// Branches that ended with a response other than 2xx which was not dropped.
    private var competing: BranchMask {
        var mask: BranchMask = []
        for index in 0..<self.count {
            let branch = self.branches[index]
            if branch.state == .final && branch.status >= 300 && !branch.flags.contains(.discarded) {
                mask.insert(index)
            }
        }
        return mask
    }
}
