import SIPTransaction
import Testing

@Suite("RFC 3261 §16.7: the responses of several branches")
struct BranchSetTests {
    let policy = ResponsePolicy()

    /// A set with `count` branches that have left.
    func calling(_ count: Int, isInvite: Bool = true) -> BranchSet {
        var set = BranchSet(isInvite: isInvite)
        for _ in 0..<count { if let branch = set.add() { set.sent(branch) } }
        return set
    }

    /// What is chosen when the branches end with these statuses, in this order.
    func chosen(_ statuses: [Int], policy: ResponsePolicy = ResponsePolicy()) -> Int? {
        var set = self.calling(statuses.count)
        for (branch, status) in statuses.enumerated() { _ = set.receive(status, on: branch, policy: policy) }
        return set.choice(policy: policy)?.status
    }

    @Test func `a ringing branch is forwarded, a 100 is not`() {
        var set = self.calling(2)
        #expect(set.receive(100, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.receive(180, on: 0, policy: self.policy) == BranchDecision(forward: .provisional))
        #expect(set.receive(183, on: 1, policy: self.policy) == BranchDecision(forward: .provisional))
        var relaying = self.policy
        relaying.relays100 = true
        #expect(set.receive(100, on: 1, policy: relaying) == BranchDecision(forward: .provisional))
    }

    @Test func `failures are held until the last branch has ended`() {
        var set = self.calling(3)
        #expect(set.receive(486, on: 1, policy: self.policy) == BranchDecision())
        #expect(set.receive(404, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.receive(180, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.receive(480, on: 2, policy: self.policy) == BranchDecision(isComplete: true))
        #expect(set.choice(policy: self.policy) == BranchChoice(branch: 0, status: 404, isFaked: false))
    }

    @Test func `a repeated failure decides nothing again`() {
        var set = self.calling(1)
        #expect(set.receive(486, on: 0, policy: self.policy).isComplete)
        #expect(set.receive(486, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.receive(603, on: 0, policy: self.policy) == BranchDecision())
    }

    @Test func `a 2xx goes upstream at once and cancels what rings`() {
        var set = self.calling(3)
        _ = set.receive(180, on: 0, policy: self.policy)
        _ = set.receive(180, on: 1, policy: self.policy)
        #expect(
            set.receive(200, on: 1, policy: self.policy)
                == BranchDecision(forward: .final, cancel: [0], abandon: [2]))
        #expect(set.isFinalSent)
        // Branch 2 had given no response: it is given up, and its machine asks for a CANCEL when one comes.
        #expect(set.receive(180, on: 2, policy: self.policy) == BranchDecision())
        #expect(set.receive(487, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.receive(487, on: 2, policy: self.policy) == BranchDecision())
    }

    @Test func `every 2xx to an INVITE goes upstream, also one that comes after a failure`() {
        var set = self.calling(2)
        #expect(set.receive(200, on: 0, policy: self.policy).forward == .final)
        #expect(set.receive(200, on: 0, policy: self.policy).forward == .final)
        #expect(set.receive(200, on: 1, policy: self.policy).forward == .final)
        var late = self.calling(1)
        _ = late.timeOut(0, policy: self.policy)
        late.finalSent()
        #expect(late.receive(200, on: 0, policy: self.policy).forward == .final)
    }

    @Test func `of other requests only the first 2xx goes upstream, and nothing is cancelled`() {
        var set = self.calling(2, isInvite: false)
        _ = set.receive(100, on: 1, policy: self.policy)
        #expect(set.receive(200, on: 0, policy: self.policy) == BranchDecision(forward: .final))
        #expect(set.receive(200, on: 1, policy: self.policy) == BranchDecision())
        #expect(set.receive(200, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.open.isEmpty)
    }

    @Test func `a 6xx cancels the others and then wins`() {
        var set = self.calling(3)
        _ = set.receive(180, on: 0, policy: self.policy)
        #expect(set.receive(603, on: 1, policy: self.policy) == BranchDecision(cancel: [0]))
        #expect(set.receive(487, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.timeOut(2, policy: self.policy) == BranchDecision(isComplete: true))
        #expect(set.choice(policy: self.policy)?.status == 603)
        #expect(set.isBlocked)
        #expect(set.add() == nil)
    }

    @Test func `a 6xx is like any other when the block is off`() {
        var policy = self.policy
        policy.blocksOn6xx = false
        var set = self.calling(2)
        _ = set.receive(180, on: 0, policy: policy)
        #expect(set.receive(603, on: 1, policy: policy) == BranchDecision())
        #expect(set.add() == 2)
    }

    @Test func `no response in time counts as a 408 made up here`() {
        var set = self.calling(1)
        #expect(set.timeOut(0, policy: self.policy) == BranchDecision(isComplete: true))
        #expect(set.choice(policy: self.policy) == BranchChoice(branch: 0, status: 408, isFaked: true))
        #expect(set.hasAnyTimedOut)
        #expect(!set.hasAnyReplied)
        #expect(set.timeOut(0, policy: self.policy) == BranchDecision())
    }

    /// Seen on Kamailio 5.6.3, with the answers in either order.
    @Test(arguments: [
        ([486, 603], 603), ([486, 302], 302), ([302, 603], 603), ([486, 503], 486), ([480, 486], 480),
        ([302, 305], 302), ([600, 603], 600), ([604, 603], 603), ([503, 580], 503), ([599, 502], 502),
        ([407, 401], 401), ([484, 420], 420), ([401, 404], 401), ([400, 407], 407), ([404, 487], 404),
        ([499, 484], 484), ([399, 400], 399), ([499, 500], 499), ([699, 300], 699), ([404, 408], 404),
    ])
    func `the lower priority wins`(statuses: [Int], winner: Int) {
        #expect(self.chosen(statuses) == winner)
        #expect(self.chosen(statuses.reversed()) == winner)
    }

    @Test func `of equal responses the first branch wins`() {
        var set = self.calling(2)
        _ = set.receive(486, on: 1, policy: self.policy)
        _ = set.receive(486, on: 0, policy: self.policy)
        #expect(set.choice(policy: self.policy)?.branch == 0)
    }

    @Test func `faked_reply_prio lets a real response win over a local one`() {
        var set = self.calling(2)
        _ = set.timeOut(0, policy: self.policy)
        _ = set.receive(486, on: 1, policy: self.policy)
        #expect(set.choice(policy: self.policy)?.status == 408)
        var policy = self.policy
        policy.fakedReplyPriority = 2000
        #expect(set.choice(policy: policy)?.status == 486)
    }

    @Test func `the challenges of all branches are merged`() {
        var set = self.calling(4)
        for (branch, status) in [407, 486, 401, 407].enumerated() {
            _ = set.receive(status, on: branch, policy: self.policy)
        }
        #expect(set.choice(policy: self.policy)?.branch == 2)
        #expect(set.challenges(policy: self.policy) == [0, 2, 3])
        var busy = self.calling(1)
        _ = busy.receive(486, on: 0, policy: self.policy)
        #expect(busy.challenges(policy: self.policy).isEmpty)
    }

    @Test func `a withdrawn branch competes with nothing`() throws {
        var set = BranchSet(isInvite: true)
        let first = set.add()
        let unwanted = try #require(first)
        #expect(set.withdraw(unwanted) == BranchDecision(isComplete: true))
        #expect(set.choice(policy: self.policy) == nil)
        let added = set.add()
        let second = try #require(added)
        set.sent(second)
        #expect(set.withdraw(second) == BranchDecision())
        #expect(set.open == [second])
    }

    @Test func `there is room for 32 branches`() {
        var set = self.calling(32)
        #expect(set.count == 32)
        #expect(set.add() == nil)
        for branch in 0..<31 { #expect(!set.receive(404, on: branch, policy: self.policy).isComplete) }
        #expect(set.receive(404, on: 31, policy: self.policy).isComplete)
    }

    @Test(arguments: [-1, 5, 32, 1000])
    func `events of branches that are not there are ignored`(branch: Int) {
        var set = self.calling(2)
        set.sent(branch)
        #expect(set.receive(200, on: branch, policy: self.policy) == BranchDecision())
        #expect(set.timeOut(branch, policy: self.policy) == BranchDecision())
        #expect(set.withdraw(branch) == BranchDecision())
        #expect(set.status(of: branch) == 0)
    }

    @Test(arguments: [-5, 0, 99, 700, 70_000])
    func `a status that is none is ignored`(status: Int) {
        var set = self.calling(1)
        #expect(set.receive(status, on: 0, policy: self.policy) == BranchDecision())
        #expect(set.open == [0])
    }

    @Test func `the set is small`() {
        #expect(MemoryLayout<BranchSet>.size <= 160)
    }
}
