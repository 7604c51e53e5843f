import Bytes
import Database
import ModuleKit

extension Accounting {
    /// The rows of an event: one, or one for each leg.
    func rows(_ record: AccountingRecord, into table: ByteString, for route: RouteContext) -> Insert {
        let message = route.message
        let fromTag = message.text(message.from.tag)
        let tags = record.isUpstream ? (from: record.toTag, to: fromTag) : (from: fromTag, to: record.toTag)
        var columns = self.settings.columns.all
        var row: [DatabaseValue] = [
            .string(message.text(message.methodRange)), .string(tags.from), .string(tags.to),
            .string(message.text(message.callID)),
            .string(record.code.map { ByteString(decimal: $0) } ?? ByteString()), .string(record.reason),
            .time(record.time / 1_000_000),
        ]
        for (column, value) in self.clock.columns(microseconds: record.time) {
            columns.append(column)
            row.append(value)
        }
        for index in 0..<self.databaseExtras.count {
            columns.append(self.databaseExtras[index].name)
            row.append(self.databaseValue(self.databaseExtras[index].variable.read(in: route), in: route))
        }
        let legs = self.legs(of: route)
        guard !legs.isEmpty else { return Insert(into: table, columns, rows: [row]) }
        columns += self.legParts.map(\.name)
        return Insert(
            into: table, columns, rows: legs.map { leg in row + leg.map { self.databaseValue($0, in: route) } })
    }

    private func databaseValue(_ value: Value, in route: RouteContext) -> DatabaseValue {
        if value.isNull { return self.settings.isExtraNullable ? .null : .string(ByteString()) }
        return .string(route.text(value))
    }

    /// Which tables the database has to have; those whose name is known only at run time are left out.
    var uses: [TableUse] {
        var columns = self.settings.columns.all
        for index in 0..<self.databaseExtras.count { columns.append(self.databaseExtras[index].name) }
        columns += self.legParts.map(\.name)
        columns += self.clock.columns(microseconds: 0).map(\.0)
        var uses: [TableUse] = []
        for (declaration, name) in [(TableDeclaration.acc, self.answeredTable), (.missedCalls, self.missedTable)] {
            guard let name = name.constant else { continue }
            uses.append(
                TableUse(declaration, named: name, columns: columns, checksVersion: self.settings.checksVersion))
        }
        return uses
    }
}
