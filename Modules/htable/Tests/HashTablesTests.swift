import ModuleKit
import Testing

@testable import htable

@Suite("htable")
struct HashTablesTests {
    @Test func `the module is named as in loadmodule`() { #expect(HashTables.name == "htable") }
}
