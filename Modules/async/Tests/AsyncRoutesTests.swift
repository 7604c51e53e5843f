import ModuleKit
import Testing

@testable import async

@Suite("async")
struct AsyncRoutesTests {
    @Test func `the module is named as in loadmodule`() { #expect(AsyncRoutes.name == "async") }
}
