import Bytes
import SIPTransaction
import Testing

@Suite("RFC 3261 §17.1.2: other client transactions")
struct NonInviteClientTransactionTests {
    let timers = TransactionTimers.rfc3261

    func trying(isReliable: Bool = false) -> NonInviteClientTransaction {
        var transaction = NonInviteClientTransaction(isReliable: isReliable)
        _ = transaction.start(now: .zero, timers: self.timers)
        return transaction
    }

    @Test func `the start sends and arms E and F`() {
        var transaction = NonInviteClientTransaction(isReliable: false)
        #expect(
            transaction.start(now: .zero, timers: self.timers)
                == TransactionReaction(
                    .sendRequest,
                    retransmission: .arm(.timerE, after: .milliseconds(500)),
                    deadline: .arm(.timerF, after: .milliseconds(32_000))
                )
        )
        #expect(transaction.start(now: .zero, timers: self.timers) == .absorb)
    }

    @Test func `fr_timer and the lifetime bound Timer F`() {
        var transaction = NonInviteClientTransaction(isReliable: true, endsBy: Instant(milliseconds: 20_000))
        let reaction = transaction.start(now: Instant(milliseconds: 5000), timers: TransactionTimers())
        #expect(reaction == TransactionReaction(.sendRequest, deadline: .arm(.timerF, after: .milliseconds(15_000))))
    }

    @Test func `Timer E doubles up to T2, and is T2 after a provisional`() {
        var transaction = self.trying()
        var pauses: [Int64] = []
        for _ in 0..<5 {
            pauses.append(transaction.timerFired(.timerE, timers: self.timers).retransmission?.after.milliseconds ?? 0)
        }
        #expect(pauses == [1000, 2000, 4000, 4000, 4000])
        var proceeding = self.trying()
        #expect(proceeding.receiveResponse(100, timers: self.timers) == TransactionReaction(.deliver))
        let reaction = proceeding.timerFired(.timerE, timers: self.timers)
        let expected = TransactionReaction(.sendRequest, retransmission: .arm(.timerE, after: .milliseconds(4000)))
        #expect(reaction == expected)
    }

    @Test(arguments: [false, true])
    func `Timer F is a timeout and the end`(hasProvisional: Bool) {
        var transaction = self.trying()
        if hasProvisional { _ = transaction.receiveResponse(100, timers: self.timers) }
        let reaction = transaction.timerFired(.timerF, timers: self.timers)
        #expect(reaction == TransactionReaction([.timeout, .stopRetransmission, .terminate]))
        #expect(transaction.isTerminated)
    }

    @Test(arguments: [200, 302, 401, 503, 603], [false, true])
    func `a final response is passed on once and starts Timer K`(status: Int, hasProvisional: Bool) {
        var transaction = self.trying()
        if hasProvisional { _ = transaction.receiveResponse(100, timers: self.timers) }
        #expect(
            transaction.receiveResponse(status, timers: self.timers)
                == TransactionReaction(
                    [.deliver, .stopRetransmission],
                    deadline: .arm(.timerK, after: .milliseconds(5000))
                )
        )
        #expect(transaction.receiveResponse(status, timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerE, timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerF, timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerK, timers: self.timers) == TransactionReaction(.terminate))
    }

    @Test func `over a reliable transport a final response is the end`() {
        var transaction = self.trying(isReliable: true)
        let reaction = transaction.receiveResponse(200, timers: self.timers)
        #expect(reaction == TransactionReaction([.deliver, .stopRetransmission, .terminate]))
        #expect(transaction.isTerminated)
    }

    @Test(arguments: [false, true])
    func `a transport error ends a request without a final response`(hasProvisional: Bool) {
        var transaction = self.trying()
        if hasProvisional { _ = transaction.receiveResponse(100, timers: self.timers) }
        let expected = TransactionReaction([.transportError, .stopRetransmission, .terminate])
        #expect(transaction.transportFailed() == expected)
        var completed = self.trying()
        _ = completed.receiveResponse(200, timers: self.timers)
        #expect(completed.transportFailed() == .absorb)
    }

    @Test func `a request given up reports nothing any more`() {
        var transaction = self.trying()
        let reaction = transaction.abandon(timers: self.timers)
        let expected = TransactionReaction(.stopRetransmission, deadline: .arm(.timerK, after: .milliseconds(5000)))
        #expect(reaction == expected)
        #expect(transaction.receiveResponse(200, timers: self.timers) == .absorb)
    }

    @Test func `a terminated transaction reacts to nothing`() {
        var transaction = self.trying(isReliable: true)
        _ = transaction.receiveResponse(200, timers: self.timers)
        for timer in TransactionTimer.allCases {
            #expect(transaction.timerFired(timer, timers: self.timers) == .absorb)
        }
        #expect(transaction.receiveResponse(200, timers: self.timers) == .absorb)
        #expect(transaction.transportFailed() == .absorb)
        #expect(transaction.abandon(timers: self.timers) == .absorb)
    }
}
