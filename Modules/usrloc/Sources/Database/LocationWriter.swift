import Bytes
import Database

/// What the database is to be told of a table.
struct LocationChanges: Sendable {
    var table: LocationTable
    var rows: [LocationRow]
    /// `ruid`s of rows to delete.
    var deleted: [ByteString]
}

/// Writes changes to the location tables of a database, in as few statements as it takes: each may be a journey to
/// another machine and back.
struct LocationWriter: Sendable {
    /// Rows of one statement: values and conditions stay below what databases take at once.
    private static let insertPart = 2500
    /// Few sizes, so that there are few statements to prepare.
    private static let deleteParts = [1, 8, 64, 300, 900]

    private let settings: DatabaseSettings
    private let usesDomain: Bool
    private let keepsAttributes: Bool
    private var ruid: ByteString { self.settings.column(.ruid) }

    init(_ settings: UserLocation.Settings) {
        self.settings = settings.database
        self.usesDomain = settings.usesDomain
        self.keepsAttributes = !settings.attributesName.isEmpty
    }

    /// All of it or nothing.
    func store(_ parts: [LocationChanges], _ session: DatabaseSession) throws {
        if try self.storeAtOnce(parts, session) { return }
        try session.transaction { for part in parts { try self.write(part, session) } }
    }

    /// What one statement can do needs no transaction around it.
    /// - Returns: false when it takes more; nothing is changed then.
    private func storeAtOnce(_ parts: [LocationChanges], _ session: DatabaseSession) throws(DatabaseError) -> Bool {
        let changed = parts.filter { !$0.rows.isEmpty || !$0.deleted.isEmpty }
        if changed.isEmpty { return true }
        guard changed.count == 1, let part = changed.first, part.deleted.isEmpty, !self.keepsAttributes else {
            return false
        }
        let known = self.settings.updatesByInsert ? 0 : part.rows.count(where: \.isStored)
        if known == 0, part.rows.count <= Self.insertPart {
            try self.insert(part.rows[...], into: part.table.name, session)
            return true
        }
        guard part.rows.count == 1 else { return false }
        let values = zip(self.settings.columns, self.values(part.rows[0])).map { Update.Assignment($0, $1) }
        let filter: Filter = [Condition(self.ruid, .equal, .string(part.rows[0].ruid))]
        // Who does not count, or finds no such row, has it replaced.
        return try session.update(Update(part.table.name, set: values, where: filter)) == 1
    }

    private func write(_ part: LocationChanges, _ session: DatabaseSession) throws(DatabaseError) {
        // A row that may be there is replaced as a whole.
        var gone = part.deleted
        if !self.settings.updatesByInsert { gone += part.rows.filter(\.isStored).map(\.ruid) }
        try self.delete(gone, from: part.table.name, self.ruid, session)
        for start in stride(from: 0, to: part.rows.count, by: Self.insertPart) {
            let rows = part.rows[start..<min(start + Self.insertPart, part.rows.count)]
            try self.insert(rows, into: part.table.name, session)
        }
        guard self.keepsAttributes else { return }
        try self.delete(gone, from: AttributeRows.table, "ruid", session)
        let attributes = part.rows.flatMap { AttributeRows.values($0, usesDomain: self.usesDomain) }
        if !attributes.isEmpty {
            try session.insert(Insert(into: AttributeRows.table, AttributeRows.columns, rows: attributes))
        }
    }

    private func values(_ row: LocationRow) -> [DatabaseValue] {
        row.values(self.settings, usesDomain: self.usesDomain)
    }

    private func insert(
        _ rows: ArraySlice<LocationRow>, into table: ByteString, _ session: DatabaseSession
    ) throws(DatabaseError) {
        try session.insert(Insert(into: table, self.settings.columns, rows: rows.map(self.values)))
    }

    private func delete(
        _ ruids: [ByteString], from table: ByteString, _ column: ByteString, _ session: DatabaseSession
    ) throws(DatabaseError) {
        let most = Self.deleteParts.last ?? 1
        for start in stride(from: 0, to: ruids.count, by: most) {
            var part = Array(ruids[start..<min(start + most, ruids.count)])
            // A row that is named twice goes once.
            let size = Self.deleteParts.first { $0 >= part.count } ?? most
            part += repeatElement(part[0], count: size - part.count)
            try session.delete(
                Delete(from: table, where: .any(part.map { Condition(column, .equal, .string($0)) })))
        }
    }
}
