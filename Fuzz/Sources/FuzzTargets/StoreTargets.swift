import Bytes
import Database
import PerlExpressions
import SIPMessage
import SIPTransport
import db_text
import permissions
import usrloc

/// Readers of what databases, files and configurations hold.
enum StoreTargets {
    /// Both kinds of expressions; matching has to come to an end.
    static func match(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 10) ?? bytes.count
        let pattern = ByteString(Array(bytes[..<end]))
        let text = Array(bytes[min(end + 1, bytes.count)...])
        if let expression = try? RegularExpression(pattern, ignoringCase: bytes.count % 2 == 1) {
            _ = expression.matches(text.span)
            if let match = expression.firstMatch(in: text.span, from: 0) {
                claim(match.range.upper <= text.count, "a match outside of the text")
            }
        }
        if let expression = try? PerlExpression(pattern, ignoringCase: bytes.count % 2 == 1) {
            if case .matched(let match) = expression.firstMatch(in: text.span) {
                for group in 0..<10 {
                    claim(match[group].upper <= text.count, "a group outside of the text")
                }
            }
        }
    }

    /// Fields separated by line ends; the first byte of each says its type.
    static func readRow(_ bytes: [UInt8]) {
        let values: [DatabaseValue] = bytes.split(separator: 10, omittingEmptySubsequences: false).map {
            FuzzDatabase.value($0)
        }
        for value in values { _ = (value.int, value.double, value.text) }
        var rows = Rows(columns: [ByteString](repeating: "c", count: 22))
        rows.append(values)
        let usesDomain = bytes.count % 2 == 1
        guard let row = rows.first.flatMap({ LocationRow($0, usesDomain: usesDomain) }) else { return }
        let store = LocationStore(started: 1, process: 1)
        let table = store.table(named: "location")
        let memo = InternMemo(store.commons.interner)
        for now in [1, .max] as [UInt32] {
            table.restore(row, now: now, wall: 1_700_000_000, isStored: true, memo: memo)
        }
        claim(table.contactCount <= 1 || row.ruid.isEmpty, "one row, two bindings")
        // What is written is read as the same; a user with `@` and no domain becomes one with.
        guard !usesDomain || !row.address.bytes.contains(UInt8(ascii: "@")) else { return }
        let again = row.values(DatabaseSettings(), usesDomain: usesDomain)
        rows.removeAll()
        rows.append(again)
        guard let second = rows.first.flatMap({ LocationRow($0, usesDomain: usesDomain) }) else {
            fatalError("a row that cannot be read again")
        }
        claim(second.values(DatabaseSettings(), usesDomain: usesDomain) == again, "another row")
    }

    /// SQL up to the first NUL, and a table behind it.
    static func readTable(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 0) ?? 0
        let statement = try? SimpleSQL.statement(ByteString(Array(bytes[..<end])), [.int(1), .string("x"), .null])
        var format = TextTable.Format()
        format.keepsEmptyText = bytes.count % 2 == 1
        guard var table = try? TextTable(ByteString(Array(bytes[min(end, bytes.count)...].drop { $0 == 0 })), format)
        else { return }
        guard let again = try? TextTable(table.text(format), format) else {
            fatalError("a table that cannot be read again")
        }
        claim(again.text(format) == table.text(format), "another table")
        switch statement {
        case .select(let select): _ = try? table.select(select, limit: 100)
        case .insert(let insert):
            for row in insert.rows { _ = try? table.insert(insert.columns, row) }
        case .update(let update): _ = try? table.update(update)
        case .delete(let delete): _ = try? table.delete(delete.filter)
        case .upsert, .raw, nil: break
        }
        guard let changed = try? TextTable(table.text(format), format) else { return }
        claim(changed.rows.count == table.rows.count || table.columns.count == 1, "another number of rows")
    }

    /// resolv.conf, hosts, and a file of rules with two texts to match before the first NUL.
    static func readFiles(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 0) ?? 0
        let text = ByteString(Array(bytes[end...].drop { $0 == 0 }))
        let options = ResolverOptions(text)
        claim((1...30).contains(options.timeout) && (1...5).contains(options.attempts), "waits for ever")
        let hosts = HostsFile(text)
        for name in ["a", "sip.example.org"] as [ByteString] {
            for type in [.a, .aaaa, .srv] as [DNSRecordType] { _ = hosts.answer(to: DNSQuestion(type, name)) }
        }
        guard let rules = try? RuleFile(text) else { return }
        let pair = bytes[..<end].split(separator: 10, maxSplits: 1).map { ByteString(Array($0)) }
        guard let left = pair.first, let right = pair.last else { return }
        _ = rules.matches(left.span, right.span)
    }
}
