import Testing

@testable import Bytes

@Suite("Chains of a hash table")
struct ChainIndexTests {
    struct Word: ChainedRecord {
        var hash: UInt64
        var next = Handle.none
        var chainHash: UInt64 { self.hash }
    }

    /// A table with what it holds by another account.
    struct Both: ~Copyable {
        var slab = Slab<Word>()
        var index: ChainIndex<Word>
        var handles: [UInt64: Handle] = [:]

        init(load: Int = 1) { self.index = ChainIndex(load: load) }

        mutating func insert(_ hash: UInt64) {
            self.handles[hash] = self.index.insert(Word(hash: hash), in: &self.slab)
        }

        mutating func remove(_ hash: UInt64) -> UInt64? {
            guard let handle = self.handles.removeValue(forKey: hash) else { return nil }
            return self.index.remove(handle, from: &self.slab)?.hash
        }

        func find(_ hash: UInt64) -> Handle? {
            var handle = self.index.first(hash)
            while let record = self.slab[handle] {
                if record.hash == hash { return handle }
                handle = record.next
            }
            return nil
        }

        func chainLength(_ hash: UInt64) -> Int {
            var length = 0
            var handle = self.index.first(hash)
            while let record = self.slab[handle] {
                length += 1
                handle = record.next
            }
            return length
        }
    }

    @Test(arguments: [1, 2]) func `what was put in is found, what was taken out is not`(load: Int) {
        var random = SeededGenerator(seed: 7)
        var both = Both(load: load)
        var known: [UInt64] = []
        for step in 0..<20_000 {
            if step % 3 == 2, !known.isEmpty {
                let hash = known.remove(at: Int.random(in: 0..<known.count, using: &random))
                let removed = both.remove(hash)
                #expect(removed == hash)
                let found = both.find(hash)
                #expect(found == nil)
            } else {
                let hash = UInt64.random(in: 0...UInt64.max, using: &random)
                both.insert(hash)
                known.append(hash)
            }
        }
        let missing = known.count { both.find($0) != both.handles[$0] }
        #expect(missing == 0)
        let count = both.slab.count
        #expect(count == known.count)
    }

    @Test func `it grows by a chain at a time, and chains stay short`() {
        var random = SeededGenerator(seed: 8)
        var both = Both()
        var known: [UInt64] = []
        for number in 1...50_000 {
            let before = both.index.count
            known.append(UInt64.random(in: 0...UInt64.max, using: &random))
            both.insert(known[number - 1])
            let added = both.index.count - before
            #expect(added <= 1)
        }
        let longest = known.map { both.chainLength($0) }.max() ?? 0
        #expect((2...12).contains(longest))
        let chains = both.index.count
        #expect((50_000...50_001).contains(chains))
    }

    @Test func `a record that is gone is not taken out twice`() {
        var both = Both()
        both.insert(1)
        let handle = both.handles[1] ?? Handle.none
        let first = both.index.remove(handle, from: &both.slab)?.hash
        let second = both.index.remove(handle, from: &both.slab)?.hash
        #expect(first == 1)
        #expect(second == nil)
    }
}
