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
        return "## Functions\n\n" + built.map(Self.function).joined(separator: "\n\n")
    }

    private static func function(_ function: ScriptFunction) -> String {
        var signature = function.arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }
        if function.isVariadic { signature.append("…") }
        var parts = ["### `\(function.name)(\(signature.joined(separator: ", ")))`", function.summary]
        if !function.aliases.isEmpty {
            parts.append("Also called " + function.aliases.map { "`\($0)`" }.joined(separator: ", ") + ".")
        }
        if !function.arguments.isEmpty {
            var table = "| Argument | Type | |\n|---|---|---|\n"
            for argument in function.arguments {
                table +=
                    "| \(argument.name)\(argument.isOptional ? " (optional)" : "") | \(argument.kind.label) | "
                    + "\(argument.summary.tableCell) |\n"
            }
            parts.append(table.droppingLineEnd)
        }
        parts.append("Routes: \(function.routes.label).")
        if !function.outcomes.isEmpty {
            let outcomes = function.outcomes.sorted { $0.key > $1.key }.map { "`\($0.key)` \($0.value)" }
            parts.append("Returns " + outcomes.joined(separator: "; ") + ".")
        }
        if !function.reference.isEmpty { parts.append("See \(function.reference).") }
        if !function.example.isEmpty { parts.append("```\n\(function.example)\n```") }
        return parts.joined(separator: "\n\n")
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

extension String {
    var droppingLineEnd: String { self.hasSuffix("\n") ? String(self.dropLast()) : self }
}

extension Argument.Kind {
    /// As reference pages name it.
    var label: String {
        switch self {
        case .int: "number, or one variable"
        case .format: "text with variables"
        case .literal: "text as it stands"
        case .variable: "a variable"
        case .regex: "regular expression"
        case .route: "name of a route"
        case .custom: "text, checked when the configuration is loaded"
        }
    }
}

extension RouteKinds {
    /// `request, failure`; `any` for all.
    var label: String {
        if self == .any { return "any" }
        let names: [(RouteKinds, String)] = [
            (.request, "request"), (.failure, "failure"), (.transactionReply, "onreply"), (.reply, "reply"),
            (.branch, "branch"), (.branchFailure, "branch failure"), (.onsend, "onsend"), (.event, "event"),
        ]
        return names.filter { self.contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
