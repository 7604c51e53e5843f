import ModuleKit
import Testing

@testable import timer

@Suite("timer")
struct NamedTimersTests {
    @Test func `the module is named as in loadmodule`() { #expect(NamedTimers.name == "timer") }
}
