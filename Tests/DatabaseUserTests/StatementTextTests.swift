import Bytes
import Database
import Testing

@testable import db_sqlite

@Suite("Statements are never joined from values")
struct StatementTextTests {
    private static let root = String(#filePath.dropLast("Tests/DatabaseUserTests/StatementTextTests.swift".count))

    /// Statements of every kind with that value everywhere.
    private func statements(_ value: DatabaseValue) -> [DatabaseStatement] {
        let comparisons: [Condition.Comparison] = [
            .equal, .notEqual, .less, .greater, .atMost, .atLeast, .hasBits, .like,
        ]
        let filter = Filter(comparisons.map { Condition("c", $0, value) })
        return [
            .select(Select(["a"], from: "t", where: filter, order: ["a"], limit: 3)),
            .select(Select(["a"], from: "t", where: .any(filter.conditions))),
            .insert(Insert(into: "t", ["a", "b"], rows: [[value, value], [value, value]])),
            .update(Update("t", set: ["a": value], where: filter)),
            .upsert(Upsert(into: "t", ["a": value, "b": value], keys: ["a"])),
            .delete(Delete(from: "t", where: filter)),
        ]
    }

    @Test(arguments: HostileTexts.all)
    func `the text of a statement is the same whatever its values`(text: ByteString) throws {
        let dialects = [
            SQLDialect(quote: UInt8(ascii: "`"), conflict: .onConflict),
            SQLDialect(quote: UInt8(ascii: "\""), numbersPlaceholders: true, conflict: .onConflict),
            SQLDialect(quote: UInt8(ascii: "`"), conflict: .onDuplicateKey),
        ]
        for dialect in dialects {
            let plain = try self.statements("x").map { try SQLText($0, dialect) }
            for value in [DatabaseValue.string(text), .blob(text)] {
                let hostile = try self.statements(value).map { try SQLText($0, dialect) }
                #expect(hostile.map(\.text) == plain.map(\.text))
                #expect(hostile.allSatisfy { $0.values.contains(value) })
            }
        }
    }

    @Test(arguments: HostileTexts.all)
    func `the name of a table or column is a name, whatever is in it`(text: ByteString) throws {
        let scene = try StoredScene(.version)
        func refuses(_ body: @escaping @Sendable (DatabaseSession) throws -> Void) -> Bool {
            do throws(DatabaseError) {
                try scene.database.wait(.write, body)
                return false
            } catch {
                return true
            }
        }
        #expect(refuses { _ = try $0.query(Select(["k"], from: text)) })
        #expect(refuses { _ = try $0.query(Select([text], from: "canary")) })
        #expect(refuses { _ = try $0.query(Select(["k"], from: "canary", where: [Condition(text, .equal, 1)])) })
        #expect(refuses { _ = try $0.query(Select(["k"], from: "canary", order: [Select.Order(text)])) })
        #expect(refuses { try $0.insert(Insert(into: "canary", [text], rows: [[1]])) })
        #expect(refuses { try $0.update(Update("canary", set: [.init(text, 1)], where: [])) })
        #expect(refuses { try $0.delete(Delete(from: text, where: [])) })
        #expect(try scene.isUnharmed)
    }

    /// Only what scripts write themselves is SQL as it stands.
    @Test func `no module but those that take SQL from scripts makes SQL`() throws {
        let allowed = ["/sqlops/", "/avpops/", "/db_sqlite/", "/db_text/"]
        let modules = Self.root + "Modules"
        let sources = SystemInput.files(in: modules, endingWith: ".swift").filter { $0.contains("/Sources/") }
        #expect(sources.count > 100)
        for path in sources where !allowed.contains(where: { path.contains($0) }) {
            let text = String(decoding: try SystemInput.read(path, limit: 1 << 20), as: UTF8.self)
            #expect(!text.contains(".raw(") && !text.contains("session.sql("), "\(path)")
        }
    }
}
