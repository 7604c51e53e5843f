extension Parser {
    // MARK: Global parameters

    func parseGlobalParameter(dotted: Bool) -> GlobalParameter? {
        let start = self.current.range
        var text = self.word() ?? ""
        self.advance()
        if dotted {
            self.advance()
            text += "." + (self.word() ?? "")
            self.advance()
        }
        let name = Name(text, at: start.through(self.previousRange))
        let parameter = CoreParameters.parameter(named: text)
        if parameter == nil {
            let meant = self.nearestTopLevel(text)
            self.error(
                .unknownParameter, "unknown global parameter '\(text)'", at: name.range,
                suggestion: meant.map { "did you mean '\($0)'?" }
            )
        }
        var index: Name?
        if self.consume(.leftBracket) {
            index = self.parseAnyName()
            self.expect(.rightBracket, "after the name of the parameter")
        }
        guard self.expect(.assign, "after '\(text)'"), let value = self.parseSettingValue(of: text) else { return nil }
        guard let parameter else { return nil }
        self.check(value, of: parameter, as: text)
        if parameter.tier == .t4 {
            self.diagnostics.warning(.obsoleteParameter, "'\(text)' is accepted but has no effect", at: name.range)
        }
        return GlobalParameter(
            name: parameter.name, writtenName: name, index: index, value: value.value, valueRange: value.range,
            range: start.through(value.range)
        )
    }

    private func check(_ value: ParsedValue, of parameter: CoreParameter, as name: String) {
        let expected: String
        switch (parameter.kind, value.value) {
        case (.any, _), (.boolean, .integer), (.integer, .integer), (.string, .string), (.word, .string),
            (.word, .word), (.stringOrWord, .string), (.stringOrWord, .word), (.host, .string), (.host, .word),
            (.integerOrWord, .integer), (.integerOrWord, .word), (.integerOrString, .integer),
            (.integerOrString, .string), (.stringOrWord, .integer):
            return
        case (.boolean, _): expected = "'yes' or 'no'"
        case (.integer, _): expected = "an integer"
        case (.string, _): expected = "a string in double quotes"
        case (.word, _): expected = "a word"
        case (.stringOrWord, _): expected = "a string or a word"
        case (.host, _): expected = "an address or host name"
        case (.integerOrWord, _): expected = "an integer or a word"
        case (.integerOrString, _): expected = "an integer or a string"
        }
        var suggestion: String?
        if case .word(let word) = value.value {
            let known = Array(self.defines.names) + Array(Keywords.integers.keys)
            suggestion = self.nearestName(word, in: known).map { "did you mean '\($0)'?" }
        } else if case .string(let literal) = value.value, Int(literal.text) != nil {
            suggestion = "write the number without quotes"
        }
        self.error(.wrongValueKind, "'\(name)' takes \(expected)", at: value.range, suggestion: suggestion)
    }

    struct ParsedValue {
        var value: SettingValue
        var range: SourceRange
    }

    /// An integer, a string, or unquoted text; nil (reported) if the value is missing.
    private func parseSettingValue(of name: String) -> ParsedValue? {
        let start = self.current.range
        if self.current.startsLine, self.index > 0, self.isAtTopLevelStatement {
            self.error(.wrongValueKind, "'\(name)' has no value", at: self.previousRange)
            return nil
        }
        switch self.current.kind {
        case .integer, .symbol(.minus), .symbol(.plus):
            if case .integer = self.current.kind, self.isHostContinued { return self.parseUnquoted() }
            guard let number = self.parseInteger("'\(name)'") else { return nil }
            return ParsedValue(value: .integer(number), range: start.through(self.previousRange))
        case .word(let word):
            if let value = Keywords.integers[word], !self.isHostContinued {
                self.advance()
                return ParsedValue(value: .integer(value), range: start)
            }
            return self.parseUnquoted()
        case .string(let literal):
            self.advance()
            return ParsedValue(value: .string(literal), range: start)
        case .ipv6(let text):
            self.advance()
            return ParsedValue(value: .word(text), range: start)
        case .symbol(.leftBracket):
            return self.parseHost().map { ParsedValue(value: .word($0.text), range: $0.range) }
        case .numberWord, .symbol(.slash): return self.parseUnquoted()
        default:
            self.error(.wrongValueKind, "expected a value for '\(name)', found \(self.describe(self.current))")
            return nil
        }
    }

    /// Whether the current token goes on as a host name or address.
    private var isHostContinued: Bool {
        (self.isSymbol(.dot, at: 1) || self.isSymbol(.minus, at: 1)) && !self.peek(1).hasSpaceBefore
    }

    /// Words, numbers, dots, dashes and slashes without blanks between them.
    private func parseUnquoted() -> ParsedValue {
        let start = self.current.range
        var text = self.raw(self.current)
        self.advance()
        while !self.current.hasSpaceBefore {
            switch self.current.kind {
            case .word, .integer, .numberWord, .symbol(.dot), .symbol(.minus), .symbol(.slash):
                text += self.raw(self.current)
                self.advance()
            default: return ParsedValue(value: .word(text), range: start.through(self.previousRange))
            }
        }
        return ParsedValue(value: .word(text), range: start.through(self.previousRange))
    }

    /// An integer with an optional sign, or `yes` and its relatives.
    func parseInteger(_ what: String) -> Int? {
        var isNegative = false
        if self.isSymbol(.minus) || self.isSymbol(.plus) {
            isNegative = self.isSymbol(.minus)
            self.advance()
        }
        switch self.current.kind {
        case .integer(let value):
            self.advance()
            return isNegative ? -value : value
        case .word(let word) where Keywords.integers[word] != nil:
            self.advance()
            return isNegative ? -(Keywords.integers[word] ?? 0) : Keywords.integers[word]
        default:
            self.error(.wrongValueKind, "expected an integer for \(what), found \(self.describe(self.current))")
            return nil
        }
    }

    // MARK: Custom parameters

    func parseCustomParameter() -> CustomParameter? {
        let group = Name(self.word() ?? "", at: self.current.range)
        self.advance()
        var instance: Int?
        if self.consume(.leftBracket) {
            guard let number = self.parseInteger("the instance of a group") else { return nil }
            instance = number
            self.expect(.rightBracket, "after the instance of the group")
        }
        guard self.expect(.dot, "between the group and the name of a custom parameter") else { return nil }
        guard let word = self.word() else {
            self.error(.badCustomParameter, "expected the name of a custom parameter")
            return nil
        }
        let name = Name(word, at: self.current.range)
        self.advance()
        guard self.expect(.assign, "after '\(group.text).\(name.text)'") else { return nil }
        let start = self.current.range
        let value: SettingValue
        if case .string(let literal) = self.current.kind {
            self.advance()
            value = .string(literal)
        } else {
            let isNegative = self.isSymbol(.minus)
            guard let number = self.parseInteger("'\(group.text).\(name.text)', or a string") else { return nil }
            if isNegative {
                self.diagnostics.warning(
                    .negativeCustomParameter, "Kamailio refuses negative custom parameters",
                    at: start.through(self.previousRange)
                )
            }
            value = .integer(number)
        }
        let valueRange = start.through(self.previousRange)
        var summary: StringLiteral?
        if let word = self.word(), ["desc", "descr", "description"].contains(word) {
            self.advance()
            if case .string(let literal) = self.current.kind {
                summary = literal
                self.advance()
            } else {
                self.error(.badCustomParameter, "expected a string after '\(word)'")
            }
        }
        return CustomParameter(
            group: group, instance: instance, name: name, value: value, valueRange: valueRange, summary: summary,
            range: group.range.through(self.previousRange)
        )
    }

    // MARK: Flags

    func parseFlags(_ kind: FlagDeclaration.Kind) -> FlagDeclaration? {
        let start = self.current.range
        self.advance()
        var flags: [FlagDeclaration.Flag] = []
        repeat {
            let name: Name
            switch self.current.kind {
            case .word(let word): name = Name(word, at: self.current.range)
            case .string(let literal): name = Name(literal.text, at: self.current.range)
            default:
                self.error(.badFlag, "expected the name of a flag, found \(self.describe(self.current))")
                return nil
            }
            self.advance()
            var number: Int?
            if self.consume(.colon) {
                let place = self.current.range
                guard let value = self.parseInteger("the flag '\(name.text)'") else { return nil }
                if kind == .message, !(0...31).contains(value) {
                    self.error(.badFlag, "flags have numbers from 0 to 31", at: place)
                } else {
                    number = value
                }
            }
            if flags.contains(where: { $0.name.text == name.text }) {
                self.error(.badFlag, "the flag '\(name.text)' is declared twice", at: name.range)
            }
            flags.append(FlagDeclaration.Flag(name: name, number: number))
        } while self.consume(.comma)
        return FlagDeclaration(kind: kind, flags: flags, range: start.through(self.previousRange))
    }

    /// A word, number or string used as a name.
    func parseAnyName() -> Name? {
        let range = self.current.range
        switch self.current.kind {
        case .word(let text), .numberWord(let text), .eventName(let text):
            self.advance()
            return Name(text, at: range)
        case .integer(let value):
            self.advance()
            return Name(String(value), at: range)
        case .string(let literal):
            self.advance()
            return Name(literal.text, at: range)
        default:
            self.error(.expectedToken, "expected a name, found \(self.describe(self.current))")
            return nil
        }
    }
}
