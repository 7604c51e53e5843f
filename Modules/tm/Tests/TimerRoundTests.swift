import Bytes
import Testing

@testable import tm

@Suite("tm: turns of the stripes")
struct TimerRoundTests {
    private static let stripes = 64

    private static let start = Instant(milliseconds: 1_000_000)

    /// Stripes that have their turn at each of `times`, milliseconds after the first turn.
    private func turns(_ times: [Int], isArmed: Bool = true) -> (turns: [[Int]], pace: [Int64]) {
        var round = TimerRound(stripes: Self.stripes)
        _ = round.turn(at: Self.start)
        var turns: [[Int]] = []
        var pace: [Int64] = []
        for time in times {
            let turn = round.turn(at: Self.start + .milliseconds(time))
            if isArmed { round.noteArmed() }
            turns.append(turn.map { $0 % Self.stripes })
            pace.append(round.pace.milliseconds)
        }
        return (turns, pace)
    }

    @Test func `every stripe has one turn in a round, a few at a time`() {
        let (turns, pace) = self.turns(Array(stride(from: 4, through: 48, by: 4)))
        #expect(turns.flatMap { $0 } == Array(0..<Self.stripes))
        #expect(turns.allSatisfy { (5...6).contains($0.count) })
        #expect(pace.allSatisfy { $0 == 4 })
    }

    @Test func `uneven turns leave none out and take none twice`() {
        let (turns, _) = self.turns([1, 2, 9, 9, 30, 31, 75, 96])
        let all = turns.flatMap { $0 }
        #expect(all == (0..<2 * Self.stripes).map { $0 % Self.stripes })
    }

    @Test func `a long pause is made up for by one round`() {
        let (turns, _) = self.turns([10, 100_000, 100_004])
        #expect(turns[1].sorted() == Array(0..<Self.stripes))
        #expect((5...6).contains(turns[2].count))
    }

    @Test(arguments: [(2, 1), (4, 1), (8, 2), (16, 4), (32, 8), (64, 8), (200, 8)])
    func `many workers have several rounds, which together take every stripe once`(workers: Int, count: Int) {
        var stripes: [Int] = []
        for var round in TimerRound.all(workers: workers, stripes: Self.stripes) {
            _ = round.turn(at: Self.start)
            for time in stride(from: 4, through: 48, by: 4) {
                for number in round.turn(at: Self.start + .milliseconds(time)) { stripes.append(round.stripe(number)) }
            }
        }
        #expect(TimerRound.all(workers: workers, stripes: Self.stripes).count == count)
        #expect(stripes.sorted() == Array(0..<Self.stripes))
    }

    @Test func `without timers turns come once a round`() {
        #expect(self.turns([48, 96], isArmed: false).pace == [48, 48])
        #expect(self.turns([48, 96], isArmed: false).turns.allSatisfy { $0.count == Self.stripes })
    }
}
