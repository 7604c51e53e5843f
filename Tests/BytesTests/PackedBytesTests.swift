import Bytes
import Testing

@Suite("PackedBytes: small runs of bytes")
struct PackedBytesTests {
    func bytes(_ count: Int, _ salt: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ salt) }
    }

    @Test(arguments: [0, 1, 13, 14, 15, 16, 30, 31, 4093, 4094, 4095, 4096, 100_000])
    func `bytes come out as they went in`(count: Int) throws {
        var store = PackedBytes()
        let text = self.bytes(count, 3)
        let handle = try unwrapped(store.store(text.span))
        #expect(store.withSpan(handle) { ByteString($0) } == ByteString(text))
        #expect(store.storedBytes == count)
        store.free(handle)
        #expect(store.storedBytes == 0)
        #expect(store.count == 0)
    }

    @Test func `no bytes need no block`() throws {
        var store = PackedBytes()
        #expect(try unwrapped(store.store([UInt8]().span)) == .empty)
        #expect(store.span(.empty).count == 0)
        store.free(.empty)
        #expect(store.count == 0)
        #expect(store.reservedBytes == 0)
    }

    @Test func `a freed block is used again for the same class`() throws {
        var store = PackedBytes()
        let first = try unwrapped(store.store(self.bytes(20, 1).span))
        _ = store.store(self.bytes(20, 2).span)
        store.free(first)
        #expect(store.span(first).count == 0)
        #expect(try unwrapped(store.store(self.bytes(25, 3).span)) == first)
    }

    @Test func `what is freed is all used again`() throws {
        var store = PackedBytes(pageSize: 8192)
        var handles: [PackedHandle] = []
        for index in 0..<1000 { handles.append(try unwrapped(store.store(self.bytes(40 + index % 3 * 16, 1).span))) }
        let reserved = store.reservedBytes
        for handle in handles { store.free(handle) }
        for index in 0..<1000 { _ = try unwrapped(store.store(self.bytes(40 + index % 3 * 16, 2).span)) }
        #expect(store.reservedBytes == reserved)
    }

    @Test func `freeing twice changes nothing`() throws {
        var store = PackedBytes()
        let small = try unwrapped(store.store(self.bytes(20, 1).span))
        let large = try unwrapped(store.store(self.bytes(9000, 1).span))
        for handle in [small, large, small, large] { store.free(handle) }
        #expect(store.count == 0)
        let first = try unwrapped(store.store(self.bytes(20, 2).span))
        let second = try unwrapped(store.store(self.bytes(20, 3).span))
        #expect(first != second)
    }

    @Test func `handles that mean nothing read no bytes`() {
        var store = PackedBytes(pageSize: 8192)
        _ = store.store(self.bytes(40, 0).span)
        for raw: UInt32 in [2, 3, 4, 511, 512, 70_000, 0x7fff_ffff, 0x8000_0000, .max] {
            let count = store.span(PackedHandle(rawValue: raw)).count
            #expect(count <= 4094)
            if raw > 3 { #expect(count == 0) }
        }
    }

    @Test func `a replacement takes the old bytes' place`() throws {
        var store = PackedBytes()
        var handle = try unwrapped(store.store(self.bytes(10, 1).span))
        #expect(store.replace(&handle, with: self.bytes(300, 2).span) == true)
        #expect(store.withSpan(handle) { ByteString($0) } == ByteString(self.bytes(300, 2)))
        #expect(store.count == 1)
    }

    @Test func `a hundred bytes cost at most 112`() {
        var store = PackedBytes()
        for index in 0..<10_000 { _ = store.store(self.bytes(100, index).span) }
        #expect(store.reservedBytes <= 10_000 * 112 + 256 * 1024)
    }

    @Test(arguments: 1...6)
    func `random stores and frees agree with a dictionary`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var store = PackedBytes(pageSize: 8192)
        var model: [PackedHandle: [UInt8]] = [:]
        var live: [PackedHandle] = []
        for step in 0..<4000 {
            if live.isEmpty || random.below(5) < 3 {
                let text = self.bytes(1 + random.below([20, 200, 4094, 6000][random.below(4)]), step)
                guard let handle = store.store(text.span) else {
                    Issue.record("store is full")
                    return
                }
                #expect(model.updateValue(text, forKey: handle) == nil)
                live.append(handle)
            } else {
                let handle = live.remove(at: random.below(live.count))
                #expect(store.withSpan(handle) { ByteString($0) } == model[handle].map { ByteString($0) })
                store.free(handle)
                model[handle] = nil
            }
        }
        #expect(store.count == model.count)
        #expect(store.storedBytes == model.values.reduce(0) { $0 + $1.count })
        for (handle, text) in model { #expect(store.withSpan(handle) { ByteString($0) } == ByteString(text)) }
    }
}
