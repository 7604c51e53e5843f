extension Parser {
    /// One statement with its `;`. Broken ones are passed over and come out as `.invalid`.
    func parseStatement() -> Statement {
        let start = self.current.range
        let first = self.index
        return self.nested(self.refuse(at: start)) {
            let kind = self.parseStatementKind()
            if case .invalid = kind {
                if self.index == first, !self.isSymbol(.rightBrace), !self.isSymbol(.semicolon) { self.advance() }
                self.recoverInBlock()
            }
            return Statement(kind, at: start.through(self.index > 0 ? self.previousRange : start))
        }
    }

    private func refuse(at start: SourceRange) -> Statement {
        self.isUnwinding = true
        return Statement(.invalid, at: start)
    }

    private func parseStatementKind() -> StatementKind {
        switch self.current.kind {
        case .symbol(.semicolon):
            self.advance()
            return .empty
        case .symbol(.leftBrace): return .block(self.parseBlock(of: "this block"))
        case .variable(let variable): return self.parseAssignmentStatement(variable)
        case .word(let word): return self.parseWordStatement(word)
        case .symbol(.percent):
            self.error(
                .unsupportedDialect, "attributes ('%name') belong to the SER dialect and are not supported",
                suggestion: "use $avp(name)"
            )
            return .invalid
        case .symbol(.at):
            self.error(.badAssignment, "selects ('@a.b') can only be read")
            return .invalid
        default:
            self.error(.expectedStatement, "expected a statement, found \(self.describe(self.current))")
            return .invalid
        }
    }

    private func parseWordStatement(_ word: String) -> StatementKind {
        switch word {
        case "if": return self.parseIf()
        case "while": return self.parseWhile()
        case "switch": return self.parseSwitch()
        case "return", "exit", "drop", "break": return self.parseLeave(word)
        case "route" where self.isSymbol(.leftParen, at: 1):
            guard let call = self.parseRouteCall() else { return .invalid }
            self.expectSemicolon()
            return .route(call)
        case "case", "default":
            self.error(.badSwitch, "'\(word)' outside of a switch")
            return .invalid
        case "else":
            self.error(.expectedStatement, "'else' without 'if'")
            self.advance()
            return self.isSymbol(.leftBrace) ? .block(self.parseBlock(of: "this block")) : .invalid
        default: break
        }
        if Keywords.expressions.contains(word) || Keywords.operators.contains(word) {
            self.error(.expectedStatement, "'\(word)' gives a value and is no statement")
            return .invalid
        }
        if Self.otherElseIfs.contains(word) {
            self.reportUnknownStatement(word)
            return .invalid
        }
        if self.isSymbol(.leftParen, at: 1) || CoreCommands.entry(named: word)?.mayOmitParentheses == true {
            guard let call = self.parseCall() else { return .invalid }
            self.expectSemicolon()
            return .call(call)
        }
        self.reportUnknownStatement(word)
        return .invalid
    }

    /// What other languages have for `else if`.
    private static let otherElseIfs: Set<String> = ["elsif", "elif", "elseif"]

    private func reportUnknownStatement(_ word: String) {
        if Self.otherElseIfs.contains(word) {
            return self.error(.expectedStatement, "there is no '\(word)'", suggestion: "write 'else if'")
        }
        if self.isSymbol(.assign, at: 1) {
            return self.error(
                .badAssignment, "'\(word)' is no variable and cannot be set",
                suggestion: CoreParameters.parameter(named: word) == nil
                    ? "variables begin with '$': $var(\(word))"
                    : "global parameters stand outside of route blocks"
            )
        }
        if Keywords.topLevel.contains(word) {
            return self.error(.expectedStatement, "'\(word)' can stand only outside of route blocks")
        }
        if self.isSymbol(.semicolon, at: 1) || CoreCommands.entry(named: word) != nil {
            let meant = self.nearestName(word, in: ["return", "exit", "drop", "break"])
            return self.error(
                .expectedToken, "expected '(' after '\(word)'", at: self.peek(1).range,
                suggestion: meant.map { "did you mean '\($0)'?" }
            )
        }
        let meant = self.nearestName(word, in: Array(Keywords.statements) + Array(CoreCommands.names))
        self.error(
            .expectedStatement, "'\(word)' begins no statement", suggestion: meant.map { "did you mean '\($0)'?" }
        )
    }

    /// Passes `;`; where it is missing, reports it after the last token and goes on at once.
    func expectSemicolon() {
        if self.consume(.semicolon) { return }
        if !self.isInvalid {
            let end = self.previousRange.end
            self.diagnostics.error(
                .missingSemicolon, "expected ';' after this statement", at: SourceRange(start: end, count: 1)
            )
        }
        let isAtNext = self.isSymbol(.rightBrace) || self.current.startsLine || self.isAtStatementStart || self.isAtEnd
        if !isAtNext { self.recoverInBlock() }
    }

    // MARK: if, while

    private func parseIf() -> StatementKind {
        var branches: [IfStatement.Branch] = []
        var otherwise: [Statement]?
        while true {
            let start = self.current.range
            self.advance()
            let condition = self.parseCondition(of: "if")
            let body = self.parseBody(of: "the body of this 'if'")
            branches.append(.init(condition: condition, body: body, range: start.through(self.previousRange)))
            guard self.isWord("else"), !self.isUnwinding else { break }
            self.advance()
            if self.isWord("if") { continue }
            otherwise = self.parseBody(of: "the body of this 'else'")
            break
        }
        return .conditional(IfStatement(branches: branches, otherwise: otherwise))
    }

    private func parseWhile() -> StatementKind {
        self.advance()
        let condition = self.parseCondition(of: "while")
        return .loop(WhileStatement(condition: condition, body: self.parseBody(of: "the body of this 'while'")))
    }

    func parseCondition(of word: String) -> Expression {
        let errors = self.diagnostics.errorCount
        let condition = self.parseExpression()
        if self.isSymbol(.assign) {
            self.error(
                .unknownOperator, "'=' sets a value and cannot compare", suggestion: "write '==' to compare"
            )
        } else if self.isSymbol(.rightParen), self.diagnostics.errorCount == errors {
            self.error(.expectedToken, "this ')' closes nothing")
        }
        if case .assign(let assignment) = condition.kind {
            self.diagnostics.warning(
                .assignedCondition, "this condition sets \(assignment.target.text) instead of comparing it",
                at: assignment.range, suggestion: "write '==' to compare"
            )
        }
        if self.diagnostics.errorCount > errors || self.isInvalid { self.recoverAtBody() }
        return condition
    }

    /// A block, or one statement.
    private func parseBody(of what: String) -> [Statement] {
        if self.isSymbol(.leftBrace) { return self.parseBlock(of: what) }
        if self.isAtEnd || self.isSymbol(.rightBrace) || self.isAtRouteHead {
            self.error(.expectedStatement, "expected \(what), found \(self.describe(self.current))")
            return []
        }
        let statement = self.parseStatement()
        if case .block(let inner) = statement.kind { return inner }
        return [statement]
    }

    // MARK: return, exit, drop, break

    private func parseLeave(_ word: String) -> StatementKind {
        self.advance()
        guard let kind = LeaveKind(rawValue: word) else { return .invalid }
        var value: Expression?
        if self.isSymbol(.leftParen), self.isSymbol(.rightParen, at: 1) {
            self.advance()
            self.advance()
        } else if !self.isSymbol(.semicolon), !self.isSymbol(.rightBrace), !self.isAtEnd,
            !(self.current.startsLine && self.isAtStatementStart)
        {
            if kind == .break {
                self.error(.expectedToken, "'break' takes no value")
                return .invalid
            }
            let expression = self.parseExpression()
            if case .invalid = expression.kind { return .invalid }
            value = expression
        }
        self.expectSemicolon()
        return .leave(kind, value)
    }

    // MARK: Assignment

    private func parseAssignmentStatement(_ variable: VariableToken) -> StatementKind {
        let start = self.current.range
        if self.isSymbol(.plusAssign, at: 1) {
            self.error(
                .unknownOperator, "there is no '+='", at: self.peek(1).range,
                suggestion: "write '\(variable.text) = \(variable.text) + …'"
            )
            return .invalid
        }
        if !self.isSymbol(.assign, at: 1) {
            self.advance()
            if self.isSymbol(.equal) {
                self.error(.badAssignment, "a comparison is no statement", suggestion: "write '=' to set a value")
            } else if (self.isSymbol(.plus) && self.isSymbol(.plus, at: 1))
                || (self.isSymbol(.minus) && self.isSymbol(.minus, at: 1))
            {
                self.error(
                    .unknownOperator, "there is no '\(self.isSymbol(.plus) ? "++" : "--")'",
                    suggestion: "write '\(variable.text) = \(variable.text) \(self.isSymbol(.plus) ? "+" : "-") 1'"
                )
            } else {
                self.error(.badAssignment, "expected '=' after \(variable.text), found \(self.describe(self.current))")
            }
            return .invalid
        }
        self.advance()
        self.advance()
        let value = self.parseExpression()
        if case .invalid = value.kind { return .invalid }
        let assignment = Assignment(target: variable, value: value, range: start.through(value.range))
        self.expectSemicolon()
        return .assign(assignment)
    }
}
