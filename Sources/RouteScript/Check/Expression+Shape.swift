import Bytes

/// What the checks ask about the shape of an expression.
extension Expression {
    enum Constant {
        case integer(Int)
        case string(StringLiteral)
    }

    /// A constant of one literal, with its sign.
    var folded: Constant? {
        switch self.kind {
        case .integer(let number): return .integer(number)
        case .string(let literal): return .string(literal)
        case .unary(.negate, let operand):
            guard case .integer(let number)? = operand.folded else { return nil }
            return .integer(0 &- number)
        default: return nil
        }
    }

    /// The operands of a chain `a && b && c`, in order.
    func operands(of operation: BinaryOperator) -> [Expression] { self.operands { $0 == operation } }

    /// The operands of a chain of any operators, in order. What goes down a tree takes a chain in one step: it is as deep
    /// as it is long.
    var chain: [Expression] { self.operands { _ in true } }

    private func operands(where isJoined: (BinaryOperator) -> Bool) -> [Expression] {
        var result: [Expression] = []
        var current = self
        while case .binary(let operation, let left, let right) = current.kind, isJoined(operation) {
            result.append(right)
            current = left
        }
        result.append(current)
        return result.reversed()
    }

    /// Variable and constant of `$x == "a"`, as text; nil for everything else.
    func comparison(_ wanted: BinaryOperator) -> (subject: String, value: String)? {
        switch self.kind {
        case .binary(wanted, let left, let right):
            guard case .variable(let token) = left.kind else { return nil }
            switch right.folded {
            case .string(let literal): return (token.text, "\"\(literal.text)\"")
            case .integer(let number): return (token.text, String(number))
            case nil: return nil
            }
        case .condition(let condition) where condition.operation == wanted:
            switch condition.operand {
            case .word(let word): return (condition.subject.rawValue, "\"\(word)\"")
            case .expression(let operand):
                guard case .string(let literal)? = operand.folded else { return nil }
                return (condition.subject.rawValue, "\"\(literal.text)\"")
            default: return nil
            }
        default: return nil
        }
    }

    /// Evaluating it twice in a row gives the same value and changes nothing.
    var isPure: Bool {
        switch self.kind {
        case .integer, .string, .select, .word: true
        case .variable(let token): !["$RANDOM", "$TV(", "$(TV(", "$cnt("].contains { token.text.hasPrefix($0) }
        case .condition(let condition):
            if case .expression(let operand) = condition.operand { operand.isPure } else { true }
        case .unary(_, let operand), .cast(_, let operand), .defined(let operand), .length(let operand),
            .isEmpty(let operand):
            operand.isPure
        case .binary: self.chain.allSatisfy(\.isPure)
        case .choose(let condition, let first, let second): condition.isPure && first.isPure && second.isPure
        case .call(let call): call.core == .isFlagSet
        case .route, .block, .assign, .socket, .invalid: false
        }
    }
}

extension BinaryOperator {
    var isBitwise: Bool { self == .bitAnd || self == .bitOr || self == .bitXor }

    var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .matches, .stringEqual,
            .stringNotEqual, .integerEqual, .integerNotEqual:
            true
        default: false
        }
    }

    /// The result for two numbers; nil for operators that do not compare numbers.
    func holds(_ left: Int, _ right: Int) -> Bool? {
        switch self {
        case .equal, .integerEqual: left == right
        case .notEqual, .integerNotEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        default: nil
        }
    }
}
