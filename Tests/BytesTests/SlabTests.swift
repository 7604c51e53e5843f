import Bytes
import Testing

@Suite("Slab: records by handle")
struct SlabTests {
    /// Counts its living instances, to see that a slab lets go of what it held.
    final class Token: Sendable {
        static let alive = Lock(0)
        init() { Self.alive.withLock { $0 += 1 } }
        deinit { Self.alive.withLock { $0 -= 1 } }
    }

    struct Owned: ~Copyable {
        var value: Int
        let token: Token
    }

    struct Pair: ~Copyable {
        var left = Slab<Int>()
        var right = Slab<Int>()
    }

    @Test func `a record is found by its handle and by no other`() throws {
        var slab = Slab<Int>()
        let first = try unwrapped(slab.insert(11))
        let second = try unwrapped(slab.insert(22))
        #expect(first != second)
        #expect(slab[first] == 11)
        #expect(slab[second] == 22)
        #expect(slab[.none] == nil)
        #expect(slab[Handle(rawValue: .max)] == nil)
        #expect(slab.count == 2)
    }

    @Test func `a handle is refused once its record is removed, also when the slot is used again`() throws {
        var slab = Slab<Int>()
        let old = try unwrapped(slab.insert(1))
        #expect(slab.remove(old) == 1)
        #expect(slab.contains(old) == false)
        #expect(slab.remove(old) == nil)
        let new = try unwrapped(slab.insert(2))
        #expect(slab.slot(of: new) == slab.slot(of: old))
        #expect(slab[old] == nil)
        #expect(slab.withRecord(old) { $0 = 3 } == nil)
        #expect(slab[new] == 2)
    }

    @Test func `generations go round without ever naming no record`() throws {
        var slab = Slab<Int>(indexBits: 4, generationBits: 3)
        let first = try unwrapped(slab.insert(0))
        slab.remove(first)
        var comesBackAfter = 0
        for round in 1...20 {
            let handle = try unwrapped(slab.insert(round))
            #expect(!handle.isNone)
            if handle == first && comesBackAfter == 0 { comesBackAfter = round }
            slab.remove(handle)
        }
        #expect(comesBackAfter == 7)
    }

    @Test func `a full slab refuses a record, and takes one again after a removal`() throws {
        var slab = Slab<Int>(indexBits: 4)
        var handles: [Handle] = []
        for value in 0..<15 { handles.append(try unwrapped(slab.insert(value))) }
        #expect(slab.insert(99) == nil)
        #expect(slab.capacity == 15)
        slab.remove(handles[7])
        #expect(slab.insert(100) != nil)
        #expect(slab.count == 15)
    }

    @Test func `slots are reused in the order in which they became free`() throws {
        var slab = Slab<Int>()
        var handles: [Handle] = []
        for value in 0..<4 { handles.append(try unwrapped(slab.insert(value))) }
        for index in [2, 0, 3] { slab.remove(handles[index]) }
        let reused = [try unwrapped(slab.insert(9)), try unwrapped(slab.insert(9)), try unwrapped(slab.insert(9))]
        #expect(reused.map { slab.slot(of: $0) } == [2, 0, 3])
    }

    @Test func `one slab of a struct can be changed while a record of another is open`() throws {
        var pair = Pair()
        let left = try unwrapped(pair.left.insert(5))
        let right = pair.left.withRecord(left) { record in
            record += 1
            return pair.right.insert(record)
        }
        #expect(pair.left[left] == 6)
        #expect(pair.right[try unwrapped(right ?? nil)] == 6)
    }

    @Test func `what cannot be copied goes in, is changed in place, and comes out`() throws {
        var slab = Slab<Owned>(recordsPerPage: 2)
        let handle = try unwrapped(slab.insert(Owned(value: 1, token: Token())))
        slab.withRecord(handle) { $0.value += 41 }
        #expect(slab.read(handle) { $0.value } == 42)
        var value = 0
        if let out = slab.remove(handle) { value = out.value }
        #expect(value == 42)
        #expect(slab.count == 0)
    }

    @Test func `records go with their slab`() {
        let before = Token.alive.withLock { $0 }
        do {
            var slab = Slab<[Token]>(recordsPerPage: 4)
            var handles: [Handle?] = []
            for _ in 0..<50 { handles.append(slab.insert([Token(), Token()])) }
            for handle in handles.prefix(20) { if let handle { slab.remove(handle) } }
            #expect(slab.count == 30)
        }
        // Other tests of the suite hold tokens for moments only; none of these hundred may stay.
        #expect(Token.alive.withLock { $0 } < before + 60)
    }

    @Test func `a sweep in slices shows each record once and removes the condemned`() throws {
        var slab = Slab<Int>(recordsPerPage: 8)
        for value in 0..<100 { _ = slab.insert(value) }
        var cursor = SlabCursor()
        var seen: [Int] = []
        var slices = 0
        while true {
            slices += 1
            let isOver = slab.sweep(&cursor, slots: 9) { handle, record in
                seen.append(record)
                return record.isMultiple(of: 3) ? .remove : .keep
            }
            if isOver { break }
        }
        #expect(seen == Array(0..<100))
        #expect(slices == 12)
        #expect(slab.count == 66)
        var left: [Int] = []
        slab.forEach { _, record in left.append(record) }
        #expect(left == (0..<100).filter { !$0.isMultiple(of: 3) })
        slab.removeAll()
        #expect(slab.count == 0)
    }

    @Test(arguments: 1...8)
    func `random insertions and removals agree with a dictionary`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var slab = Slab<Int>(indexBits: 9, generationBits: 20, recordsPerPage: 16)
        var model: [Handle: Int] = [:]
        var live: [Handle] = []
        var dead: [Handle] = []
        for step in 0..<20_000 {
            switch random.below(10) {
            case 0...4:
                guard let handle = slab.insert(step) else {
                    #expect(model.count == slab.capacity)
                    continue
                }
                #expect(model.updateValue(step, forKey: handle) == nil)
                live.append(handle)
            case 5...8:
                guard !live.isEmpty else { continue }
                let handle = live.remove(at: random.below(live.count))
                #expect(slab.remove(handle) == model.removeValue(forKey: handle))
                dead.append(handle)
            default:
                if !dead.isEmpty { #expect(slab[dead[random.below(dead.count)]] == nil) }
                guard !live.isEmpty else { continue }
                let handle = live[random.below(live.count)]
                slab.withRecord(handle) { $0 += 1 }
                model[handle]? += 1
                #expect(slab[handle] == model[handle])
            }
        }
        #expect(slab.count == model.count)
        var all: [Handle: Int] = [:]
        slab.forEach { all[$0] = $1 }
        #expect(all == model)
    }
}
