import Foundation
import RouteScript
import Testing

/// Inputs that once made something trap or hang, from `Fuzz/Crashes/script`, and those that fuzzing begins with.
@Suite("Fuzz: inputs are replayed")
struct CrashReplayTests {
    private static let fuzz = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz")
        .standardized

    static let inputs: [String] = ["Crashes/script", "Corpus/script"].flatMap { folder in
        let urls = try? FileManager.default.contentsOfDirectory(
            at: Self.fuzz.appending(path: folder), includingPropertiesForKeys: nil)
        return (urls ?? []).map { "\(folder)/\($0.lastPathComponent)" }.sorted()
    }

    @Test(arguments: CrashReplayTests.inputs)
    func `an input of the fuzzer is checked without a trap`(name: String) throws {
        let bytes = try Data(contentsOf: Self.fuzz.appending(path: name))
        let found = Checked.analysis(String(decoding: bytes, as: UTF8.self), files: ["c.cfg": "$var(a) = 1;\n"])
        _ = DiagnosticRenderer(sources: found.parsed.sources).render(found.diagnostics)
    }
}
