import Bytes
import SIPTransaction

/// One request other than INVITE between a client and a server transaction, until nothing is left to happen.
struct NonInviteScene {
    var wire: LossyWire
    let timers: TransactionTimers
    var client: NonInviteClientTransaction
    var server: NonInviteServerTransaction?
    var clientTimers: OwnedTimers
    var serverTimers: OwnedTimers
    let finalStatus: Int
    var lastResponse = 0

    var finalsDelivered = 0
    var provisionalsAfterFinal = 0
    var complaint: StaticString?
    var events = 0

    init(seed: UInt64) {
        self.wire = LossyWire(seed: seed)
        self.timers = self.wire.random.below(2) == 0 ? TransactionTimers() : TransactionTimers.rfc3261
        self.client = NonInviteClientTransaction(
            isReliable: self.wire.isReliable,
            endsBy: self.timers.lifetimeEnd(isInvite: false, now: .zero)
        )
        let isCareless = self.wire.random.below(2) == 0
        self.clientTimers = OwnedTimers(event: .clientTimer, isCareless: isCareless)
        self.serverTimers = OwnedTimers(event: .serverTimer, isCareless: isCareless)
        self.finalStatus = [200, 202, 302, 401, 404, 503, 603][self.wire.random.below(7)]
    }

    mutating func run() {
        self.react(self.client.start(now: self.wire.instant, timers: self.timers), status: 0, wasTerminated: false)
        while let (event, number) = self.wire.next() {
            self.events += 1
            guard self.events < 5000 else { return self.complain("the scene does not end") }
            self.handle(event, number)
        }
        if !self.client.isTerminated { self.complain("the client is not terminated") }
        if let server, !server.isTerminated { self.complain("the server is not terminated") }
        if self.finalsDelivered != 1 { self.complain("not exactly one final response was delivered") }
        if self.provisionalsAfterFinal > 0 { self.complain("a provisional was delivered after the final response") }
    }

    private mutating func handle(_ event: SceneEvent, _ number: Int) {
        switch event {
        case .requestArrives: self.requestArrives()
        case .responseArrives:
            let wasTerminated = self.client.isTerminated
            let reaction = self.client.receiveResponse(number, timers: self.timers)
            self.react(reaction, status: number, wasTerminated: wasTerminated)
        case .clientTimer:
            guard let timer = self.clientTimers.fired(number) else { return }
            let wasTerminated = self.client.isTerminated
            let reaction = self.client.timerFired(timer, timers: self.timers)
            self.react(reaction, status: 0, wasTerminated: wasTerminated)
        case .serverTimer:
            guard let timer = self.serverTimers.fired(number) else { return }
            self.serve { $0.timerFired(timer) }
        case .userResponds: self.respond(number)
        case .ackArrives, .cancelArrives, .userRepeats2xx, .userCancels: self.complain("no such event here")
        }
    }

    private mutating func requestArrives() {
        guard self.server == nil else { return self.serve { $0.receiveRequest() } }
        self.server = NonInviteServerTransaction(isReliable: self.wire.isReliable)
        if self.wire.random.below(3) == 0 {
            self.wire.schedule(.userResponds, after: Int64(self.wire.random.below(2000)), number: 100)
        }
        let span = self.wire.random.below(6) == 0 ? 60_000 : 2000
        self.wire.schedule(.userResponds, after: Int64(self.wire.random.below(span)), number: self.finalStatus)
    }

    private mutating func respond(_ status: Int) {
        guard var transaction = self.server else { return }
        let wasTerminated = transaction.isTerminated
        let reaction = transaction.respond(status, timers: self.timers)
        self.server = transaction
        if reaction.actions.contains(.sendResponse) { self.lastResponse = status }
        self.react(server: reaction, wasTerminated: wasTerminated)
    }

    private mutating func serve(_ event: (inout NonInviteServerTransaction) -> TransactionReaction) {
        guard var transaction = self.server else { return }
        let wasTerminated = transaction.isTerminated
        let reaction = event(&transaction)
        self.server = transaction
        self.react(server: reaction, wasTerminated: wasTerminated)
    }

    private mutating func react(server reaction: TransactionReaction, wasTerminated: Bool) {
        if wasTerminated && !reaction.isAbsorbed { self.complain("a terminated server reacts") }
        if reaction.actions.contains(.sendResponse) { self.wire.send(.responseArrives, number: self.lastResponse) }
        if let order = reaction.deadline { self.serverTimers.arm(order, on: &self.wire) }
    }

    private mutating func react(_ reaction: TransactionReaction, status: Int, wasTerminated: Bool) {
        if wasTerminated && !reaction.isAbsorbed { self.complain("a terminated client reacts") }
        if reaction.actions.contains(.sendRequest) { self.wire.send(.requestArrives) }
        if reaction.actions.contains(.deliver) {
            if status >= 200 {
                self.finalsDelivered += 1
            } else if self.finalsDelivered > 0 {
                self.provisionalsAfterFinal += 1
            }
        }
        if reaction.actions.contains(.timeout) { self.finalsDelivered += 1 }
        if reaction.actions.contains(.stopRetransmission) { self.clientTimers.stopRetransmission() }
        if let order = reaction.retransmission { self.clientTimers.arm(order, on: &self.wire) }
        if let order = reaction.deadline { self.clientTimers.arm(order, on: &self.wire) }
    }

    private mutating func complain(_ text: StaticString) {
        if self.complaint == nil { self.complaint = text }
    }
}
