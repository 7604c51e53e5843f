import Bytes
import ModuleKit
import SIPMessage

extension Compiler {
    /// Emits code that pushes the value of `expression`.
    /// - Parameter mode: what a function or route gives when it is the whole expression.
    func compile(_ expression: Expression, mode: CallMode = .truth) {
        let range = expression.range
        switch expression.kind {
        case .integer(let value): self.emitInteger(value, at: range)
        case .string(let literal): self.emit(Instruction(.constant, self.constant(literal.value)), at: range)
        case .variable(let token):
            if let index = self.variable(token) { self.emit(Instruction(.variable, index), at: range) }
        case .select(let path): self.compile(path)
        case .condition(let condition): self.compile(condition)
        case .call(let call): self.compile(call, mode: mode)
        case .route(let call): self.compile(call, mode: mode)
        case .block(let body):
            let route = self.blockRoute(body, at: range)
            self.emit(Instruction(.clearReturnCode), at: range)
            self.emit(Instruction(.route, route, flag: self.used(mode).quiet.rawValue), at: range)
        case .assign(let node): self.compile(node, asExpression: true)
        case .unary(let operation, let operand): self.compile(operation, operand, at: range)
        case .binary: self.compileChain(expression, mode: mode)
        case .cast(let type, let operand):
            self.compile(operand)
            self.emit(Instruction(type == .integer ? .toInteger : .toString), at: range)
        case .defined(let operand): self.compileDefined(operand, isNegated: false, at: range)
        case .length(let operand):
            if operand.forecast.isNumber {
                self.diagnostics.error(.wrongOperandType, "strlen() needs a string", at: operand.range)
            }
            self.compile(operand)
            self.emit(Instruction(.length), at: range)
        case .isEmpty(let operand):
            self.compile(operand)
            self.emit(Instruction(.isEmpty), at: range)
        case .choose(let condition, let first, let second):
            self.compile(condition)
            self.emitTruth(at: condition.range)
            let skip = self.emitJump(.jumpUnlessPositive, at: range)
            self.compile(first)
            let end = self.emitJump(.jump, at: range)
            self.patch(skip)
            self.compile(second)
            self.patch(end)
        case .word(let word): self.emit(Instruction(.constant, self.constant(ByteString(word))), at: range)
        case .socket, .invalid: self.emitInteger(0, at: range)
        }
    }

    private func compile(_ operation: UnaryOperator, _ operand: Expression, at range: SourceRange) {
        if operand.forecast.isText, operation != .not {
            self.diagnostics.error(.wrongOperandType, "'\(operation.rawValue)' needs a number", at: operand.range)
        }
        self.compile(operand)
        switch operation {
        case .not: self.emit(Instruction(.not), at: range)
        case .negate: self.emit(Instruction(.negate), at: range)
        case .complement: self.emit(Instruction(.complement), at: range)
        }
    }

    /// Operators from the last one to the first operand, then back: a chain is as deep as it is long, and waits in a list
    /// instead of on the stack.
    private func compileChain(_ chain: Expression, mode: CallMode) {
        var rest: [() -> Void] = []
        var first: Expression? = chain
        var mode = mode
        while let current = first, case .binary(let operation, let left, let right) = current.kind {
            if let same = self.identity(operation, left, right) {
                first = same
            } else {
                first = self.begin(operation, left, right, in: current, &rest)
                mode = .truth
            }
        }
        if let first { self.compile(first, mode: mode) }
        for step in rest.reversed() { step() }
    }

    /// - Parameter rest: gets what is to follow the value of the operand that comes first.
    /// - Returns: that operand; nil when there is none, and all is said.
    private func begin(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, in whole: Expression,
        _ rest: inout [() -> Void]
    ) -> Expression? {
        let range = whole.range
        switch operation {
        case .and, .or:
            rest.append { self.finishLogic(operation, right, at: range) }
            return left
        case .equal, .notEqual, .stringEqual, .stringNotEqual, .integerEqual, .integerNotEqual:
            let isNegated = operation == .notEqual || operation == .stringNotEqual || operation == .integerNotEqual
            // `x == $null` asks whether x is defined, `x == ""` whether it is empty (language §8.1).
            if self.isNull(right) { return self.beginDefined(left, isNegated: !isNegated, at: range, &rest) }
            guard operation != .integerEqual, operation != .integerNotEqual,
                let other = Self.isEmptyText(right) ? left : Self.isEmptyText(left) ? right : nil
            else { break }
            rest.append {
                self.emit(Instruction(.isEmpty), at: range)
                if isNegated { self.emit(Instruction(.not), at: range) }
            }
            return other
        case .matches:
            guard case .bytes(let pattern)? = self.fold(right) else { break }
            rest.append {
                guard let index = self.regex(pattern, ignoringCase: true, at: right.range) else { return }
                self.emit(Instruction(.matchConstant, index), at: range)
            }
            return left
        default: break
        }
        self.checkTypes(operation, left, right)
        switch self.fold(whole) {
        case .int(let number)?: self.emitInteger(number, at: range)
        case .bytes(let text)?: self.emit(Instruction(.constant, self.constant(text)), at: range)
        default:
            rest.append { self.finish(operation, right, at: range) }
            return left
        }
        return nil
    }

    private func finish(_ operation: BinaryOperator, _ right: Expression, at range: SourceRange) {
        let number = Self.binary(operation).rawValue
        if let value = self.fold(right) {
            self.emit(Instruction(.binaryConstant, number, self.constant(value)), at: range)
        } else {
            self.compile(right)
            self.emit(Instruction(.binary, number), at: range)
        }
    }

    private static func isEmptyText(_ expression: Expression) -> Bool {
        guard case .string(let text) = expression.kind else { return false }
        return text.value.isEmpty
    }

    /// The operand that a constant one leaves as it is: `-5 && 1` is -5, and `0 + route(R)` the route's raw code.
    private func identity(_ operation: BinaryOperator, _ left: Expression, _ right: Expression) -> Expression? {
        func isLogic(_ wanted: Bool) -> Expression? {
            if case .constantNumber(let number) = left.forecast, (number != 0) == wanted { return right }
            if case .constantNumber(let number) = right.forecast, (number != 0) == wanted { return left }
            return nil
        }
        /// Only what is surely a number stays itself under arithmetic.
        func isNeutral(_ neutral: Int, onLeft: Bool) -> Expression? {
            if onLeft, left.forecast == .constantNumber(neutral), right.forecast.isNumber { return right }
            if right.forecast == .constantNumber(neutral), left.forecast.isNumber { return left }
            return nil
        }
        switch operation {
        case .and: return isLogic(true)
        case .or: return isLogic(false)
        case .add, .bitOr: return isNeutral(0, onLeft: true)
        case .subtract: return isNeutral(0, onLeft: false)
        case .multiply: return isNeutral(1, onLeft: true)
        case .divide: return isNeutral(1, onLeft: false)
        default: return nil
        }
    }

    /// What follows the left operand of `&&` and `||`.
    private func finishLogic(_ operation: BinaryOperator, _ right: Expression, at range: SourceRange) {
        let isAnd = operation == .and
        let short = self.emitJump(isAnd ? .jumpIfZero : .jumpUnlessZero, at: range)
        self.compile(right)
        // The result is 0 or 1, whatever the right operand was.
        self.emit(Instruction(.not), at: range)
        self.emit(Instruction(.not), at: range)
        let end = self.emitJump(.jump, at: range)
        self.patch(short)
        self.emitInteger(isAnd ? 0 : 1, at: range)
        self.patch(end)
    }

    /// Pushes whether the operand has a value (or, negated, has none).
    private func compileDefined(_ operand: Expression, isNegated: Bool, at range: SourceRange) {
        var rest: [() -> Void] = []
        if let first = self.beginDefined(operand, isNegated: isNegated, at: range, &rest) { self.compile(first) }
        for step in rest { step() }
    }

    private func beginDefined(
        _ operand: Expression, isNegated: Bool, at range: SourceRange, _ rest: inout [() -> Void]
    ) -> Expression? {
        let place: Int?
        switch operand.kind {
        case .variable(let token): place = self.variable(token)
        case .select(let path): place = self.select(path)
        default:
            // The value of an operator is always defined.
            rest.append {
                self.emit(Instruction(.pop), at: range)
                self.emitInteger(isNegated ? 0 : 1, at: range)
            }
            return operand
        }
        if let place { self.emit(Instruction(.isDefined, place, isNegated ? 1 : 0), at: range) }
        return nil
    }

    static func binary(_ operation: BinaryOperator) -> BinaryOperation {
        switch operation {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .modulo: .modulo
        case .bitOr: .bitOr
        case .bitAnd: .bitAnd
        case .bitXor: .bitXor
        case .shiftLeft: .shiftLeft
        case .shiftRight: .shiftRight
        case .equal: .equal
        case .notEqual: .notEqual
        case .matches: .matches
        case .stringEqual: .stringEqual
        case .stringNotEqual: .stringNotEqual
        case .integerEqual: .integerEqual
        case .integerNotEqual: .integerNotEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .and, .or: .bitAnd
        }
    }

    /// What becomes of a code under the configured `return_mode`.
    func used(_ mode: CallMode) -> CallMode { self.propagatesCodes && mode == .truth ? .raw : mode }

    /// With `return_mode` 1 everything but 0 is true.
    func emitTruth(at range: SourceRange) {
        guard self.propagatesCodes else { return }
        self.emit(Instruction(.not), at: range)
        self.emit(Instruction(.not), at: range)
    }

    // MARK: Types

    /// What cannot work whatever the values are (language §8.1).
    private func checkTypes(_ operation: BinaryOperator, _ left: Expression, _ right: Expression) {
        switch operation {
        case .equal, .notEqual, .add:
            if left.forecast.isNumber, right.forecast.isText {
                self.diagnostics.error(
                    .wrongOperandType, "a number on the left of '\(operation.rawValue)' needs a number on the right",
                    at: right.range)
            }
        case .stringEqual, .stringNotEqual, .integerEqual, .integerNotEqual, .matches, .and, .or: break
        default:
            for operand in [left, right] where operand.forecast.isText {
                self.diagnostics.error(
                    .wrongOperandType, "'\(operation.rawValue)' needs numbers", at: operand.range)
            }
        }
    }

    /// The value of a constant expression; nil when it is none.
    func fold(_ expression: Expression) -> Value? {
        switch expression.forecast {
        case .constantNumber(let number): .int(number)
        case .constantText: .bytes(ByteString(Self.bytes(of: expression)))
        case .unknown, .number, .text: nil
        }
    }

    private static func bytes(of text: Expression) -> [UInt8] {
        if case .string(let literal) = text.kind { return literal.value.bytes }
        return text.operands(of: .add).flatMap { operand in
            if case .constantNumber(let number) = operand.forecast { return Array(String(number).utf8) }
            return Self.bytes(of: operand)
        }
    }

    /// `$null`, also in its long form.
    func isNull(_ expression: Expression) -> Bool {
        guard case .variable(let token) = expression.kind else { return false }
        return token.text == "$null" || token.text == "$(null)"
    }

    // MARK: Selects

    private func compile(_ path: SelectPath) {
        if let index = self.select(path) { self.emit(Instruction(.variable, index), at: path.range) }
    }

    /// The select as a variable; nil after a diagnostic.
    private func select(_ path: SelectPath) -> Int? {
        let text = "@\(path.elements.map(\.name).joined(separator: "."))"
        do throws(ArgumentError) {
            let read = try self.selects(path.elements)
            self.draft.variables.append(
                VariableReference(
                    text: text, name: "sel", index: .none, transforms: [],
                    access: VariableAccess(read: { route, _ in read(route) })))
            return self.draft.variables.count - 1
        } catch {
            self.report(error, .unknownVariable, at: path.range)
            return nil
        }
    }
}
