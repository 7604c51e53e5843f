/// What came of tests, as text.
package enum TestReport {
    /// A failure: where, what, and what there was instead.
    package static func text(_ failure: TestRun.Failure) -> String {
        var text = "  \(failure.place): \(failure.message)\n"
        for line in failure.details { text += "      \(line)\n" }
        return text
    }

    /// One test in a line, what failed below it.
    package static func text(_ outcome: TestOutcome) -> String {
        guard let failure = outcome.failure else { return "ok    \(outcome.test.name)\n" }
        return "FAIL  \(outcome.test.name)\n" + Self.text(failure)
    }

    /// The last line.
    package static func summary(_ outcomes: [TestOutcome], problems: Int) -> String {
        let failed = outcomes.filter { $0.failure != nil }.count
        var text = "\(outcomes.count) tests, \(failed == 0 ? "all passed" : "\(failed) failed")"
        if problems > 0 { text += ", \(problems) files could not be read" }
        return text + "\n"
    }
}

/// A test that was run.
package struct TestOutcome: Sendable {
    package var file: String
    package var test: TestCase
    package var failure: TestRun.Failure?
    /// Time that it took, in milliseconds.
    package var milliseconds: Int

    package init(file: String, test: TestCase, failure: TestRun.Failure?, milliseconds: Int) {
        self.file = file
        self.test = test
        self.failure = failure
        self.milliseconds = milliseconds
    }
}
