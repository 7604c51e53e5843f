extension Parser {
    /// A core command or module function; nil (reported) if it is malformed.
    func parseCall() -> Call? {
        let start = self.current.range
        guard let name = self.word() else { return nil }
        let entry = CoreCommands.entry(named: name)
        if self.argumentDepth > 0 {
            self.error(
                .callInArgument, "a function cannot be called inside of the arguments of another one",
                suggestion: "store the result in a variable first"
            )
        }
        self.advance()
        var arguments: [Expression] = []
        if self.isSymbol(.leftParen) {
            guard let parsed = self.parseArguments(of: name, entry) else { return nil }
            arguments = parsed
        }
        let range = start.through(self.previousRange)
        if let entry, !entry.arity.contains(arguments.count) {
            let wanted =
                entry.arity.count == 1
                ? "\(entry.arity.lowerBound)" : "\(entry.arity.lowerBound) to \(entry.arity.upperBound)"
            let noun = wanted == "1" ? "argument" : "arguments"
            self.error(
                .wrongArgumentCount, "'\(name)' takes \(wanted) \(noun), not \(arguments.count)", at: range
            )
        }
        return Call(name: name, nameRange: start, arguments: arguments, core: entry?.command, range: range)
    }

    private func parseArguments(of name: String, _ entry: CoreCommands.Entry?) -> [Expression]? {
        let open = self.current.range
        self.advance()
        if self.consume(.rightParen) { return [] }
        self.argumentDepth += 1
        defer { self.argumentDepth -= 1 }
        var arguments: [Expression] = []
        var isValid = true
        while true {
            if self.isSymbol(.comma) || self.isSymbol(.rightParen) {
                self.error(
                    .badArgumentList, "this argument of '\(name)' is empty",
                    suggestion: "optional arguments are left out together with their commas"
                )
                isValid = false
            } else {
                let argument = self.parseArgument(entry)
                if case .invalid = argument.kind {
                    isValid = false
                    self.skipArgument()
                }
                arguments.append(argument)
            }
            if self.consume(.comma) { continue }
            if self.consume(.rightParen) { return isValid ? arguments : nil }
            if isValid {
                self.error(
                    .expectedToken,
                    "expected ',' or ')' in the arguments of '\(name)', found "
                        + self.describe(self.current),
                    at: self.missingRange, notes: [.init("the arguments begin here", at: open)]
                )
            }
            return nil
        }
    }

    /// Passes the rest of a broken argument.
    private func skipArgument() {
        var parentheses = 0
        while !self.isAtEnd {
            switch self.current.kind {
            case .symbol(.semicolon), .symbol(.leftBrace), .symbol(.rightBrace): return
            case .symbol(.comma) where parentheses == 0: return
            case .symbol(.leftParen): parentheses += 1
            case .symbol(.rightParen):
                if parentheses == 0 { return }
                parentheses -= 1
            default: if self.current.startsLine, self.isAtStatementStart || self.isAtRouteHead { return }
            }
            self.advance()
        }
    }

    private func parseArgument(_ entry: CoreCommands.Entry?) -> Expression {
        let start = self.current.range
        guard let entry else { return self.parseExpression() }
        if entry.takesSocket, !self.isStringArgument {
            guard let socket = self.parseSocket(allowsPortRange: false) else { return Expression(.invalid, at: start) }
            return Expression(.socket(socket), at: socket.range)
        }
        guard entry.takesWords else { return self.parseExpression() }
        switch self.current.kind {
        case .word(let word) where Keywords.integers[word] == nil && !self.isSymbol(.leftParen, at: 1):
            // uri:host and uri:port
            if self.isSymbol(.colon, at: 1), let part = self.word(at: 2) {
                self.advance()
                self.advance()
                self.advance()
                return Expression(.word(word + ":" + part), at: start.through(self.previousRange))
            }
        case .integer, .numberWord:
            guard self.isSymbol(.dot, at: 1) else { return self.parseExpression() }
        case .ipv6, .symbol(.leftBracket): break
        default: return self.parseExpression()
        }
        guard let host = self.parseHost() else { return Expression(.invalid, at: start) }
        return Expression(.word(host.text), at: host.range)
    }

    private var isStringArgument: Bool {
        if case .string = self.current.kind { return self.isSymbol(.rightParen, at: 1) }
        return false
    }

    /// `route(NAME)` or `route(expression)`.
    func parseRouteCall() -> RouteCall? {
        let start = self.current.range
        if self.argumentDepth > 0 {
            self.error(.callInArgument, "a route cannot be called inside of the arguments of a function")
        }
        self.advance()
        guard self.expect(.leftParen, "after 'route'") else { return nil }
        let place = self.current.range
        let target: RouteCall.Target
        switch self.current.kind {
        case .word(let word) where self.isSymbol(.rightParen, at: 1) || self.isSymbol(.semicolon, at: 1):
            self.advance()
            target = .name(word)
        case .integer(let number) where self.isSymbol(.rightParen, at: 1):
            self.advance()
            target = .name(String(number))
        case .symbol(.rightParen):
            self.error(.badRouteName, "expected the name of a route")
            return nil
        default:
            let expression = self.parseExpression()
            switch expression.kind {
            case .invalid: return nil
            case .string(let literal): target = .name(literal.text)
            case .integer(let number): target = .name(String(number))
            default: target = .computed(expression)
            }
        }
        let targetRange = place.through(self.previousRange)
        guard self.expect(.rightParen, "after the name of the route") else { return nil }
        return RouteCall(target: target, targetRange: targetRange, range: start.through(self.previousRange))
    }
}
