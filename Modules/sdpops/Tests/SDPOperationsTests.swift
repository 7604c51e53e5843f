import ModuleKit
import Testing

@testable import sdpops

@Suite("sdpops")
struct SDPOperationsTests {
    @Test func `the module is named as in loadmodule`() { #expect(SDPOperations.name == "sdpops") }
}
