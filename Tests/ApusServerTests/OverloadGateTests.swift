import Testing

@testable import ApusServer

@Suite("Overload: when a worker refuses what is new")
struct OverloadGateTests {
    private static let limits = OverloadGate.Limits(delay: 100_000, interval: 300_000)

    /// Requests that have waited `waited` milliseconds, one every `step` milliseconds.
    private static func run(
        _ gate: inout OverloadGate, from start: Int, to end: Int, step: Int = 10, waited: Int, isLosing: Bool = false
    ) -> (taken: Int, refused: Int) {
        var counts = (taken: 0, refused: 0)
        for time in stride(from: start, to: end, by: step) {
            if gate.admits(waited: waited * 1000, isLosing: isLosing, now: time * 1000, self.limits) {
                counts.taken += 1
            } else {
                counts.refused += 1
            }
        }
        return counts
    }

    @Test func `requests that come in time are taken`() {
        var gate = OverloadGate()
        let counts5 = Self.run(&gate, from: 1000, to: 60_000, waited: 99)
        #expect(counts5.refused == 0)
    }

    @Test func `a wait that passes within the interval is no overload`() {
        var gate = OverloadGate()
        let counts6 = Self.run(&gate, from: 1000, to: 1290, waited: 400)
        #expect(counts6.refused == 0)
        let counts7 = Self.run(&gate, from: 1290, to: 1300, waited: 20)
        #expect(counts7.refused == 0)
        let counts8 = Self.run(&gate, from: 1300, to: 1590, waited: 400)
        #expect(counts8.refused == 0)
    }

    @Test func `a stall now and then is no overload`() {
        var gate = OverloadGate()
        for second in 1...100 {
            let counts9 = Self.run(&gate, from: second * 1000, to: second * 1000 + 1, waited: 900)
            #expect(counts9.refused == 0)
        }
    }

    @Test func `once the wait has been too long for the interval, everything late is refused`() {
        var gate = OverloadGate()
        let counts = Self.run(&gate, from: 1000, to: 2000, waited: 150)
        #expect(counts.taken == 30 && counts.refused == 70)
        #expect(gate.isClosed)
        // What comes in time is taken all the same, and what is late at once refused: a fiftieth of the limit is late.
        let taken1 = gate.admits(waited: 1900, now: 2_000_000, Self.limits)
        #expect(taken1)
        let taken2 = gate.admits(waited: 2100, now: 2_010_000, Self.limits)
        #expect(!taken2)
    }

    @Test func `half a second without a late request ends it`() {
        var gate = OverloadGate()
        _ = Self.run(&gate, from: 1000, to: 2000, waited: 150)
        let counts10 = Self.run(&gate, from: 2000, to: 2480, waited: 1)
        #expect(counts10.refused == 0)
        #expect(gate.isClosed)
        _ = Self.run(&gate, from: 2480, to: 2600, waited: 1)
        #expect(!gate.isClosed)
        let taken3 = gate.admits(waited: 150_000, now: 3_200_000, Self.limits)
        #expect(taken3)
    }

    @Test func `a stall now and then does not prolong it`() {
        var gate = OverloadGate()
        _ = Self.run(&gate, from: 1000, to: 2000, waited: 150)
        for start in stride(from: 2000, to: 3200, by: 200) {
            _ = Self.run(&gate, from: start, to: start + 190, waited: 1)
            // One in twenty.
            _ = Self.run(&gate, from: start + 190, to: start + 200, waited: 5)
        }
        #expect(!gate.isClosed)
    }

    @Test func `it lasts while many are late`() {
        var gate = OverloadGate()
        _ = Self.run(&gate, from: 1000, to: 2000, waited: 150)
        for start in stride(from: 2000, to: 5000, by: 50) {
            _ = Self.run(&gate, from: start, to: start + 40, waited: 1)
            _ = Self.run(&gate, from: start + 40, to: start + 50, waited: 5)
        }
        #expect(gate.isClosed)
    }

    @Test func `nor does it outlast a pause without requests`() {
        var gate = OverloadGate()
        _ = Self.run(&gate, from: 1000, to: 2000, waited: 150)
        let taken4 = gate.admits(waited: 150_000, now: 60_000_000, Self.limits)
        #expect(taken4)
        #expect(!gate.isClosed)
    }

    @Test func `datagrams that the kernel throws away count as late ones`() {
        var gate = OverloadGate()
        let counts = Self.run(&gate, from: 1000, to: 2000, waited: 1, isLosing: true)
        #expect(counts.taken == 30 && counts.refused == 70)
    }
}
