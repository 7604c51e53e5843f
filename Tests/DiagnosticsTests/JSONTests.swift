import Foundation
import RouteScript
import Testing

@Suite("Diagnostics as JSON")
struct JSONTests {
    private struct Finding: Decodable {
        struct Position: Decodable, Equatable {
            var line: Int
            var column: Int
            var offset: Int
        }
        struct Range: Decodable, Equatable {
            var start: Position
            var end: Position
        }
        struct Note: Decodable {
            var message: String
            var file: String?
            var range: Range?
        }
        var severity: String
        var code: String
        var title: String
        var message: String
        var file: String?
        var range: Range?
        var notes: [Note]
        var suggestions: [String]
    }

    private func findings(_ text: String, files: [String: String] = [:], isStrict: Bool = false) throws -> [Finding] {
        let found = Checked.analysis(text, files: files, isStrict: isStrict)
        let json = DiagnosticJSON(sources: found.parsed.sources).render(found.diagnostics)
        return try JSONDecoder().decode([Finding].self, from: Data(json.utf8))
    }

    @Test func `nothing found is an empty array`() throws {
        #expect(try self.findings("request_route { exit; }").isEmpty)
    }

    @Test func `a finding has its place, and quotes and control characters are escaped`() throws {
        let found = try self.findings("request_route {\n\tnone(\"\u{1}\\\"\");\n}")
        #expect(found.count == 1)
        #expect(found.first?.code == "E0401")
        #expect(found.first?.file == "kamailio.cfg")
        #expect(
            found.first?.range
                == .init(start: .init(line: 2, column: 2, offset: 17), end: .init(line: 2, column: 6, offset: 21)))
    }

    @Test func `what no place stands for has no place`() throws {
        let found = try self.findings("debug = 2")
        #expect(found.first?.code == "E0508")
        #expect(found.first?.file == nil && found.first?.range == nil)
    }

    @Test func `the way to an included file and through defines is in the notes`() throws {
        let found = try self.findings(
            "#!define CALL none()\ninclude_file \"part.cfg\"\n", files: ["part.cfg": "request_route { CALL; }\n"])
        #expect(found.first?.file == "part.cfg")
        #expect(
            found.first?.notes.map(\.message) == ["in the value of the define 'CALL'", "included from here"])
        #expect(found.first?.notes.map { $0.range?.start.line } == [1, 2])
        #expect(found.first?.notes.map(\.file) == ["kamailio.cfg", "kamailio.cfg"])
    }

    @Test func `strict findings are errors under the code of the warning`() throws {
        let found = try self.findings("request_route { exit; }\nroute[A] { exit; }", isStrict: true)
        #expect(found.map(\.severity) == ["error"])
        #expect(found.map(\.code) == ["W0402"])
    }
}
