import Bytes
import Testing

@testable import Database

@Suite("SQL of statements")
struct SQLTextTests {
    private let lite = SQLDialect(quote: UInt8(ascii: "`"), conflict: .onConflict)
    private let postgres = SQLDialect(quote: UInt8(ascii: "\""), numbersPlaceholders: true, conflict: .onConflict)
    private let mysql = SQLDialect(quote: UInt8(ascii: "`"), conflict: .onDuplicateKey)

    private func text(_ statement: DatabaseStatement, _ dialect: SQLDialect) throws -> String {
        String(decoding: try SQLText(statement, dialect).text, as: UTF8.self)
    }

    @Test func `values never become text`() throws {
        let hostile: ByteString = "'; DROP TABLE subscriber; -- \u{0} \\\" `"
        let statements: [DatabaseStatement] = [
            .select(Select(["a"], from: "t", where: [Condition("u", .equal, .string(hostile))])),
            .insert(Insert(into: "t", ["u": .string(hostile)])),
            .update(Update("t", set: ["u": .string(hostile)], where: [Condition("u", .like, .string(hostile))])),
            .upsert(Upsert(into: "t", ["u": .string(hostile)], keys: ["u"])),
            .delete(Delete(from: "t", where: [Condition("u", .notEqual, .string(hostile))])),
        ]
        for statement in statements {
            for dialect in [self.lite, self.postgres, self.mysql] {
                let made = try SQLText(statement, dialect)
                #expect(!String(decoding: made.text, as: UTF8.self).contains("DROP"))
                #expect(made.values.contains(.string(hostile)))
            }
        }
    }

    @Test func `names are quoted, whatever is in them`() throws {
        let select = DatabaseStatement.select(Select(["a`b", "x; DROP TABLE t"], from: "t\"u"))
        #expect(try self.text(select, self.lite) == "SELECT `a``b`,`x; DROP TABLE t` FROM `t\"u`")
        #expect(try self.text(select, self.postgres) == "SELECT \"a`b\",\"x; DROP TABLE t\" FROM \"t\"\"u\"")
        #expect(throws: DatabaseError.self) { try self.text(.select(Select(from: "a\u{0}b")), self.lite) }
        #expect(throws: DatabaseError.self) { try self.text(.select(Select([""], from: "t")), self.lite) }
    }

    @Test func `a selection has conditions, order and limit`() throws {
        let select = DatabaseStatement.select(
            Select(
                ["a", "b"], from: "t",
                where: [Condition("a", .atLeast, 1), Condition("b", .equal, nil), Condition("f", .hasBits, 4)],
                order: ["a", .init("b", descending: true)], limit: 10))
        #expect(
            try self.text(select, self.lite)
                == "SELECT `a`,`b` FROM `t` WHERE `a` >= ? AND `b` IS NULL AND `f` & ? <> 0 ORDER BY `a`,`b` DESC LIMIT ?"
        )
        #expect(
            try self.text(select, self.postgres).hasSuffix(
                "WHERE \"a\" >= $1 AND \"b\" IS NULL AND \"f\" & $2 <> 0 ORDER BY \"a\",\"b\" DESC LIMIT $3"))
        #expect(
            try self.text(
                .delete(Delete(from: "t", where: .any([Condition("a", .equal, 1), Condition("a", .equal, 2)]))),
                self.lite)
                == "DELETE FROM `t` WHERE `a` = ? OR `a` = ?")
    }

    @Test func `adding or changing is written as each database has it`() throws {
        let upsert = DatabaseStatement.upsert(Upsert(into: "t", ["k": 1, "v": 2], keys: ["k"]))
        #expect(
            try self.text(upsert, self.lite)
                == "INSERT INTO `t` (`k`,`v`) VALUES (?,?) ON CONFLICT (`k`) DO UPDATE SET `v`=excluded.`v`")
        #expect(
            try self.text(upsert, self.mysql)
                == "INSERT INTO `t` (`k`,`v`) VALUES (?,?) ON DUPLICATE KEY UPDATE `v`=VALUES(`v`)")
        let same = DatabaseStatement.upsert(Upsert(into: "t", ["k": 1], keys: ["k"]))
        #expect(try self.text(same, self.lite).hasSuffix("ON CONFLICT (`k`) DO NOTHING"))
        #expect(try self.text(same, self.mysql).hasSuffix("ON DUPLICATE KEY UPDATE `k`=`k`"))
    }

    @Test func `placeholders of plain SQL are numbered outside of quotes`() throws {
        let raw = DatabaseStatement.raw("SELECT '?', \"?\" FROM t WHERE a=? AND b=?", [1, 2])
        #expect(try self.text(raw, self.postgres) == "SELECT '?', \"?\" FROM t WHERE a=$1 AND b=$2")
    }

    @Test func `rows of the wrong length are refused`() {
        #expect(throws: DatabaseError.self) {
            try self.text(.insert(Insert(into: "t", ["a", "b"], rows: [[1, 2], [3]])), self.lite)
        }
    }

    @Test func `plain SQL reads when its first word says so`() {
        #expect(DatabaseStatement.raw("  select 1", []).isRead)
        #expect(!DatabaseStatement.raw("WITH x AS (SELECT 1) DELETE FROM t", []).isRead)
        #expect(!DatabaseStatement.raw("", []).isRead)
    }
}
