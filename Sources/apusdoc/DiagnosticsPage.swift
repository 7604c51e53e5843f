import ModuleCatalogue
import RouteScript

/// `diagnostics.md`: every code that a check of a configuration can report, with what it means and an example.
struct DiagnosticsPage {
    let codes = DiagnosticCode.all
    let explanations = DiagnosticExplanation.all

    var text: String {
        var page = """
            # Diagnostics

            `apus -c -f FILE` reports all of these at once, each with file, line, column and the text it is about. A code
            keeps its meaning for ever. `E`: the configuration is refused. `W`: it runs; `--strict` refuses it.
            [How to check a configuration](../how-to/check-a-configuration.md) tells of options and formats.

            | Code | Meaning |
            |---|---|

            """
        for code in self.codes { page += "| [\(code.id)](#\(code.id.lowercased())) | \(code.title.tableCell) |\n" }
        for explanation in self.explanations { page += Self.section(explanation) }
        return page
    }

    private static func section(_ explanation: DiagnosticExplanation) -> String {
        var text = "\n## \(explanation.code.id)\n\n**\(explanation.code.title.sentence).** \(explanation.text)\n"
        guard !explanation.wrong.isEmpty else { return text }
        text += "\n```\n\(explanation.wrong)\n```\n\nWithout it:\n\n```\n\(explanation.right)\n```\n"
        return text
    }
}

extension String {
    /// With a capital letter.
    fileprivate var sentence: String { self.prefix(1).uppercased() + self.dropFirst() }
}
