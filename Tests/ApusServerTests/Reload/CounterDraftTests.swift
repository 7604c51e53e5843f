import ModuleKit
import Testing

@Suite("Statistics of a configuration that is being built")
struct CounterDraftTests {
    @Test func `a draft changes nothing before it is adopted`() {
        let registry = CounterRegistry()
        registry.register("group", "old") { 1 }
        let draft = registry.draft()
        draft.register("group", "old") { 2 }
        draft.register("group", "new") { 3 }
        let own = draft.register("group", "counted")
        #expect(registry.value("group", "old") == 1)
        #expect(registry.find("group", "new") == nil && registry.find("group", "counted") == nil)
        #expect(draft.find("group", "counted") == own)
        draft.adopt()
        #expect(registry.value("group", "old") == 2 && registry.value("group", "new") == 3)
        #expect(registry.find("group", "counted") == own)
    }

    @Test func `what a dropped draft had registered gets the same number again`() {
        let registry = CounterRegistry()
        let first = registry.draft().register("group", "new")
        #expect(registry.draft().register("group", "new") == first)
        #expect(registry.entries.isEmpty)
        #expect(registry.register("group", "new") == first)
        #expect(registry.entries.map(\.name) == ["new"])
    }

    @Test func `counters of a draft count at once and go on when it is adopted`() {
        let registry = CounterRegistry()
        let bank = registry.makeBank()
        let draft = registry.draft()
        let counter = draft.register("group", "counted")
        bank.add(at: Int(counter.index), 2)
        draft.adopt()
        bank.add(at: Int(counter.index), 3)
        #expect(registry.value("group", "counted") == 5)
    }

    @Test func `what only one that has gone could compute is forgotten`() {
        let registry = CounterRegistry()
        let (first, second) = (registry.draft(), registry.draft())
        first.register("group", "both") { 1 }
        first.register("group", "one") { 1 }
        first.adopt()
        second.register("group", "both") { 2 }
        second.adopt()
        first.withdraw()
        #expect(registry.value("group", "both") == 2)
        #expect(registry.value("group", "one") == 0)
    }
}
