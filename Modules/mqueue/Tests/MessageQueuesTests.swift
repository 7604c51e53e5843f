import ModuleKit
import Testing

@testable import mqueue

@Suite("mqueue")
struct MessageQueuesTests {
    @Test func `the module is named as in loadmodule`() { #expect(MessageQueues.name == "mqueue") }
}
