import Foundation
import ModuleKit
import Testing

@testable import RouteScript

/// The files of `Tests/Scripts`: what they do stands in their first lines.
///
/// `# -> text`: a probe saw the text. `# dropped`: the message is dropped. `# error line:column code`: it is refused.
@Suite("Tests/Scripts")
struct ScriptFileTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Scripts")
        .standardized

    static let files: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        return (names ?? []).filter { $0.hasSuffix(".cfg") }.sorted()
    }()

    static func text(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    }

    @Test func `the folder is found`() { #expect(Self.files.count >= 20) }

    @Test(arguments: ScriptFileTests.files)
    func `a script does what its first lines say`(name: String) throws {
        let text = try Self.text(name)
        let head = text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("#") }
        func lines(_ mark: String) -> [String] {
            head.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
        }
        let errors = lines("# error ")
        guard errors.isEmpty else {
            let found = findings(text)
            #expect(found.count == errors.count && zip(found, errors).allSatisfy { $0.hasPrefix($1) }, "\(found)")
            return
        }
        let script = try ScriptRun(text, head: "")
        let result = script.run()
        #expect(script.trace == lines("# -> "))
        #expect(result.isDropped == head.contains("# dropped"))
    }
}
