import Foundation
import RouteScript

extension LanguageServer {
    /// What a name in the text stands for, and every place where it stands.
    private enum Symbol {
        case route(SymbolTable.RouteSymbol)
        case define(SymbolTable.DefineSymbol)
        case variable(SymbolTable.VariableSymbol)
    }

    private func symbol(_ place: Workspace.Place) -> Symbol? {
        guard let analysis = place.analysis, let location = place.location else { return nil }
        if let route = analysis.symbols.route(at: location) { return .route(route) }
        if let define = analysis.symbols.define(at: location) { return .define(define) }
        if let variable = analysis.symbols.variable(at: location) { return .variable(variable) }
        return nil
    }

    func definition(_ parameters: JSON) -> JSON {
        guard let place = self.workspace.place(parameters), let analysis = place.analysis else { return .null }
        switch self.symbol(place) {
        case .route(let route): return analysis.location(of: route.nameRange, self.workspace) ?? .null
        case .define(let define): return analysis.location(of: define.range, self.workspace) ?? .null
        case .variable(let variable):
            let first = variable.uses.first { $0.access == .write } ?? variable.uses.first
            return first.flatMap { analysis.location(of: $0.range, self.workspace) } ?? .null
        case nil: return self.includedFile(place, analysis) ?? .null
        }
    }

    /// The file that an `include_file` line at the place names.
    private func includedFile(_ place: Workspace.Place, _ analysis: ScriptAnalysis) -> JSON? {
        guard let location = place.location else { return nil }
        for source in analysis.parsed.sources.sources {
            guard case .file(let includedAt) = source.origin, includedAt.isPresent,
                includedAt.start.source == location.source, includedAt.start.line == location.line
            else { continue }
            let start: JSON = ["line": 0, "character": 0]
            return ["uri": .string(self.workspace.uri(of: source.name)), "range": ["start": start, "end": start]]
        }
        return nil
    }

    func references(_ parameters: JSON) -> JSON {
        guard let place = self.workspace.place(parameters), let analysis = place.analysis,
            let symbol = self.symbol(place)
        else { return [] }
        let includesDeclaration = parameters["context"]["includeDeclaration"].bool ?? true
        let ranges: [SourceRange]
        switch symbol {
        case .route(let route): ranges = (includesDeclaration ? [route.nameRange] : []) + route.uses.map(\.range)
        case .define(let define): ranges = (includesDeclaration ? [define.range] : []) + define.uses
        case .variable(let variable): ranges = variable.uses.map(\.range)
        }
        return .array(ranges.compactMap { analysis.location(of: $0, self.workspace) })
    }

    // MARK: Renaming

    /// The places that hold the name, without quotes and parentheses.
    private func names(of symbol: Symbol) -> [SourceRange] {
        switch symbol {
        case .route(let route): [route.nameRange] + route.uses.filter(\.isCertain).map(\.range)
        case .define(let define): [define.range] + define.uses
        case .variable(let variable): variable.uses.map(\.innerRange)
        }
    }

    func prepareRename(_ parameters: JSON) -> JSON {
        guard let place = self.workspace.place(parameters), let analysis = place.analysis,
            let location = place.location, let symbol = self.symbol(place)
        else { return .null }
        guard (try? self.check(symbol)) != nil else { return .null }
        guard let range = self.names(of: symbol).first(where: { $0.contains(location) }) ?? self.names(of: symbol).first
        else { return .null }
        return ["range": analysis.json(of: range), "placeholder": .string(analysis.parsed.sources.text(of: range))]
    }

    /// Whether the script gave the name, so that it may change it.
    private func check(_ symbol: Symbol) throws(RequestError) {
        switch symbol {
        case .route(let route):
            if route.kind == .event { throw RequestError(message: "the name of an event is not the script's") }
            if !route.nameRange.isPresent || route.name == "0" {
                throw RequestError(message: "this route has no name")
            }
        case .define(let define):
            if !define.range.isPresent { throw RequestError(message: "\(define.name) is not defined in a file") }
        case .variable(let variable):
            let named: Set<String> = ["var", "avp", "xavp", "xavu", "xavi", "shv", "dlg_var", "sht"]
            guard variable.inner != nil, named.contains(variable.className) else {
                throw RequestError(message: "$\(variable.className) has no name of the script's")
            }
        }
    }

    func rename(_ parameters: JSON) throws(RequestError) -> JSON {
        guard let place = self.workspace.place(parameters), let analysis = place.analysis,
            let symbol = self.symbol(place)
        else { throw RequestError(message: "there is no route, define or variable here") }
        try self.check(symbol)
        let name = parameters["newName"].string ?? ""
        try Self.check(name, for: symbol, analysis)
        var edits: [String: Set<Edit>] = [:]
        for range in self.names(of: symbol) {
            guard let edit = self.edit(range, analysis) else { continue }
            edits[edit.uri, default: []].insert(edit)
        }
        let changes = edits.mapValues { edits -> JSON in
            .array(
                edits.sorted { $0.start < $1.start }.map { edit in
                    [
                        "range": ["start": edit.start.json, "end": edit.end.json], "newText": .string(name),
                    ]
                })
        }
        return ["changes": .object(changes)]
    }

    private static func check(_ name: String, for symbol: Symbol, _ analysis: ScriptAnalysis) throws(RequestError) {
        let isIdentifier =
            name.utf8.first.map { $0.isLetter } == true && name.utf8.allSatisfy(\.isWordByte)
        guard isIdentifier else {
            throw RequestError(message: "a name has letters, digits and '_', and begins with a letter")
        }
        switch symbol {
        case .route(let route):
            if analysis.symbols.routes.contains(where: { $0.kind == route.kind && $0.name == name }) {
                throw RequestError(message: "there is a \(route.kind.rawValue)[\(name)] already")
            }
        case .define:
            if analysis.symbols.defines.contains(where: { $0.name == name }) {
                throw RequestError(message: "\(name) is defined already")
            }
        case .variable(let variable):
            if analysis.symbols.variables.contains(where: {
                $0.className == variable.className && $0.inner == name
            }) {
                throw RequestError(message: "there is a $\(variable.className)(\(name)) already")
            }
        }
    }

    private struct Edit: Hashable {
        var uri: String
        var start: TextDocument.Position
        var end: TextDocument.Position
    }

    /// The place of a name in a file, also when it stands in the value of a define.
    private func edit(_ range: SourceRange, _ analysis: ScriptAnalysis) -> Edit? {
        let sources = analysis.parsed.sources
        var range = range
        guard range.isPresent, var source = sources[range.start.source] else { return nil }
        if case .define(_, let definedAt, _) = source.origin {
            guard definedAt.isPresent, let file = sources[definedAt.start.source] else { return nil }
            range = definedAt.part(
                at: Int(range.start.offset), count: Int(range.end.offset - range.start.offset))
            source = file
        }
        guard case .file = source.origin else { return nil }
        return Edit(
            uri: self.workspace.uri(of: source.name), start: TextDocument.position(of: range.start, in: source),
            end: TextDocument.position(of: range.end, in: source))
    }

    // MARK: Outline

    func symbols(_ parameters: JSON) -> JSON {
        let path = TextDocument.path(of: parameters["textDocument"]["uri"].string ?? "")
        guard let analysis = self.workspace.analyses[self.workspace.mainFile(of: path)],
            let file = analysis.file(path)
        else { return [] }
        return .array(
            analysis.symbols.routes.filter { analysis.parsed.sources.resolve($0.range).start.source == file.id }.map {
                route in
                let title =
                    route.nameRange.isPresent && route.name != "0"
                    ? "\(route.kind.rawValue)[\(route.name)]" : route.kind.rawValue
                return [
                    "name": .string(title), "kind": 12, "range": analysis.json(of: route.range),
                    "selectionRange": analysis.json(of: route.headRange),
                ]
            })
    }
}
