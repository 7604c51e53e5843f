extension Parser {
    /// The binary operators with their levels, from the loosest (1) to the tightest (11).
    private static let symbolOperators: [Symbol: (BinaryOperator, Int)] = [
        .orOr: (.or, 1), .andAnd: (.and, 2), .or: (.bitOr, 3), .and: (.bitAnd, 4), .caret: (.bitXor, 5),
        .shiftLeft: (.shiftLeft, 6), .shiftRight: (.shiftRight, 7), .equal: (.equal, 8), .notEqual: (.notEqual, 8),
        .matches: (.matches, 8), .less: (.less, 9), .greater: (.greater, 9), .lessOrEqual: (.lessOrEqual, 9),
        .greaterOrEqual: (.greaterOrEqual, 9), .plus: (.add, 10), .minus: (.subtract, 10), .star: (.multiply, 11),
        .slash: (.divide, 11),
    ]

    private static let wordOperators: [String: (BinaryOperator, Int)] = [
        "or": (.or, 1), "and": (.and, 2), "eq": (.stringEqual, 8), "ne": (.stringNotEqual, 8),
        "ieq": (.integerEqual, 8), "ine": (.integerNotEqual, 8), "mod": (.modulo, 11),
    ]

    /// The level above comparisons: what may stand on the right of a core condition.
    static let operandLevel = 9

    func parseExpression() -> Expression { self.parseBinary(level: 1) }

    /// The binary operator at the current token.
    func binaryOperator() -> (operation: BinaryOperator, level: Int)? {
        switch self.current.kind {
        case .symbol(let symbol): Self.symbolOperators[symbol]
        case .word(let word): Self.wordOperators[word]
        default: nil
        }
    }

    /// An expression of operators of this level or tighter ones.
    func parseBinary(level: Int) -> Expression {
        let start = self.current.range
        return self.nested(self.refuseExpression(at: start)) {
            var left = self.parseUnary()
            if case .invalid = left.kind { return left }
            while true {
                if self.reportUnknownOperator() { return Expression(.invalid, at: start) }
                guard let (operation, operatorLevel) = self.binaryOperator(), operatorLevel >= level else { break }
                guard self.height < Self.heightLimit else {
                    self.error(
                        .nestingTooDeep,
                        "this expression is more than \(Self.heightLimit) operators deep, with what stands in it"
                    )
                    return self.refuseExpression(at: start)
                }
                self.advance()
                let right = self.parseBinary(level: operatorLevel + 1)
                // All that stands on the left is one level further down.
                self.height += 1
                let range = left.range.through(right.range)
                if case .invalid = right.kind { return Expression(.invalid, at: range) }
                left = Expression(.binary(operation, left, right), at: range)
            }
            return left
        }
    }

    private func refuseExpression(at start: SourceRange) -> Expression {
        self.isUnwinding = true
        return Expression(.invalid, at: start)
    }

    /// Operators that other languages have, where an operator may stand.
    private func reportUnknownOperator() -> Bool {
        guard case .symbol(let symbol) = self.current.kind else { return false }
        let message: String
        let suggestion: String
        switch symbol {
        case .not where self.isSymbol(.tilde, at: 1):
            (message, suggestion) = ("there is no '!~'", "write '!(a =~ b)'")
        case .not where self.isSymbol(.matches, at: 1):
            (message, suggestion) = ("there is no '!=~'", "write '!(a =~ b)'")
        case .percent: (message, suggestion) = ("there is no '%'", "write 'mod'")
        case .question: (message, suggestion) = ("there is no '?:'", "write 'selval(condition, a, b)'")
        case .plusAssign: (message, suggestion) = ("there is no '+='", "write 'a = a + b'")
        default: return false
        }
        self.error(.unknownOperator, message, suggestion: suggestion)
        return true
    }

    func parseUnary() -> Expression {
        let start = self.current.range
        let operation: UnaryOperator
        switch self.current.kind {
        case .symbol(.not): operation = .not
        case .symbol(.minus): operation = .negate
        case .symbol(.tilde): operation = .complement
        case .word("not"): operation = .not
        case .word("defined"):
            return self.parsePrefixed(from: start) { .defined($0) }
        case .cast(let type):
            return self.parsePrefixed(from: start) { .cast(type, $0) }
        default: return self.parsePrimary()
        }
        return self.parsePrefixed(from: start) { .unary(operation, $0) }
    }

    private func parsePrefixed(from start: SourceRange, _ make: (Expression) -> ExpressionKind) -> Expression {
        self.nested(self.refuseExpression(at: start)) {
            self.advance()
            let operand = self.parseUnary()
            if case .invalid = operand.kind { return operand }
            return Expression(make(operand), at: start.through(operand.range))
        }
    }

    private func parsePrimary() -> Expression {
        let start = self.current.range
        switch self.current.kind {
        case .integer(let value):
            self.advance()
            return Expression(.integer(value), at: start)
        case .string(let literal):
            self.advance()
            return Expression(.string(literal), at: start)
        case .variable(let variable):
            self.advance()
            return Expression(.variable(variable), at: start)
        case .symbol(.leftParen): return self.parseParenthesised()
        case .symbol(.leftBrace):
            let body = self.parseBlock(of: "this block")
            if self.isUnwinding { return Expression(.invalid, at: start) }
            return Expression(.block(body), at: start.through(self.previousRange))
        case .symbol(.at): return self.parseSelect()
        case .symbol(.percent):
            self.error(
                .unsupportedDialect, "attributes ('%name') belong to the SER dialect and are not supported",
                suggestion: "use $avp(name)"
            )
            return Expression(.invalid, at: start)
        case .word(let word): return self.parseWordExpression(word)
        default:
            self.error(.expectedExpression, "expected an expression, found \(self.describe(self.current))")
            return Expression(.invalid, at: start)
        }
    }

    private func parseParenthesised() -> Expression {
        let start = self.current.range
        self.advance()
        if case .variable(let variable) = self.current.kind, self.isSymbol(.assign, at: 1) {
            let target = self.current.range
            self.advance()
            self.advance()
            let value = self.parseExpression()
            guard case .invalid = value.kind else {
                guard self.expect(.rightParen, "after the assignment") else { return Expression(.invalid, at: start) }
                let assignment = Assignment(target: variable, value: value, range: target.through(value.range))
                return Expression(.assign(assignment), at: start.through(self.previousRange))
            }
            return value
        }
        let inner = self.parseExpression()
        if case .invalid = inner.kind { return inner }
        if self.isSymbol(.assign) {
            self.error(
                .unknownOperator, "'=' sets a value and cannot compare", suggestion: "write '==' to compare"
            )
            return Expression(.invalid, at: start)
        }
        guard self.isSymbol(.rightParen) else {
            self.error(
                .expectedToken, "expected ')', found \(self.describe(self.current))",
                notes: [.init("to close this '('", at: start)]
            )
            return Expression(.invalid, at: start)
        }
        self.advance()
        return Expression(inner.kind, at: start.through(self.previousRange))
    }

    private func parseWordExpression(_ word: String) -> Expression {
        let start = self.current.range
        if let value = Keywords.integers[word] {
            self.advance()
            return Expression(.integer(value), at: start)
        }
        if self.isSymbol(.leftParen, at: 1) {
            switch word {
            case "strlen", "strempty": return self.parseLength(word)
            case "selval": return self.parseChoice()
            case "route":
                guard let call = self.parseRouteCall() else { return Expression(.invalid, at: start) }
                return Expression(.route(call), at: call.range)
            default:
                guard CoreSubject(rawValue: word) == nil || CoreCommands.entry(named: word) != nil else { break }
                guard let call = self.parseCall() else { return Expression(.invalid, at: start) }
                return Expression(.call(call), at: call.range)
            }
        }
        if self.isAtCoreSubject || word == "myself" { return self.parseCoreCondition() }
        if CoreCommands.entry(named: word)?.mayOmitParentheses == true {
            guard let call = self.parseCall() else { return Expression(.invalid, at: start) }
            return Expression(.call(call), at: call.range)
        }
        self.reportUnknownWord(word)
        return Expression(.invalid, at: start)
    }

    func reportUnknownWord(_ word: String) {
        if Keywords.all.contains(word) {
            return self.error(.expectedExpression, "'\(word)' is no value")
        }
        let known = Array(self.defines.names) + CoreSubject.allCases.map(\.rawValue)
        let meant = self.nearestName(word, in: known)
        self.error(
            .unknownWord, "'\(word)' is neither a define nor a value",
            suggestion: meant.map { "did you mean '\($0)'?" }
                ?? "strings need quotes, variables begin with '$', functions need '()'"
        )
    }

    private func parseLength(_ word: String) -> Expression {
        let start = self.current.range
        self.advance()
        self.advance()
        let operand = self.parseExpression()
        if case .invalid = operand.kind { return operand }
        guard self.expect(.rightParen, "after the operand of '\(word)'") else { return Expression(.invalid, at: start) }
        let range = start.through(self.previousRange)
        return Expression(word == "strlen" ? .length(operand) : .isEmpty(operand), at: range)
    }

    private func parseChoice() -> Expression {
        let start = self.current.range
        self.advance()
        self.advance()
        var operands: [Expression] = []
        for position in 0..<3 {
            if position > 0, !self.expect(.comma, "between the operands of 'selval'") {
                return Expression(.invalid, at: start)
            }
            let operand = self.parseExpression()
            if case .invalid = operand.kind { return operand }
            operands.append(operand)
        }
        guard self.expect(.rightParen, "after the three operands of 'selval'"), operands.count == 3 else {
            return Expression(.invalid, at: start)
        }
        return Expression(.choose(operands[0], operands[1], operands[2]), at: start.through(self.previousRange))
    }
}
