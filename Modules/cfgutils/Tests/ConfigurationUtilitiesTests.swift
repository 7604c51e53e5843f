import ModuleKit
import Testing

@testable import cfgutils

@Suite("cfgutils")
struct ConfigurationUtilitiesTests {
    @Test func `the module is named as in loadmodule`() { #expect(ConfigurationUtilities.name == "cfgutils") }
}
