import Bytes
import ModuleKit

extension HashTables {
    public var commands: [RPCCommand] { self.readingCommands + self.settingCommands + self.wholeCommands }

    private static var second: UInt32 { SharedTable.second(Instant.now()) }

    private func table(_ request: RPCRequest, _ missing: String) throws(RPCFault) -> Table {
        guard request.has(0) else { throw RPCFault(500, missing) }
        guard let table = self.table(try request.text(0)) else { throw RPCFault(500, "No such htable") }
        return table
    }

    private var readingCommands: [RPCCommand] {
        [
            RPCCommand("htable.dump", returnsArray: true, "Lists the items of a table: table.") {
                [self] request throws(RPCFault) in
                let table = try self.table(request, "No htable name given")
                return Self.dump(table)
            },
            RPCCommand("htable.get", "Shows an item: table, key.") { [self] request throws(RPCFault) in
                let missing = "Not enough parameters (htable name and key name)"
                guard request.has(1) else { throw RPCFault(500, missing) }
                let table = try self.table(request, missing)
                let key = try request.text(1)
                let hash = table.store.hash(key.span)
                guard let value = table.store.value(hash, key.span, at: Self.second) else {
                    throw RPCFault(500, "Key name doesn't exist in htable.")
                }
                let deadline = table.store.deadline(hash, key.span, at: Self.second) ?? 0
                return [
                    .structure([
                        "item": .structure([
                            "name": .text(key), "value": value.rpc, "flags": .int(value.isText ? 2 : 0),
                            "expire": .string(Self.moment(deadline)),
                        ])
                    ])
                ]
            },
            RPCCommand("htable.listTables", returnsArray: true, "Lists the tables and their attributes.") {
                [self] _ throws(RPCFault) in
                self.tables.reversed().map { table in
                    .structure([
                        "name": .text(table.definition.name),
                        "dbtable": .text(table.definition.databaseTable ?? ByteString()),
                        "dbmode": .int(table.definition.storesAtEnd ? 1 : 0),
                        "expire": .int(table.definition.autoexpire),
                        "updateexpire": .int(table.definition.updatesExpiry ? 1 : 0),
                        "size": .int(table.definition.slots), "dmqreplicate": .int(0),
                    ])
                }
            },
            RPCCommand("htable.stats", returnsArray: true, "Tells how full the tables are.") {
                [self] _ throws(RPCFault) in
                self.tables.reversed().map { table in
                    let slots = Self.slots(table)
                    let sizes = slots.map(\.records.count)
                    let least = slots.count < table.definition.slots ? 0 : sizes.min() ?? 0
                    return .structure([
                        "name": .text(table.definition.name), "slots": .int(table.definition.slots),
                        "all": .int(sizes.reduce(0, +)), "min": .int(least), "max": .int(sizes.max() ?? 0),
                    ])
                }
            },
        ]
    }

    /// Items by slot, lowest slot first.
    private static func slots(_ table: Table) -> [(index: UInt64, records: [SharedTable.Record])] {
        var slots: [UInt64: [SharedTable.Record]] = [:]
        for record in table.store.records(at: Self.second) {
            slots[table.slot(table.store.hash(record.key.span)), default: []].append(record)
        }
        return slots.sorted { $0.key < $1.key }.map { (index: $0.key, records: $0.value) }
    }

    private static func dump(_ table: Table) -> [RPCValue] {
        self.slots(table).map { slot in
            let items = slot.records.map { record in
                RPCValue.structure([
                    "name": .text(record.key), "value": record.value.rpc,
                    "type": .string(record.value.isText ? "str" : "int"),
                ])
            }
            return .structure([
                "entry": .int(Int(slot.index)), "size": .int(slot.records.count), "slot": .array(items),
            ])
        }
    }

    /// A second as a date of the wall clock.
    private static func moment(_ deadline: UInt32) -> String {
        guard deadline > 0 else { return "NEVER" }
        let left = Int(deadline) - Int(Self.second)
        return CalendarTime(seconds: WallClock.seconds() + left).sortable
    }

    // MARK: Changing

    private var settingCommands: [RPCCommand] {
        [
            self.set("htable.sets", "Sets an item to a text: table, key, value.", hasTime: false) {
                request throws(RPCFault) in .text(try request.text(2))
            },
            self.set("htable.seti", "Sets an item to a number: table, key, value.", hasTime: false, body: Self.number),
            self.set("htable.setxs", "Sets an item to a text: table, key, value, seconds.", hasTime: true) {
                request throws(RPCFault) in .text(try request.text(2))
            },
            self.set(
                "htable.setxi", "Sets an item to a number: table, key, value, seconds.", hasTime: true,
                body: Self.number),
            RPCCommand("htable.setex", "Sets the time of an item: table, key, seconds.") {
                [self] request throws(RPCFault) in
                let missing = "Not enough parameters (htable name, key name and expire)"
                guard request.has(2) else { throw RPCFault(500, missing) }
                let table = try self.table(request, missing)
                let key = try request.text(1)
                guard let seconds = try? request.int(2) else { throw RPCFault(500, missing) }
                if table.definition.autoexpire > 0 {
                    let deadline = SharedTable.deadline(seconds, Self.second)
                    _ = table.store.setDeadline(table.store.hash(key.span), key.span, deadline, at: Self.second)
                }
                return [.string("Ok")]
            },
            RPCCommand("htable.delete", "Deletes an item: table, key.") { [self] request throws(RPCFault) in
                let missing = "Not enough parameters (htable name and key name)"
                guard request.has(1) else { throw RPCFault(500, missing) }
                let table = try self.table(request, missing)
                let key = try request.text(1)
                guard table.store.remove(table.store.hash(key.span), key.span) else {
                    throw RPCFault(404, "Key not found in htable.")
                }
                return [.string("Ok. Key deleted.")]
            },
        ]
    }

    private static func number(_ request: RPCRequest) throws(RPCFault) -> TableValue {
        guard let number = try? request.int(2) else {
            throw RPCFault(500, "Not enough parameters (htable name, key name and value)")
        }
        return .int(number)
    }

    private func set(
        _ name: String, _ summary: String, hasTime: Bool,
        body value: @escaping @Sendable (RPCRequest) throws(RPCFault) -> TableValue
    ) -> RPCCommand {
        RPCCommand(name, summary) { [self] request throws(RPCFault) in
            let missing =
                "Not enough parameters (htable name, key name\(hasTime ? ", value and expire" : " and value"))"
            guard request.has(hasTime ? 3 : 2) else { throw RPCFault(500, missing) }
            let table = try self.table(request, missing)
            let key = try request.text(1)
            let new = try value(request)
            var expiry = table.expiry
            if hasTime, table.definition.autoexpire > 0 {
                guard let seconds = try? request.int(3) else { throw RPCFault(500, missing) }
                expiry = .at(SharedTable.deadline(seconds, Self.second))
            }
            guard table.store.set(table.store.hash(key.span), key.span, new, expiry, at: Self.second) else {
                throw RPCFault(500, "Failed to set the item")
            }
            return [.string("Ok. Key set to new value.")]
        }
    }

    private var wholeCommands: [RPCCommand] {
        [
            RPCCommand("htable.flush", "Empties a table: table.") { [self] request throws(RPCFault) in
                try self.table(request, "No htable name given").store.removeAll()
                return [.string("Ok. Htable flushed.")]
            }
        ] + self.databaseCommands
    }
}

extension TableValue {
    var rpc: RPCValue {
        switch self {
        case .int(let number): .int(number)
        case .text(let text): .text(text)
        }
    }
}
