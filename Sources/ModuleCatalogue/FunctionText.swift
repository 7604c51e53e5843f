import ModuleKit

extension ScriptFunction {
    /// `name(first, [second])`, in code quotes, optional arguments in brackets.
    public var signature: String {
        var names = self.arguments.map { $0.isOptional ? "[\($0.name)]" : $0.name }
        if self.isVariadic { names.append("…") }
        return "`\(self.name)(\(names.joined(separator: ", ")))`"
    }

    /// What there is to say about the function, in Markdown: signature, summary, arguments, routes, codes, an example.
    public var text: String {
        var parts = [self.signature, self.summary]
        if !self.aliases.isEmpty {
            parts.append("Also called " + self.aliases.map { "`\($0)`" }.joined(separator: ", ") + ".")
        }
        if !self.arguments.isEmpty {
            var table = "| Argument | Type | |\n|---|---|---|\n"
            for argument in self.arguments {
                table +=
                    "| \(argument.name)\(argument.isOptional ? " (optional)" : "") | \(argument.kind.label) | "
                    + "\(argument.summary.tableCell) |\n"
            }
            parts.append(table.droppingLineEnd)
        }
        parts.append("Routes: \(self.routes.label).")
        if !self.outcomes.isEmpty {
            let outcomes = self.outcomes.sorted { $0.key > $1.key }.map { "`\($0.key)` \($0.value)" }
            parts.append("Returns " + outcomes.joined(separator: "; ") + ".")
        }
        if !self.reference.isEmpty { parts.append("See \(self.reference).") }
        if !self.example.isEmpty { parts.append("```\n\(self.example)\n```") }
        return parts.joined(separator: "\n\n")
    }
}

extension String {
    public var droppingLineEnd: String { self.hasSuffix("\n") ? String(self.dropLast()) : self }
}

extension Argument.Kind {
    /// As reference pages name it.
    public var label: String {
        switch self {
        case .int: "number, or one variable"
        case .format: "text with variables"
        case .literal: "text as it stands"
        case .variable: "a variable"
        case .regex: "regular expression"
        case .route: "name of a route"
        case .number, .custom: "text, checked when the configuration is loaded"
        }
    }
}

extension RouteKinds {
    /// `request, failure`; `any` for all.
    public var label: String {
        if self == .any { return "any" }
        let names: [(RouteKinds, String)] = [
            (.request, "request"), (.failure, "failure"), (.transactionReply, "onreply"), (.reply, "reply"),
            (.branch, "branch"), (.branchFailure, "branch failure"), (.onsend, "onsend"), (.event, "event"),
        ]
        return names.filter { self.contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}

extension String {
    /// For a cell of a table: one line, its bars escaped.
    public var tableCell: String {
        self.split(whereSeparator: \.isNewline).joined(separator: " ").split(
            separator: "|", omittingEmptySubsequences: false
        )
        .joined(separator: "\\|")
    }
}
