import Bytes
import SIPTransaction

/// One INVITE between a client and a server transaction, with users on both ends, until nothing is left to happen.
struct InviteScene {
    var wire: LossyWire
    let timers: TransactionTimers
    var client: InviteClientTransaction
    var server: InviteServerTransaction?
    var clientTimers: OwnedTimers
    var serverTimers: OwnedTimers
    let finalStatus: Int
    var lastResponse = 0
    var pause2xx: Int64 = 500
    var ackSeen = false

    var finalsDelivered = 0
    var failuresSeen = 0
    var successesDelivered = 0
    var provisionalsAfterFinal = 0
    var acksForFailure = 0
    var complaint: StaticString?
    var events = 0

    init(seed: UInt64) {
        self.wire = LossyWire(seed: seed)
        var timers = self.wire.random.below(2) == 0 ? TransactionTimers() : TransactionTimers.rfc3261
        if self.wire.random.below(3) == 0 { timers.inviteFinalResponse = .milliseconds(3000) }
        self.timers = timers
        self.client = InviteClientTransaction(
            isReliable: self.wire.isReliable,
            endsBy: timers.lifetimeEnd(isInvite: true, now: .zero)
        )
        let isCareless = self.wire.random.below(2) == 0
        self.clientTimers = OwnedTimers(event: .clientTimer, isCareless: isCareless)
        self.serverTimers = OwnedTimers(event: .serverTimer, isCareless: isCareless)
        self.finalStatus = [200, 202, 302, 404, 486, 503, 603][self.wire.random.below(7)]
    }

    mutating func run() {
        self.react(self.client.start(now: self.wire.instant, timers: self.timers), status: 0, wasTerminated: false)
        if self.wire.random.below(4) == 0 {
            self.wire.schedule(.userCancels, after: Int64(self.wire.random.below(6000)))
        }
        while let (event, number) = self.wire.next() {
            self.events += 1
            guard self.events < 5000 else { return self.complain("the scene does not end") }
            self.handle(event, number)
        }
        if !self.client.isTerminated { self.complain("the client is not terminated") }
        if let server, !server.isTerminated { self.complain("the server is not terminated") }
        if self.finalsDelivered != 1 { self.complain("not exactly one final response was delivered") }
        if self.provisionalsAfterFinal > 0 { self.complain("a provisional was delivered after the final response") }
        if self.failuresSeen > 0 && self.acksForFailure == 0 { self.complain("a failure was not acknowledged") }
    }

    private mutating func handle(_ event: SceneEvent, _ number: Int) {
        switch event {
        case .requestArrives: self.requestArrives()
        case .ackArrives:
            self.ackSeen = true
            self.serve { $0.receiveAck(timers: $1) }
        case .cancelArrives: self.respond(487)
        case .responseArrives:
            let wasTerminated = self.client.isTerminated
            let reaction = self.client.receiveResponse(number, now: self.wire.instant, timers: self.timers)
            self.react(reaction, status: number, wasTerminated: wasTerminated)
        case .clientTimer:
            guard let timer = self.clientTimers.fired(number) else { return }
            let wasTerminated = self.client.isTerminated
            let reaction = self.client.timerFired(timer, now: self.wire.instant, timers: self.timers)
            self.react(reaction, status: 0, wasTerminated: wasTerminated)
        case .serverTimer:
            guard let timer = self.serverTimers.fired(number) else { return }
            self.serve { $0.timerFired(timer, timers: $1) }
        case .userResponds: self.respond(number)
        case .userRepeats2xx: self.repeat2xx()
        case .userCancels:
            guard self.client.isProceeding else { return }
            self.wire.send(.cancelArrives)
            let reaction = self.client.cancelSent(now: self.wire.instant, timers: self.timers)
            self.react(reaction, status: 0, wasTerminated: false)
        }
    }

    private mutating func requestArrives() {
        guard self.server == nil else { return self.serve { transaction, _ in transaction.receiveRequest() } }
        self.server = InviteServerTransaction(isReliable: self.wire.isReliable)
        for _ in 0..<self.wire.random.below(3) {
            self.wire.schedule(.userResponds, after: Int64(self.wire.random.below(3000)), number: 180)
        }
        let span = self.wire.random.below(6) == 0 ? 60_000 : 4000
        self.wire.schedule(.userResponds, after: Int64(self.wire.random.below(span)), number: self.finalStatus)
    }

    /// The user of the server responds, and repeats a 2xx until the ACK comes (RFC 3261 §13.3.1.4).
    private mutating func respond(_ status: Int) {
        guard var transaction = self.server else { return }
        let wasTerminated = transaction.isTerminated
        let reaction = transaction.respond(status, timers: self.timers)
        self.server = transaction
        guard reaction.actions.contains(.sendResponse) else { return }
        self.lastResponse = status
        if 200..<300 ~= status { self.wire.schedule(.userRepeats2xx, after: self.pause2xx) }
        self.react(server: reaction, wasTerminated: wasTerminated)
    }

    private mutating func repeat2xx() {
        guard !self.ackSeen else { return }
        self.pause2xx = Swift.min(self.pause2xx * 2, 4000)
        let status = self.lastResponse
        self.serve { $0.respond(status, timers: $1) }
        if self.server?.isTerminated == false { self.wire.schedule(.userRepeats2xx, after: self.pause2xx) }
    }

    private mutating func serve(
        _ event: (inout InviteServerTransaction, TransactionTimers) -> TransactionReaction
    ) {
        guard var transaction = self.server else { return }
        let wasTerminated = transaction.isTerminated
        let reaction = event(&transaction, self.timers)
        self.server = transaction
        self.react(server: reaction, wasTerminated: wasTerminated)
    }

    private mutating func react(server reaction: TransactionReaction, wasTerminated: Bool) {
        if wasTerminated && !reaction.isAbsorbed { self.complain("a terminated server reacts") }
        if reaction.actions.contains(.sendResponse) { self.wire.send(.responseArrives, number: self.lastResponse) }
        if reaction.actions.contains(.stopRetransmission) { self.serverTimers.stopRetransmission() }
        if let order = reaction.retransmission { self.serverTimers.arm(order, on: &self.wire) }
        if let order = reaction.deadline { self.serverTimers.arm(order, on: &self.wire) }
    }

    private mutating func react(_ reaction: TransactionReaction, status: Int, wasTerminated: Bool) {
        if wasTerminated && !reaction.isAbsorbed { self.complain("a terminated client reacts") }
        let actions = reaction.actions
        if actions.contains(.sendRequest) { self.wire.send(.requestArrives) }
        if actions.contains(.sendCancel) { self.wire.send(.cancelArrives) }
        if actions.contains(.sendAck) {
            self.acksForFailure += 1
            self.wire.send(.ackArrives)
        }
        if actions.contains(.deliver) { self.deliver(status) }
        if actions.contains(.timeout) || actions.contains(.transportError) { self.finalsDelivered += 1 }
        if actions.contains(.stopRetransmission) { self.clientTimers.stopRetransmission() }
        if let order = reaction.retransmission { self.clientTimers.arm(order, on: &self.wire) }
        if let order = reaction.deadline { self.clientTimers.arm(order, on: &self.wire) }
    }

    private mutating func deliver(_ status: Int) {
        if status < 200 {
            if self.finalsDelivered > 0 { self.provisionalsAfterFinal += 1 }
        } else if status < 300 {
            // A 2xx that comes again is the same final response; the user acknowledges each (§13.2.2.4). One that
            // comes after a timeout is a second truth that RFC 3261 §16.7 step 5 wants to be told.
            if self.finalsDelivered == 0 { self.finalsDelivered = 1 }
            self.successesDelivered += 1
            self.wire.send(.ackArrives)
        } else {
            self.finalsDelivered += 1
            self.failuresSeen += 1
        }
    }

    private mutating func complain(_ text: StaticString) {
        if self.complaint == nil { self.complaint = text }
    }
}
