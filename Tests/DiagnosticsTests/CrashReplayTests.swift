import Foundation
import RouteScript
import Testing

/// Inputs that once made something trap or hang, from `Fuzz/Crashes`, and those that fuzzing begins with.
@Suite("Fuzz: inputs are replayed")
struct CrashReplayTests {
    private static let fuzz = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fuzz")
        .standardized

    static let inputs: [String] = ["Crashes", "Corpus"].flatMap { folder in
        let names = try? FileManager.default.contentsOfDirectory(atPath: Self.fuzz.appending(path: folder).path)
        return (names ?? []).sorted().map { "\(folder)/\($0)" }
    }

    @Test(arguments: CrashReplayTests.inputs)
    func `an input of the fuzzer is checked without a trap`(name: String) throws {
        let bytes = try Data(contentsOf: Self.fuzz.appending(path: name))
        let found = Checked.analysis(String(decoding: bytes, as: UTF8.self), files: ["c.cfg": "$var(a) = 1;\n"])
        _ = DiagnosticRenderer(sources: found.parsed.sources).render(found.diagnostics)
    }
}
