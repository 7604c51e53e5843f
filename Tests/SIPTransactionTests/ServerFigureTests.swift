import Bytes
import SIPTransaction
import Testing

private let timers = TransactionTimers.rfc3261

@Suite("RFC 3261 figure 7 and RFC 6026 §8.5: every arrow of the INVITE server transaction")
struct FigureSevenTests {
    enum State { case proceeding, completed, accepted, confirmed, terminated }
    typealias Step = Arrow<InviteServerTransaction, State>

    static func state(_ machine: InviteServerTransaction) -> State {
        if machine.isTerminated { return .terminated }
        if machine.isProceeding { return .proceeding }
        if machine.isAccepted { return .accepted }
        var copy = machine
        return copy.receiveRequest().actions == .sendResponse ? .completed : .confirmed
    }

    static func machine(_ state: State?) -> InviteServerTransaction {
        var machine = InviteServerTransaction(isReliable: false)
        switch state {
        case nil, .proceeding: _ = machine.respond(100, timers: timers)
        case .completed: _ = machine.respond(486, timers: timers)
        case .accepted: _ = machine.respond(200, timers: timers)
        case .confirmed:
            _ = machine.respond(486, timers: timers)
            _ = machine.receiveAck(timers: timers)
        case .terminated:
            _ = machine.respond(486, timers: timers)
            _ = machine.timerFired(.timerH, timers: timers)
        }
        return machine
    }

    static func responds(_ status: Int) -> @Sendable (inout InviteServerTransaction) -> TransactionReaction {
        { $0.respond(status, timers: timers) }
    }

    static func fires(_ timer: TransactionTimer) -> @Sendable (inout InviteServerTransaction) -> TransactionReaction {
        { $0.timerFired(timer, timers: timers) }
    }

    static let arrows: [Step] = [
        Step("Proceeding, INVITE: send response", from: .proceeding, to: .proceeding, .sendResponse) {
            $0.receiveRequest()
        },
        Step("Proceeding, 1xx from TU: send", from: .proceeding, to: .proceeding, .sendResponse, responds(180)),
        Step(
            "Proceeding, 2xx from TU: send", from: .proceeding, to: .accepted, .sendResponse, arms: [.timerL],
            responds(200)),
        Step(
            "Proceeding, 300-699 from TU: send", from: .proceeding, to: .completed, .sendResponse,
            arms: [.timerG, .timerH], responds(486)),
        Step("Proceeding, transport error: inform TU", from: .proceeding, to: .proceeding, .transportError) {
            $0.transportFailed()
        },
        Step("Completed, INVITE: send response", from: .completed, to: .completed, .sendResponse) {
            $0.receiveRequest()
        },
        Step(
            "Completed, G: send response", from: .completed, to: .completed, .sendResponse, arms: [.timerG],
            fires(.timerG)),
        Step("Completed, H: inform TU", from: .completed, to: .terminated, .timeout, fires(.timerH)),
        Step("Completed, transport error: inform TU", from: .completed, to: .completed, .transportError) {
            $0.transportFailed()
        },
        Step("Completed, ACK", from: .completed, to: .confirmed, arms: [.timerI]) { $0.receiveAck(timers: timers) },
        Step("Confirmed, I", from: .confirmed, to: .terminated, fires(.timerI)),
        Step("Accepted, ACK: to TU", from: .accepted, to: .accepted, .deliver) { $0.receiveAck(timers: timers) },
        Step("Accepted, INVITE: absorb", from: .accepted, to: .accepted) { $0.receiveRequest() },
        Step("Accepted, 2xx from TU: send", from: .accepted, to: .accepted, .sendResponse, responds(200)),
        Step("Accepted, transport error: inform TU", from: .accepted, to: .accepted, .transportError) {
            $0.transportFailed()
        },
        Step("Accepted, L", from: .accepted, to: .terminated, fires(.timerL)),
        // Not drawn, and so without effect.
        Step("Proceeding, ACK", from: .proceeding, to: .proceeding) { $0.receiveAck(timers: timers) },
        Step("Completed, 2xx from TU", from: .completed, to: .completed, responds(200)),
        Step("Completed, overtaken by a 2xx", from: .completed, to: .completed) { $0.overtake() },
        Step("Confirmed, overtaken by a 2xx", from: .confirmed, to: .confirmed) { $0.overtake() },
        Step("Accepted, 300-699 from TU", from: .accepted, to: .accepted, responds(486)),
        Step("Accepted, 1xx from TU", from: .accepted, to: .accepted, responds(180)),
        Step("Confirmed, ACK", from: .confirmed, to: .confirmed) { $0.receiveAck(timers: timers) },
        Step("Confirmed, INVITE", from: .confirmed, to: .confirmed) { $0.receiveRequest() },
        Step("Confirmed, G", from: .confirmed, to: .confirmed, fires(.timerG)),
        Step("Confirmed, H", from: .confirmed, to: .confirmed, fires(.timerH)),
        Step("Terminated, INVITE", from: .terminated, to: .terminated) { $0.receiveRequest() },
    ]

    @Test(arguments: Self.arrows) func `an arrow`(_ arrow: Step) {
        arrow.follow(Self.machine(arrow.from), Self.state)
    }

    @Test func `before there is a response a repeated INVITE is absorbed`() {
        var machine = InviteServerTransaction(isReliable: false)
        #expect(machine.receiveRequest() == .absorb)
    }
}

@Suite("RFC 3261 figure 8: every arrow of the non-INVITE server transaction")
struct FigureEightTests {
    enum State { case trying, proceeding, completed, terminated }
    typealias Step = Arrow<NonInviteServerTransaction, State>

    static func state(_ machine: NonInviteServerTransaction) -> State {
        if machine.isTerminated { return .terminated }
        var copy = machine
        guard machine.isProceeding else { return .completed }
        return copy.receiveRequest().isAbsorbed ? .trying : .proceeding
    }

    static func machine(_ state: State?) -> NonInviteServerTransaction {
        var machine = NonInviteServerTransaction(isReliable: false)
        switch state {
        case nil, .trying: break
        case .proceeding: _ = machine.respond(100, timers: timers)
        case .completed: _ = machine.respond(404, timers: timers)
        case .terminated:
            _ = machine.respond(404, timers: timers)
            _ = machine.timerFired(.timerJ)
        }
        return machine
    }

    static func responds(_ status: Int) -> @Sendable (inout NonInviteServerTransaction) -> TransactionReaction {
        { $0.respond(status, timers: timers) }
    }

    static let arrows: [Step] = [
        Step("Trying, 1xx from TU: send", from: .trying, to: .proceeding, .sendResponse, responds(100)),
        Step(
            "Trying, 200-699 from TU: send", from: .trying, to: .completed, .sendResponse, arms: [.timerJ],
            responds(200)),
        Step("Proceeding, request: send response", from: .proceeding, to: .proceeding, .sendResponse) {
            $0.receiveRequest()
        },
        Step("Proceeding, 1xx from TU: send", from: .proceeding, to: .proceeding, .sendResponse, responds(183)),
        Step(
            "Proceeding, 200-699 from TU: send", from: .proceeding, to: .completed, .sendResponse, arms: [.timerJ],
            responds(503)),
        Step("Proceeding, transport error: inform TU", from: .proceeding, to: .terminated, .transportError) {
            $0.transportFailed()
        },
        Step("Completed, request: send response", from: .completed, to: .completed, .sendResponse) {
            $0.receiveRequest()
        },
        Step("Completed, transport error: inform TU", from: .completed, to: .terminated, .transportError) {
            $0.transportFailed()
        },
        Step("Completed, J", from: .completed, to: .terminated) { $0.timerFired(.timerJ) },
        // Not drawn, and so without effect.
        Step("Trying, request", from: .trying, to: .trying) { $0.receiveRequest() },
        Step("Completed, response from TU", from: .completed, to: .completed, responds(200)),
        Step("Proceeding, J", from: .proceeding, to: .proceeding) { $0.timerFired(.timerJ) },
        Step("Terminated, request", from: .terminated, to: .terminated) { $0.receiveRequest() },
    ]

    @Test(arguments: Self.arrows) func `an arrow`(_ arrow: Step) {
        arrow.follow(Self.machine(arrow.from), Self.state)
    }
}
