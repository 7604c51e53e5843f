import Bytes
import ModuleKit
import RouteScript
import StandardModules
import Testing

/// The configurations in pages that people read are scripts that load.
@Suite struct GuideExampleTests {
    static let root = String(#filePath.dropLast("Tests/DiagnosticsTests/GuideExampleTests.swift".count))

    static let pages =
        ["docs/how-to/multi-homing.md"]
        + [
            "async", "dialplan", "dlgs", "group", "maxfwd", "path", "pike", "pipelimit", "ratelimit", "rr", "sanity",
            "secfilter", "sl", "uri_db", "xhttp",
        ].map {
            "Modules/\($0)/README.md"
        }

    @Test(arguments: pages) func `the configurations of a page load`(_ page: String) throws {
        let text = String(decoding: try SystemInput.read(Self.root + page, limit: 1 << 20), as: UTF8.self)
        let scripts = Self.blocks(text).filter { $0.contains("request_route {") }
        #expect(!scripts.isEmpty)
        for script in scripts {
            let errors = Checked.analysis(script).sortedDiagnostics.filter { $0.severity == .error }
            #expect(errors.isEmpty, "\(errors.map(\.message)) in\n\(script)")
        }
    }

    private static func blocks(_ text: String) -> [String] {
        // Every second part lies between fences; its first line is the language.
        text.split(separator: "```", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
            String($0.element.drop { $0 != "\n" })
        }
    }
}
