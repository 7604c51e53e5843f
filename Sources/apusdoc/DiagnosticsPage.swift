import ModuleCatalogue

/// `diagnostics.md`: every code that a check of a configuration can report.
struct DiagnosticsPage {
    let codes: [(id: String, title: String)]

    init(_ codes: [(id: String, title: String)]) { self.codes = codes }

    var text: String {
        var page = """
            # Diagnostics

            `apus -c -f FILE` reports all of these at once, each with file, line, column and the text it is about. A code
            keeps its meaning for ever. `E`: the configuration is refused. `W`: it runs; `--strict` refuses it.

            | Code | Meaning |
            |---|---|

            """
        for code in self.codes { page += "| \(code.id) | \(code.title.tableCell) |\n" }
        return page
    }
}
