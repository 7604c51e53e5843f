import Bytes
import SIPTransaction

/// What can happen in a scene of one client and one server.
enum SceneEvent: UInt8 {
    case requestArrives, ackArrives, cancelArrives, responseArrives
    case clientTimer, serverTimer
    case userResponds, userRepeats2xx, userCancels
}

/// A virtual clock with what is to happen, and a wire that loses, doubles, delays and so reorders.
///
/// An event is one word: time, kind, and a number (a status, or a timer with its round).
struct LossyWire {
    var random: SeededGenerator
    var now: Int64 = 0
    let isReliable: Bool
    let lossPercent: Int
    private var pending: [UInt64] = []
    private var lastArrival: Int64 = 0

    init(seed: UInt64) {
        self.random = SeededGenerator(seed: seed)
        self.isReliable = self.random.below(4) == 0
        self.lossPercent = [0, 10, 30, 60, 95][self.random.below(5)]
        self.pending.reserveCapacity(32)
    }

    var instant: Instant { Instant(milliseconds: self.now) }

    mutating func schedule(_ event: SceneEvent, after: Int64, number: Int = 0) {
        let time = UInt64(self.now + Swift.max(after, 0))
        self.pending.append(time << 24 | UInt64(event.rawValue) << 18 | UInt64(number))
    }

    /// Puts a message on the wire: over a reliable one it arrives once and in order.
    mutating func send(_ event: SceneEvent, number: Int = 0) {
        guard !self.isReliable else {
            self.lastArrival = Swift.max(self.lastArrival, self.now + Int64(self.random.below(100)))
            self.schedule(event, after: self.lastArrival - self.now, number: number)
            return
        }
        for _ in 0..<(self.random.below(8) == 0 ? 2 : 1) where self.random.below(100) >= self.lossPercent {
            let delay = self.random.below(10) == 0 ? self.random.below(3000) : self.random.below(120)
            self.schedule(event, after: Int64(delay), number: number)
        }
    }

    /// The next event; the clock moves to it.
    mutating func next() -> (event: SceneEvent, number: Int)? {
        guard !self.pending.isEmpty else { return nil }
        var best = 0
        var index = 1
        while index < self.pending.count {
            if self.pending[index] < self.pending[best] { best = index }
            index += 1
        }
        let word = self.pending[best]
        self.pending[best] = self.pending[self.pending.count - 1]
        self.pending.removeLast()
        self.now = Int64(word >> 24)
        guard let event = SceneEvent(rawValue: UInt8(word >> 18 & 63)) else { return nil }
        return (event, Int(word & 0x3ffff))
    }
}

/// What an owner keeps of the timers of one machine: a round for each of the two, to tell a firing that is too late.
///
/// A careless owner lets old timers fire all the same; the machine must not mind.
struct OwnedTimers {
    let event: SceneEvent
    let isCareless: Bool
    private var rounds = (retransmission: 0, deadline: 0)

    init(event: SceneEvent, isCareless: Bool) {
        self.event = event
        self.isCareless = isCareless
    }

    mutating func arm(_ order: TimerOrder, on wire: inout LossyWire) {
        let round: Int
        if order.timer.isRetransmission {
            self.rounds.retransmission += 1
            round = self.rounds.retransmission
        } else {
            self.rounds.deadline += 1
            round = self.rounds.deadline
        }
        let number = Int(order.timer.rawValue) << 12 | round & 0xfff
        wire.schedule(self.event, after: order.after.milliseconds, number: number)
        // Once in a while a timer goes off too early: a deadline must wait on, a retransmission does no harm.
        if self.isCareless && round <= 3 && order.timer.toleratesEarlyFiring {
            wire.schedule(self.event, after: order.after.milliseconds / 3, number: number)
        }
    }

    mutating func stopRetransmission() { self.rounds.retransmission += 1 }

    /// The timer to hand to the machine, unless a careful owner has put another in its place.
    func fired(_ number: Int) -> TransactionTimer? {
        guard let timer = TransactionTimer(rawValue: UInt8(number >> 12)) else { return nil }
        let round = timer.isRetransmission ? self.rounds.retransmission : self.rounds.deadline
        return self.isCareless || round & 0xfff == number & 0xfff ? timer : nil
    }
}

extension TransactionTimer {
    /// Whether the machine knows its deadline and so sees that a firing is too early: the INVITE client's.
    var toleratesEarlyFiring: Bool {
        switch self {
        case .timerB, .timerC, .timerD, .timerM: true
        case .timerA, .timerE, .timerF, .timerG, .timerH, .timerI, .timerJ, .timerK, .timerL: false
        }
    }
}
