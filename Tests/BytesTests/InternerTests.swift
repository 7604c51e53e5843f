import Bytes
import Testing

@Suite("Interner: shared texts")
struct InternerTests {
    func intern(_ interner: Interner, _ text: String) throws -> InternedID {
        try unwrapped(interner.intern(ByteString(text).span))
    }

    @Test func `equal texts have one id, others another`() throws {
        let interner = Interner()
        let first = try self.intern(interner, "Linphone/5.2")
        #expect(try self.intern(interner, "Linphone/5.2") == first)
        #expect(try self.intern(interner, "baresip v3") != first)
        #expect(interner.text(first) == "Linphone/5.2")
        #expect(interner.count == 2)
    }

    @Test func `a text goes with its last holder`() throws {
        let interner = Interner()
        let id = try self.intern(interner, "snom")
        interner.retain(id)
        _ = try self.intern(interner, "snom")
        for _ in 0..<2 { interner.release(id) }
        #expect(interner.text(id) == "snom")
        interner.release(id)
        #expect(interner.text(id).isEmpty)
        #expect(interner.count == 0)
        interner.release(id)
        #expect(interner.count == 0)
    }

    @Test func `no text is always known and never counted`() throws {
        let interner = Interner()
        #expect(try self.intern(interner, "") == .empty)
        interner.release(.empty)
        #expect(interner.text(.empty).isEmpty)
        #expect(interner.count == 0)
    }

    @Test func `looking for a text counts no holder`() throws {
        let interner = Interner()
        let text: ByteString = "path"
        #expect(interner.find(text.span) == nil)
        let id = try self.intern(interner, "path")
        #expect(interner.find(text.span) == id)
        interner.release(id)
        #expect(interner.find(text.span) == nil)
    }

    @Test(arguments: 1...4)
    func `random holders agree with a dictionary`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let interner = Interner(seed: UInt64(seed))
        var holders: [String: Int] = [:]
        var ids: [String: InternedID] = [:]
        for _ in 0..<20_000 {
            let text = "agent-\(random.below(700))"
            if random.below(2) == 0 {
                let id = try self.intern(interner, text)
                if let known = ids[text] { #expect(known == id) }
                ids[text] = id
                holders[text, default: 0] += 1
            } else if let id = ids[text], let count = holders[text] {
                interner.release(id)
                holders[text] = count == 1 ? nil : count - 1
                if count == 1 { ids[text] = nil }
            }
        }
        #expect(interner.count == holders.count)
        for (text, id) in ids { #expect(interner.text(id).string == text) }
    }

    @Test func `threads share one id`() async {
        let interner = Interner()
        let ids = await withTaskGroup(of: [InternedID?].self) { group in
            for _ in 0..<4 {
                group.addTask { (0..<500).map { interner.intern(ByteString("text \($0 % 50)").span) } }
            }
            return await group.reduce(into: Set<InternedID?>()) { $0.formUnion($1) }
        }
        #expect(ids.count == 50)
        #expect(interner.count == 50)
    }
}

@Suite("Keyed hash")
struct KeyedHashTests {
    @Test func `every byte and the length count`() {
        var seen: Set<UInt64> = []
        for length in 0..<64 {
            var text = [UInt8](repeating: 0, count: length)
            seen.insert(text.span.keyedHash(seed: 1))
            for index in 0..<length {
                text[index] = 1
                seen.insert(text.span.keyedHash(seed: 1))
                text[index] = 0
            }
        }
        #expect(seen.count == 64 + 64 * 63 / 2)
    }

    @Test func `another seed gives another hash`() {
        let text: ByteString = "a84b4c76e66710@pc33.example.com"
        #expect(text.span.keyedHash(seed: 1) != text.span.keyedHash(seed: 2))
        #expect(text.span.keyedHash(seed: 3) == text.span.keyedHash(seed: 3))
    }

    @Test func `low bits spread evenly`() {
        var buckets = [Int](repeating: 0, count: 64)
        for number in 0..<6400 {
            buckets[Int(ByteString("sip:\(number)@example.com").span.keyedHash(seed: 42) & 63)] += 1
        }
        #expect(buckets.allSatisfy { $0 > 50 && $0 < 160 })
    }
}
