import Bytes
import SIPTransaction

/// What names a timer of a stripe's lane where else one of its wheel is named: the wheel's leave the highest bit alone.
enum LaneHandle {
    static let wheelIndexBits = 22
    static let wheelGenerationBits = 9
    private static let mark: UInt32 = 1 << 31

    static func of(_ number: UInt32) -> TimerHandle { TimerHandle(Handle(rawValue: Self.mark | number & ~Self.mark)) }
    static func isOne(_ timer: TimerHandle) -> Bool { timer.handle.rawValue & Self.mark != 0 }
}

extension TransactionTimer {
    /// Whether it bounds the stay of a machine that has done its part: hardly ever disarmed.
    fileprivate var isStay: Bool {
        switch self {
        case .timerD, .timerI, .timerJ, .timerK, .timerL, .timerM: true
        case .timerA, .timerB, .timerC, .timerE, .timerF, .timerG, .timerH: false
        }
    }
}

extension TransactionStripe {
    /// Arms a timer that bounds a state.
    mutating func arm(_ payload: TimerPayload, at due: Instant) -> TimerHandle {
        if payload.timer.isStay, let number = self.lane.arm(payload, at: due) { return LaneHandle.of(number) }
        return self.wheel.arm(payload, at: due) ?? .none
    }

    /// A timer of the lane goes off all the same, and nobody knows it any more.
    mutating func disarm(_ timer: TimerHandle) {
        if timer.isNone || LaneHandle.isOne(timer) { return }
        _ = self.wheel.cancel(timer)
    }

    var hasTimers: Bool { self.wheel.count > 0 || self.lane.count > 0 }

    /// Appends what the timers that are due belong to, and disarms them; ends the stay of those that have stayed.
    ///
    /// Transactions that have stayed for seconds are in no cache: those that are due are fetched together first.
    /// - Returns: how many transactions have gone, and whether more may be due: somebody else is to have the stripe in
    ///   between.
    mutating func collectDue(at now: Instant, into due: inout [TimerPayload]) -> (gone: Int, isMore: Bool) {
        _ = self.wheel.collectExpired(at: now, into: &due)
        self.lane.forEachDue(at: now, limit: Self.dueAtOnce) {
            self.records.prefetch($0.handle, bytes: TransactionRecord.endSize)
        }
        self.lane.forEachDue(at: now, limit: Self.dueAtOnce) { payload in
            let hash = self.records.read(payload.handle) { record in
                record.prefetchParts()
                return record.hash
            }
            if let hash { self.prefetchChain(hash) }
        }
        var gone = 0
        var left = Self.dueAtOnce
        while left > 0, let (payload, number) = self.lane.takeDue(at: now) {
            left -= 1
            guard let reaction = self.endStay(payload, LaneHandle.of(number), now) else { continue }
            if !reaction.actions.subtracting(.terminate).isEmpty {
                due.append(payload)
                continue
            }
            self.apply(reaction, payload, now)
            if reaction.actions.contains(.terminate), self.removeIfOver(payload.handle) { gone += 1 }
        }
        return (gone, left == 0)
    }

    /// Timers of the lane that go off while the stripe is held: some 20 µs.
    private static var dueAtOnce: Int { 64 }

    /// Lets the timer of a machine that has done its part go off.
    /// - Returns: what it asks for; when that is more than its end, it has not gone off yet. nil: it is not meant any more.
    private mutating func endStay(_ payload: TimerPayload, _ timer: TimerHandle, _ now: Instant) -> TransactionReaction?
    {
        let found = self.records.withRecord(payload.handle) { record -> TransactionReaction? in
            let branch = Int(payload.branch)
            guard record.deadline(payload.role, branch) == timer else { return nil }
            switch payload.role {
            case .server:
                var machine = record.server
                let reaction = machine.timerFired(payload.timer, record.timers)
                guard reaction.actions.subtracting(.terminate).isEmpty else { return reaction }
                record.server = machine
                record.serverTimers.deadline = .none
                return reaction
            case .client:
                var machine = record.branches[branch].machine
                let reaction = machine.timerFired(payload.timer, now, record.timers)
                guard reaction.actions.subtracting(.terminate).isEmpty else { return reaction }
                record.branches[branch].machine = machine
                record.branches[branch].timers.deadline = .none
                return reaction
            case .cancel:
                guard var machine = record.branches[branch].cancel else { return nil }
                let reaction = machine.timerFired(payload.timer, timers: record.timers)
                guard reaction.actions.subtracting(.terminate).isEmpty else { return reaction }
                record.branches[branch].cancel = machine
                record.branches[branch].cancelTimers.deadline = .none
                return reaction
            case .suspension: return nil
            }
        }
        return found ?? nil
    }

    private mutating func apply(_ reaction: TransactionReaction, _ payload: TimerPayload, _ now: Instant) {
        switch payload.role {
        case .server: self.applyServer(reaction, payload.handle, now)
        case .client: self.applyClient(reaction, payload.handle, branch: Int(payload.branch), now)
        case .cancel: self.applyCancel(reaction, payload.handle, branch: Int(payload.branch), now)
        case .suspension: break
        }
    }
}

extension TransactionRecord {
    /// The timer that bounds the state of a machine.
    borrowing func deadline(_ role: TimerRole, _ branch: Int) -> TimerHandle {
        switch role {
        case .server: return self.serverTimers.deadline
        case .client: return branch < self.branches.count ? self.branches[branch].timers.deadline : .none
        case .cancel: return branch < self.branches.count ? self.branches[branch].cancelTimers.deadline : .none
        case .suspension: return .none
        }
    }

    /// Has what the end of a finished transaction looks at fetched.
    borrowing func prefetchParts() {
        self.branches.prefetch(limit: 2)
        self.lastReply.bytes.prefetch(limit: 1)
    }
}
