import Bytes

extension Checker {
    mutating func checkCondition(_ expression: Expression, isLoop: Bool) {
        self.checkOperands(expression)
        // `while (1)` with a way out is how an endless loop is written.
        if isLoop, case .integer = expression.kind { return }
        var inner = expression
        while case .unary(.not, let operand) = inner.kind { inner = operand }
        switch inner.kind {
        case .integer, .string:
            guard !self.mayBeMeant(expression) else { return }
            self.diagnostics.warning(.constantCondition, "this condition is always the same", at: expression.range)
        default: break
        }
    }

    /// A constant out of a define is a switch for whoever installs the script.
    private func mayBeMeant(_ expression: Expression) -> Bool {
        if self.isExpanded(expression.range) { return true }
        // With parentheses around it, the range is that of the file, where the name of the define stands.
        let text = self.sources.text(of: expression.range).drop { $0 == "(" || $0 == "!" || $0 == " " || $0 == "-" }
        guard let first = text.first, first.isLetter || first == "_" else { return false }
        return Keywords.integers[String(text.prefix { $0.isLetter || $0.isNumber || $0 == "_" })] == nil
    }

    /// Looks into all operators of an expression.
    mutating func checkOperands(_ expression: Expression) {
        switch expression.kind {
        case .unary(_, let operand), .cast(_, let operand), .defined(let operand), .length(let operand),
            .isEmpty(let operand):
            self.checkOperands(operand)
        case .binary: self.checkChain(expression)
        case .choose(let condition, let first, let second):
            self.checkCondition(condition, isLoop: false)
            self.checkOperands(first)
            self.checkOperands(second)
        case .call(let call): for argument in call.arguments { self.checkOperands(argument) }
        case .assign(let node): self.checkOperands(node.value)
        case .condition(let node): if case .expression(let operand) = node.operand { self.checkOperands(operand) }
        case .block(let body): self.checkBlock(body)
        case .integer, .string, .variable, .select, .route, .word, .socket, .invalid: break
        }
    }

    private mutating func checkChain(_ chain: Expression) {
        var current = chain
        var last: BinaryOperator?
        while case .binary(let operation, let left, let right) = current.kind {
            self.check(operation, left, right, in: current)
            // Operators of one kind are looked at once, all together.
            if operation == .and || operation == .or, operation != last {
                self.checkContradiction(operation, current)
            }
            if !operation.isBitwise || !self.isSurprising(right) { self.checkOperands(right) }
            (current, last) = (left, operation)
        }
        self.checkOperands(current)
    }

    private mutating func check(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, in whole: Expression
    ) {
        switch operation {
        case .and, .or: self.checkConstantOperand(operation, left, right)
        case .bitAnd, .bitOr, .bitXor: self.checkBits(operation, right)
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .integerEqual, .integerNotEqual:
            self.checkNegation(operation, left)
            self.checkCode(operation, left, right, in: whole)
            self.checkDefinedness(operation, left, right, in: whole)
            self.checkNumber(operation, left, right)
            self.checkLiterals(operation, left, right, in: whole)
        default: break
        }
    }

    // MARK: One operator

    /// `method == "INVITE" || "ACK"`: the second operand is true by itself.
    private mutating func checkConstantOperand(_ operation: BinaryOperator, _ left: Expression, _ right: Expression) {
        for (operand, other) in [(left, right), (right, left)] {
            guard case .string(let literal) = operand.kind, !self.mayBeMeant(operand) else { continue }
            var hint: String?
            if case .binary(.equal, let subject, _) = other.kind, case .variable(let token) = subject.kind {
                hint = "compare each value: \(token.text) == \"\(literal.text)\""
            } else if case .condition(let condition) = other.kind, condition.operation == .equal {
                hint = "compare each value: \(condition.subject.rawValue) == \"\(literal.text)\""
            }
            self.diagnostics.warning(
                .constantCondition, "a string as operand of '\(operation.rawValue)' is converted to a number",
                at: operand.range,
                suggestion: hint)
        }
    }

    /// `$x & 1 == 1` is `$x & (1 == 1)`.
    private mutating func checkBits(_ operation: BinaryOperator, _ right: Expression) {
        guard self.isSurprising(right), case .binary(let inner, _, _) = right.kind else { return }
        self.diagnostics.warning(
            .surprisingPrecedence,
            "'\(inner.rawValue)' binds tighter than '\(operation.rawValue)': this compares first",
            at: right.range, suggestion: "put the operation on bits in parentheses")
    }

    /// `!$x == 1` is `(!$x) == 1`.
    private mutating func checkNegation(_ operation: BinaryOperator, _ left: Expression) {
        guard case .unary(.not, let operand) = left.kind, !self.sources.text(of: left.range).hasPrefix("(") else {
            return
        }
        let text = self.sources.text(of: operand.range).prefix(60)
        self.diagnostics.warning(
            .surprisingPrecedence, "'!' binds tighter than '\(operation.rawValue)': this compares the result of '!'",
            at: left.range,
            suggestion: operation == .equal ? "write '\(text) != …', or put the comparison in parentheses" : nil)
    }

    /// `route(X) == -3`: within an expression a code is 1 or 0.
    private mutating func checkCode(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, in whole: Expression
    ) {
        guard self.settings.core.returnMode == 0, case .integer(let number) = right.folded else { return }
        switch left.kind {
        case .call, .route: break
        default: return
        }
        let outcomes = [0, 1].map { operation.holds($0, number) }
        guard let first = outcomes[0], let second = outcomes[1], first == second else { return }
        self.diagnostics.warning(
            .constantCondition, "this is always \(first ? "true" : "false"): in an expression a call gives 1 or 0",
            at: whole.range, notes: [.init("$rc has the code after the call; 'return_mode = 1' passes codes on")])
    }

    /// `$var(x) == $null`: a variable of that class is always defined.
    private mutating func checkDefinedness(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, in whole: Expression
    ) {
        guard case .variable(let token) = left.kind, token.text.hasPrefix("$var(") || token.text.hasPrefix("$(var("),
            case .variable(let other) = right.kind, other.text == "$null" || other.text == "$(null)",
            !token.text.contains("{")
        else { return }
        self.diagnostics.warning(
            .constantCondition,
            "this is always \(operation == .equal ? "false" : "true"): \(token.text) is always defined",
            at: whole.range, suggestion: "compare with 0 or \"\", or use $avp(name), which can be undefined")
    }

    /// `$(x{s.len}) == ""`, `$ml == "big"`: a number and a text that is none.
    private mutating func checkNumber(_ operation: BinaryOperator, _ left: Expression, _ right: Expression) {
        guard case .variable(let token) = left.kind, Self.isNumber(token), case .string(let literal) = right.kind,
            Int(literal.text) == nil
        else { return }
        let effect = literal.value.isEmpty ? "a number is never empty" : "the string counts as 0"
        self.diagnostics.warning(
            .incompatibleComparison, "\(token.text) is a number and is compared with a string: \(effect)",
            at: right.range, suggestion: "compare with a number")
    }

    private static let numbers: Set<String> = [
        "$ml", "$mi", "$Ts", "$TS", "$pp", "$sp", "$Rp", "$rs", "$rc", "$retcode",
    ]

    private static func isNumber(_ token: VariableToken) -> Bool {
        Self.numbers.contains(token.text) || token.text.hasSuffix("{s.len})") || token.text.hasSuffix("{s.int})")
    }

    /// Two constants.
    private mutating func checkLiterals(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, in whole: Expression
    ) {
        let result: Bool?
        switch (left.folded, right.folded) {
        case (.integer(let a), .integer(let b)): result = operation.holds(a, b)
        case (.string(let a), .string(let b)):
            // With a variable in it, that is what is wrong, and is told elsewhere.
            guard VariableMention.all(in: a.value.bytes).isEmpty, VariableMention.all(in: b.value.bytes).isEmpty else {
                return
            }
            result = operation == .equal ? a.value == b.value : operation == .notEqual ? a.value != b.value : nil
        default: result = nil
        }
        if let result, !self.mayBeMeant(left), !self.mayBeMeant(right) {
            self.diagnostics.warning(
                .constantCondition, "this condition is always \(result ? "true" : "false")", at: whole.range)
        }
    }

    // MARK: Several operators

    /// `$rm == "A" && $rm == "B"` and `$rm != "A" || $rm != "B"`.
    private mutating func checkContradiction(_ operation: BinaryOperator, _ whole: Expression) {
        let wanted: BinaryOperator = operation == .and ? .equal : .notEqual
        var seen: [String: (value: String, range: SourceRange)] = [:]
        for operand in whole.operands(of: operation) {
            guard let (subject, value) = operand.comparison(wanted) else { continue }
            guard let other = seen[subject] else {
                seen[subject] = (value, operand.range)
                continue
            }
            guard other.value != value else { continue }
            self.diagnostics.warning(
                .constantCondition,
                operation == .and
                    ? "this is always false: \(subject) cannot equal both values"
                    : "this is always true: \(subject) differs from at least one of them",
                at: operand.range, notes: [.init("the other comparison", at: other.range)],
                suggestion: operation == .and ? "did you mean '||'?" : "did you mean '&&'?")
            return
        }
    }

    /// The same condition twice in one chain: the second body never runs.
    mutating func checkRepeatedConditions(_ node: IfStatement) {
        guard node.branches.count > 1, node.branches.count < 2000 else { return }
        var seen: [String: SourceRange] = [:]
        for branch in node.branches {
            // A call may change what later conditions see.
            guard branch.condition.isPure else {
                seen = [:]
                continue
            }
            let text = self.sources.text(of: branch.condition.range)
            if let first = seen[text] {
                self.diagnostics.warning(
                    .repeatedCondition, "this condition was decided above: its branch never runs",
                    at: branch.condition.range, notes: [.init("it stands here first", at: first)])
            } else {
                seen[text] = branch.condition.range
            }
        }
    }

    private mutating func checkBlock(_ body: [Statement]) {
        self.checkFlow(body)
    }

    /// A comparison without parentheses, as operand of an operator on bits.
    private func isSurprising(_ operand: Expression) -> Bool {
        guard case .binary(let operation, let left, _) = operand.kind, operation.isComparison else { return false }
        return operand.range.start == left.range.start
    }
}
