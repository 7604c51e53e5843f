import Bytes
import ModuleKit
import Testing

@testable import htable

@Suite("htable: storage")
struct SharedTableTests {
    private func put(_ table: SharedTable, _ key: String, _ value: TableValue, _ expires: UInt32 = 0) -> Bool {
        let key = ByteString(key)
        return table.set(table.hash(key.span), key.span, value, .at(expires), at: 0)
    }

    private func get(_ table: SharedTable, _ key: String) -> TableValue? {
        let key = ByteString(key)
        return table.value(table.hash(key.span), key.span, at: 0)
    }

    @Test func `many items are kept apart and cost little`() {
        let table = SharedTable(name: "t", size: 8)
        for number in 0..<20_000 { #expect(self.put(table, "key-\(number)", .int(number))) }
        #expect(table.count == 20_000)
        #expect((0..<20_000).allSatisfy { self.get(table, "key-\($0)") == .int($0) })
        // 36 bytes of slab, 16 of key and 4 to 8 of index, and what pages leave unused.
        #expect(table.reservedBytes < 20_000 * 100)
        #expect(table.remove { stripe, item in item.payload % 2 == 0 } == 10_000)
        #expect(self.get(table, "key-4") == nil && self.get(table, "key-5") == .int(5))
    }

    @Test func `a value may change its type and length`() {
        let table = SharedTable(name: "t", size: 2)
        #expect(self.put(table, "k", .text(ByteString(String(repeating: "x", count: 10_000)))))
        #expect(self.put(table, "k", .int(-5)))
        #expect(self.get(table, "k") == .int(-5))
        #expect(self.put(table, "k", .text("")))
        #expect(self.get(table, "k") == .text(""))
        #expect(table.count == 1)
    }

    @Test func `additions of many threads are all counted`() async {
        let table = SharedTable(name: "t", size: 4)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let key: ByteString = "counter"
                    for _ in 0..<1000 {
                        _ = table.add(
                            table.hash(key.span), key.span, 1, initial: 0, .automatic(seconds: 0, updates: true), at: 1)
                    }
                }
            }
        }
        #expect(self.get(table, "counter") == .int(8000))
    }

    @Test func `a walk in slices shows each item once`() {
        let table = SharedTable(name: "t", size: 3)
        for number in 0..<3000 { _ = self.put(table, "\(number)", .int(number), number < 1000 ? 1 : 0) }
        var cursor = SharedTable.Cursor()
        var seen: Set<ByteString> = []
        var shown = 0
        while let records = table.next(&cursor, at: 5) {
            shown += records.count
            for record in records { seen.insert(record.key) }
        }
        #expect(shown == 2000 && seen.count == 2000)
        #expect(table.collectExpired(at: 5, wantsRecords: true).count == 1000)
        #expect(table.count == 2000)
    }
}

@Suite("htable: definitions")
struct TableDefinitionTests {
    private func fault(_ line: ByteString) -> String? {
        do {
            _ = try TableDefinition(line)
            return nil
        } catch {
            return (error as? ArgumentError)?.message
        }
    }

    @Test func `attributes are read, and absent ones are Kamailio's`() throws {
        let full = try TableDefinition("a => size=6; autoexpire=30;initval=-1;updateexpire=0;dmqreplicate=0;dbmode=0;")
        #expect(full.name == "a" && full.slots == 64 && full.autoexpire == 30 && full.initialValue == -1)
        #expect(!full.updatesExpiry)
        let empty = try TableDefinition("nothing=>")
        #expect(empty.slots == 16 && empty.autoexpire == 0 && empty.initialValue == nil && empty.updatesExpiry)
        #expect(try TableDefinition("w=>size=1").slots == 8)
    }

    @Test func `what cannot be is refused with its reason`() {
        #expect(self.fault("a") == "htable 'a': a definition is name=>size=8;…")
        #expect(self.fault("=>size=4") == "htable '=>size=4': the table has no name")
        #expect(self.fault("a=>size") == "htable 'a': 'size' has no value")
        #expect(self.fault("a=>size=x")?.contains("size is a number") == true)
        #expect(self.fault("a=>sise=4") == "htable 'a': unknown attribute 'sise'")
        #expect(self.fault("a=>reloadat=5")?.contains("not built yet") == true)
        #expect(self.fault("a=>dmqreplicate=1")?.contains("not built yet") == true)
    }
}
