import Bytes
import SIPTransaction
import Testing

@Suite("RFC 3261 §17.2.1 and RFC 6026 §7.1: INVITE server transaction")
struct InviteServerTransactionTests {
    let timers = TransactionTimers.rfc3261

    func completed(isReliable: Bool = false) -> InviteServerTransaction {
        var transaction = InviteServerTransaction(isReliable: isReliable)
        _ = transaction.respond(486, timers: self.timers)
        return transaction
    }

    func accepted() -> InviteServerTransaction {
        var transaction = InviteServerTransaction(isReliable: false)
        _ = transaction.respond(200, timers: self.timers)
        return transaction
    }

    @Test func `a repeated INVITE is absorbed until there is a response to repeat`() {
        var transaction = InviteServerTransaction(isReliable: false)
        #expect(transaction.receiveRequest() == .absorb)
        #expect(transaction.respond(180, timers: self.timers) == TransactionReaction(.sendResponse))
        #expect(transaction.receiveRequest() == TransactionReaction(.sendResponse))
        #expect(transaction.isProceeding)
    }

    @Test func `a failure is sent and arms G and H`() {
        var transaction = InviteServerTransaction(isReliable: false)
        #expect(
            transaction.respond(486, timers: self.timers)
                == TransactionReaction(
                    .sendResponse,
                    retransmission: .arm(.timerG, after: .milliseconds(500)),
                    deadline: .arm(.timerH, after: .milliseconds(32_000))
                )
        )
        #expect(transaction.receiveRequest() == TransactionReaction(.sendResponse))
    }

    @Test func `over a reliable transport a failure is not repeated`() {
        var transaction = InviteServerTransaction(isReliable: true)
        let reaction = transaction.respond(404, timers: self.timers)
        #expect(reaction == TransactionReaction(.sendResponse, deadline: .arm(.timerH, after: .milliseconds(32_000))))
    }

    @Test func `Timer G doubles up to T2`() {
        var transaction = self.completed()
        var pauses: [Int64] = []
        for _ in 0..<6 {
            let reaction = transaction.timerFired(.timerG, timers: self.timers)
            #expect(reaction.actions == .sendResponse)
            pauses.append(reaction.retransmission?.after.milliseconds ?? 0)
        }
        #expect(pauses == [1000, 2000, 4000, 4000, 4000, 4000])
    }

    @Test func `an ACK ends retransmission and starts Timer I`() {
        var transaction = self.completed()
        #expect(
            transaction.receiveAck(timers: self.timers)
                == TransactionReaction(.stopRetransmission, deadline: .arm(.timerI, after: .milliseconds(5000)))
        )
        #expect(transaction.receiveAck(timers: self.timers) == .absorb)
        #expect(transaction.receiveRequest() == .absorb)
        #expect(transaction.timerFired(.timerG, timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerH, timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerI, timers: self.timers) == TransactionReaction(.terminate))
        #expect(transaction.isTerminated)
    }

    @Test func `over a reliable transport an ACK ends the transaction`() {
        var transaction = self.completed(isReliable: true)
        #expect(transaction.receiveAck(timers: self.timers).actions.contains(.terminate))
        #expect(transaction.isTerminated)
    }

    @Test func `without an ACK Timer H ends the transaction and the user is told`() {
        var transaction = self.completed()
        let reaction = transaction.timerFired(.timerH, timers: self.timers)
        #expect(reaction == TransactionReaction([.timeout, .stopRetransmission, .terminate]))
        #expect(transaction.isTerminated)
    }

    @Test func `a 2xx leads to accepted, which passes ACKs and further 2xx and absorbs INVITEs`() {
        var transaction = InviteServerTransaction(isReliable: false)
        let reaction = transaction.respond(200, timers: self.timers)
        #expect(reaction == TransactionReaction(.sendResponse, deadline: .arm(.timerL, after: .milliseconds(32_000))))
        #expect(transaction.isAccepted)
        #expect(transaction.receiveRequest() == .absorb)
        #expect(transaction.receiveAck(timers: self.timers) == TransactionReaction(.deliver))
        #expect(transaction.respond(200, timers: self.timers) == TransactionReaction(.sendResponse))
        #expect(transaction.respond(486, timers: self.timers) == .absorb)
        #expect(transaction.respond(180, timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerL, timers: self.timers) == TransactionReaction(.terminate))
    }

    @Test(arguments: [100, 180, 200, 302, 486, 603])
    func `after a failure no response is taken`(status: Int) {
        var transaction = self.completed()
        #expect(transaction.respond(status, timers: self.timers) == .absorb)
    }

    @Test func `a transport error is reported and changes no state`() {
        var proceeding = InviteServerTransaction(isReliable: false)
        #expect(proceeding.transportFailed() == TransactionReaction(.transportError))
        #expect(proceeding.isProceeding)
        var completed = self.completed()
        #expect(completed.transportFailed() == TransactionReaction(.transportError))
        #expect(completed.timerFired(.timerG, timers: self.timers).actions == .sendResponse)
        var accepted = self.accepted()
        #expect(accepted.transportFailed() == TransactionReaction(.transportError))
        #expect(accepted.isAccepted)
    }

    @Test func `a terminated transaction reacts to nothing`() {
        var transaction = self.accepted()
        _ = transaction.timerFired(.timerL, timers: self.timers)
        #expect(transaction.receiveRequest() == .absorb)
        #expect(transaction.receiveAck(timers: self.timers) == .absorb)
        #expect(transaction.respond(200, timers: self.timers) == .absorb)
        #expect(transaction.transportFailed() == .absorb)
        for timer in TransactionTimer.allCases {
            #expect(transaction.timerFired(timer, timers: self.timers) == .absorb)
        }
    }

    @Test func `with tm's timers a finished transaction stays wt_timer, over any transport`() {
        let timers = TransactionTimers()
        var failed = InviteServerTransaction(isReliable: true)
        _ = failed.respond(486, timers: timers)
        #expect(failed.receiveAck(timers: timers).deadline == .arm(.timerI, after: .milliseconds(5000)))
        var accepted = InviteServerTransaction(isReliable: true)
        #expect(accepted.respond(200, timers: timers).deadline == .arm(.timerL, after: .milliseconds(5000)))
    }

    @Test func `it fits into a few bytes`() {
        #expect(MemoryLayout<InviteServerTransaction>.size <= 8)
    }

    @Test func `a refusal that a 2xx has overtaken is not repeated, and still waits for its ACK`() {
        var transaction = self.completed()
        #expect(transaction.overtake() == TransactionReaction(.stopRetransmission))
        #expect(transaction.timerFired(.timerG, timers: self.timers) == .absorb)
        #expect(transaction.isRefused)
        #expect(transaction.receiveAck(timers: self.timers).deadline?.timer == .timerI)
    }
}
