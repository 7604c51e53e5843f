import Bytes
import Database
import ModuleKit

/// Reads location tables from the database: whole ones at the start, several connections at a time, and single
/// addresses of record.
struct LocationLoader: Sendable {
    let database: Database
    let settings: UserLocation.Settings
    let store: LocationStore
    let host: any ModuleHost

    private var columns: [ByteString] { self.settings.database.columns }

    /// Checks the tables, and loads them where the mode wants that.
    /// - Throws: `ModuleError` naming table, column and the command that repairs it.
    func start(_ tables: [LocationTable]) throws {
        let settings = self.settings.database
        try self.database.require(
            tables.map { table in
                TableUse(
                    .location, named: table.name, columns: settings.columns, checksVersion: settings.checksVersion)
            } + (self.settings.attributesName.isEmpty ? [] : [TableUse(.locationAttrs)]))
        for table in tables {
            if settings.cleansConnections { try self.cleanConnections(table) }
            guard settings.loads, settings.mode != .databaseOnly, !table.isLoaded else { continue }
            try self.load(table)
            table.noteLoaded()
        }
    }

    private func cleanConnections(_ table: LocationTable) throws {
        let settings = self.settings.database
        try self.database.wait(.write, within: .seconds(60)) { session in
            var filter: Filter = [Condition(settings.column(.connection), .greater, 0)]
            if settings.filtersServers {
                filter.conditions.append(
                    Condition(settings.column(.serverID), .equal, .int(self.host.settings.serverID)))
            }
            try session.delete(Delete(from: table.name, where: filter))
        }
    }

    private func load(_ table: LocationTable) throws {
        let attributes: [ByteString: NamedStacks] =
            self.settings.attributesName.isEmpty
            ? [:] : try self.database.wait(.read, within: .seconds(600)) { try AttributeRows.read($0) }
        let span = try self.database.wait(.read, within: .seconds(60)) { session -> (low: Int, high: Int)? in
            let first = try session.query(Select(["id"], from: table.name, order: ["id"], limit: 1))
            let last = try session.query(
                Select(["id"], from: table.name, order: [.init("id", descending: true)], limit: 1))
            guard let low = first.first?[0].int, let high = last.first?[0].int else { return nil }
            return (low, high)
        }
        guard let span else { return }
        // The numbers of rows may be anything: their distance may be more than an Int holds.
        let distance = UInt(bitPattern: span.high &- span.low)
        let parts = max(min(self.host.workerCount, 4, Int(clamping: distance / 10_000)), 1)
        let outcome = Lock<(left: Int, error: DatabaseError?)>((parts, nil))
        let signal = WorkSignal()
        for part in 0..<parts {
            func begin(_ part: Int) -> Int { span.low &+ Int(bitPattern: distance / UInt(parts) * UInt(part)) }
            let ids = begin(part)...(part == parts - 1 ? span.high : begin(part + 1) &- 1)
            self.database.perform(.read, within: .seconds(600)) { session in
                try self.load(table, ids, attributes, session)
            } answer: { result in
                let isLast = outcome.withLock { outcome in
                    outcome.left -= 1
                    if case .failure(let error) = result { outcome.error = error }
                    return outcome.left == 0
                }
                if isLast { signal.raise() }
            }
        }
        while outcome.withLock({ $0.left }) > 0 { signal.wait(milliseconds: 100) }
        if let error = outcome.withLock({ $0.error }) {
            throw ModuleError("usrloc: table \(table.name) cannot be loaded: \(error)")
        }
    }

    private func load(
        _ table: LocationTable, _ ids: ClosedRange<Int>, _ attributes: [ByteString: NamedStacks],
        _ session: DatabaseSession
    ) throws {
        let settings = self.settings.database
        var filter: Filter = [
            Condition("id", .atLeast, .int(ids.lowerBound)), Condition("id", .atMost, .int(ids.upperBound)),
        ]
        if settings.filtersServers {
            filter.conditions.append(
                Condition(settings.column(.serverID), .equal, .int(self.host.settings.serverID)))
        }
        let memo = InternMemo(self.store.commons.interner)
        let now = Instant.now().seconds
        let wall = WallClock.seconds()
        let isStored = settings.mode.writes
        try session.fetch(Select(self.columns, from: table.name, where: filter), chunk: settings.fetchRows) { rows in
            for row in rows {
                guard var row = LocationRow(row, usesDomain: self.settings.usesDomain), self.isWanted(row, wall) else {
                    continue
                }
                if !attributes.isEmpty { row.attributes = attributes[row.ruid] }
                table.restore(row, now: now, wall: wall, isStored: isStored, memo: memo)
            }
        }
    }

    /// Rows of one address of record, as they are now.
    func rows(of address: ByteString, in table: ByteString, _ session: DatabaseSession) throws -> [LocationRow] {
        let settings = self.settings.database
        let (user, domain) = LocationRow.split(address, usesDomain: self.settings.usesDomain)
        var filter: Filter = [Condition(settings.column(.username), .equal, .string(user))]
        if let domain { filter.conditions.append(Condition(settings.column(.domain), .equal, .string(domain))) }
        let wall = WallClock.seconds()
        return try session.query(Select(self.columns, from: table, where: filter)).compactMap { row in
            LocationRow(row, usesDomain: self.settings.usesDomain).flatMap { self.isWanted($0, wall) ? $0 : nil }
        }
    }

    private func isWanted(_ row: LocationRow, _ wall: Int) -> Bool {
        guard row.expires == 0 || row.expires + self.settings.removalDelay > wall else { return false }
        guard self.settings.database.skipsRemoteSockets, !row.socket.isEmpty else { return true }
        return self.host.socket(named: row.socket) != nil
    }
}
