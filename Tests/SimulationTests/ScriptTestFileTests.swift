import Bytes
import ModuleKit
import StandardModules
import Testing

@testable import Simulation

/// The test files of `Tests/Scripts/simulation`, each of which has to pass.
@Suite("Script tests")
struct ScriptTestFileTests {
    static let folder =
        String(#filePath.dropLast("SimulationTests/ScriptTestFileTests.swift".count))
        + "Scripts/simulation"
    static let files = SystemInput.files(in: Self.folder, endingWith: ".siptest")

    @Test func `the folder is found`() { #expect(Self.files.count >= 2) }

    @Test(arguments: ScriptTestFileTests.files)
    func `a test file passes`(path: String) {
        var suite = TestSuite(modules: StandardModules.all)
        suite.run(path)
        #expect(suite.problems.isEmpty, "\(suite.problems)")
        for outcome in suite.outcomes { #expect(outcome.failure == nil, "\(TestReport.text(outcome))") }
        #expect(!suite.outcomes.isEmpty)
    }
}
