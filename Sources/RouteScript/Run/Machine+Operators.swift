import Bytes
import ModuleKit

extension Program {
    /// Applies an operator. Types are decided as language §8.1 says: the left operand's counts.
    /// - Returns: nil when it cannot be done: division by zero, an expression that does not compile.
    func apply(
        _ operation: BinaryOperation, _ left: Value, _ right: Value, _ pc: Int, _ context: RouteContext
    ) -> Value? {
        switch operation {
        case .add: return self.add(left, right, context)
        case .equal: return .int(self.equals(left, right, context) ? 1 : 0)
        case .notEqual: return .int(self.equals(left, right, context) ? 0 : 1)
        case .stringEqual: return .int(self.equalsText(left, right, context) ? 1 : 0)
        case .stringNotEqual: return .int(self.equalsText(left, right, context) ? 0 : 1)
        case .matches:
            do throws(RegularExpression.Failure) {
                let regex = try RegularExpression(context.text(right), ignoringCase: true)
                return .int(context.withText(left) { regex.matches($0) } ? 1 : 0)
            } catch {
                context.log(.error, "\(self.place(of: pc - 1)): bad regular expression: \(error.message)")
                return nil
            }
        default: return self.applyToIntegers(operation, left, right, pc, context)
        }
    }

    private func applyToIntegers(
        _ operation: BinaryOperation, _ left: Value, _ right: Value, _ pc: Int, _ context: RouteContext
    ) -> Value? {
        let a = self.integer(left, context)
        let b = self.integer(right, context)
        switch operation {
        case .subtract: return .int(a &- b)
        case .multiply: return .int(a &* b)
        case .divide, .modulo:
            guard b != 0 else {
                context.log(.error, "\(self.place(of: pc - 1)): division by zero")
                return nil
            }
            if b == -1 { return .int(operation == .divide ? 0 &- a : 0) }
            return .int(operation == .divide ? a / b : a % b)
        case .bitOr: return .int(a | b)
        case .bitAnd: return .int(a & b)
        case .bitXor: return .int(a ^ b)
        case .shiftLeft: return .int(b >= 0 && b < 64 ? a << b : 0)
        case .shiftRight: return .int(b >= 0 && b < 64 ? a >> b : 0)
        case .integerEqual: return .int(a == b ? 1 : 0)
        case .integerNotEqual: return .int(a != b ? 1 : 0)
        case .less: return .int(a < b ? 1 : 0)
        case .lessOrEqual: return .int(a <= b ? 1 : 0)
        case .greater: return .int(a > b ? 1 : 0)
        case .greaterOrEqual: return .int(a >= b ? 1 : 0)
        case .add, .equal, .notEqual, .stringEqual, .stringNotEqual, .matches: return .int(0)
        }
    }

    private func add(_ left: Value, _ right: Value, _ context: RouteContext) -> Value {
        let isSum = left.isNull ? right.isInt : left.isInt
        if isSum { return .int(self.integer(left, context) &+ self.integer(right, context)) }
        if left.isNull, right.isNull { return .bytes(ByteString()) }
        return .bytes(context.withText(left) { a in context.withText(right) { b in ByteString(joining: a, b) } })
    }

    private func equals(_ left: Value, _ right: Value, _ context: RouteContext) -> Bool {
        let comparesIntegers = left.isNull ? right.isInt : left.isInt
        if comparesIntegers { return self.integer(left, context) == self.integer(right, context) }
        return self.equalsText(left, right, context)
    }

    private func equalsText(_ left: Value, _ right: Value, _ context: RouteContext) -> Bool {
        context.withText(left) { a in context.withText(right) { b in a.equals(b) } }
    }
}
