import Bytes
import SIPTransaction
import Testing

/// One arrow of a state diagram: from a state, by an event, with what is done, to a state.
struct Arrow<Machine: Sendable, State: Sendable & Equatable>: Sendable, CustomTestStringConvertible {
    let label: String
    let from: State?
    let event: @Sendable (inout Machine) -> TransactionReaction
    let actions: TransactionActions
    let arms: Set<TransactionTimer>
    let to: State

    init(
        _ label: String, from: State?, to: State, _ actions: TransactionActions,
        arms: Set<TransactionTimer> = [], _ event: @escaping @Sendable (inout Machine) -> TransactionReaction
    ) {
        self.label = label
        self.from = from
        self.event = event
        self.actions = actions
        self.arms = arms
        self.to = to
    }

    init(
        _ label: String, from: State?, to: State, arms: Set<TransactionTimer> = [],
        _ event: @escaping @Sendable (inout Machine) -> TransactionReaction
    ) {
        self.init(label, from: from, to: to, [], arms: arms, event)
    }

    var testDescription: String { self.label }

    /// - Parameters:
    ///   - machine: in the state that the arrow begins at.
    ///   - state: tells the state of a machine by what it does.
    func follow(_ machine: Machine, _ state: (Machine) -> State) {
        var machine = machine
        let reaction = self.event(&machine)
        // Whether a stopped timer is disarmed at once is no part of the figures.
        #expect(reaction.actions.subtracting([.stopRetransmission, .terminate]) == self.actions)
        let armed = Set([reaction.retransmission?.timer, reaction.deadline?.timer].compactMap { $0 })
        #expect(armed == self.arms)
        #expect(state(machine) == self.to)
    }
}

private let late = Instant(milliseconds: 1_000_000)
private let timers = TransactionTimers.rfc3261

@Suite("RFC 3261 figure 5 and RFC 6026 §8.4: every arrow of the INVITE client transaction")
struct FigureFiveTests {
    enum State { case calling, proceeding, completed, accepted, terminated }
    typealias Step = Arrow<InviteClientTransaction, State>

    static func state(_ machine: InviteClientTransaction) -> State {
        if machine.isTerminated { return .terminated }
        if machine.isProceeding { return .proceeding }
        if machine.isPending { return .calling }
        var copy = machine
        return copy.receiveResponse(200, now: .zero, timers: timers).actions == .deliver ? .accepted : .completed
    }

    static func machine(_ state: State?) -> InviteClientTransaction {
        var machine = InviteClientTransaction(isReliable: false)
        guard let state else { return machine }
        _ = machine.start(now: .zero, timers: timers)
        switch state {
        case .calling: break
        case .proceeding: _ = machine.receiveResponse(180, now: .zero, timers: timers)
        case .completed: _ = machine.receiveResponse(486, now: .zero, timers: timers)
        case .accepted: _ = machine.receiveResponse(200, now: .zero, timers: timers)
        case .terminated: _ = machine.transportFailed()
        }
        return machine
    }

    static func response(_ status: Int) -> @Sendable (inout InviteClientTransaction) -> TransactionReaction {
        { $0.receiveResponse(status, now: .zero, timers: timers) }
    }

    static func fires(_ timer: TransactionTimer) -> @Sendable (inout InviteClientTransaction) -> TransactionReaction {
        { $0.timerFired(timer, now: late, timers: timers) }
    }

    static let arrows: [Step] = [
        Step("INVITE from TU: send", from: nil, to: .calling, .sendRequest, arms: [.timerA, .timerB]) {
            $0.start(now: .zero, timers: timers)
        },
        Step("Calling, A: send", from: .calling, to: .calling, .sendRequest, arms: [.timerA], fires(.timerA)),
        Step("Calling, B: inform TU", from: .calling, to: .terminated, .timeout, fires(.timerB)),
        Step("Calling, transport error: inform TU", from: .calling, to: .terminated, .transportError) {
            $0.transportFailed()
        },
        Step("Calling, 1xx: to TU", from: .calling, to: .proceeding, .deliver, arms: [.timerC], response(183)),
        Step("Calling, 2xx: to TU", from: .calling, to: .accepted, .deliver, arms: [.timerM], response(200)),
        Step(
            "Calling, 300-699: ACK, to TU", from: .calling, to: .completed, [.sendAck, .deliver], arms: [.timerD],
            response(302)),
        Step("Proceeding, 1xx: to TU", from: .proceeding, to: .proceeding, .deliver, arms: [.timerC], response(180)),
        Step("Proceeding, 2xx: to TU", from: .proceeding, to: .accepted, .deliver, arms: [.timerM], response(202)),
        Step(
            "Proceeding, 300-699: ACK, to TU", from: .proceeding, to: .completed, [.sendAck, .deliver],
            arms: [.timerD], response(699)),
        Step("Completed, 300-699: ACK", from: .completed, to: .completed, .sendAck, response(486)),
        Step("Completed, transport error: inform TU", from: .completed, to: .terminated, .transportError) {
            $0.transportFailed()
        },
        Step("Completed, D", from: .completed, to: .terminated, fires(.timerD)),
        Step("Accepted, 2xx: to TU", from: .accepted, to: .accepted, .deliver, response(200)),
        Step("Accepted, M", from: .accepted, to: .terminated, fires(.timerM)),
        // Not drawn, and so without effect.
        Step("Completed, 1xx", from: .completed, to: .completed, response(180)),
        Step("Completed, 2xx", from: .completed, to: .completed, response(200)),
        Step("Accepted, 1xx", from: .accepted, to: .accepted, response(180)),
        Step("Accepted, 300-699", from: .accepted, to: .accepted, response(486)),
        Step("Proceeding, A", from: .proceeding, to: .proceeding, fires(.timerA)),
        Step("Proceeding, B", from: .proceeding, to: .proceeding, fires(.timerB)),
        Step("Terminated, 2xx", from: .terminated, to: .terminated, response(200)),
    ]

    @Test(arguments: Self.arrows) func `an arrow`(_ arrow: Step) {
        arrow.follow(Self.machine(arrow.from), Self.state)
    }
}

@Suite("RFC 3261 figure 6: every arrow of the non-INVITE client transaction")
struct FigureSixTests {
    enum State { case trying, proceeding, completed, terminated }
    typealias Step = Arrow<NonInviteClientTransaction, State>

    static func state(_ machine: NonInviteClientTransaction) -> State {
        if machine.isTerminated { return .terminated }
        if machine.isProceeding { return .proceeding }
        return machine.isPending ? .trying : .completed
    }

    static func machine(_ state: State?) -> NonInviteClientTransaction {
        var machine = NonInviteClientTransaction(isReliable: false)
        guard let state else { return machine }
        _ = machine.start(now: .zero, timers: timers)
        switch state {
        case .trying: break
        case .proceeding: _ = machine.receiveResponse(100, timers: timers)
        case .completed: _ = machine.receiveResponse(404, timers: timers)
        case .terminated: _ = machine.transportFailed()
        }
        return machine
    }

    static func response(_ status: Int) -> @Sendable (inout NonInviteClientTransaction) -> TransactionReaction {
        { $0.receiveResponse(status, timers: timers) }
    }

    static func fires(
        _ timer: TransactionTimer
    ) -> @Sendable (inout NonInviteClientTransaction) -> TransactionReaction {
        { $0.timerFired(timer, timers: timers) }
    }

    static let arrows: [Step] = [
        Step("Request from TU: send", from: nil, to: .trying, .sendRequest, arms: [.timerE, .timerF]) {
            $0.start(now: .zero, timers: timers)
        },
        Step("Trying, E: send", from: .trying, to: .trying, .sendRequest, arms: [.timerE], fires(.timerE)),
        Step("Trying, F: inform TU", from: .trying, to: .terminated, .timeout, fires(.timerF)),
        Step("Trying, transport error: inform TU", from: .trying, to: .terminated, .transportError) {
            $0.transportFailed()
        },
        Step("Trying, 1xx: to TU", from: .trying, to: .proceeding, .deliver, response(100)),
        Step("Trying, 200-699: to TU", from: .trying, to: .completed, .deliver, arms: [.timerK], response(200)),
        Step("Proceeding, E: send", from: .proceeding, to: .proceeding, .sendRequest, arms: [.timerE], fires(.timerE)),
        Step("Proceeding, F: inform TU", from: .proceeding, to: .terminated, .timeout, fires(.timerF)),
        Step("Proceeding, transport error: inform TU", from: .proceeding, to: .terminated, .transportError) {
            $0.transportFailed()
        },
        Step("Proceeding, 1xx: to TU", from: .proceeding, to: .proceeding, .deliver, response(183)),
        Step("Proceeding, 200-699: to TU", from: .proceeding, to: .completed, .deliver, arms: [.timerK], response(603)),
        Step("Completed, K", from: .completed, to: .terminated, fires(.timerK)),
        // Not drawn, and so without effect.
        Step("Completed, 200-699", from: .completed, to: .completed, response(404)),
        Step("Completed, E", from: .completed, to: .completed, fires(.timerE)),
        Step("Completed, F", from: .completed, to: .completed, fires(.timerF)),
        Step("Terminated, 200-699", from: .terminated, to: .terminated, response(200)),
    ]

    @Test(arguments: Self.arrows) func `an arrow`(_ arrow: Step) {
        arrow.follow(Self.machine(arrow.from), Self.state)
    }
}
