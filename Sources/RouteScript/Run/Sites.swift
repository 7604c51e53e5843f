import Bytes
import ModuleKit

// What the code of a program names by number. None can be copied and each works by itself: what a borrowed value holds
// needs no counting, what is read from a table does.

/// A variable that the script reads or writes.
struct VariableSite: ~Copyable, Sendable {
    let variable: VariableReference

    @inline(never)
    func read(in context: RouteContext) -> Value { self.variable.read(in: context) }

    /// - Returns: whether the variable took the value.
    @inline(never)
    func write(_ value: Value, in context: RouteContext) -> Bool { self.variable.write(value, in: context) }
}

/// An expression that the script looks for.
struct ExpressionSite: ~Copyable, Sendable {
    let expression: RegularExpression

    @inline(never)
    func matches(_ value: Value, in context: RouteContext) -> Bool {
        context.withText(value) { self.expression.matches($0) }
    }
}

/// A legacy comparison.
struct ConditionSite: ~Copyable, Sendable {
    let condition: Condition

    /// - Parameter computed: the operand, when the script computes it.
    @inline(never)
    func holds(in context: RouteContext, against computed: Value) -> Bool {
        self.condition.holds(in: context, against: computed)
    }
}
