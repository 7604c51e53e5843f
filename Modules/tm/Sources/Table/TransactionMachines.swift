import Bytes
import SIPTransaction

/// The machine of whoever sent the request: one of RFC 3261 §17.2 with RFC 6026.
enum ServerMachine: Sendable, BitwiseCopyable {
    case invite(InviteServerTransaction)
    case other(NonInviteServerTransaction)

    mutating func receiveRequest() -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.receiveRequest()
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.receiveRequest()
        }
    }

    mutating func respond(_ status: Int, timers: TransactionTimers) -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.respond(status, timers: timers)
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.respond(status, timers: timers)
        }
    }

    /// A 2xx goes upstream. One that comes after a refusal passes the machine by.
    mutating func succeed(_ status: Int, timers: TransactionTimers) -> TransactionReaction {
        let reaction = self.respond(status, timers: timers)
        guard reaction.isAbsorbed, case .invite(var machine) = self else { return reaction }
        defer { self = .invite(machine) }
        return machine.overtake()
    }

    mutating func abandon(for time: Interval) -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.abandon(for: time)
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.abandon(for: time)
        }
    }

    mutating func receiveAck(_ timers: TransactionTimers) -> TransactionReaction {
        guard case .invite(var machine) = self else { return .absorb }
        defer { self = .invite(machine) }
        return machine.receiveAck(timers: timers)
    }

    mutating func timerFired(_ timer: TransactionTimer, _ timers: TransactionTimers) -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.timerFired(timer, timers: timers)
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.timerFired(timer)
        }
    }

    /// Whether a final response may still be given.
    var isOpen: Bool {
        switch self {
        case .invite(let machine): machine.isProceeding
        case .other(let machine): machine.isProceeding
        }
    }

    var isTerminated: Bool {
        switch self {
        case .invite(let machine): machine.isTerminated
        case .other(let machine): machine.isTerminated
        }
    }
}

/// The machine of one branch: one of RFC 3261 §17.1 with RFC 6026.
enum ClientMachine: Sendable, BitwiseCopyable {
    case invite(InviteClientTransaction)
    case other(NonInviteClientTransaction)

    mutating func start(_ now: Instant, _ timers: TransactionTimers) -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.start(now: now, timers: timers)
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.start(now: now, timers: timers)
        }
    }

    mutating func receiveResponse(_ status: Int, _ now: Instant, _ timers: TransactionTimers) -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            guard !machine.isTerminated else {
                return machine.receiveLateResponse(status, now: now, timers: timers)
            }
            return machine.receiveResponse(status, now: now, timers: timers)
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.receiveResponse(status, timers: timers)
        }
    }

    mutating func timerFired(
        _ timer: TransactionTimer, _ now: Instant, _ timers: TransactionTimers
    ) -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.timerFired(timer, now: now, timers: timers)
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.timerFired(timer, timers: timers)
        }
    }

    mutating func transportFailed() -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.transportFailed()
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.transportFailed()
        }
    }

    mutating func cancelSent(_ now: Instant, _ timers: TransactionTimers) -> TransactionReaction {
        guard case .invite(var machine) = self else { return .absorb }
        defer { self = .invite(machine) }
        return machine.cancelSent(now: now, timers: timers)
    }

    mutating func abandon(_ now: Instant, _ timers: TransactionTimers) -> TransactionReaction {
        switch self {
        case .invite(var machine):
            defer { self = .invite(machine) }
            return machine.abandon(now: now, timers: timers)
        case .other(var machine):
            defer { self = .other(machine) }
            return machine.abandon(timers: timers)
        }
    }

    var isPending: Bool {
        switch self {
        case .invite(let machine): machine.isPending
        case .other(let machine): machine.isPending
        }
    }

    /// Whether no response came yet, not even a provisional one. After one the peer has the request, and the rest may
    /// come another way.
    var isUnanswered: Bool {
        switch self {
        case .invite(let machine): machine.isPending && !machine.isProceeding
        case .other(let machine): machine.isPending && !machine.isProceeding
        }
    }

    /// Whether the request as sent may still be wanted: to repeat it, to acknowledge a refusal, to cancel it.
    var needsRequest: Bool {
        switch self {
        case .invite(let machine): machine.needsRequest
        case .other(let machine): machine.isPending
        }
    }

    /// Whether a provisional response came, so that a CANCEL may be sent.
    var isProceeding: Bool {
        if case .invite(let machine) = self { return machine.isProceeding }
        return false
    }

    var isTerminated: Bool {
        switch self {
        case .invite(let machine): machine.isTerminated
        case .other(let machine): machine.isTerminated
        }
    }
}
