import Bytes
import Testing

@Suite("Slots, random numbers, hashes of names")
struct SlotTests {
    private final class Counted {
        let released: Box
        init(_ released: Box) { self.released = released }
        deinit { self.released.count += 1 }
    }

    private final class Box { var count = 0 }

    @Test func `a slot keeps what it holds, and lets go of what it held`() {
        let box = Box()
        do {
            let slot = Slot<Counted?>(Counted(box))
            #expect(box.count == 0)
            slot.value = Counted(box)
            #expect(box.count == 1)
            slot.value = nil
            #expect(box.count == 2)
            slot.value = Counted(box)
        }
        #expect(box.count == 3)
    }

    @Test func `a guarded value is changed in place, and lets go of what it held`() {
        let box = Box()
        do {
            let guarded = Guarded([Counted(box), Counted(box)])
            guarded.value.removeLast()
            #expect(box.count == 1)
            #expect(guarded.value.count == 1)
            guarded.value.append(Counted(box))
            #expect(guarded.value.count == 2)
        }
        #expect(box.count == 3)
    }

    @Test func `accesses to a guarded value that overlap stop the program`() async {
        await #expect(processExitsWith: .failure) {
            let guarded = Guarded(0)
            func change(_ value: inout Int, _ other: borrowing Guarded<Int>) { value = other.value + 1 }
            change(&guarded.value, guarded)
        }
        await #expect(processExitsWith: .failure) {
            let guarded = Guarded(0)
            func change(_ value: inout Int, _ other: borrowing Guarded<Int>) { other.value = 1 }
            change(&guarded.value, guarded)
        }
    }

    @Test(arguments: [0, 7, 10, -1, 480, .max, .min])
    func `numbers are written as the library writes them`(_ number: Int) {
        #expect(ByteString(DecimalText(number).span).string == String(number))
    }

    @Test func `a lock lets go of its state`() {
        let box = Box()
        do {
            let lock = Lock(Counted(box))
            lock.withLock { $0 = Counted(box) }
            #expect(box.count == 1)
        }
        #expect(box.count == 2)
    }

    @Test func `no number comes twice`() {
        var pool = RandomPool()
        var seen: Set<UInt64> = []
        for _ in 0..<1000 { seen.insert(pool.next()) }
        #expect(seen.count == 1000)
        #expect(!seen.contains(0))
    }

    @Test(arguments: ["a", "example.org", "EXAMPLE.org:5060", "sip.a-very-long-name.example.org:15060"])
    func `names hash alike in either case`(_ text: String) {
        let upper = ByteString(text.uppercased())
        let lower = ByteString(text.lowercased())
        func hash(_ name: ByteString) -> UInt64 {
            name.span.keyedHashIgnoringCase(ByteRange(start: 0, count: name.count), seed: 7)
        }
        #expect(hash(upper) == hash(lower))
        #expect(hash(upper) != hash(ByteString(text + "x")))
        #expect(hash(upper) != hash(ByteString("x" + text.dropFirst())) || text.first == "x")
    }
}
