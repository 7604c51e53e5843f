import Bytes
import RouteScript

/// Reads test files: one step a line, what belongs to a step indented deeper below it.
package struct TestFileParser {
    /// A line that says something, with those that belong to it.
    struct Line {
        var text: String
        var place: TestPlace
        var indent: Int
        var details: [(text: String, place: TestPlace)] = []
    }

    private let files: FileAccess
    var problems: [TestFileProblem] = []
    private var settings = TestSettings()
    private var shared: [TestStep] = []
    private var cases: [TestCase] = []
    /// Whether lines belong to all tests still.
    private var isShared = true
    private var depth = 0

    private init(files: FileAccess) { self.files = files }

    /// Reads the file.
    /// - Returns: the tests, and what is wrong with the file; tests are to be run only when nothing is.
    package static func read(
        _ path: String, files: FileAccess = .system
    ) -> (file: TestFile, problems: [TestFileProblem]) {
        var parser = TestFileParser(files: files)
        parser.parse(path, from: TestPlace(file: path, line: 0))
        if parser.cases.isEmpty, parser.problems.isEmpty {
            parser.problems.append(
                TestFileProblem(place: TestPlace(file: path, line: 1), message: "there is no test in this file"))
        }
        return (TestFile(path: path, cases: parser.cases), parser.problems)
    }

    /// Whether the text looks like a test file rather than like SIP messages.
    package static func looksLikeTests(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).contains { line in
            line.hasPrefix("test ") || line.hasPrefix("config ")
        }
    }

    // MARK: Lines

    private mutating func parse(_ path: String, from place: TestPlace) {
        guard self.depth < 16 else { return self.fail("files include each other without end", at: place) }
        let bytes: [UInt8]
        do throws(FileAccess.Failure) {
            bytes = try self.files.read(path)
        } catch {
            return self.fail("cannot read '\(path)'", at: place)
        }
        self.depth += 1
        defer { self.depth -= 1 }
        for line in Self.lines(String(decoding: bytes, as: UTF8.self), path) { self.parse(line) }
    }

    private static func lines(_ text: String, _ path: String) -> [Line] {
        var result: [Line] = []
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let indent = raw.prefix { $0 == " " || $0 == "\t" }.count
            let content = PlainMessage.trimmed(raw)
            guard !content.isEmpty, !content.hasPrefix("#") else { continue }
            let place = TestPlace(file: path, line: index + 1)
            if let last = result.last, indent > last.indent, !last.text.hasPrefix("test ") {
                result[result.count - 1].details.append((content, place))
            } else {
                result.append(Line(text: content, place: place, indent: indent))
            }
        }
        return result
    }

    mutating func fail(_ message: String, at place: TestPlace) {
        self.problems.append(TestFileProblem(place: place, message: message))
    }

    private mutating func parse(_ line: Line) {
        var words = TestWords(line.text)
        if words.take("test") { return self.beginTest(&words, line) }
        if words.take("include") {
            guard let name = words.rest() else { return self.fail("include needs a file", at: line.place) }
            return self.parse(Self.path(name, besides: line.place.file), from: line.place)
        }
        do throws(TestFileProblem) {
            if try self.setting(line) {
                guard self.isShared || self.cases.last?.steps.count == self.cases.last?.sharedSteps else {
                    return self.fail("this has to stand before the first step of the test", at: line.place)
                }
                return
            }
            let step = TestStep(kind: try StepParser(line).parse(), place: line.place, text: line.text)
            if self.isShared { self.shared.append(step) } else { self.cases[self.cases.count - 1].steps.append(step) }
        } catch {
            self.problems.append(error)
        }
    }

    private mutating func beginTest(_ words: inout TestWords, _ line: Line) {
        guard let name = words.rest() else { return self.fail("a test needs a name", at: line.place) }
        if self.cases.contains(where: { $0.name == name }) {
            self.fail("there is a test of this name already", at: line.place)
        }
        self.isShared = false
        self.cases.append(
            TestCase(
                name: name, place: line.place, settings: self.settings, steps: self.shared,
                sharedSteps: self.shared.count))
    }

    /// The path of a file that is named in another one.
    static func path(_ name: String, besides file: String) -> String {
        guard !name.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return name }
        return String(file[...slash]) + name
    }

    // MARK: Settings

    /// Takes a line that says how to start the server.
    /// - Returns: false when it is none of those.
    private mutating func setting(_ line: Line) throws(TestFileProblem) -> Bool {
        var settings = self.isShared ? self.settings : self.cases[self.cases.count - 1].settings
        guard try SettingParser(line).apply(to: &settings) else { return false }
        if self.isShared {
            self.settings = settings
        } else {
            self.cases[self.cases.count - 1].settings = settings
        }
        return true
    }
}
