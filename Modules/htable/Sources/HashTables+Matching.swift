import Bytes
import ModuleKit

/// `sht_rm_name_re("table=>expression")`, taken apart when the script is loaded.
final class ExpressionKey: Sendable {
    let table: ByteString
    let format: FormatString
    let fixed: RegularExpression?

    init(_ text: ByteString, _ compiler: any ScriptCompiling) throws {
        let (table, expression) = try TableKey.split(text)
        self.table = table
        self.format = try compiler.format(expression)
        guard let constant = self.format.constant else {
            self.fixed = nil
            return
        }
        do throws(RegularExpression.Failure) {
            self.fixed = try RegularExpression(constant, ignoringCase: false)
        } catch {
            throw ArgumentError("'\(constant)' is no regular expression: \(error.message)")
        }
    }

    func regex(in route: RouteContext) -> RegularExpression? {
        if let fixed = self.fixed { return fixed }
        return try? RegularExpression(self.format.evaluate(in: route), ignoringCase: false)
    }
}

extension HashTables {
    private static let tableArgument = Argument("table", .format, "Name of the table.")

    private static func operation(_ operators: String) -> Argument {
        Argument("op", .format, "How to compare: \(operators).")
    }
    private static let operand = Argument("val", .format, "What to compare with.")

    var matchFunctions: [ScriptFunction] {
        [
            self.matching(
                "sht_match_name", "sht_has_name", "Tells whether the name of an item of a table fits.", byName: true),
            self.matching(
                "sht_match_str_value", "sht_has_str_value",
                "Tells whether an item of a table holds a text that fits.", byName: false),
        ]
    }

    private func matching(_ name: String, _ alias: String, _ summary: String, byName: Bool) -> ScriptFunction {
        ScriptFunction(
            name, aliases: [alias], Self.tableArgument,
            Self.operation("eq the same, ne another, re expression, sw begins with, ew ends with"), Self.operand,
            in: .any, summary: summary,
            outcomes: [1: "one fits", -1: "none fits, no such table, or an unknown operator"],
            example: #"if (\#(name)("a", "sw", "49")) { exit; }"#
        ) { [self] route, arguments in
            guard let table = self.table(arguments, route),
                let condition = self.condition(arguments, route, byName: byName, ["re", "eq", "ne", "sw", "ew"])
            else { return .failure }
            return table.store.count(at: route.second, where: condition.holds) > 0 ? .success : .failure
        }
    }

    /// The condition of the second and third argument; nil after a line in the log.
    private func condition(
        _ arguments: Arguments, _ route: RouteContext, byName: Bool, _ operators: [ByteString]
    ) -> ItemCondition? {
        let operation = arguments.text(1, in: route)
        guard operators.contains(operation) else {
            route.log(.warning, "unknown operator '\(operation)' of an htable function")
            return nil
        }
        let text = arguments.text(2, in: route)
        let condition = ItemCondition(operation, text, byName: byName)
        if condition == nil { route.log(.error, "bad regular expression '\(text)'") }
        return condition
    }

    var removalFunctions: [ScriptFunction] {
        [
            self.removal("sht_rm_name", "Deletes the items of a table whose name fits.", byName: true),
            self.removal("sht_rm_value", "Deletes the items of a table that hold a text that fits.", byName: false),
            self.expressionRemoval("sht_rm_name_re", "Deletes the items whose name matches.", byName: true),
            self.expressionRemoval("sht_rm_value_re", "Deletes the items whose text matches.", byName: false),
        ]
    }

    private func removal(_ name: String, _ summary: String, byName: Bool) -> ScriptFunction {
        ScriptFunction(
            name, Self.tableArgument, Self.operation("re expression, sw begins with, ew ends with"), Self.operand,
            in: .any, summary: summary, outcomes: [1: "done", -1: "no such table, or an unknown operator"],
            example: #"\#(name)("a", "sw", "49");"#
        ) { [self] route, arguments in
            guard let table = self.table(arguments, route),
                let condition = self.condition(arguments, route, byName: byName, ["re", "sw", "ew"])
            else { return .failure }
            table.store.remove(where: condition.holds)
            return .success
        }
    }

    private func expressionRemoval(_ name: String, _ summary: String, byName: Bool) -> ScriptFunction {
        ScriptFunction(
            name,
            Argument("item", .custom { text, compiler in try ExpressionKey(text, compiler) }, "table=>expression."),
            in: .any, summary: summary, outcomes: [1: "done", -1: "no such table, or a bad expression"],
            example: #"\#(name)("a=>^49");"#
        ) { [self] route, arguments in
            guard let key = arguments.object(0, as: ExpressionKey.self) else { return .failure }
            guard let table = self.table(key.table) else {
                route.log(.error, "there is no htable '\(key.table)'")
                return .failure
            }
            guard let regex = key.regex(in: route) else {
                route.log(.error, "bad regular expression '\(key.format.evaluate(in: route))'")
                return .failure
            }
            let condition = byName ? ItemCondition(name: regex) : ItemCondition(value: regex)
            table.store.remove(where: condition.holds)
            return .success
        }
    }
}
