import Bytes
import Testing

@Suite("TimerLane: timers that wait in a queue")
struct TimerLaneTests {
    func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    /// What is due, with the numbers.
    func due(_ lane: inout TimerLane<UInt64>, _ milliseconds: Int64) -> [(UInt64, UInt32)] {
        var found: [(UInt64, UInt32)] = []
        while let (payload, number) = lane.takeDue(at: self.at(milliseconds)) { found.append((payload, number)) }
        return found
    }

    @Test func `timers go off at their time, in order, with their numbers`() throws {
        var lane = TimerLane<UInt64>()
        let first = try unwrapped(lane.arm(7, at: self.at(1000)))
        let second = try unwrapped(lane.arm(8, at: self.at(1000)))
        let third = try unwrapped(lane.arm(9, at: self.at(1010)))
        #expect(Set([first, second, third]).count == 3)
        #expect(self.due(&lane, 999).isEmpty)
        var seen: [UInt64] = []
        lane.forEachDue(at: self.at(1009)) { seen.append($0) }
        #expect(seen == [7, 8])
        #expect(lane.count == 3)
        let found = self.due(&lane, 1009)
        #expect(found.map(\.0) == [7, 8])
        #expect(found.map(\.1) == [first, second])
        #expect(self.due(&lane, 2000).map(\.1) == [third])
        #expect(lane.count == 0)
    }

    @Test func `what is due before another is not taken until that has gone`() {
        var lane = TimerLane<UInt64>()
        #expect(lane.arm(1, at: self.at(500)) != nil)
        #expect(lane.arm(2, at: self.at(499)) == nil)
        #expect(lane.count == 1)
        #expect(self.due(&lane, 500).map(\.0) == [1])
        #expect(lane.arm(2, at: self.at(499)) != nil)
        #expect(self.due(&lane, 499).map(\.0) == [2])
    }

    @Test func `one that is a little early waits for the one before, never longer than allowed`() {
        var lane = TimerLane<UInt64>(tolerance: .milliseconds(10))
        #expect(lane.arm(1, at: self.at(500)) != nil)
        #expect(lane.arm(2, at: self.at(489)) == nil)
        #expect(lane.arm(3, at: self.at(490)) != nil)
        #expect(self.due(&lane, 499).isEmpty)
        #expect(self.due(&lane, 500).map(\.0) == [1, 3])
        #expect(lane.arm(4, at: self.at(100)) != nil)
        #expect(self.due(&lane, 100).map(\.0) == [4])
    }

    @Test func `one that waits much longer than the others does not keep them out`() {
        var lane = TimerLane<UInt64>(leap: .milliseconds(1000))
        #expect(lane.arm(1, at: self.at(5000)) != nil)
        #expect(lane.arm(2, at: self.at(32_000)) == nil)
        #expect(lane.arm(3, at: self.at(5001)) != nil)
        #expect(lane.arm(4, at: self.at(6001)) != nil)
        #expect(lane.arm(5, at: self.at(7002)) == nil)
        #expect(self.due(&lane, 7000).map(\.0) == [1, 3, 4])
        // An empty lane takes any.
        #expect(lane.arm(6, at: self.at(32_000)) != nil)
        #expect(self.due(&lane, 32_000).map(\.0) == [6])
    }

    @Test func `a lane grows while timers come and go, and each keeps its number`() {
        var lane = TimerLane<UInt64>()
        var generator = SeededGenerator(seed: 5)
        var expected: [(UInt64, UInt32)] = []
        var now: Int64 = 0
        var next: UInt64 = 0
        for round in 0..<400 {
            // More come than go, then the other way round.
            for _ in 0..<Int.random(in: 0...(round < 200 ? 30 : 5), using: &generator) {
                guard let number = lane.arm(next, at: self.at(now + 1000)) else { continue }
                expected.append((next, number))
                next += 1
            }
            now += Int64.random(in: 0...40, using: &generator)
            let found = self.due(&lane, now)
            #expect(found.map(\.0) == expected.prefix(found.count).map(\.0))
            #expect(found.map(\.1) == expected.prefix(found.count).map(\.1))
            expected.removeFirst(found.count)
            #expect(lane.count == expected.count)
        }
        #expect(next > 500)
        #expect(self.due(&lane, now + 2000).map(\.0) == expected.map(\.0))
        #expect(lane.count == 0)
    }
}
