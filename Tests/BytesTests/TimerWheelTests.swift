import Bytes
import Testing

@Suite("TimerWheel: what is due, when")
struct TimerWheelTests {
    func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func `a timer fires at its time, not before, and once`() {
        var wheel = TimerWheel<UInt64>(now: self.at(1000))
        var fired: [UInt64] = []
        _ = wheel.arm(7, at: self.at(1500))
        wheel.collectExpired(at: self.at(1499), into: &fired)
        #expect(fired.isEmpty)
        wheel.collectExpired(at: self.at(1500), into: &fired)
        #expect(fired == [7])
        wheel.collectExpired(at: self.at(99_000), into: &fired)
        #expect(fired == [7])
        #expect(wheel.count == 0)
    }

    @Test func `a time between two ticks is late by less than a tick, never early`() {
        var wheel = TimerWheel<UInt64>(now: .zero, resolution: .milliseconds(10))
        var fired: [UInt64] = []
        _ = wheel.arm(1, at: self.at(101))
        wheel.collectExpired(at: self.at(109), into: &fired)
        #expect(fired.isEmpty)
        wheel.collectExpired(at: self.at(110), into: &fired)
        #expect(fired == [1])
    }

    @Test func `what is armed for the past fires at the next chance, even at the same now`() {
        var wheel = TimerWheel<UInt64>(now: self.at(5000))
        var fired: [UInt64] = []
        wheel.collectExpired(at: self.at(6000), into: &fired)
        _ = wheel.arm(1, at: self.at(10))
        _ = wheel.arm(2, at: Instant(milliseconds: .min))
        wheel.collectExpired(at: self.at(6000), into: &fired)
        #expect(fired.sorted() == [1, 2])
    }

    @Test func `a cancelled timer is silent, and its handle is refused`() throws {
        var wheel = TimerWheel<UInt64>(now: .zero)
        let first = try unwrapped(wheel.arm(1, at: self.at(100)))
        let second = try unwrapped(wheel.arm(2, at: self.at(100)))
        let third = try unwrapped(wheel.arm(3, at: self.at(100)))
        #expect(wheel.cancel(second) == true)
        #expect(wheel.cancel(second) == false)
        #expect(wheel.cancel(.none) == false)
        var fired: [UInt64] = []
        wheel.collectExpired(at: self.at(100), into: &fired)
        #expect(fired.sorted() == [1, 3])
        #expect(wheel.cancel(first) == false)
        #expect(wheel.isArmed(third) == false)
    }

    @Test func `a limit leaves the rest for the next call`() {
        var wheel = TimerWheel<UInt64>(now: .zero)
        for payload in 0..<10 { _ = wheel.arm(UInt64(payload), at: self.at(Int64(50 + payload / 5 * 10))) }
        var fired: [UInt64] = []
        #expect(wheel.collectExpired(at: self.at(1000), into: &fired, limit: 3) == false)
        #expect(fired.count == 3)
        #expect(wheel.collectExpired(at: self.at(1000), into: &fired, limit: 3) == false)
        #expect(wheel.collectExpired(at: self.at(1000), into: &fired, limit: 4) == true)
        #expect(fired.sorted() == Array(0..<10))
    }

    @Test func `years pass in one step`() {
        var wheel = TimerWheel<UInt64>(now: .zero)
        let year: Int64 = 365 * 86_400_000
        for years in 1...30 { _ = wheel.arm(UInt64(years), at: self.at(Int64(years) * year)) }
        _ = wheel.arm(99, at: Instant(milliseconds: .max))
        var fired: [UInt64] = []
        wheel.collectExpired(at: self.at(10 * year - 1), into: &fired)
        #expect(fired == Array(1...9))
        wheel.collectExpired(at: self.at(30 * year), into: &fired)
        #expect(fired == Array(1...30))
        #expect(wheel.count == 1)
    }

    @Test func `the next deadline is a bound that sleeping until it respects`() {
        var wheel = TimerWheel<UInt64>(now: self.at(123))
        #expect(wheel.nextDeadline == nil)
        _ = wheel.arm(1, at: self.at(123 + 3_600_000))
        var steps = 0
        var fired: [UInt64] = []
        while let next = wheel.nextDeadline, steps < 20 {
            #expect(next <= self.at(123 + 3_600_000))
            wheel.collectExpired(at: next, into: &fired)
            steps += 1
        }
        #expect(fired == [1])
        #expect(steps <= 7)
    }

    @Test(arguments: [5, 700, 50_000, 9_000_000])
    func `without its last timer the wheel has no deadline`(wait: Int64) throws {
        var wheel = TimerWheel<UInt64>(now: .zero)
        let first = try unwrapped(wheel.arm(1, at: self.at(wait)))
        let second = try unwrapped(wheel.arm(2, at: self.at(wait)))
        wheel.cancel(first)
        #expect(wheel.nextDeadline != nil)
        wheel.cancel(second)
        #expect(wheel.nextDeadline == nil)
    }

    @Test func `time that goes back fires nothing new`() {
        var wheel = TimerWheel<UInt64>(now: self.at(1000))
        var fired: [UInt64] = []
        wheel.collectExpired(at: self.at(5000), into: &fired)
        _ = wheel.arm(1, at: self.at(5500))
        wheel.collectExpired(at: self.at(0), into: &fired)
        #expect(fired.isEmpty)
        wheel.collectExpired(at: self.at(5500), into: &fired)
        #expect(fired == [1])
    }

    @Test(arguments: 1...12)
    func `random timers agree with a sorted list`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let step = Int64([1, 7, 10, 50][seed % 4])
        var now: Int64 = Int64(random.below(1_000_000))
        let origin = now
        var wheel = TimerWheel<UInt64>(now: self.at(now), resolution: Interval(milliseconds: step))
        var model: [UInt64: (due: Int64, handle: TimerHandle)] = [:]
        var next: UInt64 = 0
        for _ in 0..<6000 {
            switch random.below(8) {
            case 0...4:
                let span = [5, 600, 40_000, 3_000_000, 900_000_000][random.below(5)]
                let due = now + Int64(random.below(span)) - 2
                // The model rounds up to ticks, too; a tick is counted from the wheel's first moment.
                let ticks = Swift.max(0, due - origin + step - 1) / step
                guard let handle = wheel.arm(next, at: self.at(due)) else { continue }
                model[next] = (origin + ticks * step, handle)
                next += 1
            case 5:
                guard let victim = model.keys.min(by: { $0 &* 0x9e37_79b9 % 1009 < $1 &* 0x9e37_79b9 % 1009 }),
                    let timer = model.removeValue(forKey: victim)
                else { continue }
                #expect(wheel.cancel(timer.handle) == true)
            default:
                now += Int64(random.below([3, 400, 30_000, 2_000_000][random.below(4)]))
                var fired: [UInt64] = []
                let limit = random.below(3) == 0 ? random.below(5) : .max
                let isDone = wheel.collectExpired(at: self.at(now), into: &fired, limit: limit)
                // Due by whole ticks: what falls due within a tick waits for its end.
                let passed = origin + (now - origin) / step * step
                for payload in fired {
                    guard let timer = model.removeValue(forKey: payload) else {
                        Issue.record("fired twice or never armed")
                        continue
                    }
                    #expect(timer.due <= passed)
                }
                #expect(fired.count <= limit)
                if isDone { #expect(!model.values.contains { $0.due <= passed }) }
            }
            #expect(wheel.count == model.count)
        }
    }

    @Test func `a hundred thousand timers are armed, cancelled and fired`() {
        var wheel = TimerWheel<UInt64>(now: .zero)
        var handles: [TimerHandle] = []
        var random = SeededGenerator(seed: 5)
        for payload in 0..<100_000 {
            let due = self.at(Int64(random.below(40_000)))
            if let handle = wheel.arm(UInt64(payload), at: due) { handles.append(handle) }
        }
        for index in stride(from: 0, to: handles.count, by: 2) { wheel.cancel(handles[index]) }
        var sum = 0
        wheel.advance(to: self.at(40_000)) { sum += Int($0) }
        #expect(wheel.count == 0)
        #expect(sum == (0..<100_000).reduce(0) { $0 + ($1 % 2 == 1 ? $1 : 0) })
    }

    /// Each is touched once to be armed and once a level on its way down; a step of the clock touches no other.
    @Test func `with a million timers armed, a step of the clock fires what is due and no more`() {
        var wheel = TimerWheel<UInt64>(now: .zero)
        let count = 1_000_000
        for payload in 0..<count { _ = wheel.arm(UInt64(payload), at: self.at(Int64(payload / 100) * 10 + 10)) }
        #expect(wheel.count == count)
        var fired: [UInt64] = []
        for step in 1...20 {
            fired.removeAll()
            wheel.collectExpired(at: self.at(Int64(step) * 10), into: &fired)
            #expect(fired.count == 100)
            #expect(fired.allSatisfy { Int($0) / 100 == step - 1 })
        }
        #expect(wheel.count == count - 2000)
    }
}
