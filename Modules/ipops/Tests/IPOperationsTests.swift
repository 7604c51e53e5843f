import ModuleKit
import Testing

@testable import ipops

@Suite("ipops")
struct IPOperationsTests {
    @Test func `the module is named as in loadmodule`() { #expect(IPOperations.name == "ipops") }
}
