import ModuleKit
import Testing

@testable import math

@Suite("math")
struct MathOperationsTests {
    @Test func `the module is named as in loadmodule`() { #expect(MathOperations.name == "math") }
}
