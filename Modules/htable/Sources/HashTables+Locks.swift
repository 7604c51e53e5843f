import Bytes
import ModuleKit

extension HashTables {
    var lockFunctions: [ScriptFunction] {
        let item = Argument(
            "item", .custom { [self] text, compiler in try TableKey(text, self, compiler) },
            "table=>key; the lock is that of the key's slot.")
        return [
            ScriptFunction(
                "sht_lock", item, in: .any,
                summary: "Takes the lock of an item's slot; while another script has it, this one waits suspended.",
                outcomes: [
                    1: "taken; the same script may take it again",
                    -1: "no such table, its holder waits for a lock of this script, or too many scripts wait",
                ],
                example: #"sht_lock("a=>$si");"#
            ) { [self] route, arguments in
                guard let slot = self.slot(arguments, route) else { return .failure }
                let holder = self.holder(of: route)
                switch self.space.locks.take(slot, for: holder, { route.suspend() }) {
                case .taken: return .success
                case .waits:
                    return .suspended(
                        Continuation { [self] _, result in
                            // Too many scripts wait already: this one may not.
                            if result.code < 0 { self.space.locks.abandonWait(of: holder) }
                            return .code(result.code)
                        })
                case .deadlock:
                    route.log(.error, "sht_lock: the script that has the lock waits for one that this script has")
                    return .failure
                }
            },
            ScriptFunction(
                "sht_unlock", item, in: .any,
                summary: "Gives the lock of an item's slot back; what a script still has when it ends goes back too.",
                outcomes: [1: "done", -1: "no such table, or this script does not have it"],
                example: #"sht_unlock("a=>$si");"#
            ) { [self] route, arguments in
                guard let slot = self.slot(arguments, route) else { return .failure }
                return self.space.locks.giveBack(slot, by: self.holder(of: route)) ? .success : .failure
            },
        ]
    }

    private func slot(_ arguments: Arguments, _ route: RouteContext) -> SlotLocks.Slot? {
        guard let key = arguments.object(0, as: TableKey.self) else { return nil }
        guard let table = key.table else {
            route.log(.error, "there is no htable '\(key.tableName)'")
            return nil
        }
        let index = key.with(table, in: route) { hash, _ in table.slot(hash) }
        return SlotLocks.Slot(table: ObjectIdentifier(table.store), index: index)
    }

    private func holder(of route: RouteContext) -> SlotHolder {
        if let known = route.state(SlotHolder.self) { return known }
        let made = SlotHolder()
        route.setState(made)
        return made
    }

    func releaseLocks(of route: RouteContext) {
        guard let holder = route.state(SlotHolder.self) else { return }
        let count = self.space.locks.giveBackAll(of: holder)
        if count > 0 { route.log(.error, "the script ended with \(count) htable locks held; they are released") }
    }
}
