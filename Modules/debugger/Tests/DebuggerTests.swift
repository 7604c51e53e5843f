import ModuleKit
import Testing

@testable import debugger

@Suite("debugger")
struct DebuggerTests {
    @Test func `the module is named as in loadmodule`() { #expect(Debugger.name == "debugger") }
}
