import Bytes

/// Which stripes let their timers fire now: each comes up once a round, a few at a time.
///
/// All at once would keep the thread busy for milliseconds when many transactions end, and messages that come meanwhile
/// waiting on machines with few CPUs.
struct TimerRound: Sendable {
    /// Time in which every stripe has its turn: how late a timer may fire.
    static let length = Interval.milliseconds(48)
    /// Between turns while there are timers.
    private static let part = Interval.milliseconds(4)

    private var began: Instant?
    /// Turns of stripes since `began`.
    private var done = 0
    /// Turns of stripes up to which timers are taken to be armed.
    private var busyUntil = 0

    /// How far off the next turn is.
    var pace: Interval { self.done < self.busyUntil ? Self.part : Self.length }

    /// - Returns: numbers whose remainders are the stripes that have their turn, one round at most.
    mutating func turn(at now: Instant) -> Range<Int> {
        let stripes = TransactionTable.stripes
        guard let began = self.began, !(now < began) else {
            self.began = now
            self.done = 0
            self.busyUntil = 0
            return 0..<stripes
        }
        let due = Int((now - began).milliseconds) * stripes / Int(Self.length.milliseconds)
        // One round makes up for all that were missed.
        let first = max(self.done, due - stripes)
        self.done = max(due, first)
        return first..<self.done
    }

    /// A stripe of this turn has timers, or had: another round at the quick pace.
    mutating func noteArmed() { self.busyUntil = self.done + TransactionTable.stripes }
}
