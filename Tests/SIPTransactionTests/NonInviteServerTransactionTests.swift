import Bytes
import SIPTransaction
import Testing

@Suite("RFC 3261 §17.2.2: other server transactions")
struct NonInviteServerTransactionTests {
    let timers = TransactionTimers.rfc3261

    @Test func `in trying a repeated request is absorbed`() {
        var transaction = NonInviteServerTransaction(isReliable: false)
        #expect(transaction.receiveRequest() == .absorb)
        #expect(transaction.isProceeding)
    }

    @Test func `in proceeding it brings the last provisional again`() {
        var transaction = NonInviteServerTransaction(isReliable: false)
        #expect(transaction.respond(100, timers: self.timers) == TransactionReaction(.sendResponse))
        #expect(transaction.respond(183, timers: self.timers) == TransactionReaction(.sendResponse))
        #expect(transaction.receiveRequest() == TransactionReaction(.sendResponse))
    }

    @Test(arguments: [200, 302, 404, 500, 603], [false, true])
    func `a final response starts Timer J and is repeated on demand`(status: Int, fromTrying: Bool) {
        var transaction = NonInviteServerTransaction(isReliable: false)
        if !fromTrying { _ = transaction.respond(100, timers: self.timers) }
        let reaction = transaction.respond(status, timers: self.timers)
        #expect(reaction == TransactionReaction(.sendResponse, deadline: .arm(.timerJ, after: .milliseconds(32_000))))
        #expect(transaction.receiveRequest() == TransactionReaction(.sendResponse))
        #expect(transaction.respond(500, timers: self.timers) == .absorb)
        #expect(transaction.timerFired(.timerJ) == TransactionReaction(.terminate))
        #expect(transaction.isTerminated)
    }

    @Test func `over a reliable transport a final response ends it`() {
        var transaction = NonInviteServerTransaction(isReliable: true)
        let reaction = transaction.respond(200, timers: self.timers)
        #expect(reaction == TransactionReaction([.sendResponse, .terminate]))
        #expect(transaction.isTerminated)
    }

    @Test func `a transport error ends it after a response`() {
        var trying = NonInviteServerTransaction(isReliable: false)
        #expect(trying.transportFailed() == .absorb)
        var proceeding = NonInviteServerTransaction(isReliable: false)
        _ = proceeding.respond(100, timers: self.timers)
        #expect(proceeding.transportFailed() == TransactionReaction([.transportError, .terminate]))
        var completed = NonInviteServerTransaction(isReliable: false)
        _ = completed.respond(200, timers: self.timers)
        #expect(completed.transportFailed() == TransactionReaction([.transportError, .terminate]))
    }

    @Test func `a terminated transaction reacts to nothing`() {
        var transaction = NonInviteServerTransaction(isReliable: true)
        _ = transaction.respond(200, timers: self.timers)
        #expect(transaction.receiveRequest() == .absorb)
        #expect(transaction.respond(200, timers: self.timers) == .absorb)
        #expect(transaction.transportFailed() == .absorb)
        for timer in TransactionTimer.allCases { #expect(transaction.timerFired(timer) == .absorb) }
    }

    @Test func `other timers than J mean nothing to it`() {
        var transaction = NonInviteServerTransaction(isReliable: false)
        #expect(transaction.timerFired(.timerJ) == .absorb)
        _ = transaction.respond(200, timers: self.timers)
        for timer in TransactionTimer.allCases where timer != .timerJ {
            #expect(transaction.timerFired(timer) == .absorb)
        }
        #expect(!transaction.isTerminated)
    }
}
