import Bytes
import ModuleKit
import RouteScript

/// Runs the tests of many files and collects what came of them.
package struct TestSuite {
    package private(set) var outcomes: [TestOutcome] = []
    package private(set) var problems: [TestFileProblem] = []

    private let modules: [ModuleType]
    private let files: FileAccess
    private let filter: RegularExpression?

    /// - Parameter filter: only tests whose name it matches are run; nil: all.
    package init(modules: [ModuleType], files: FileAccess = .system, filter: RegularExpression? = nil) {
        self.modules = modules
        self.files = files
        self.filter = filter
    }

    /// Runs the tests of a file, each told to `report` as it ends.
    package mutating func run(_ path: String, report: (TestOutcome) -> Void = { _ in }) {
        let (file, problems) = TestFileParser.read(path, files: self.files)
        self.problems += problems
        guard problems.isEmpty else { return }
        for test in file.cases {
            if let filter = self.filter, !filter.matches(ByteString(test.name).span) { continue }
            let start = WallClock.microseconds()
            let failure = TestRun.run(test, modules: self.modules, files: self.files)
            let time = max(WallClock.microseconds() - start, 0) / 1000
            let outcome = TestOutcome(file: path, test: test, failure: failure, milliseconds: time)
            self.outcomes.append(outcome)
            report(outcome)
        }
    }

    package var isGood: Bool { self.problems.isEmpty && self.outcomes.allSatisfy { $0.failure == nil } }
}
