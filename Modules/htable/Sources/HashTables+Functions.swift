import Bytes
import ModuleKit

extension HashTables {
    public var functions: [ScriptFunction] {
        self.itemFunctions + self.matchFunctions + self.removalFunctions + self.lockFunctions
            + self.iteratorFunctions + self.iteratorChanges
    }

    private static let tableArgument = Argument("table", .format, "Name of the table.")
    private static let keyArgument = Argument("key", .format, "Name of the item.")

    private var itemFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "sht_print", in: .any, summary: "Writes all items of all tables into the log, at level ERROR.",
                outcomes: [1: "always"], example: "sht_print();"
            ) { [self] route, _ in
                for table in self.tables {
                    for record in table.store.records(at: route.second) {
                        route.log(.error, "htable \(table.definition.name)=>\(record.key): \(record.value.text)")
                    }
                }
                return .success
            },
            ScriptFunction(
                "sht_rm", Self.tableArgument, Self.keyArgument, in: .any,
                summary: "Deletes an item, as assigning $null does.",
                outcomes: [1: "it is not there (any more)", -1: "no such table"],
                example: #"sht_rm("a", "k");"#
            ) { [self] route, arguments in
                guard let table = self.table(arguments, route) else { return .failure }
                let key = arguments.text(1, in: route)
                table.store.remove(table.store.hash(key.span), key.span)
                return .success
            },
            self.setting("sht_setxs", "value", .format, "Sets an item to a text, with a time of its own.") {
                .text($0.text(2, in: $1))
            },
            self.setting("sht_setxi", "value", .int, "Sets an item to a number, with a time of its own.") {
                $0.int(2, in: $1).map { .int($0) }
            },
            self.adding("sht_inc", 1, "Adds 1 to a number, in one step for all workers."),
            self.adding("sht_dec", -1, "Takes 1 from a number, in one step for all workers."),
            ScriptFunction(
                "sht_is_null", Self.tableArgument, Self.keyArgument, in: .any,
                summary: "Tells whether an item is missing.",
                outcomes: [
                    3: "an empty name", 2: "no such table", 1: "it is missing", -1: "it is a text",
                    -2: "it is a number",
                ],
                example: #"if (sht_is_null("ipban", "$si") < 0) { exit; }"#
            ) { [self] route, arguments in
                let key = arguments.text(1, in: route)
                guard !arguments.text(0, in: route).isEmpty, !key.isEmpty else { return 3 }
                guard let table = self.table(arguments, route) else { return 2 }
                let value = table.store.value(table.store.hash(key.span), key.span, at: route.second)
                switch value ?? table.definition.initialValue.map({ .int($0) }) {
                case nil: return 1
                case .text: return -1
                case .int: return -2
                }
            },
            ScriptFunction(
                "sht_reset", Self.tableArgument, in: .any, summary: "Empties a table.",
                outcomes: [1: "done", -1: "no such table"], example: #"sht_reset("a");"#
            ) { [self] route, arguments in
                guard let table = self.table(arguments, route) else { return .failure }
                table.store.removeAll()
                return .success
            },
        ]
    }

    /// The table that the first argument names; nil after a line in the log.
    func table(_ arguments: Arguments, _ route: RouteContext, at index: Int = 0) -> Table? {
        let name = arguments.text(index, in: route)
        if let table = self.table(name) { return table }
        route.log(.error, "there is no htable '\(name)'")
        return nil
    }

    private func setting(
        _ name: String, _ argument: String, _ kind: Argument.Kind, _ summary: String,
        _ value: @escaping @Sendable (Arguments, RouteContext) -> TableValue?
    ) -> ScriptFunction {
        let seconds = Argument("expire", .int, "Seconds until it goes; 0: never. Needs a table with autoexpire.")
        return ScriptFunction(
            name, Self.tableArgument, Self.keyArgument, Argument(argument, kind, "What it holds from now on."), seconds,
            in: .any, summary: summary,
            outcomes: [1: "done", -1: "no such table, no number, or the table is full"],
            example: #"\#(name)("a", "k", "5", "60");"#
        ) { [self] route, arguments in
            guard let table = self.table(arguments, route), let value = value(arguments, route),
                let seconds = arguments.int(3, in: route)
            else { return .failure }
            let key = arguments.text(1, in: route)
            let deadline = table.definition.autoexpire > 0 ? SharedTable.deadline(seconds, route.second) : 0
            let isStored = table.store.set(
                table.store.hash(key.span), key.span, value, .at(deadline), at: route.second)
            return isStored ? .success : .failure
        }
    }

    private func adding(_ name: String, _ amount: Int, _ summary: String) -> ScriptFunction {
        ScriptFunction(
            name, Self.tableArgument, Self.keyArgument, in: .any,
            summary: summary + " The result is the code, so that 0 ends the script.",
            outcomes: [-255: "no such table, or no such number"], example: #"\#(name)("a", "k");"#
        ) { [self] route, arguments in
            guard let table = self.table(arguments, route) else { return -255 }
            let key = arguments.text(1, in: route)
            let sum = table.store.add(
                table.store.hash(key.span), key.span, amount, initial: table.definition.initialValue, table.expiry,
                at: route.second)
            return .code(sum ?? -255)
        }
    }
}
