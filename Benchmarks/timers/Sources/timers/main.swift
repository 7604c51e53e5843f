import Bytes

// What a timer costs with a thousand to a million of them armed: to arm one, to disarm and arm it anew, and to bring it
// through all levels of the wheel until it fires, on a virtual clock that moves in steps of 50 ms over 32 seconds.
// timers [COUNT…]

/// Nanoseconds for each of `count` times.
func cost(_ count: Int, _ body: () -> Void) -> Int {
    let clock = ContinuousClock()
    let took = clock.measure(body).components
    return Int((took.seconds * 1_000_000_000 + took.attoseconds / 1_000_000_000) / Int64(count))
}

/// SplitMix64.
func next(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
}

print("timers    arm   re-arm  fire   (ns each)")
let wanted = CommandLine.arguments.dropFirst().compactMap { Int($0) }.filter { $0 > 0 }
for count in wanted.isEmpty ? [1000, 10_000, 100_000, 1_000_000] : wanted {
    var wheel = TimerWheel<UInt64>(now: .zero)
    var handles: [TimerHandle] = []
    handles.reserveCapacity(count)
    var dice: UInt64 = 7
    let arm = cost(count) {
        for payload in 0..<count {
            let due = Instant(milliseconds: Int64(next(&dice) % 32_000))
            handles.append(wheel.arm(UInt64(payload), at: due) ?? .none)
        }
    }
    let again = cost(count) {
        for index in 0..<count {
            wheel.cancel(handles[index])
            let due = Instant(milliseconds: Int64(next(&dice) % 32_000))
            handles[index] = wheel.arm(UInt64(index), at: due) ?? .none
        }
    }
    var fired = 0
    let fire = cost(count) {
        for step in 0...640 { wheel.advance(to: Instant(milliseconds: Int64(step) * 50)) { _ in fired += 1 } }
    }
    print("\(count)\t\(arm)\t\(again)\t\(fire)\(fired == count && wheel.count == 0 ? "" : "  WRONG: \(fired) fired")")
}
