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
        case .binary(let operation, let left, let right):
            if let same = self.identity(operation, left, right) {
                self.compile(same, mode: mode)
            } else {
                self.compile(operation, left, right, in: expression)
            }
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

    private func compile(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, in whole: Expression
    ) {
        let range = whole.range
        switch operation {
        case .and, .or:
            self.compileLogic(operation, left, right, at: range)
            return
        case .equal, .notEqual, .stringEqual, .stringNotEqual, .integerEqual, .integerNotEqual:
            if self.compileSpecialEquality(operation, left, right, at: range) { return }
        case .matches:
            if case .bytes(let pattern)? = self.fold(right) {
                self.compile(left)
                if let index = self.regex(pattern, ignoringCase: true, at: right.range) {
                    self.emit(Instruction(.matchConstant, index), at: range)
                }
                return
            }
        default: break
        }
        self.checkTypes(operation, left, right)
        if let value = self.fold(whole) {
            switch value {
            case .int(let number): return self.emitInteger(number, at: range)
            case .bytes(let text): return self.emit(Instruction(.constant, self.constant(text)), at: range)
            default: break
            }
        }
        self.compile(left)
        if let value = self.fold(right) {
            self.emit(
                Instruction(.binaryConstant, Self.binary(operation).rawValue, self.constant(value)), at: range)
            return
        }
        self.compile(right)
        self.emit(Instruction(.binary, Self.binary(operation).rawValue), at: range)
    }

    /// The operand that a constant one leaves as it is: `-5 && 1` is -5, and `0 + route(R)` the route's raw code.
    private func identity(_ operation: BinaryOperator, _ left: Expression, _ right: Expression) -> Expression? {
        func isLogic(_ wanted: Bool) -> Expression? {
            if case .int(let number)? = self.fold(left), (number != 0) == wanted { return right }
            if case .int(let number)? = self.fold(right), (number != 0) == wanted { return left }
            return nil
        }
        /// Only what is surely a number stays itself under arithmetic.
        func isNeutral(_ neutral: Int, onLeft: Bool) -> Expression? {
            if onLeft, case .int(neutral)? = self.fold(left), right.forecast.isNumber { return right }
            if case .int(neutral)? = self.fold(right), left.forecast.isNumber { return left }
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

    private func compileLogic(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, at range: SourceRange
    ) {
        let isAnd = operation == .and
        self.compile(left)
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

    /// `x == $null` asks whether x is defined; `x == ""` whether it is empty (language §8.1).
    private func compileSpecialEquality(
        _ operation: BinaryOperator, _ left: Expression, _ right: Expression, at range: SourceRange
    ) -> Bool {
        let isNegated = operation == .notEqual || operation == .stringNotEqual || operation == .integerNotEqual
        if self.isNull(right) {
            self.compileDefined(left, isNegated: !isNegated, at: range)
            return true
        }
        guard operation == .equal || operation == .notEqual || operation == .stringEqual || operation == .stringNotEqual
        else { return false }
        for (literal, other) in [(right, left), (left, right)] {
            guard case .string(let text) = literal.kind, text.value.isEmpty else { continue }
            self.compile(other)
            self.emit(Instruction(.isEmpty), at: range)
            if isNegated { self.emit(Instruction(.not), at: range) }
            return true
        }
        return false
    }

    /// Pushes whether the operand has a value (or, negated, has none).
    private func compileDefined(_ operand: Expression, isNegated: Bool, at range: SourceRange) {
        switch operand.kind {
        case .variable(let token):
            if let index = self.variable(token) {
                self.emit(Instruction(.isDefined, index, isNegated ? 1 : 0), at: range)
            }
        case .select(let path):
            if let index = self.select(path) {
                self.emit(Instruction(.isDefined, index, isNegated ? 1 : 0), at: range)
            }
        default:
            // The value of an operator is always defined.
            self.compile(operand)
            self.emit(Instruction(.pop), at: range)
            self.emitInteger(isNegated ? 0 : 1, at: range)
        }
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
