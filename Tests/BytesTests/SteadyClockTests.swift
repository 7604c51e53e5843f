import Bytes
import Testing

@Suite("Clocks that are set")
struct SteadyClockTests {
    @Test func `the steady clock begins with the wall clock and goes with the monotonic one`() {
        let clock = SteadyClock(wall: 1_700_000_000, now: Instant(milliseconds: 50_000))
        #expect(clock.seconds(at: Instant(milliseconds: 50_000)) == 1_700_000_000)
        #expect(clock.seconds(at: Instant(milliseconds: 110_999)) == 1_700_000_060)
    }

    @Test func `it does not follow a wall clock that is set`() {
        let clock = VirtualClock(wallSeconds: 1000).govern { SteadyClock() }
        let later = VirtualClock(wallSeconds: 1000 - 3600).govern { (clock.seconds(), WallClock.seconds()) }
        #expect(later.0 == 1000 && later.1 == 1000 - 3600)
    }
}

@Suite("Signals between threads")
struct WorkSignalTests {
    @Test func `a signal that nobody waits for is kept, once`() {
        let signal = WorkSignal()
        signal.raise()
        signal.raise()
        let began = Instant.precise()
        signal.wait(milliseconds: 10_000)
        #expect(Instant.precise() - began < .seconds(5))
        signal.wait(milliseconds: 20)
        #expect(Instant.precise() - began >= .milliseconds(20))
    }
}
