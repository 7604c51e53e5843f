import ArgumentParser
import Bytes
import Simulation
import StandardModules

/// `apusctl test DIR`: runs script tests.
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs the tests of a configuration, without sockets and without waiting.",
        discussion: """
            Test files end in .siptest; of a directory all are run, those in directories below it as well. See \
            docs/how-to/test-your-script.md.

            Exit status: 0 all passed, 1 some failed, 2 a file could not be read or there was none.
            """
    )

    @Argument(help: "Test files, or directories of them.")
    var paths: [String] = ["."]

    @Option(help: "Runs only tests whose name this regular expression matches.")
    var filter: String?

    @Option(help: "Writes a JUnit report to this file as well.")
    var junit: String?

    @Flag(name: .shortAndLong, help: "Names tests that pass, not only those that fail.")
    var verbose = false

    func run() throws {
        var expression: RegularExpression?
        if let filter = self.filter {
            expression = try? RegularExpression(ByteString(filter))
            guard expression != nil else { throw ValidationError("--filter: '\(filter)' is no regular expression") }
        }
        let files = self.paths.flatMap { path in
            SystemInput.isDirectory(path) ? SystemInput.files(in: path, endingWith: ".siptest") : [path]
        }
        guard !files.isEmpty else {
            Output.complain("error: there is no .siptest file in \(self.paths.joined(separator: ", "))")
            throw ExitCode(2)
        }
        var suite = TestSuite(modules: StandardModules.all, filter: expression)
        for file in files {
            suite.run(file) { outcome in
                if self.verbose || outcome.failure != nil { Output.print(TestReport.text(outcome), terminator: "") }
            }
        }
        for problem in suite.problems { Output.complain("\(problem)") }
        if let path = self.junit {
            let text = JUnitReport.text(suite.outcomes, problems: suite.problems)
            guard SystemOutput.writeFile(path, text) else {
                Output.complain("error: cannot write \(path)")
                throw ExitCode(2)
            }
        }
        Output.print(TestReport.summary(suite.outcomes, problems: suite.problems.count), terminator: "")
        if !suite.problems.isEmpty { throw ExitCode(2) }
        if !suite.isGood { throw ExitCode(1) }
    }
}
