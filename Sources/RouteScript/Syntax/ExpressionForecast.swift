/// What can be told of the value of an expression without running it.
///
/// It is made together with the expression, from those of the operands: who asks for it at each operator of a chain
/// would otherwise go down the whole chain each time.
enum ExpressionForecast: Sendable, Equatable {
    case unknown
    case number, text
    case constantNumber(Int)
    /// Strings, and what is added to them; joined when wanted.
    case constantText

    var isNumber: Bool {
        switch self {
        case .number, .constantNumber: true
        case .unknown, .text, .constantText: false
        }
    }

    var isText: Bool { self == .text || self == .constantText }

    init(_ kind: ExpressionKind) {
        switch kind {
        case .integer(let value): self = .constantNumber(value)
        case .string: self = .constantText
        case .unary(let operation, let operand): self = Self.of(operation, operand.forecast)
        case .binary(let operation, let left, let right): self = Self.of(operation, left.forecast, right.forecast)
        case .condition, .call, .route, .length, .isEmpty, .defined, .cast(.integer, _): self = .number
        case .cast(.string, _): self = .text
        case .variable, .select, .block, .assign, .choose, .word, .socket, .invalid: self = .unknown
        }
    }

    private static func of(_ operation: UnaryOperator, _ operand: Self) -> Self {
        guard case .constantNumber(let value) = operand else { return .number }
        return switch operation {
        case .negate: .constantNumber(0 &- value)
        case .complement: .constantNumber(~value)
        case .not: .number
        }
    }

    private static func of(_ operation: BinaryOperator, _ left: Self, _ right: Self) -> Self {
        switch (left, right) {
        case (.constantNumber(let x), .constantNumber(let y)):
            return operation.value(x, y).map { .constantNumber($0) } ?? .number
        case (.constantText, .constantNumber), (.constantText, .constantText):
            return operation == .add ? .constantText : .number
        default: break
        }
        // '+' goes by its left operand.
        guard operation == .add else { return .number }
        return left.isNumber ? .number : left.isText ? .text : .unknown
    }
}

extension BinaryOperator {
    /// The result for two constants; nil where it is left to the running script.
    fileprivate func value(_ x: Int, _ y: Int) -> Int? {
        switch self {
        case .add: x &+ y
        case .subtract: x &- y
        case .multiply: x &* y
        case .divide: y != 0 && y != -1 ? x / y : nil
        case .modulo: y != 0 && y != -1 ? x % y : nil
        case .bitOr: x | y
        case .bitAnd: x & y
        case .bitXor: x ^ y
        case .shiftLeft: y >= 0 && y < 64 ? x << y : nil
        case .shiftRight: y >= 0 && y < 64 ? x >> y : nil
        default: nil
        }
    }
}
