extension Parser {
    func parseLoadModule(_ word: String) -> LoadModule? {
        let start = self.current.range
        self.advance()
        let isParenthesised = self.consume(.leftParen)
        guard case .string(let path) = self.current.kind else {
            self.error(
                .badModuleName, "expected the name of a module in double quotes, found \(self.describe(self.current))"
            )
            return nil
        }
        self.advance()
        var options: StringLiteral?
        if isParenthesised {
            if self.consume(.comma) {
                if case .string(let literal) = self.current.kind {
                    options = literal
                    self.advance()
                } else {
                    self.error(.badModuleName, "expected the options of the module in double quotes")
                }
            }
            self.expect(.rightParen, "after the name of the module")
        }
        let expands = word == "loadmodulex"
        var name = LoadModule.moduleName(of: path.text)
        if expands, let define = self.moduleDefine(at: path.range) { name = define }
        guard !name.isEmpty else {
            self.error(.badModuleName, "the name of the module is empty", at: path.range)
            return nil
        }
        return LoadModule(
            name: name, path: path, options: options, expandsVariables: expands,
            range: start.through(self.previousRange)
        )
    }

    /// The name under which the lexer noted the module of this literal, variables expanded.
    private func moduleDefine(at range: SourceRange) -> String? {
        for name in self.defines.names where name.hasPrefix("MOD_") && self.defines[name]?.range == range {
            return String(name.dropFirst(4))
        }
        return nil
    }

    func parseLoadPath() -> LoadPath? {
        let start = self.current.range
        self.advance()
        _ = self.consume(.assign)
        guard case .string(let path) = self.current.kind else {
            self.error(.expectedToken, "expected a list of directories in double quotes")
            return nil
        }
        self.advance()
        return LoadPath(path: path, range: start.through(path.range))
    }

    func parseModuleParameter(_ word: String) -> ModuleParameter? {
        let start = self.current.range
        self.advance()
        guard self.expect(.leftParen, "after '\(word)'"),
            let modules = self.parseModuleString("the module"), self.expect(.comma, "after the module"),
            let name = self.parseModuleString("the parameter"), self.expect(.comma, "after the parameter's name"),
            let value = self.parseModuleValue(word, name.text)
        else { return nil }
        let valueRange = value.range
        self.expect(.rightParen, "after the value")
        return ModuleParameter(
            modules: modules, name: name, value: value.value, valueRange: valueRange,
            expandsVariables: word == "modparamx", range: start.through(self.previousRange)
        )
    }

    private func parseModuleString(_ what: String) -> StringLiteral? {
        guard case .string(let literal) = self.current.kind else {
            self.error(
                .badModuleParameter, "expected \(what) in double quotes, found \(self.describe(self.current))"
            )
            return nil
        }
        self.advance()
        return literal
    }

    private func parseModuleValue(_ word: String, _ name: String) -> ParsedValue? {
        let start = self.current.range
        switch self.current.kind {
        case .string(let literal):
            self.advance()
            if case .string = self.current.kind {
                self.error(
                    .badModuleParameter, "only double-quoted strings with nothing but blanks between them are joined"
                )
                return nil
            }
            return ParsedValue(value: .string(literal), range: start)
        case .variable(let variable):
            self.advance()
            if word == "modparam" {
                self.error(
                    .badModuleParameter, "the value of 'modparam' cannot be a variable", at: start,
                    suggestion: "put it in double quotes, or use 'modparamx' to have it evaluated at start-up"
                )
            }
            return ParsedValue(value: .variable(variable), range: start)
        case .word(let text) where Keywords.integers[text] == nil:
            let meant = self.nearestName(text, in: Array(self.defines.names))
            self.error(
                .badModuleParameter, "'\(text)' is neither an integer, a string nor a define",
                suggestion: meant.map { "did you mean '\($0)'?" }
            )
            return nil
        default:
            guard let number = self.parseInteger("'\(name)'") else { return nil }
            return ParsedValue(value: .integer(number), range: start.through(self.previousRange))
        }
    }

    func parseEngine() -> EngineSelection? {
        let start = self.current.range
        self.advance()
        _ = self.consume(.assign)
        guard let name = self.parseAnyName() else { return nil }
        return EngineSelection(
            name: name, isNative: ["native", "default"].contains(name.text), range: start.through(name.range)
        )
    }
}
