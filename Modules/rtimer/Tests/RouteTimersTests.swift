import ModuleKit
import Testing

@testable import rtimer

@Suite("rtimer")
struct RouteTimersTests {
    @Test func `the module is named as in loadmodule`() { #expect(RouteTimers.name == "rtimer") }
}
