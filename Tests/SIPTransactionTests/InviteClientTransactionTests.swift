import Bytes
import SIPTransaction
import Testing

@Suite("RFC 3261 §17.1.1 and RFC 6026 §7.2: INVITE client transaction")
struct InviteClientTransactionTests {
    let timers = TransactionTimers.rfc3261

    func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    func calling(isReliable: Bool = false, endsBy: Instant = .distantFuture) -> InviteClientTransaction {
        var transaction = InviteClientTransaction(isReliable: isReliable, endsBy: endsBy)
        _ = transaction.start(now: .zero, timers: self.timers)
        return transaction
    }

    func proceeding(endsBy: Instant = .distantFuture) -> InviteClientTransaction {
        var transaction = self.calling(endsBy: endsBy)
        _ = transaction.receiveResponse(180, now: .zero, timers: self.timers)
        return transaction
    }

    @Test func `the start sends and arms A and B`() {
        var transaction = InviteClientTransaction(isReliable: false)
        #expect(
            transaction.start(now: .zero, timers: self.timers)
                == TransactionReaction(
                    .sendRequest,
                    retransmission: .arm(.timerA, after: .milliseconds(500)),
                    deadline: .arm(.timerB, after: .milliseconds(32_000))
                )
        )
        #expect(transaction.start(now: .zero, timers: self.timers) == .absorb)
    }

    @Test func `over a reliable transport nothing is repeated`() {
        var transaction = InviteClientTransaction(isReliable: true)
        #expect(transaction.start(now: .zero, timers: self.timers).retransmission == nil)
    }

    @Test(arguments: [(false, [1000, 2000, 4000, 8000, 16_000]), (true, [1000, 2000, 4000, 4000, 4000])])
    func `Timer A doubles, without limit or up to T2 as in tm`(caps: Bool, expected: [Int64]) {
        var timers = self.timers
        timers.capsTimerA = caps
        var transaction = self.calling()
        var pauses: [Int64] = []
        for _ in 0..<5 {
            let reaction = transaction.timerFired(.timerA, now: .zero, timers: timers)
            #expect(reaction.actions == .sendRequest)
            pauses.append(reaction.retransmission?.after.milliseconds ?? 0)
        }
        #expect(pauses == expected)
    }

    @Test func `Timer B is a timeout and the end`() {
        var transaction = self.calling()
        let reaction = transaction.timerFired(.timerB, now: self.at(32_000), timers: self.timers)
        #expect(reaction == TransactionReaction([.timeout, .stopRetransmission, .terminate]))
        #expect(transaction.isTerminated)
    }

    @Test func `with tm's timers a late 2xx still reaches the user after Timer B`() {
        let timers = TransactionTimers()
        var transaction = InviteClientTransaction(isReliable: false)
        _ = transaction.start(now: .zero, timers: timers)
        let reaction = transaction.timerFired(.timerB, now: self.at(30_000), timers: timers)
        #expect(reaction.actions == [.timeout, .stopRetransmission])
        #expect(reaction.deadline == .arm(.timerD, after: .milliseconds(5000)))
        var late = transaction
        #expect(late.receiveResponse(200, now: self.at(31_000), timers: timers).actions.contains(.deliver))
        #expect(transaction.receiveResponse(486, now: self.at(31_000), timers: timers).actions == .sendAck)
    }

    @Test func `a provisional stops A and starts C`() {
        var transaction = self.calling()
        #expect(
            transaction.receiveResponse(100, now: self.at(40), timers: self.timers)
                == TransactionReaction(
                    [.deliver, .stopRetransmission],
                    deadline: .arm(.timerC, after: .milliseconds(200_000))
                )
        )
        #expect(transaction.isProceeding)
        #expect(transaction.timerFired(.timerA, now: self.at(500), timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerB, now: self.at(32_000), timers: self.timers) == .absorb)
    }

    @Test func `each provisional starts C anew, and an older C is told to wait`() {
        var transaction = self.proceeding()
        let again = transaction.receiveResponse(183, now: self.at(50_000), timers: self.timers)
        #expect(again == TransactionReaction(.deliver, deadline: .arm(.timerC, after: .milliseconds(200_000))))
        let early = transaction.timerFired(.timerC, now: self.at(200_000), timers: self.timers)
        #expect(early == TransactionReaction(deadline: .arm(.timerC, after: .milliseconds(50_000))))
        #expect(transaction.isProceeding)
    }

    @Test func `only the first provisional, and a greater one from 180 on, starts C when tm is told so`() {
        var timers = self.timers
        timers.restartsOnProvisional = false
        var transaction = self.calling()
        for (status, restarts) in [(100, true), (170, false), (180, true), (180, false), (183, true), (181, false)] {
            let reaction = transaction.receiveResponse(status, now: .zero, timers: timers)
            #expect((reaction.deadline?.timer == .timerC) == restarts, "\(status)")
        }
    }

    @Test func `the lifetime of the transaction bounds B and C`() {
        var transaction = InviteClientTransaction(isReliable: false, endsBy: self.at(10_000))
        #expect(
            transaction.start(now: self.at(1000), timers: self.timers).deadline
                == .arm(.timerB, after: .milliseconds(9000))
        )
        #expect(
            transaction.receiveResponse(180, now: self.at(4000), timers: self.timers).deadline
                == .arm(.timerC, after: .milliseconds(6000))
        )
        let reaction = transaction.timerFired(.timerC, now: self.at(10_000), timers: self.timers)
        #expect(reaction.actions == [.timeout, .sendCancel])
    }

    @Test(arguments: [300, 401, 486, 503, 603], [false, true])
    func `a failure is acknowledged and passed on once`(status: Int, hasRung: Bool) {
        var transaction = hasRung ? self.proceeding() : self.calling()
        #expect(
            transaction.receiveResponse(status, now: .zero, timers: self.timers)
                == TransactionReaction(
                    [.sendAck, .deliver, .stopRetransmission],
                    deadline: .arm(.timerD, after: .milliseconds(32_000))
                )
        )
        let again = transaction.receiveResponse(status, now: .zero, timers: self.timers)
        #expect(again == TransactionReaction(.sendAck))
        #expect(transaction.receiveResponse(180, now: .zero, timers: self.timers) == .absorb)
        #expect(transaction.receiveResponse(200, now: .zero, timers: self.timers) == .absorb)
        let end = transaction.timerFired(.timerD, now: self.at(32_000), timers: self.timers)
        #expect(end == TransactionReaction(.terminate))
    }

    @Test func `over a reliable transport a failure is the end`() {
        var transaction = self.calling(isReliable: true)
        let reaction = transaction.receiveResponse(486, now: .zero, timers: self.timers)
        #expect(reaction.actions == [.sendAck, .deliver, .stopRetransmission, .terminate])
        #expect(transaction.isTerminated)
    }

    @Test(arguments: [false, true])
    func `every 2xx is passed on until Timer M`(hasRung: Bool) {
        var transaction = hasRung ? self.proceeding() : self.calling()
        let first = transaction.receiveResponse(200, now: .zero, timers: self.timers)
        #expect(
            first
                == TransactionReaction(
                    [.deliver, .stopRetransmission],
                    deadline: .arm(.timerM, after: .milliseconds(32_000))
                )
        )
        let second = transaction.receiveResponse(202, now: .zero, timers: self.timers)
        #expect(second == TransactionReaction(.deliver))
        #expect(transaction.receiveResponse(486, now: .zero, timers: self.timers) == .absorb)
        #expect(transaction.receiveResponse(180, now: .zero, timers: self.timers) == .absorb)
        #expect(transaction.transportFailed() == .absorb)
        let end = transaction.timerFired(.timerM, now: self.at(32_000), timers: self.timers)
        #expect(end == TransactionReaction(.terminate))
    }

    @Test func `Timer C gives the branch up: a timeout and a CANCEL, then only an ACK for what comes`() {
        var transaction = self.proceeding()
        #expect(
            transaction.timerFired(.timerC, now: self.at(200_000), timers: self.timers)
                == TransactionReaction(
                    [.timeout, .sendCancel],
                    deadline: .arm(.timerD, after: .milliseconds(32_000))
                )
        )
        #expect(transaction.receiveResponse(183, now: self.at(200_100), timers: self.timers) == .absorb)
        let late = transaction.receiveResponse(487, now: self.at(200_200), timers: self.timers)
        #expect(late.actions == .sendAck)
        #expect(late.deadline == .arm(.timerD, after: .milliseconds(32_000)))
        let again = transaction.receiveResponse(487, now: self.at(200_300), timers: self.timers)
        #expect(again == TransactionReaction(.sendAck))
    }

    @Test func `a 2xx that crosses the CANCEL of Timer C reaches the user`() {
        var transaction = self.proceeding()
        _ = transaction.timerFired(.timerC, now: self.at(200_000), timers: self.timers)
        let late = transaction.receiveResponse(200, now: self.at(200_200), timers: self.timers)
        #expect(late.actions.contains(.deliver))
    }

    @Test func `after a CANCEL the final response is awaited for 64 T1`() {
        var transaction = self.proceeding()
        let reaction = transaction.cancelSent(now: self.at(5000), timers: self.timers)
        #expect(reaction == TransactionReaction(deadline: .arm(.timerC, after: .milliseconds(32_000))))
        #expect(transaction.cancelSent(now: self.at(6000), timers: self.timers) == .absorb)
        let provisional = transaction.receiveResponse(183, now: self.at(7000), timers: self.timers)
        #expect(provisional == TransactionReaction(.deliver))
        let end = transaction.timerFired(.timerC, now: self.at(37_000), timers: self.timers)
        #expect(end == TransactionReaction([.timeout, .terminate]))
    }

    @Test func `a branch given up before any response is silent, but cancels what answers late`() {
        var transaction = self.calling()
        let reaction = transaction.abandon(now: self.at(1000), timers: self.timers)
        let expected = TransactionReaction(.stopRetransmission, deadline: .arm(.timerD, after: .milliseconds(32_000)))
        #expect(reaction == expected)
        #expect(transaction.timerFired(.timerA, now: self.at(1500), timers: self.timers) == .absorb)
        let late = transaction.receiveResponse(180, now: self.at(2000), timers: self.timers)
        #expect(late == TransactionReaction(.sendCancel, deadline: .arm(.timerD, after: .milliseconds(32_000))))
        #expect(transaction.receiveResponse(180, now: self.at(2100), timers: self.timers) == .absorb)
        let end = transaction.timerFired(.timerD, now: self.at(34_000), timers: self.timers)
        #expect(end == TransactionReaction(.terminate))
    }

    @Test func `a branch given up before it was sent is over`() {
        var transaction = InviteClientTransaction(isReliable: false)
        #expect(transaction.abandon(now: .zero, timers: self.timers) == TransactionReaction(.terminate))
        #expect(transaction.start(now: .zero, timers: self.timers) == .absorb)
    }

    @Test func `a transport error ends a call that was not answered, or an ACK`() {
        var calling = self.calling()
        #expect(calling.transportFailed() == TransactionReaction([.transportError, .stopRetransmission, .terminate]))
        var proceeding = self.proceeding()
        #expect(proceeding.transportFailed() == .absorb)
        var completed = self.calling()
        _ = completed.receiveResponse(486, now: .zero, timers: self.timers)
        #expect(completed.transportFailed() == TransactionReaction([.transportError, .terminate]))
    }

    @Test func `a terminated transaction reacts to nothing`() {
        var transaction = self.calling()
        _ = transaction.transportFailed()
        for status in [100, 180, 200, 302, 486, 603] {
            #expect(transaction.receiveResponse(status, now: .zero, timers: self.timers) == .absorb)
        }
        for timer in TransactionTimer.allCases {
            #expect(transaction.timerFired(timer, now: .distantFuture, timers: self.timers) == .absorb)
        }
        #expect(transaction.cancelSent(now: .zero, timers: self.timers) == .absorb)
        #expect(transaction.abandon(now: .zero, timers: self.timers) == .absorb)
        #expect(transaction.transportFailed() == .absorb)
    }

    @Test func `it fits into a few bytes`() {
        #expect(MemoryLayout<InviteClientTransaction>.stride <= 24)
    }
}
