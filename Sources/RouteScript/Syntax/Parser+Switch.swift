extension Parser {
    /// `switch expr { case label: … default: … }`
    func parseSwitch() -> StatementKind {
        let start = self.current.range
        let errors = self.diagnostics.errorCount
        self.advance()
        let subject = self.parseCondition(of: "switch")
        guard self.expect(.leftBrace, "after the value of 'switch'") else { return .invalid }
        var cases: [SwitchStatement.Case] = []
        var hasDefault = false
        while !self.isAtEnd, !self.isSymbol(.rightBrace), !self.isUnwinding, !self.isAtRouteHead {
            let before = self.index
            let caseStart = self.current.range
            if self.isWord("case") {
                self.advance()
                let label = self.parseLabel()
                cases.append(self.parseCase(label, from: caseStart))
            } else if self.isWord("default") {
                if hasDefault { self.error(.badSwitch, "a switch has one 'default'") }
                hasDefault = true
                self.advance()
                self.expect(.colon, "after 'default'")
                cases.append(self.parseCase(nil, from: caseStart))
            } else {
                self.error(
                    .badSwitch, "expected 'case' or 'default', found \(self.describe(self.current))"
                )
                self.recoverInBlock()
            }
            if self.index == before { self.advance() }
        }
        if self.isUnwinding { return .invalid }
        guard self.isSymbol(.rightBrace) else {
            self.isUnwinding = true
            self.diagnostics.error(.unclosedBlock, "this switch has no '}'", at: start)
            return .invalid
        }
        self.advance()
        if cases.isEmpty, self.diagnostics.errorCount == errors {
            self.diagnostics.warning(.emptySwitch, "this switch has no cases", at: start)
        }
        self.checkLabels(cases)
        return .selection(SwitchStatement(subject: subject, cases: cases))
    }

    private func parseLabel() -> SwitchStatement.Label {
        let isRegex = self.consume(.slash)
        let expression = self.parseExpression()
        if case .invalid = expression.kind {
            while !self.isAtEnd, !self.isSymbol(.colon), !self.isSymbol(.rightBrace), !self.current.startsLine {
                self.advance()
            }
        }
        self.expect(.colon, "after the label")
        return isRegex ? .regex(expression) : .value(expression)
    }

    private func parseCase(_ label: SwitchStatement.Label?, from start: SourceRange) -> SwitchStatement.Case {
        var body: [Statement] = []
        while !self.isAtEnd, !self.isSymbol(.rightBrace), !self.isUnwinding, !self.isAtRouteHead,
            !self.isWord("case"), !self.isWord("default")
        {
            let before = self.index
            body.append(self.parseStatement())
            if self.index == before { self.advance() }
        }
        return SwitchStatement.Case(label: label, body: body, range: start.through(self.previousRange))
    }

    /// Labels are all integers or all strings, as far as literals show it.
    private func checkLabels(_ cases: [SwitchStatement.Case]) {
        var first: (isString: Bool, range: SourceRange)?
        for label in cases.compactMap(\.label) {
            let isString: Bool
            let range: SourceRange
            switch label {
            case .regex(let expression): (isString, range) = (true, expression.range)
            case .value(let expression):
                switch expression.kind {
                case .string: (isString, range) = (true, expression.range)
                case .integer, .unary(.negate, _): (isString, range) = (false, expression.range)
                default: continue
                }
            }
            guard let known = first else {
                first = (isString, range)
                continue
            }
            if known.isString != isString {
                self.error(
                    .badSwitch, "the labels of a switch are all integers or all strings", at: range,
                    notes: [.init("the first label is \(known.isString ? "a string" : "an integer")", at: known.range)]
                )
                return
            }
        }
    }
}
