import Bytes
import ModuleKit

/// Walks the tree once and notes what it names.
final class FactCollector {
    let sources: SourceMap
    let functions: [String: [(module: String, function: ScriptFunction)]]
    var facts = ScriptFacts()
    /// Numbers of named message flags.
    private(set) var flags: [String: Int] = [:]
    /// The route block being read.
    var block = 0
    private var variableIndex: [String: Int] = [:]

    init(sources: SourceMap, functions: [String: [(module: String, function: ScriptFunction)]]) {
        self.sources = sources
        self.functions = functions
    }

    func collect(_ file: ConfigurationFile, flags: [String: Int], knownModules: Set<String>) {
        self.flags = flags
        for statement in file.statements { self.note(statement, flags, knownModules) }
        for statement in file.statements {
            guard case .route(let node) = statement else { continue }
            self.visit(node.body)
            self.block += 1
        }
    }

    // MARK: Outside of routes

    private func note(_ statement: TopLevelStatement, _ flags: [String: Int], _ knownModules: Set<String>) {
        switch statement {
        case .route(let node):
            self.facts.symbols.routes.append(
                .init(
                    kind: node.kind, name: node.name, nameRange: node.nameRange, headRange: node.headRange,
                    range: node.range))
        case .loadModule(let node):
            self.facts.symbols.modules.append(
                .init(name: node.name, range: node.path.range, isKnown: knownModules.contains(node.name)))
        case .moduleParameter(let node):
            self.facts.symbols.moduleParameters.append(
                .init(
                    modules: node.modules.text, name: node.name.text, range: node.range, nameRange: node.name.range))
            self.note(node.value)
            self.noteFlag(node)
        case .flags(let node) where node.kind == .message:
            for flag in node.flags {
                guard let number = flags[flag.name.text] else { continue }
                self.facts.symbols.flags.append(.init(name: flag.name.text, number: number, range: flag.name.range))
            }
        case .customParameter(let node):
            self.facts.symbols.customParameters.append(
                .init(
                    group: node.group.text, name: node.name.text, range: node.range, nameRange: node.name.range))
            self.note(node.value)
        case .parameter(let node):
            if case .string(let literal) = node.value { self.noteVariables(in: literal, .read) }
        case .flags, .listen, .socket, .alias, .loadPath, .engine: break
        }
    }

    private func note(_ value: SettingValue) {
        switch value {
        case .string(let literal):
            self.noteVariables(in: literal, .passed)
            self.mention(literal)
        case .variable(let token): self.noteVariables(in: token, .passed)
        case .integer, .word: break
        }
    }

    /// `modparam("acc", "log_flag", FLT_ACC)`: flags have parameters of their own.
    private func noteFlag(_ node: ModuleParameter) {
        guard case .integer(let number) = node.value, node.name.text.hasSuffix("flag") else { return }
        self.noteFlag(number, node.name.text.hasSuffix("bflag") ? .branch : .message, at: node.valueRange)
    }

    /// Notes the use of a flag by number, with the define that the number came from.
    func noteFlag(_ number: Int, _ space: ScriptFacts.FlagUse.Space, at range: SourceRange) {
        let expansion = self.sources.resolve(range.start).expansions.first
        self.facts.flagUses.append(
            .init(space: space, number: number, name: expansion?.name, range: range))
    }

    // MARK: Variables and words

    func noteVariables(in token: VariableToken, _ access: SymbolTable.VariableSymbol.Access) {
        for mention in VariableMention.all(in: token.bytes.bytes) {
            self.note(
                mention, mention.isNested ? .read : access, at: token.range(of: mention.range),
                inner: mention.innerRange.map { token.range(of: $0) } ?? .none)
        }
    }

    func noteVariables(in literal: StringLiteral, _ access: SymbolTable.VariableSymbol.Access) {
        for mention in VariableMention.all(in: literal.value.bytes) {
            self.note(
                mention, mention.isNested && access == .read ? .read : access, at: literal.range(of: mention.range),
                inner: mention.innerRange.map { literal.range(of: $0) } ?? .none)
        }
    }

    private func note(
        _ mention: VariableMention, _ access: SymbolTable.VariableSymbol.Access, at range: SourceRange,
        inner: SourceRange
    ) {
        var name = mention.inner
        // $avp(s:x) is $avp(x).
        if mention.className == "avp", let written = name, written.hasPrefix("s:") {
            name = String(written.dropFirst(2))
        }
        let key = "\(mention.className)(\(name ?? "")\(name == nil ? "" : ")")"
        let index: Int
        if let known = self.variableIndex[key] {
            index = known
        } else {
            index = self.facts.symbols.variables.count
            self.variableIndex[key] = index
            self.facts.symbols.variables.append(.init(className: mention.className, inner: name))
        }
        self.facts.symbols.variables[index].uses.append(.init(range: range, innerRange: inner, access: access))
        if ["rs", "mt", "rm", "rr"].contains(mention.className) { self.facts.guardedBlocks.insert(self.block) }
    }

    /// Notes the words of a string that may name a route.
    func mention(_ literal: StringLiteral) {
        let text = literal.text
        self.facts.mentionedWords[text] = self.facts.mentionedWords[text] ?? literal.range
        let separators: Set<Character> = [" ", ";", ",", "=", "(", ")", "/", "|", "\n", "\t"]
        for word in text.split(whereSeparator: { separators.contains($0) }) where word.count < text.count {
            self.facts.mentionedWords[String(word)] = self.facts.mentionedWords[String(word)] ?? literal.range
        }
    }
}
