import ModuleCatalogue
import ModuleKit
import RouteScript

/// Kinds of completion items, as the protocol numbers them.
private enum ItemKind: Int {
    case function = 3
    case variable = 6
    case module = 9
    case property = 10
    case keyword = 14
    case constant = 21
    case event = 23
}

extension LanguageServer {
    func completion(_ parameters: JSON) -> JSON {
        guard let place = self.workspace.place(parameters) else { return [] }
        let symbols = place.analysis?.symbols ?? SymbolTable()
        let items: [JSON]
        switch CursorContext(place.document.bytes, at: place.offset) {
        case .nothing: items = []
        case .variable: items = self.variables(symbols)
        case .variableName(let className, _):
            items = symbols.variables.filter { $0.className == className }.compactMap(\.inner).unique.map {
                Self.item($0, .variable, "$\(className)")
            }
        case .transformation: items = self.transformations
        case .moduleName:
            items = self.workspace.catalogue.filter { $0.type.name != "core" }.map {
                Self.item("\($0.type.name).so", .module, $0.type.summary)
            }
        case .moduleParameter(let module, _): items = self.moduleParameters(module, symbols)
        case .directive: items = Self.directives.map { Self.item($0.name, .keyword, $0.summary) }
        case .defineName: items = symbols.defines.map { Self.item($0.name, .constant, $0.value) }
        case .argument(let function, let index, _): items = self.arguments(of: function, index, symbols)
        case .statement: items = self.statements(symbols)
        case .topLevel: items = Self.topLevel
        }
        return ["isIncomplete": false, "items": .array(items)]
    }

    private static func item(_ label: String, _ kind: ItemKind, _ detail: String, text: String? = nil) -> JSON {
        var members: [String: JSON] = ["label": .string(label), "kind": .int(kind.rawValue)]
        if !detail.isEmpty { members["detail"] = .string(detail) }
        if let text { members["documentation"] = ["kind": "markdown", "value": .string(text)] }
        return .object(members)
    }

    private func loaded(_ symbols: SymbolTable) -> Set<String> { Set(symbols.modules.map(\.name) + ["core"]) }

    /// Says of a thing whose module is not loaded how to get it.
    private static func detail(_ summary: String, _ module: String, _ loaded: Set<String>) -> String {
        loaded.contains(module) ? "\(module): \(summary)" : "needs loadmodule \"\(module).so\": \(summary)"
    }

    private func variables(_ symbols: SymbolTable) -> [JSON] {
        let loaded = self.loaded(symbols)
        return self.workspace.catalogue.flatMap { module in
            module.variables.filter { $0.bind != nil }.flatMap { variable in
                variable.names.map { name in
                    Self.item(name, .variable, Self.detail(variable.summary, module.type.name, loaded))
                }
            }
        }
    }

    private var transformations: [JSON] {
        self.workspace.catalogue.flatMap(\.transformations).flatMap { group in
            group.operations.map { Self.item("\(group.name).\($0)", .function, group.summary) }
        }
    }

    private func moduleParameters(_ module: String?, _ symbols: SymbolTable) -> [JSON] {
        guard let module else {
            return symbols.modules.map(\.name).unique.map { Self.item($0, .module, "") }
        }
        let found = self.workspace.catalogue.first { $0.type.name == module }
        return (found?.parameters ?? []).filter(\.isBuilt).map {
            Self.item($0.name, .property, $0.summary, text: $0.text)
        }
    }

    /// Names of routes where the function wants one; else what may stand in an expression.
    private func arguments(of function: String, _ index: Int, _ symbols: SymbolTable) -> [JSON] {
        if function == "route" { return Self.routes(symbols, .request) }
        for module in self.workspace.catalogue {
            guard
                let declared = module.functions.first(where: { $0.name == function || $0.aliases.contains(function) }),
                declared.arguments.indices.contains(index)
            else { continue }
            if case .route(let kinds) = declared.arguments[index].kind { return Self.routes(symbols, kinds) }
        }
        return symbols.defines.map { Self.item($0.name, .constant, $0.value) }
    }

    private static func routes(_ symbols: SymbolTable, _ kinds: RouteKinds) -> [JSON] {
        symbols.routes.filter { route in
            route.name != "0" && !route.kind.blockKinds.isDisjoint(with: kinds)
        }.map { Self.item($0.name, .event, $0.kind.rawValue) }
    }

    private func statements(_ symbols: SymbolTable) -> [JSON] {
        let loaded = self.loaded(symbols)
        var items = Self.keywords.map { Self.item($0, .keyword, "") }
        for module in self.workspace.catalogue {
            for function in module.functions where function.body != nil {
                items.append(
                    Self.item(
                        function.name, .function, Self.detail(function.summary, module.type.name, loaded),
                        text: function.text))
            }
        }
        items += symbols.defines.filter { $0.range.isPresent }.map { Self.item($0.name, .constant, $0.value) }
        return items
    }

    private static let keywords = [
        "if", "else", "while", "switch", "case", "default", "break", "return", "exit", "drop", "route", "and", "or",
        "not", "mod", "defined", "strlen", "strempty", "selval", "myself",
    ]

    private static let topLevel: [JSON] =
        [
            "request_route", "route", "reply_route", "onreply_route", "failure_route", "branch_route", "onsend_route",
            "event_route", "loadmodule", "modparam", "modparamx", "loadpath", "listen", "alias", "flags",
            "include_file", "import_file",
        ].map { Self.item($0, .keyword, "") }
        + CoreParameters.all.map { Self.item($0.name, .property, $0.meaning) }

    private static let directives: [(name: String, summary: String)] = [
        ("define", "Gives a name to the rest of the line."), ("trydef", "Defines what is not defined yet."),
        ("redef", "Defines, whether defined before or not."), ("undef", "Forgets a define."),
        ("ifdef", "Keeps the text up to else or endif where the name is defined."),
        ("ifndef", "Keeps the text up to else or endif where the name is not defined."),
        ("ifexp", "Keeps the text up to else or endif where the expression is true."),
        ("else", "The other branch of a conditional."), ("endif", "Ends a conditional."),
        ("defexp", "Defines the value of an expression."), ("defexps", "Defines it as a quoted text."),
        ("subst", "Replaces text in the strings below."), ("substdef", "Replaces text and defines it."),
        ("substdefs", "Replaces text and defines it as a quoted text."),
        ("defenv", "Defines the value of an environment variable."),
        ("defenvs", "Defines it as a quoted text."), ("trydefenv", "The same, if the variable is set."),
        ("include_file", "Puts a file here."), ("import_file", "Puts a file here if there is one."),
    ]
}

extension Array where Element: Hashable {
    /// Each element once, at its first place.
    var unique: [Element] {
        var seen: Set<Element> = []
        return self.filter { seen.insert($0).inserted }
    }
}

extension RouteKind {
    /// What a function calls routes of this kind.
    var blockKinds: RouteKinds {
        switch self {
        case .request, .route: .request
        case .reply: .reply
        case .onReply: .transactionReply
        case .failure: .failure
        case .branch: .branch
        case .onSend: .onsend
        case .event: [.event, .branchFailure]
        }
    }
}

extension ModuleType.Parameter {
    /// Type, default, range and meaning, in Markdown.
    var text: String {
        var text = "`\(self.name)`: \(self.isInt ? "int" : "string")"
        if !self.defaultText.isEmpty { text += ", default `\(self.defaultText)`" }
        if let range { text += ", \(range.lowerBound) to \(range.upperBound)" }
        return text + "\n\n\(self.summary)"
    }
}
