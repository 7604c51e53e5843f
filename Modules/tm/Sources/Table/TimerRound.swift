import Bytes

/// Which stripes let their timers fire now: each comes up once a round, a few at a time.
///
/// All at once would keep the thread busy for milliseconds when many transactions end, and messages that come meanwhile
/// waiting on machines with few CPUs.
///
/// Large machines have several rounds, each with its share of the stripes and an event worker of its own: one thread
/// could not end all the transactions that 32 make.
struct TimerRound: Sendable {
    /// Time in which every stripe has its turn: how late a timer may fire.
    static let length = Interval.milliseconds(48)
    /// Between turns while there are timers.
    private static let part = Interval.milliseconds(4)

    /// Every how many-th stripe is of this round.
    let rounds: Int
    /// The first of them.
    let first: Int
    /// Of the table.
    private let all: Int
    private var stripes: Int { self.all / self.rounds }

    private var began: Instant?
    /// Turns of stripes since `began`.
    private var done = 0
    /// Turns of stripes up to which timers are taken to be armed.
    private var busyUntil = 0

    /// - Parameters:
    ///   - first: number of the round, from 0.
    ///   - rounds: how many there are, a power of two that is not above the number of stripes.
    ///   - stripes: of the table.
    init(_ first: Int = 0, of rounds: Int = 1, stripes: Int) {
        self.all = stripes
        self.first = first
        self.rounds = rounds
    }

    /// The rounds that so many workers need: one for each four of them, up to eight.
    static func all(workers: Int, stripes: Int) -> [TimerRound] {
        var rounds = 1
        while rounds < 8 && rounds * 8 <= workers && rounds < stripes { rounds *= 2 }
        return (0..<rounds).map { TimerRound($0, of: rounds, stripes: stripes) }
    }

    /// The stripe that a number of `turn` stands for.
    func stripe(_ number: Int) -> Int { (number * self.rounds + self.first) % self.all }

    /// How far off the next turn is.
    var pace: Interval { self.done < self.busyUntil ? Self.part : Self.length }

    /// - Returns: numbers of the stripes that have their turn, one round at most.
    mutating func turn(at now: Instant) -> Range<Int> {
        let stripes = self.stripes
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
    mutating func noteArmed() { self.busyUntil = self.done + self.stripes }
}
