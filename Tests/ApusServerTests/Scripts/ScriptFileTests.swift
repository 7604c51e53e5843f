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
        let errors = file.values("error")
        guard errors.isEmpty else {
            let found = stage.findings(.error)
            #expect(found.count == errors.count && zip(found, errors).allSatisfy { $0.hasPrefix($1) }, "\(found)")
            return
        }
        let warnings = file.values("warning")
        if !warnings.isEmpty {
            #expect(stage.findings(.warning).map { String($0.prefix(warnings[0].count)) } == warnings)
        }
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
