import Bytes
import Database
import ModuleKit

extension HashTables {
    /// Names of the columns in every database table.
    struct Columns: Sendable {
        var name: ByteString = "key_name"
        var keyType: ByteString = "key_type"
        var valueType: ByteString = "value_type"
        var value: ByteString = "key_value"
        var expires: ByteString = "expires"
    }

    /// Reads the tables that have one in the database. Not at a reload, which finds them as they are.
    func loadAtStart(_ host: any ModuleHost) throws {
        guard let database = self.database else { return }
        try database.require(
            self.tables.compactMap { table in
                table.definition.databaseTable.map { name in
                    TableUse(
                        .htable, named: name, columns: table.definition.columns ?? self.ownColumns,
                        checksVersion: false)
                }
            })
        for table in self.tables {
            guard let source = table.definition.databaseTable, self.space.isFirstLoad(of: table.definition.name) else {
                continue
            }
            do {
                let items = try database.wait(.read, within: .seconds(120)) { [self] session in
                    try self.read(source, of: table, session)
                }
                self.fill(table, items)
                host.logger.info("htable: \(items.count) items of '\(table.definition.name)' from table \(source)")
            } catch {
                throw ModuleError("htable '\(table.definition.name)': \(error)")
            }
        }
    }

    /// Writes the tables with `dbmode` 1 back.
    func storeAtEnd(_ host: any ModuleHost) {
        for table in self.tables where table.definition.writesBack {
            do throws(DatabaseError) {
                try self.store(table)
            } catch {
                host.logger.error("htable '\(table.definition.name)': \(error)")
            }
        }
    }

    /// Columns of tables that are kept as the module keeps them.
    private var ownColumns: [ByteString] {
        let columns = self.settings.columns
        let names = [columns.name, columns.keyType, columns.valueType, columns.value]
        return self.settings.storesExpiry ? names + [columns.expires] : names
    }

    // MARK: Reading

    /// An item as the database has it.
    struct StoredItem: Sendable {
        var key: ByteString
        var value: TableValue
        /// Seconds since 1970, 0: never.
        var expires: Int
    }

    func read(_ source: ByteString, of table: Table, _ session: DatabaseSession) throws -> [StoredItem] {
        var items: [StoredItem] = []
        var arrays: [ByteString: Int] = [:]
        if let own = table.definition.columns {
            // The first column is the key, the others are its value, joined.
            try session.fetch(Select(own, from: source), chunk: self.settings.fetchRows) { rows in
                for row in rows {
                    guard let key = row[0].text else { continue }
                    items.append(
                        StoredItem(key: key, value: table.definition.value(of: row.values.dropFirst()), expires: 0))
                }
            }
            return items
        }
        let names = self.ownColumns
        let now = WallClock.seconds()
        try session.fetch(Select(names, from: source), chunk: self.settings.fetchRows) { rows in
            for row in rows {
                guard var key = row[0].text, let text = row[3].text else { continue }
                let expires = row[4].int ?? 0
                if expires > 0, expires <= now { continue }
                let value: TableValue = row[2].int == 1 ? .int(row[3].int ?? 0) : .text(text)
                if row[1].int == 1 {
                    // An array: its rows get numbers, and one more item has their count.
                    let index = arrays[key, default: 0]
                    arrays[key] = index + 1
                    key = key + ByteString("[\(index)]")
                }
                items.append(StoredItem(key: key, value: value, expires: expires))
            }
        }
        for (key, count) in arrays {
            items.append(
                StoredItem(key: key + self.settings.arraySizeSuffix, value: .int(count), expires: 0))
        }
        return items
    }

    func fill(_ table: Table, _ items: [StoredItem]) {
        let now = WallClock.seconds()
        let second = SharedTable.second(.now())
        for item in items {
            let expiry: SharedTable.Expiry =
                item.expires > 0 ? .at(SharedTable.deadline(item.expires - now, second)) : table.expiry
            _ = table.store.set(table.store.hash(item.key.span), item.key.span, item.value, expiry, at: second)
        }
    }

    // MARK: Writing

    /// Puts the items of a table in place of what its database table has. Blocks.
    func store(_ table: Table) throws(DatabaseError) {
        guard let database = self.database, let target = table.definition.databaseTable else { return }
        let (columns, rows) = self.rows(of: table)
        try database.wait(.write, within: .seconds(120)) { session in
            try Self.replace(target, columns, rows, session)
        }
    }

    func rows(of table: Table) -> (columns: [ByteString], rows: [[DatabaseValue]]) {
        let names = self.ownColumns
        let second = SharedTable.second(.now())
        let now = WallClock.seconds()
        let rows = table.store.records(at: second).map { record -> [DatabaseValue] in
            var row: [DatabaseValue] = [.string(record.key), 0]
            switch record.value {
            case .int(let number): row += [1, .string(ByteString(decimal: number))]
            case .text(let text): row += [0, .string(text)]
            }
            if self.settings.storesExpiry {
                let deadline =
                    table.store.deadline(table.store.hash(record.key.span), record.key.span, at: second) ?? 0
                row.append(.int(deadline == 0 ? 0 : now + Int(deadline) - Int(second)))
            }
            return row
        }
        return (names, rows)
    }

    static func replace(
        _ target: ByteString, _ columns: [ByteString], _ rows: [[DatabaseValue]], _ session: DatabaseSession
    ) throws {
        try session.transaction {
            try session.delete(Delete(from: target, where: .everything))
            for start in stride(from: 0, to: rows.count, by: 1_000) {
                let part = Array(rows[start..<min(start + 1_000, rows.count)])
                try session.insert(Insert(into: target, columns, rows: part))
            }
        }
    }

    // MARK: Commands

    var databaseCommands: [RPCCommand] {
        [
            .waiting("htable.reload", "Reads a table from the database again, in place of what is there: table.") {
                [self] request, answer in
                self.withSource(request, answer) { database, table, source in
                    database.perform(.read, within: .seconds(60)) { [self] session in
                        try self.read(source, of: table, session)
                    } answer: { [self] result in
                        switch result {
                        case .failure(let error): answer.refuse(RPCFault(500, "htable reload failed: \(error)"))
                        case .success(let items):
                            table.store.removeAll()
                            self.fill(table, items)
                            self.host.perform(after: .zero) { worker in self.runReloadedRoute(of: table, on: worker) }
                            answer.give([.string("Ok. Htable successfully reloaded.")])
                        }
                    }
                }
            },
            .waiting("htable.store", "Writes a table to the database, in place of what is there: table.") {
                [self] request, answer in
                self.withSource(request, answer) { database, table, source in
                    let (columns, rows) = self.rows(of: table)
                    database.perform(.write, within: .seconds(60)) { session in
                        try Self.replace(source, columns, rows, session)
                    } answer: { result in
                        switch result {
                        case .failure(let error): answer.refuse(RPCFault(500, "htable store failed: \(error)"))
                        case .success: answer.give([.string("Ok. Htable successfully stored.")])
                        }
                    }
                }
            },
        ]
    }

    private func withSource(
        _ request: RPCRequest, _ answer: RPCAnswer, _ body: (Database, Table, ByteString) -> Void
    ) {
        guard let database = self.database else { return answer.refuse(RPCFault(500, "No htable db_url")) }
        guard let name = try? request.text(0) else { return answer.refuse(RPCFault(500, "No htable name given")) }
        guard let table = self.table(name) else { return answer.refuse(RPCFault(500, "No such htable")) }
        guard let source = table.definition.databaseTable else {
            return answer.refuse(RPCFault(500, "No database htable"))
        }
        body(database, table, source)
    }
}
