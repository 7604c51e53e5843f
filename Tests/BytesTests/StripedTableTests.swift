import Bytes
import Glibc
import Testing

@Suite("StripedTable: shared state in stripes")
struct StripedTableTests {
    struct Stripe: ~Copyable {
        let index: Int
        var records = Slab<Int>()
        var wheel = TimerWheel<UInt64>(now: .zero)
        var sum = 0
    }

    struct Refusal: Error {}

    @Test(arguments: [(0, 1), (1, 1), (3, 4), (256, 256), (257, 512)])
    func `the number of stripes is the next power of two`(wanted: Int, got: Int) {
        #expect(StripedTable(stripes: wanted) { $0 }.count == got)
    }

    @Test func `a hash finds the same stripe each time`() {
        let table = StripedTable(stripes: 8) { Stripe(index: $0) }
        for hash: UInt64 in [0, 7, 8, 12345, .max] {
            table.withStripe(hash) { stripe in
                stripe.sum += 1
                #expect(stripe.index == Int(hash % 8))
            }
        }
        #expect(table.withStripe(at: 7) { $0.sum } == 2)
    }

    @Test func `slab and wheel of one stripe work together under its lock`() {
        let table = StripedTable(stripes: 4) { Stripe(index: $0) }
        let handle = table.withStripe(2) { stripe in stripe.records.insert(40) }
        table.withStripe(2) { stripe in
            guard let handle else { return }
            stripe.records.withRecord(handle) { record in
                record += 2
                _ = stripe.wheel.arm(UInt64(handle.rawValue), at: Instant(milliseconds: 10))
            }
        }
        #expect(table.withStripe(2) { stripe in handle.flatMap { stripe.records[$0] } } == 42)
        #expect(table.withStripe(2) { $0.wheel.count } == 1)
    }

    @Test func `a locked stripe is its owner's until it is unlocked`() {
        let table = StripedTable(stripes: 2) { Stripe(index: $0) }
        var locked = table.lock(at: 1)
        locked.state.sum = 7
        let handle = locked.state.records.insert(40)
        if let handle { locked.state.records[present: handle] += 2 }
        #expect(handle.map { locked.state.records[present: $0] } == 42)
        locked.unlock()
        #expect(table.withStripe(at: 1) { $0.sum } == 7)
        // An early way out unlocks too.
        func leave() -> Int {
            let locked = table.lock(at: 1)
            guard locked.state.sum > 7 else { return locked.state.sum }
            return 0
        }
        #expect(leave() == 7)
        #expect(leave() == 7)
    }

    @Test func `an error passes through and the stripe is free again`() {
        let table = StripedTable(stripes: 1) { $0 }
        #expect(throws: Refusal.self) {
            try table.withStripe(0) { (stripe) throws(Refusal) in
                stripe = 9
                throw Refusal()
            }
        }
        #expect(table.withStripe(0) { $0 } == 9)
    }

    @Test func `a walk visits every stripe once`() {
        let table = StripedTable(stripes: 16) { $0 }
        var seen: [Int] = []
        table.forEachStripe { index, stripe in
            #expect(index == stripe)
            seen.append(index)
        }
        #expect(seen == Array(0..<16))
    }

    @Test func `threads that count in the same stripes lose nothing`() async {
        let table = StripedTable(stripes: 4) { Stripe(index: $0) }
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for step in 0..<20_000 { table.withStripe(UInt64(step &+ thread)) { $0.sum += 1 } }
                }
            }
        }
        var sum = 0
        table.forEachStripe { _, stripe in sum += stripe.sum }
        #expect(sum == 80_000)
    }

    #if DEBUG
    @Test func `a second stripe of the same thread stops a debug build`() async {
        await #expect(processExitsWith: .failure) {
            let table = StripedTable(stripes: 2) { $0 }
            table.withStripe(0) { _ in table.withStripe(1) { _ in } }
        }
    }
    #endif
}
