import Bytes
import Database
import Glibc
import ModuleKit
import SIPTesting
import Testing

@testable import db_text

@Suite("Text tables: the file")
struct TextTableTests {
    private let text: ByteString = """
        id(int,auto) username(string) n(int,null) d(double,null)\u{20}
        1:al\\:ice:5:1.5
        2:b\\\\ob::2
        3:x\\ny\\0::

        """

    @Test func `columns, escapes and empty fields are read, and written as they were`() throws {
        let table = try TextTable(self.text, .init())
        #expect(table.rows[0] == [1, "al:ice", 5, .double(1.5)])
        #expect(table.rows[1] == [2, "b\\ob", nil, .double(2)])
        #expect(table.rows[2] == [3, .string(ByteString("x\ny\u{0}")), nil, nil])
        let written = table.text(.init())
        #expect(try TextTable(written, .init()) == table)
        #expect(written.string.contains("al\\:ice:5:1.5\n"))
    }

    @Test(arguments: [
        "", "\n1\n", "name\n", "(int)\n", "name()\n", "n(int)\nx\n", "n(int) m(int)\n1\n", "n(int)\n1:2:3\n",
        "d(double)\nx\n",
    ])
    func `a file that is no table is refused with its line`(text: String) {
        let error = #expect(throws: DatabaseError.self) { try TextTable(ByteString(text), .init()) }
        #expect(error?.kind == .damaged)
        #expect(error?.message.contains("line ") == true)
    }

    @Test func `another separator, and empty texts`() throws {
        var format = TextTable.Format()
        format.separator = UInt8(ascii: ";")
        format.keepsEmptyText = true
        let table = try TextTable("a(string,null) b(string)\n;x:y\n", format)
        #expect(table.rows == [["", "x:y"]])
        #expect(table.text(format) == "a(string,null) b(string)\n;x:y\n")
    }

    @Test func `a row that would be an empty line is none`() throws {
        let table = try TextTable("a(int,null)\n:\n1\n", .init())
        #expect(table.rows == [[nil], [1]])
        #expect(try TextTable(table.text(.init()), .init()) == table)
    }

    @Test func `the automatic column counts on from the largest`() throws {
        var table = try TextTable("id(int,auto) u(string)\n0:a\n7:b\n", .init())
        #expect(try table.insert(["u"], ["c"]) == 8)
        #expect(table.rows.last == [8, "c"])
        #expect(throws: DatabaseError.self) { try table.insert(["u"], [nil]) }
        #expect(throws: DatabaseError.self) { try table.insert(["id"], ["x"]) }
        #expect(throws: DatabaseError.self) { try table.insert(["colour"], ["red"]) }
    }
}

@Suite("Text tables: a little SQL")
struct SimpleSQLTests {
    private func table() throws -> TextTable {
        try TextTable("id(int,auto) u(string) n(int,null)\n1:alice:5\n2:bob:\n3:carol:7\n", .init())
    }

    private func names(_ sql: String) throws -> [String?] {
        guard case .select(let select) = try SimpleSQL.statement(ByteString(sql), []) else { return [] }
        return try self.table().select(select, limit: 100).map { $0["u"].text?.string }
    }

    @Test func `selections have conditions, order and limit`() throws {
        #expect(try self.names("SELECT * FROM t") == ["alice", "bob", "carol"])
        #expect(try self.names("select u from t where n >= 5 and u <> 'alice'") == ["carol"])
        #expect(try self.names("select u from t where n=5 or u='bob'") == ["alice", "bob"])
        #expect(try self.names("select u from t where n is null") == ["bob"])
        #expect(try self.names("select u from t where n is not null order by n desc limit 1;") == ["carol"])
        #expect(try self.names("select u, n from `t` where u like '%AR%'") == ["carol"])
        #expect(try self.names("select u from t order by n") == ["bob", "alice", "carol"])
    }

    @Test func `changes are understood`() throws {
        #expect(
            try SimpleSQL.statement("INSERT INTO t (u,n) VALUES ('it''s','x'),(\"b\\\"\",NULL)", [])
                == .insert(Insert(into: "t", ["u", "n"], rows: [["it's", "x"], ["b\"", nil]])))
        #expect(
            try SimpleSQL.statement("replace into t (id,u) values (1,'z')", [])
                == .upsert(Upsert(into: "t", ["id", "u"], row: [1, "z"], keys: ["id"])))
        #expect(
            try SimpleSQL.statement("update t set n=-3, u=? where id=?", ["q", 4])
                == .update(Update("t", set: ["n": -3, "u": "q"], where: [Condition("id", .equal, 4)])))
        #expect(
            try SimpleSQL.statement("delete from t where n!=1.5", [])
                == .delete(Delete(from: "t", where: [Condition("n", .notEqual, .double(1.5))])))
    }

    @Test(arguments: [
        "", ";", "select", "select * t", "select * from t where", "select * from t where n",
        "select * from t where n ~ 1",
        "select * from t limit x", "insert into t values (1)", "insert into t (a) values (1", "update t n=1",
        "drop table t",
        "select * from t; delete from t", "select 'a from t", "select * from t where a=1 and b=2 or c=3",
        "select \u{0}",
        "update t set a=?",
    ])
    func `what is not understood is refused`(text: String) {
        let error = #expect(throws: DatabaseError.self) { try SimpleSQL.statement(ByteString(text), []) }
        #expect(error?.kind == .badQuery)
    }

    @Test func `patterns with many signs take no time`() {
        let text = Array(repeating: UInt8(ascii: "a"), count: 2_000)
        let pattern = Array(String(repeating: "%a", count: 500).utf8) + Array("b".utf8)
        #expect(!TextTable.isLike(text[...], pattern[...]))
    }
}

@Suite("db_text: a directory")
struct TextDirectoryTests {
    private final class Scratch {
        let path: String
        init() throws { self.path = try FreshDirectory.make() }
        func write(_ name: String, _ text: String) { _ = SystemOutput.writeFile("\(self.path)/\(name)", text) }
        func read(_ name: String) -> String? { SystemInput.readFile("\(self.path)/\(name)")?.string }
    }

    private func database(
        _ scratch: Scratch, _ parameters: [(String, ParameterValue)] = []
    ) throws -> (
        ModuleBench, Database
    ) {
        let bench = ModuleBench()
        try bench.load(TextDatabases.self, parameters)
        return (bench, try Database(ByteString("text://\(scratch.path)"), host: bench))
    }

    @Test func `changes are in memory until they are written`() throws {
        let scratch = try Scratch()
        scratch.write("t", "id(int,auto) u(string)\n1:alice\n")
        let (bench, database) = try self.database(scratch)
        try database.wait(.write) { try $0.insert(Insert(into: "t", ["u": "bob"])) }
        #expect(scratch.read("t") == "id(int,auto) u(string)\n1:alice\n")
        #expect(try bench.call("db_text.dump", []) == [])
        #expect(scratch.read("t") == "id(int,auto) u(string)\n1:alice\n2:bob\n")
        try database.wait(.write) { session in
            try session.upsert(Upsert(into: "t", ["id": 2, "u": "bert"], keys: ["id"]))
            try session.upsert(Upsert(into: "t", ["id": 9, "u": "nina"], keys: ["id"]))
        }
        for stopped in bench.program.hooks.stopped { stopped(bench) }
        #expect(scratch.read("t") == "id(int,auto) u(string)\n1:alice\n2:bert\n9:nina\n")
    }

    @Test func `a file that cannot be written stays as it was, and is written when it can be`() throws {
        let scratch = try Scratch()
        scratch.write("t", "id(int,auto) u(string)\n1:alice\n")
        let (bench, database) = try self.database(scratch)
        try database.wait(.write) { try $0.insert(Insert(into: "t", ["u": "bob"])) }
        // Where the new file would be written there is something else.
        SystemOutput.makeDirectory("\(scratch.path)/t.new", owner: nil, group: nil)
        #expect(throws: RPCFault.self) { try bench.call("db_text.dump", []) }
        #expect(scratch.read("t") == "id(int,auto) u(string)\n1:alice\n")
        _ = unsafe rmdir("\(scratch.path)/t.new")
        #expect(try bench.call("db_text.dump", []) == [])
        #expect(scratch.read("t") == "id(int,auto) u(string)\n1:alice\n2:bob\n")
        #expect(SystemInput.files(in: scratch.path, endingWith: ".new").isEmpty)
    }

    @Test func `in mode 1 a file that changed is read again`() throws {
        for mode in [0, 1] {
            let scratch = try Scratch()
            scratch.write("t", "u(string)\nalice\n")
            let (_, database) = try self.database(scratch, [("db_mode", .int(mode))])
            #expect(try database.wait(.read) { try $0.query(Select(from: "t")).count } == 1)
            scratch.write("t", "u(string)\nalice\nbob\n")
            #expect(try database.wait(.read) { try $0.query(Select(from: "t")).count } == 1 + mode)
        }
    }

    @Test func `a transaction is taken back`() throws {
        let scratch = try Scratch()
        scratch.write("t", "u(string)\nalice\n")
        let (_, database) = try self.database(scratch)
        #expect(throws: DatabaseError.self) {
            try database.wait(.write) { session in
                try session.transaction {
                    try session.insert(Insert(into: "t", ["u": "bob"]))
                    try session.insert(Insert(into: "t", ["colour": "red"]))
                }
            }
        }
        #expect(try database.wait(.read) { try $0.query(Select(from: "t")).count } == 1)
    }

    @Test func `a table is a file of the directory and of no other`() throws {
        let scratch = try Scratch()
        let (_, database) = try self.database(scratch)
        for name in ["../../etc/passwd", "/etc/passwd", "..", ".", "", "a\u{0}b", "none"] {
            let error = #expect(throws: DatabaseError.self) {
                try database.wait(.read) { try $0.query(Select(from: ByteString(name))) }
            }
            #expect(error?.kind == .noTable)
        }
    }

    @Test func `tables are made and checked`() throws {
        let scratch = try Scratch()
        let directories = TextDirectories()
        let driver = TextDriver(directories, TextOptions(), base: "/")
        let session = DatabaseSession(try driver.connect(to: try DatabaseURL(ByteString("text://\(scratch.path)"))))
        _ = try session.makeTables([.subscriber, .location])
        #expect(try session.tableProblems([.subscriber, .location], isAsked: true) == [])
        #expect(directories.all.flatMap { $0.save(TextOptions()) } == [])
        #expect(scratch.read("version")?.contains(":location:9\n") == true)
        #expect(scratch.read("subscriber")?.hasPrefix("id(int,auto) username(string)") == true)
    }

    @Test func `the query command works in the default connection`() throws {
        let scratch = try Scratch()
        scratch.write("t", "id(int,auto) u(string)\n1:alice\n")
        let (bench, _) = try self.database(
            scratch, [("default_connection", .text(ByteString("text://\(scratch.path)")))])
        #expect(
            try bench.call("db_text.query", [.string("select * from t")])
                == [.structure(["id": .int(1), "u": .string("alice")])])
        #expect(throws: RPCFault.self) { try bench.call("db_text.query", [.string("select")]) }
    }
}
