import SIPTransaction
import Testing

@Suite("RFC 3261 §16.10 and serial legs: cancelling, and trying anew")
struct BranchSetCancelTests {
    func policy(_ unanswered: ResponsePolicy.Unanswered) -> ResponsePolicy {
        var policy = ResponsePolicy()
        policy.unanswered = unanswered
        return policy
    }

    /// Branch 0 rings, branch 1 has not answered, branch 2 has not left, branch 3 is busy.
    func mixed() -> BranchSet {
        var set = BranchSet(isInvite: true)
        for _ in 0..<4 { _ = set.add() }
        for branch in [0, 1, 3] { set.sent(branch) }
        _ = set.receive(180, on: 0, policy: ResponsePolicy())
        _ = set.receive(486, on: 3, policy: ResponsePolicy())
        return set
    }

    @Test func `method 1 cancels what rings and waits for what is silent`() {
        let policy = self.policy(.wait)
        var set = self.mixed()
        #expect(set.cancel(policy: policy) == BranchDecision(cancel: [0], abandon: [2]))
        #expect(set.cancel(policy: policy) == BranchDecision())
        #expect(set.receive(180, on: 1, policy: policy) == BranchDecision(cancel: [1]))
        #expect(set.receive(183, on: 1, policy: policy) == BranchDecision())
        #expect(set.receive(487, on: 0, policy: policy) == BranchDecision())
        #expect(set.receive(487, on: 1, policy: policy) == BranchDecision(isComplete: true))
    }

    @Test func `method 0 gives up what is silent`() {
        let policy = self.policy(.giveUp)
        var set = self.mixed()
        #expect(set.cancel(policy: policy) == BranchDecision(cancel: [0], abandon: [1, 2]))
        #expect(set.status(of: 1) == 487)
        #expect(set.isFaked(1))
        #expect(set.receive(487, on: 0, policy: policy) == BranchDecision(isComplete: true))
    }

    @Test func `method 0 with nothing but silence is complete at once`() {
        let policy = self.policy(.giveUp)
        var set = BranchSet(isInvite: true)
        if let branch = set.add() { set.sent(branch) }
        #expect(set.cancel(policy: policy) == BranchDecision(abandon: [0], isComplete: true))
        #expect(set.choice(policy: policy) == BranchChoice(branch: 0, status: 487, isFaked: true))
    }

    @Test func `method 2 cancels everything that has left`() {
        let policy = self.policy(.cancelAtOnce)
        var set = self.mixed()
        #expect(set.cancel(policy: policy) == BranchDecision(cancel: [0, 1], abandon: [2]))
        #expect(set.receive(180, on: 1, policy: policy) == BranchDecision())
    }

    @Test func `a silent branch of a cancelled call ends with 487, not 408`() {
        let policy = self.policy(.wait)
        var set = BranchSet(isInvite: true)
        if let branch = set.add() { set.sent(branch) }
        #expect(set.cancel(policy: policy) == BranchDecision())
        #expect(set.timeOut(0, policy: policy) == BranchDecision(isComplete: true))
        #expect(set.choice(policy: policy)?.status == 487)
    }

    @Test func `after a CANCEL no branch is added and no ringing goes upstream`() {
        var set = self.mixed()
        _ = set.cancel(policy: ResponsePolicy())
        #expect(set.add() == nil)
        #expect(set.receive(183, on: 0, policy: ResponsePolicy()) == BranchDecision())
    }

    @Test func `a 200 that crosses the CANCEL goes upstream`() {
        var set = self.mixed()
        _ = set.cancel(policy: ResponsePolicy())
        #expect(set.receive(200, on: 0, policy: ResponsePolicy()).forward == .final)
    }

    @Test func `no branch is sent a second CANCEL`() {
        var set = self.mixed()
        #expect(set.cancel(policy: ResponsePolicy()).cancel == [0])
        #expect(set.receive(603, on: 1, policy: ResponsePolicy()) == BranchDecision())
        #expect(set.receive(200, on: 1, policy: ResponsePolicy()) == BranchDecision(forward: .final))
        #expect(set.isCancelSent(0))
    }

    @Test func `other requests cannot be cancelled`() {
        var set = BranchSet(isInvite: false)
        if let branch = set.add() { set.sent(branch) }
        _ = set.receive(100, on: 0, policy: ResponsePolicy())
        #expect(set.cancel(policy: ResponsePolicy()) == BranchDecision())
        #expect(!set.isCancelled)
    }

    @Test func `an answer by the script cancels what is open and leaves nothing to choose`() {
        var set = self.mixed()
        #expect(set.answered(policy: ResponsePolicy()) == BranchDecision(cancel: [0], abandon: [2]))
        #expect(set.receive(487, on: 0, policy: ResponsePolicy()) == BranchDecision())
        #expect(set.timeOut(1, policy: ResponsePolicy()) == BranchDecision())
    }

    /// First leg 404, second leg 486, third leg 503: which of them is chosen.
    @Test(arguments: [
        (ResponsePolicy.FailureReplies.keepAll, 404), (.dropAll, 503), (.dropLastLeg, 503), (.dropAllOnNewLeg, 503),
    ])
    func `failure_reply_mode says which legs compete`(mode: ResponsePolicy.FailureReplies, winner: Int) {
        var policy = ResponsePolicy()
        policy.failureReplies = mode
        #expect(self.serial([404, 486, 503], policy).choice(policy: policy)?.status == winner)
    }

    @Test func `mode 2 drops only the leg before when another is begun`() {
        var policy = ResponsePolicy()
        policy.failureReplies = .keepAll
        var set = self.serial([404, 486], policy)
        policy.failureReplies = .dropLastLeg
        set.startLeg(policy)
        if let branch = set.add() { set.sent(branch) }
        _ = set.receive(408, on: 2, policy: policy)
        #expect(set.choice(policy: policy)?.status == 404)
    }

    @Test func `old responses compete as long as the new leg has no branch`() {
        let policy = ResponsePolicy()
        var set = self.serial([486], policy)
        set.startLeg(policy)
        #expect(set.choice(policy: policy)?.status == 486)
        _ = set.add()
        #expect(set.choice(policy: policy) == nil)
        #expect(set.legStart == 1)
        #expect(set.hasStatus(486))
    }

    @Test func `a script can keep what the policy would drop, and the other way round`() {
        var policy = ResponsePolicy()
        var kept = self.serial([404], policy)
        kept.startLeg(policy, dropping: .keepAll)
        if let branch = kept.add() { kept.sent(branch) }
        _ = kept.receive(503, on: 1, policy: policy)
        #expect(kept.choice(policy: policy)?.status == 404)
        policy.failureReplies = .keepAll
        var dropped = self.serial([404], policy)
        dropped.dropReplies(.dropAll)
        #expect(dropped.choice(policy: policy) == nil)
    }

    func serial(_ statuses: [Int], _ policy: ResponsePolicy) -> BranchSet {
        var set = BranchSet(isInvite: true)
        for (leg, status) in statuses.enumerated() {
            if leg > 0 { set.startLeg(policy) }
            guard let branch = set.add() else { continue }
            set.sent(branch)
            #expect(set.receive(status, on: branch, policy: policy).isComplete)
        }
        return set
    }
}
