import Bytes
import Testing

@Suite("Virtual clock")
struct VirtualClockTests {
    @Test func `a thread reads the virtual clock while it governs, the system's before and after`() {
        let clock = VirtualClock(wallSeconds: 1_700_000_000)
        clock.govern {
            #expect(WallClock.seconds() == 1_700_000_000)
            #expect(WallClock.microseconds() == 1_700_000_000_000_000)
            #expect(Instant.now() == clock.now)
        }
        #expect(WallClock.seconds() != 1_700_000_000)
        #expect(Instant.now() != clock.now)
    }

    @Test func `both clocks move together and never back`() {
        var clock = VirtualClock(wallSeconds: 100)
        let start = clock.now
        clock.move(to: start + .milliseconds(2500))
        clock.move(to: start)
        clock.govern {
            #expect(WallClock.microseconds() == 102_500_000)
            #expect(Instant.now() == start + .milliseconds(2500))
        }
    }
}
