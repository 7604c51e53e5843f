import Bytes
import SIPTransaction
import Testing

@Suite("INVITE client transaction: what comes when nobody waits any more, as tm has it (wt_timer)")
struct LateResponseTests {
    let timers = TransactionTimers()

    func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    func calling() -> InviteClientTransaction {
        var transaction = InviteClientTransaction(isReliable: false)
        _ = transaction.start(now: .zero, timers: self.timers)
        return transaction
    }

    /// Given up at once, and its wait over.
    func over() -> InviteClientTransaction {
        var transaction = self.calling()
        _ = transaction.abandon(now: .zero, timers: self.timers)
        _ = transaction.timerFired(.timerD, now: self.at(32_000), timers: self.timers)
        return transaction
    }

    @Test func `a branch given up waits as long as its callee may repeat itself`() {
        var transaction = self.calling()
        let reaction = transaction.abandon(now: .zero, timers: self.timers)
        #expect(reaction.deadline == .arm(.timerD, after: .milliseconds(32_000)))
    }

    @Test func `and not less than wt_timer`() {
        var timers = self.timers
        timers.waitTimer = .milliseconds(40_000)
        var transaction = self.calling()
        let reaction = transaction.abandon(now: .zero, timers: timers)
        #expect(reaction.deadline == .arm(.timerD, after: .milliseconds(40_000)))
    }

    @Test func `one that rings late is cancelled, and its answer waited for anew`() {
        var transaction = self.calling()
        _ = transaction.abandon(now: .zero, timers: self.timers)
        let reaction = transaction.receiveResponse(180, now: self.at(31_000), timers: self.timers)
        #expect(reaction.actions == .sendCancel)
        #expect(reaction.deadline == .arm(.timerD, after: .milliseconds(32_000)))
        #expect(transaction.receiveResponse(180, now: self.at(31_100), timers: self.timers) == .absorb)
    }

    @Test func `a cancelled branch without an answer is still acknowledged during wt_timer`() {
        var transaction = self.calling()
        _ = transaction.receiveResponse(180, now: .zero, timers: self.timers)
        _ = transaction.cancelSent(now: .zero, timers: self.timers)
        let reaction = transaction.timerFired(.timerC, now: self.at(32_000), timers: self.timers)
        #expect(reaction.actions == .timeout)
        #expect(reaction.deadline == .arm(.timerD, after: .milliseconds(5000)))
        #expect(transaction.receiveResponse(487, now: self.at(33_000), timers: self.timers).actions == .sendAck)
    }

    @Test func `an owner that is still there hears a callee once more after the end`() {
        var refused = self.over()
        #expect(refused.isTerminated)
        let ack = refused.receiveLateResponse(486, now: self.at(33_000), timers: self.timers)
        #expect(ack == TransactionReaction(.sendAck, deadline: .arm(.timerD, after: .milliseconds(5000))))
        #expect(refused.timerFired(.timerD, now: self.at(38_000), timers: self.timers).actions == .terminate)
        // What comes again prolongs nothing.
        #expect(
            refused.receiveLateResponse(486, now: self.at(38_100), timers: self.timers)
                == TransactionReaction(.sendAck))
        #expect(refused.isTerminated)
        #expect(refused.receiveLateResponse(180, now: self.at(38_200), timers: self.timers) == .absorb)

        var ringing = self.over()
        let cancel = ringing.receiveLateResponse(180, now: self.at(33_000), timers: self.timers)
        #expect(cancel == TransactionReaction(.sendCancel, deadline: .arm(.timerD, after: .milliseconds(32_000))))
        _ = ringing.timerFired(.timerD, now: self.at(65_000), timers: self.timers)
        #expect(ringing.receiveLateResponse(180, now: self.at(65_100), timers: self.timers) == .absorb)
        #expect(ringing.isTerminated)

        var answered = self.over()
        let deliver = answered.receiveLateResponse(200, now: self.at(33_000), timers: self.timers)
        #expect(deliver.actions.contains(.deliver))
        #expect(deliver.deadline?.timer == .timerM)
    }
}
