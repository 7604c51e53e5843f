import RouteScript
import StandardModules

/// Configurations checked with all modules of this build.
enum Checked {
    /// Modules that examples use.
    private static let modules = [
        "tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "xlog", "usrloc", "registrar",
    ]

    /// - Parameter files: what includes find, by path.
    static func analysis(
        _ text: String, files: [String: String] = [:], path: String = "kamailio.cfg", isStrict: Bool = false
    ) -> ScriptAnalysis {
        var options = ScriptAnalysis.Options(moduleTypes: StandardModules.all)
        options.frontEnd.files = .memory(files.merging([path: text]) { first, _ in first })
        options.isStrict = isStrict
        return ScriptAnalysis.of(path: path, options: options)
    }

    /// The codes of a fragment, in order; what a whole file needs besides is put around it.
    static func codes(_ fragment: String, in place: DiagnosticExplanation.Place) -> [String] {
        var text = fragment
        switch place {
        case .body:
            text = Self.head(without: text) + "request_route {\n$var(x) = 1; $var(n) = 1;\n\(text)\n}\n"
        case .file:
            let isWhole = text.contains("request_route") || text.contains("route[A] { exit; }")
            text = Self.head(without: text) + text + (isWhole ? "\n" : "\nrequest_route { exit; }\n")
        }
        return Self.analysis(text).sortedDiagnostics.map(\.code.id)
    }

    private static func head(without text: String) -> String {
        self.modules.filter { !text.contains("loadmodule \"\($0).so\"") }.map { "loadmodule \"\($0).so\"\n" }.joined()
    }
}
