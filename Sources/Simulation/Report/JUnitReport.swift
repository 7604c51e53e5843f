/// What came of tests, in the XML that CI servers read.
package enum JUnitReport {
    package static func text(
        _ outcomes: [TestOutcome], problems: [TestFileProblem]
    ) -> String {
        let failed = outcomes.filter { $0.failure != nil }.count
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text +=
            "<testsuites tests=\"\(outcomes.count)\" failures=\"\(failed)\" errors=\"\(problems.count)\">\n"
        var files: [String] = []
        for outcome in outcomes where !files.contains(outcome.file) { files.append(outcome.file) }
        for problem in problems where !files.contains(problem.place.file) { files.append(problem.place.file) }
        for file in files {
            text += Self.suite(
                file, outcomes.filter { $0.file == file }, problems.filter { $0.place.file == file })
        }
        return text + "</testsuites>\n"
    }

    private static func suite(_ file: String, _ outcomes: [TestOutcome], _ problems: [TestFileProblem]) -> String {
        let failed = outcomes.filter { $0.failure != nil }.count
        let time = outcomes.reduce(0) { $0 + $1.milliseconds }
        var text = "  <testsuite name=\"\(Self.escaped(file))\" tests=\"\(outcomes.count)\" failures=\"\(failed)\""
        text += " errors=\"\(problems.count)\" time=\"\(Self.seconds(time))\">\n"
        for problem in problems {
            text += "    <testcase name=\"(reading the file)\" classname=\"\(Self.escaped(file))\">"
            text += "<error message=\"\(Self.escaped("\(problem)"))\"/></testcase>\n"
        }
        for outcome in outcomes { text += Self.testCase(outcome) }
        return text + "  </testsuite>\n"
    }

    private static func testCase(_ outcome: TestOutcome) -> String {
        let test = outcome.test
        let head =
            "    <testcase name=\"\(Self.escaped(test.name))\" classname=\"\(Self.escaped(outcome.file))\""
            + " file=\"\(Self.escaped(test.place.file))\" line=\"\(test.place.line)\""
            + " time=\"\(Self.seconds(outcome.milliseconds))\""
        guard let failure = outcome.failure else { return head + "/>\n" }
        let message = Self.escaped("\(failure.place): \(failure.message)")
        let details = Self.escaped(failure.details.joined(separator: "\n"))
        return "\(head)>\n      <failure message=\"\(message)\">\(details)</failure>\n    </testcase>\n"
    }

    private static func seconds(_ milliseconds: Int) -> String {
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// Text in XML; characters that XML cannot say at all become question marks.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t", "\r": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "?"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
