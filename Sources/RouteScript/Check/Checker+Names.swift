import Bytes

extension Checker {
    /// Variables that are read and that nothing can have set.
    mutating func checkVariables() {
        for className in ["var", "avp"] {
            let all = self.facts.symbols.variables.filter { $0.className == className }
            let isWritten: (SymbolTable.VariableSymbol) -> Bool = { $0.uses.contains { $0.access != .read } }
            // $avp($var(name)) = … may set any of them.
            if all.contains(where: { isWritten($0) && $0.inner?.contains("$") == true }) { continue }
            // Very many names are generated, and need no search for the nearest.
            let written = Array(all.filter(isWritten).compactMap(\.inner).prefix(1000))
            for symbol in all where !isWritten(symbol) {
                guard let inner = symbol.inner, !inner.contains("$"), self.facts.mentionedWords[inner] == nil,
                    let use = symbol.uses.first
                else { continue }
                self.diagnostics.warning(
                    .neverAssigned, "\(symbol.text) is read, but nothing sets it", at: use.range,
                    suggestion: self.diagnostics.warningCount > 200
                        ? nil : nearest(inner, in: written).map { "did you mean '$\(className)(\($0))'?" })
            }
        }
    }

    /// `"$rU@x"` as an operand: strings in expressions are literal.
    mutating func checkLiteralStrings() {
        // pv_evalx() reads what a variable holds as a text with variables, so that one is meant to stand unexpanded.
        let readsTwice = self.facts.calls.contains { $0.call.name == "pv_evalx" }
        if !readsTwice { for literal in self.facts.operandStrings { self.checkLiteral(literal, nil) } }
        for fact in self.facts.calls {
            guard let function = fact.function, fact.module == "core" else { continue }
            for (index, argument) in fact.call.arguments.enumerated() where index < function.arguments.count {
                guard case .literal = function.arguments[index].kind, case .string(let literal) = argument.kind else {
                    continue
                }
                self.checkLiteral(literal, fact.call.name)
            }
        }
    }

    private mutating func checkLiteral(_ literal: StringLiteral, _ function: String?) {
        guard
            let mention = VariableMention.all(in: literal.value.bytes).first(where: {
                !$0.isNested && self.catalog.variables[$0.className] != nil
            })
        else { return }
        let text = String(decoding: literal.value.bytes[mention.range], as: UTF8.self)
        let isWhole = mention.range.count == literal.value.count
        let why =
            function.map { "\($0)() takes its text as it stands" }
            ?? "strings in expressions are taken as they stand; only arguments of functions are expanded"
        let instead = isWhole ? text : "$_s(\(literal.text))"
        self.diagnostics.warning(
            .literalVariable, "\(text) in this string is not expanded", at: literal.range(of: mention.range),
            notes: [.init(why)],
            suggestion: function == nil
                ? "write \(instead)\(isWhole ? " without quotes" : "")" : Self.writable(function))
    }

    /// What sets the same thing from a variable.
    private static func writable(_ function: String?) -> String? {
        switch function {
        case "rewriteuri"?, "seturi"?: "assign $ru instead"
        case "rewritehost"?, "sethost"?, "seth"?: "assign $rd instead"
        case "rewriteuser"?, "setuser"?, "setu"?: "assign $rU instead"
        case "rewriteport"?, "setport"?, "setp"?: "assign $rp instead"
        case "prefix"?: "assign $rU = \"text\" + $rU instead"
        case "log"?: "use xlog() of module xlog"
        default: nil
        }
    }

    /// One bit with two names: setting the one sets the other.
    mutating func checkFlags() {
        let owners = self.checkDeclaredFlags()
        var names: [ScriptFacts.FlagUse.Space: [Int: ScriptFacts.FlagUse]] = [:]
        for use in self.facts.flagUses {
            if use.name == nil { self.checkNumber(of: use, owners[use.number]) }
            guard let name = use.name else { continue }
            guard let first = names[use.space]?[use.number] else {
                names[use.space, default: [:]][use.number] = use
                continue
            }
            guard first.name != name, let other = first.name else { continue }
            self.diagnostics.warning(
                .sharedFlag, "'\(name)' is flag \(use.number), and so is '\(other)'", at: use.range,
                notes: [.init("'\(other)' is used here", at: first.range)],
                suggestion: "give each of them a number of its own")
            // Told once for each further name.
            names[use.space]?[use.number] = use
        }
    }

    /// - Returns: the first name of each number.
    private mutating func checkDeclaredFlags() -> [Int: SymbolTable.FlagSymbol] {
        var seen: [Int: SymbolTable.FlagSymbol] = [:]
        for flag in self.facts.symbols.flags {
            if let first = seen[flag.number] {
                self.diagnostics.warning(
                    .sharedFlag, "'\(flag.name)' is flag \(flag.number), and so is '\(first.name)'", at: flag.range,
                    notes: [.init("'\(first.name)' is declared here", at: first.range)])
            } else {
                seen[flag.number] = flag
            }
        }
        return seen
    }

    /// `setflag(3)` where `flags` gave 3 a name.
    private mutating func checkNumber(of use: ScriptFacts.FlagUse, _ owner: SymbolTable.FlagSymbol?) {
        guard use.space == .message, let owner else { return }
        self.diagnostics.warning(
            .sharedFlag, "flag \(use.number) belongs to the name '\(owner.name)'", at: use.range,
            notes: [.init("it is declared here", at: owner.range)], suggestion: "write \(owner.name)")
    }

    /// A global parameter that the file sets twice: the second value wins.
    mutating func checkParameters() {
        var seen: [String: SourceRange] = [:]
        for statement in self.parsed.configuration.statements {
            guard case .parameter(let node) = statement, node.index == nil else { continue }
            if let first = seen[node.name] {
                self.diagnostics.warning(
                    .repeatedParameter, "'\(node.name)' is set twice; this value counts", at: node.writtenName.range,
                    notes: [.init("the first value", at: first)])
            }
            seen[node.name] = node.writtenName.range
        }
    }
}
