import RouteScript
import Testing

@testable import ApusServer

@Suite("Tests/Scripts")
struct ScriptFileTests {
    @Test func `the folder is found`() { #expect(ScriptFile.names.count >= 100) }

    @Test(arguments: ScriptFile.names)
    func `a script does what its first lines say`(name: String) throws {
        let file = try ScriptFile(name)
        let stage = ScriptStage(file)
        let findings = try stage.findings()
        let wrong = findings.filter { $0.severity == .error }.map(\.text)
        let errors = file.values("error")
        #expect(wrong.count == errors.count && zip(wrong, errors).allSatisfy { $0.hasPrefix($1) }, "\(wrong)")
        guard errors.isEmpty, wrong.isEmpty else { return }
        let doubts = findings.filter { $0.severity == .warning }.map(\.text)
        let warnings = file.values("warning")
        #expect(
            warnings.isEmpty
                || doubts.count == warnings.count && zip(doubts, warnings).allSatisfy { $0.hasPrefix($1) },
            "\(doubts)")
        try stage.run()
        #expect(stage.log == file.values("log"))
        #expect(stage.sent.map { $0.prefix { $0 != "\r\n" } } == file.values("sent").map { $0[...] })
        for line in file.values("sent line") {
            #expect(stage.sent.contains { "\r\n\($0)".contains("\r\n\(line)\r\n") }, "'\(line)' in \(stage.sent)")
        }
        for part in file.values("also logged") {
            #expect(stage.allLines.contains { $0.contains(part) }, "'\(part)' in \(stage.allLines)")
        }
    }
}
