import ModuleKit
import Testing

@testable import avpops

@Suite("avpops")
struct AttributeOperationsTests {
    @Test func `the module is named as in loadmodule`() { #expect(AttributeOperations.name == "avpops") }
}
