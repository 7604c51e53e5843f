import ModuleCatalogue
import ModuleKit
import RouteScript

extension LanguageServer {
    /// What the reference pages say of the word under the cursor.
    func hover(_ parameters: JSON) -> JSON {
        guard let place = self.workspace.place(parameters) else { return .null }
        guard let text = self.text(place) else { return .null }
        return ["contents": ["kind": "markdown", "value": .string(text)]]
    }

    private func text(_ place: Workspace.Place) -> String? {
        if let location = place.location, let symbols = place.analysis?.symbols {
            if let define = symbols.define(at: location) {
                return "`#!define \(define.name)`" + (define.value.isEmpty ? "" : "\n\n```\n\(define.value)\n```")
            }
            if let parameter = symbols.moduleParameters.first(where: { $0.nameRange.contains(location) }) {
                return self.parameter(parameter.name, of: parameter.modules)
            }
            if let module = symbols.modules.first(where: { $0.range.contains(location) }) {
                return self.workspace.catalogue.first { $0.type.name == module.name }.map {
                    "**\($0.type.name)**: \($0.type.summary)"
                }
            }
            if let call = symbols.functions.first(where: { $0.nameRange.contains(location) }) {
                return self.function(call.name)
            }
            if let route = symbols.route(at: location) {
                let uses = route.uses.count == 1 ? "named once" : "named \(route.uses.count) times"
                return "`\(route.kind.rawValue)[\(route.name)]`, \(uses)"
            }
            if let variable = symbols.variable(at: location) {
                if let operation = self.transformation(place) { return operation }
                return self.variable(variable.className)
            }
        }
        return Self.word(place).flatMap { self.function($0) ?? Self.coreParameter($0) }
    }

    private func function(_ name: String) -> String? {
        for module in self.workspace.catalogue {
            if let found = module.functions.first(where: { $0.name == name || $0.aliases.contains(name) }) {
                return found.text + "\n\nModule \(module.type.name)."
            }
        }
        return nil
    }

    private func variable(_ name: String) -> String? {
        for module in self.workspace.catalogue {
            guard let found = module.variables.first(where: { $0.names.contains(name) }) else { continue }
            let access = found.isWritable ? "can be assigned" : "read-only"
            let reference = found.reference.isEmpty ? "" : " See \(found.reference)."
            return "`$\(name)`, \(access)\n\n\(found.summary)\(reference)\n\nModule \(module.type.name)."
        }
        return nil
    }

    private func parameter(_ name: String, of modules: String) -> String? {
        let named = modules.split(separator: "|").map(String.init)
        for module in self.workspace.catalogue where named.contains(module.type.name) {
            if let found = module.parameters.first(where: { $0.name == name }) {
                return found.text + "\n\nModule \(module.type.name)."
            }
        }
        return nil
    }

    /// The class of the transformation under the cursor, when it stands in braces.
    private func transformation(_ place: Workspace.Place) -> String? {
        let bytes = place.document.bytes
        var start = min(place.offset, bytes.count)
        while start > 0, bytes[start - 1].isWordByte || bytes[start - 1] == UInt8(ascii: ".") { start -= 1 }
        guard start > 0, bytes[start - 1] == UInt8(ascii: "{") else { return nil }
        let word = String(
            decoding: bytes[start...].prefix { $0.isWordByte || $0 == UInt8(ascii: ".") }, as: UTF8.self)
        let className = word.prefix { $0 != "." }
        return self.workspace.catalogue.flatMap(\.transformations).first { $0.name == className }.map {
            "`{\(word)}`\n\n\($0.summary)\n\nOperations: \($0.operations.joined(separator: " "))"
        }
    }

    private static func coreParameter(_ name: String) -> String? {
        CoreParameters.parameter(named: name).map { parameter in
            let initial = parameter.defaultText.isEmpty ? "" : ", default `\(parameter.defaultText)`"
            return "`\(parameter.name)`\(initial)\n\n\(parameter.meaning)"
        }
    }

    private static func word(_ place: Workspace.Place) -> String? {
        let bytes = place.document.bytes
        var start = min(place.offset, bytes.count)
        var end = start
        while start > 0, bytes[start - 1].isWordByte { start -= 1 }
        while end < bytes.count, bytes[end].isWordByte { end += 1 }
        return start < end ? String(decoding: bytes[start..<end], as: UTF8.self) : nil
    }
}
