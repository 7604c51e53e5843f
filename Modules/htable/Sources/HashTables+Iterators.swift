import Bytes
import ModuleKit

extension HashTables {
    private static let nameArgument = Argument("iterator", .format, "Name of the iterator.")
    private static let noIterator = "no iterator of that name, or it stands at no item"

    private func iterators(of route: RouteContext) -> TableIterators {
        if let known = route.state(TableIterators.self) { return known }
        let made = TableIterators()
        route.setState(made)
        return made
    }

    var iteratorFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "sht_iterator_start", Self.nameArgument, Argument("table", .format, "Name of the table."), in: .any,
                summary: "Begins a walk over the items of a table; a script has up to four at a time.",
                outcomes: [1: "done; sht_iterator_next goes to the first item", -1: "no such table, or a fifth walk"],
                example: #"sht_iterator_start("i1", "a");"#
            ) { [self] route, arguments in
                guard let table = self.table(arguments, route, at: 1) else { return .failure }
                let name = arguments.text(0, in: route)
                guard self.iterators(of: route).start(name, table) else {
                    route.log(.error, "sht_iterator_start: a script has at most \(TableIterators.limit) iterators")
                    return .failure
                }
                return .success
            },
            ScriptFunction(
                "sht_iterator_end", Self.nameArgument, in: .any, summary: "Ends a walk.",
                outcomes: [1: "done", -1: "no iterator of that name"], example: #"sht_iterator_end("i1");"#
            ) { [self] route, arguments in
                self.iterators(of: route).end(arguments.text(0, in: route)) ? .success : .failure
            },
            ScriptFunction(
                "sht_iterator_next", Self.nameArgument, in: .any,
                summary: "Goes to the next item, which $shtitkey and $shtitval then show.",
                outcomes: [1: "there is one", -1: "there are no more, or no iterator of that name"],
                example: #"while (sht_iterator_next("i1")) { xlog("$shtitkey(i1)\n"); }"#
            ) { [self] route, arguments in
                let name = arguments.text(0, in: route)
                switch self.iterators(of: route).next(name, at: route.second) {
                case .item: return .success
                case .end: return .failure
                case .unknown:
                    route.log(.error, "sht_iterator_next: there is no iterator '\(name)'")
                    return .failure
                }
            },
            ScriptFunction(
                "sht_iterator_rm", Self.nameArgument, in: .any, summary: "Deletes the item at which a walk stands.",
                outcomes: [1: "done", -1: Self.noIterator], example: #"sht_iterator_rm("i1");"#
            ) { [self] route, arguments in
                self.withItem(arguments, route) { table, record, _ in
                    table.store.remove(table.store.hash(record.key.span), record.key.span)
                    return true
                }
            },
        ]
    }

    var iteratorChanges: [ScriptFunction] {
        [
            self.change("sht_iterator_sets", Argument("value", .format, "The text."), "Sets the item to a text.") {
                .text($0.text(1, in: $1))
            },
            self.change("sht_iterator_seti", Argument("value", .int, "The number."), "Sets the item to a number.") {
                $0.int(1, in: $1).map { .int($0) }
            },
            ScriptFunction(
                "sht_iterator_setex", Self.nameArgument, Argument("expire", .int, "Seconds; 0: never."), in: .any,
                summary: "Sets the time of the item at which a walk stands, in a table with autoexpire.",
                outcomes: [1: "done", -1: Self.noIterator], example: #"sht_iterator_setex("i1", "60");"#
            ) { [self] route, arguments in
                guard let seconds = arguments.int(1, in: route) else { return .failure }
                return self.withItem(arguments, route) { table, record, second in
                    guard table.definition.autoexpire > 0 else { return true }
                    return table.store.setDeadline(
                        table.store.hash(record.key.span), record.key.span, SharedTable.deadline(seconds, second),
                        at: second)
                }
            },
        ]
    }

    private func change(
        _ name: String, _ argument: Argument, _ summary: String,
        _ value: @escaping @Sendable (Arguments, RouteContext) -> TableValue?
    ) -> ScriptFunction {
        ScriptFunction(
            name, Self.nameArgument, argument, in: .any, summary: summary,
            outcomes: [1: "done", -1: Self.noIterator], example: #"\#(name)("i1", "5");"#
        ) { [self] route, arguments in
            guard let value = value(arguments, route) else { return .failure }
            return self.withItem(arguments, route) { table, record, second in
                let isStored = table.store.set(
                    table.store.hash(record.key.span), record.key.span, value, table.expiry, at: second)
                if isStored { self.iterators(of: route).show(value, at: arguments.text(0, in: route)) }
                return isStored
            }
        }
    }

    private func withItem(
        _ arguments: Arguments, _ route: RouteContext, _ body: (Table, SharedTable.Record, UInt32) -> Bool
    ) -> Outcome {
        let name = arguments.text(0, in: route)
        let iterators = self.iterators(of: route)
        guard let table = iterators.table(name), let record = iterators.current(name) else {
            route.log(.error, "the iterator '\(name)' stands at no item")
            return .failure
        }
        return body(table, record, route.second) ? .success : .failure
    }
}
