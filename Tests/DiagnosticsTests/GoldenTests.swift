import Foundation
import RouteScript
import Testing

/// The files of `Tests/Scripts/diagnostics`: what is printed about each stands beside it. `UPDATE_EXPECTED=1` in the
/// environment writes it anew, for a review of the difference.
@Suite("Tests/Scripts/diagnostics")
struct GoldenTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Scripts/diagnostics")
        .standardized
    static let names: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        return (names ?? []).filter { $0.hasSuffix(".cfg") }.sorted()
    }()

    /// Included files end in `.inc`.
    private static let files: [String: String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        let pairs = (names ?? []).filter { $0.hasSuffix(".inc") }.compactMap { name in
            (try? String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)).map { (name, $0) }
        }
        return Dictionary(pairs) { first, _ in first }
    }()

    @Test func `the folder is found`() { #expect(Self.names.count >= 20) }

    @Test(arguments: GoldenTests.names)
    func `what is printed is what stands beside the file`(name: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        let found = Checked.analysis(text, files: Self.files, path: name)
        let printed = DiagnosticRenderer(sources: found.parsed.sources).render(found.diagnostics)
        let expectation = Self.folder.appending(path: name.dropLast(4) + ".expected")
        if ProcessInfo.processInfo.environment["UPDATE_EXPECTED"] != nil {
            try printed.write(to: expectation, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: expectation, encoding: .utf8)
        #expect(printed == expected)
    }
}
