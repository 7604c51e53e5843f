import Bytes
import ModuleKit

extension HashTables {
    public var variables: [ScriptVariable] {
        self.itemVariables + self.countVariables + self.positionVariables
    }

    private var itemVariables: [ScriptVariable] {
        [
            ScriptVariable(
                "sht", inner: .required, writable: true,
                summary: "Item of a table, $sht(table=>key): a number or a text; $null deletes it."
            ) { [self] name, compiler in
                let key = try TableKey(name, self, compiler)
                return VariableAccess { route, _ in
                    guard let table = key.table else { return .null }
                    let value = key.with(table, in: route) { table.store.value($0, $1, at: route.second) }
                    if let value { return value.value }
                    return table.definition.initialValue.map { .int($0) } ?? .null
                } write: { route, _, value in
                    guard let table = key.table else { return false }
                    guard let stored = TableValue(value, in: route) else {
                        key.with(table, in: route) { _ = table.store.remove($0, $1) }
                        return true
                    }
                    return key.with(table, in: route) {
                        table.store.set($0, $1, stored, table.expiry, at: route.second)
                    }
                }
            },
            ScriptVariable(
                "shtex", inner: .required, writable: true,
                summary: "Seconds until an item goes; 0 when it stays, is missing, or its table has no autoexpire."
            ) { [self] name, compiler in
                let key = try TableKey(name, self, compiler)
                return VariableAccess { route, _ in
                    guard let table = key.table else { return .null }
                    // Without autoexpire a table has no times at all.
                    guard table.definition.autoexpire > 0 else { return .int(0) }
                    let second = route.second
                    let deadline = key.with(table, in: route) { table.store.deadline($0, $1, at: second) } ?? 0
                    return .int(deadline == 0 ? 0 : Int(deadline) - Int(second))
                } write: { route, _, value in
                    guard let table = key.table, let seconds = route.int(value) else { return false }
                    guard table.definition.autoexpire > 0 else { return true }
                    let deadline = SharedTable.deadline(seconds, route.second)
                    key.with(table, in: route) { _ = table.store.setDeadline($0, $1, deadline, at: route.second) }
                    return true
                }
            },
            self.adding("shtinc", 1, "Adds 1 to a number, in one step for all workers, and gives the sum."),
            self.adding("shtdec", -1, "Takes 1 from a number, in one step for all workers, and gives the rest."),
        ]
    }

    private func adding(_ name: String, _ amount: Int, _ summary: String) -> ScriptVariable {
        ScriptVariable(name, inner: .required, summary: summary + " $null when the item is missing or a text.") {
            [self] name, compiler in
            let key = try TableKey(name, self, compiler)
            return VariableAccess { route, _ in
                guard let table = key.table else { return .null }
                return key.with(table, in: route) { hash, text in
                    table.store.add(
                        hash, text, amount, initial: table.definition.initialValue, table.expiry, at: route.second)
                }.map { .int($0) } ?? .null
            }
        }
    }

    /// `$shtcn` and `$shtcv`: how many items there are whose name or value fits.
    private var countVariables: [ScriptVariable] {
        func count(_ name: String, _ summary: String, byName: Bool) -> ScriptVariable {
            ScriptVariable(
                name, inner: .required,
                summary: summary
                    + " ~~re and re alone are regular expressions, %~text begins with, ~%text ends with, ==text is the"
                    + " same, eq5, gt5 and lt5 compare numbers."
            ) { [self] inner, compiler in
                guard case .literal(let text) = inner else { throw ArgumentError("$\(name) takes table=>expression") }
                let (tableName, expression) = try TableKey.split(text)
                let table = self.table(tableName)
                let format = try compiler.format(expression)
                let fixed = format.constant.flatMap { ItemCondition(counting: $0, byName: byName) }
                return VariableAccess { route, _ in
                    guard let table else { return .null }
                    let condition = fixed ?? ItemCondition(counting: format.evaluate(in: route), byName: byName)
                    guard let condition else { return .int(0) }
                    return .int(table.store.count(at: route.second, where: condition.holds))
                }
            }
        }
        return [
            count("shtcn", "Number of items by name, $shtcn(table=>expression).", byName: true),
            count("shtcv", "Number of items by value, $shtcv(table=>expression).", byName: false),
        ]
    }

    private var positionVariables: [ScriptVariable] {
        func position(
            _ name: String, _ summary: String, _ read: @escaping @Sendable (SharedTable.Record) -> Value
        ) -> ScriptVariable {
            ScriptVariable(name, inner: .required, summary: summary) { name, _ in
                VariableAccess { route, _ in
                    route.state(TableIterators.self)?.current(name.resolve(in: route)).map(read) ?? .null
                }
            }
        }
        return [
            position("shtitkey", "Name of the item at which an iterator stands.") { .bytes($0.key) },
            position("shtitval", "Value of the item at which an iterator stands.") { $0.value.value },
            ScriptVariable(
                "shtrecord", inner: .required,
                summary: "In event_route[htable:expired:TABLE]: key or value of the item that has gone."
            ) { name, _ in
                guard case .literal(let part) = name, part == "key" || part == "value" else {
                    throw ArgumentError("$shtrecord(key) and $shtrecord(value) are all there is")
                }
                let isKey = part == "key"
                return VariableAccess { route, _ in
                    guard let record = route.state(ExpiredItem.self)?.record else { return .null }
                    return isKey ? .bytes(record.key) : record.value.value
                }
            },
        ]
    }
}
