import ModuleCatalogue
import ModuleKit

/// `modules/<name>.md`: summary, the module's README, then everything it declares.
struct ModulePage {
    let module: DescribedModule
    let readme: String?

    init(_ module: DescribedModule, readme: String?) {
        self.module = module
        self.readme = readme
    }

    var text: String {
        let sections = [
            "# \(self.module.type.name)", self.module.type.summary, self.readme ?? "", self.parameters, self.functions,
            self.variables, self.transformations, self.commands, self.missing,
        ]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private var parameters: String {
        let built = self.module.parameters.filter(\.isBuilt)
        guard !built.isEmpty else { return "" }
        var text = "## Parameters\n\n| Parameter | Type | Default | Range | |\n|---|---|---|---|---|\n"
        for parameter in built {
            let initial = parameter.defaultText.isEmpty ? "" : "`\(parameter.defaultText)`"
            let range = parameter.range.map { "\($0.lowerBound) to \($0.upperBound)" } ?? ""
            let repeats = parameter.isRepeatable ? " May be set several times." : ""
            text +=
                "| `\(parameter.name)` | \(self.module.types(of: parameter)) | \(initial.tableCell) | \(range) | "
                + "\(parameter.summary.tableCell)\(repeats) |\n"
        }
        return text.droppingLineEnd
    }

    private var functions: String {
        let built = self.module.functions.filter { $0.body != nil }
        guard !built.isEmpty else { return "" }
        return "## Functions\n\n" + built.map { "### " + $0.text }.joined(separator: "\n\n")
    }

    private var variables: String {
        let built = self.module.variables.filter { $0.bind != nil }
        guard !built.isEmpty else { return "" }
        var text = "## Variables\n\n| Variable | Writable | |\n|---|---|---|\n"
        for variable in built {
            let suffix =
                switch variable.inner {
                case .none: ""
                case .optional: "[(name)]"
                case .required: "(name)"
                }
            let names = variable.names.map { "`$\($0)\(suffix)`" }.joined(separator: " ")
            let reference = variable.reference.isEmpty ? "" : " \(variable.reference)."
            text += "| \(names) | \(variable.isWritable ? "yes" : "") | \(variable.summary.tableCell)\(reference) |\n"
        }
        return text.droppingLineEnd
    }

    private var transformations: String {
        guard !self.module.transformations.isEmpty else { return "" }
        var text = "## Transformations\n\n| Class | Operations | |\n|---|---|---|\n"
        for group in self.module.transformations {
            let operations = group.operations.map { "`\($0)`" }.joined(separator: " ")
            text += "| `{\(group.name).…}` | \(operations.tableCell) | \(group.summary.tableCell) |\n"
        }
        return text.droppingLineEnd
    }

    private var commands: String {
        guard !self.module.commands.isEmpty else { return "" }
        var text = "## RPC commands\n\n| Command | |\n|---|---|\n"
        for command in self.module.commands { text += "| `\(command.name)` | \(command.summary.tableCell) |\n" }
        return text.droppingLineEnd
    }

    private var missing: String {
        let groups = [
            ("Functions", self.module.functions.filter { $0.body == nil }.map(\.name)),
            ("Parameters", self.module.parameters.filter { !$0.isBuilt }.map(\.name)),
            ("Variables", self.module.variables.filter { $0.bind == nil }.flatMap(\.names).map { "$" + $0 }),
        ].filter { !$0.1.isEmpty }
        guard !groups.isEmpty else { return "" }
        return "## Not yet\n\nA configuration that uses one of these is refused.\n\n"
            + groups.map { title, names in
                "- \(title): " + Set(names).sorted().map { "`\($0)`" }.joined(separator: ", ")
            }.joined(separator: "\n")
    }
}
