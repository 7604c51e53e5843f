import Bytes
import Database
import Glibc
import ModuleKit
import SIPTesting
import Testing

@testable import db_sqlite

/// A directory of its own.
final class Scratch {
    let path: String
    init() throws { self.path = try FreshDirectory.make() }
    var url: ByteString { ByteString("sqlite://\(self.path)/k.db") }

    /// A database in memory, gone with the session.
    static func memory() throws -> DatabaseSession {
        DatabaseSession(try SQLiteDriver().connect(to: try DatabaseURL("sqlite::memory:")))
    }

    func open(_ change: (inout SQLiteOptions) -> Void = { _ in }) throws -> DatabaseSession {
        var options = SQLiteOptions()
        change(&options)
        return DatabaseSession(try SQLiteDriver(options).connect(to: try DatabaseURL(self.url)))
    }
}

private func kind(_ body: () throws -> Void) -> DatabaseError.Kind? {
    do {
        try body()
        return nil
    } catch {
        return (error as? DatabaseError)?.kind
    }
}

@Suite("SQLite: statements")
struct SQLiteStatementTests {
    @Test func `every value comes back as it went in`() throws {
        let scratch = try Scratch()
        let session = try scratch.open()
        try session.sql("CREATE TABLE t (i INTEGER, d REAL, s VARCHAR(9), b BLOB, t TIMESTAMP WITHOUT TIME ZONE)")
        let row: [DatabaseValue] = [
            .int(.max), .double(0.1), .string(ByteString("a\u{0}b'; DROP TABLE t; --")),
            .blob(ByteString([0, 255, 1])),
            .time(1_795_861_361),
        ]
        try session.insert(Insert(into: "t", ["i", "d", "s", "b", "t"], rows: [row]))
        #expect(session.summary == DatabaseSummary(affectedRows: 1, lastID: 1))
        try session.insert(Insert(into: "t", ["i", "s"], rows: [[.null, ""]]))
        let rows = try session.query(Select(from: "t"))
        #expect(rows[0].values == row)
        #expect(rows[1].values == [.null, .null, "", .null, .null])
        #expect(rows.columns == ["i", "d", "s", "b", "t"])
    }

    @Test func `times are Julian days in the file, and texts are understood`() throws {
        let session = try Scratch.memory()
        try session.sql("CREATE TABLE t (e DATETIME DEFAULT '2030-05-28 21:32:15', n INTEGER)")
        try session.insert(Insert(into: "t", ["n": 1]))
        try session.insert(Insert(into: "t", ["e": .time(1_795_861_361)]))
        let rows = try session.query(Select(["e"], from: "t"))
        #expect(rows.map { $0[0] } == [.time(1_906_234_335), .time(1_795_861_361)])
        let plain = try session.sql("SELECT typeof(e), round(e, 5) FROM t WHERE n IS NULL")
        #expect(plain[0].values == ["real", .double(2_461_372.93242)])
    }

    @Test func `conditions, order and limit hold`() throws {
        let session = try Scratch.memory()
        try session.sql("CREATE TABLE t (n INTEGER, f INTEGER)")
        try session.insert(Insert(into: "t", ["n", "f"], rows: (1...9).map { [.int($0), .int($0 % 4)] }))
        func numbers(_ filter: Filter, order: [Select.Order] = ["n"], limit: Int? = nil) throws -> [Int?] {
            try session.query(Select(["n"], from: "t", where: filter, order: order, limit: limit)).map { $0[0].int }
        }
        #expect(try numbers([Condition("n", .greater, 7)]) == [8, 9])
        #expect(try numbers([Condition("f", .hasBits, 2), Condition("n", .atMost, 6)]) == [2, 3, 6])
        #expect(try numbers(.any([Condition("n", .equal, 1), Condition("n", .equal, 9)])) == [1, 9])
        #expect(try numbers([], order: [.init("n", descending: true)], limit: 2) == [9, 8])
        var sizes: [Int] = []
        try session.fetch(Select(from: "t"), chunk: 4) { sizes.append($0.count) }
        #expect(sizes == [4, 4, 1])
    }

    @Test func `adding or changing goes by the key`() throws {
        let session = try Scratch.memory()
        try session.sql("CREATE TABLE t (k VARCHAR(9) UNIQUE, v INTEGER)")
        for value in [1, 2] { try session.upsert(Upsert(into: "t", ["k": "a", "v": .int(value)], keys: ["k"])) }
        try session.upsert(Upsert(into: "t", ["k": "b", "v": 3], keys: []))
        #expect(try session.query(Select(["v"], from: "t", order: ["k"])).map { $0[0] } == [2, 3])
        #expect(try session.update(Update("t", set: ["v": 9], where: [])) == 2)
        #expect(try session.delete(Delete(from: "t", where: [Condition("v", .equal, 9)])) == 2)
    }

    @Test func `many rows are added or none, and a transaction is taken back`() throws {
        let session = try Scratch.memory()
        try session.sql("CREATE TABLE t (k INTEGER UNIQUE)")
        #expect(kind { try session.insert(Insert(into: "t", ["k"], rows: [[1], [2], [1]])) } == .constraint)
        #expect(try session.query(Select(from: "t")).isEmpty)
        let error = kind {
            try session.transaction {
                try session.insert(Insert(into: "t", ["k"], rows: [[1], [2]]))
                try session.insert(Insert(into: "t", ["k": 1]))
            }
        }
        #expect(error == .constraint)
        #expect(try session.query(Select(from: "t")).isEmpty)
    }

    @Test(arguments: [
        "'", "\"", "`", ";", "--", "/*", "\\", "\u{0}", "%", "_", "' OR '1'='1", "'; DELETE FROM subscriber; --",
        "\u{0}'", "admin'/*", "x' UNION SELECT password FROM subscriber --", "?", "?1", ":a", "@a", "$a", "\r\n",
        "\u{FF}",
        "Robert'); DROP TABLE subscriber;--",
    ])
    func `hostile texts are texts`(text: String) throws {
        let session = try Scratch.memory()
        try session.create(.subscriber)
        try session.insert(Insert(into: "subscriber", ["username": "bob", "password": "secret"]))
        let value = DatabaseValue.string(ByteString(text))
        #expect(try session.query(Select(from: "subscriber", where: [Condition("username", .equal, value)])).isEmpty)
        try session.insert(Insert(into: "subscriber", ["username": value, "domain": value, "ha1": value]))
        let found = try session.query(
            Select(["ha1"], from: "subscriber", where: [Condition("username", .equal, value)]))
        #expect(found.map { $0[0] } == [value])
        #expect(
            try session.update(Update("subscriber", set: ["ha1b": value], where: [Condition("domain", .equal, value)]))
                == 1)
        #expect(try session.delete(Delete(from: "subscriber", where: [Condition("ha1b", .equal, value)])) == 1)
        #expect(try session.query(Select(["password"], from: "subscriber")).map { $0[0] } == ["secret"])
        // As a name it is one that does not exist.
        let name = ByteString(text)
        #expect(kind { _ = try session.query(Select([name], from: "subscriber")) } != nil)
        #expect(kind { _ = try session.query(Select(from: name)) } != nil)
    }
}

@Suite("SQLite: what can go wrong")
struct SQLiteFailureTests {
    @Test func `errors say whose fault it is`() throws {
        let scratch = try Scratch()
        let session = try scratch.open()
        try session.sql("CREATE TABLE t (k INTEGER NOT NULL)")
        #expect(kind { try session.sql("nonsense") } == .badQuery)
        #expect(kind { try session.sql("") } == .badQuery)
        #expect(kind { try session.sql("SELECT 1\u{0}") } == .badQuery)
        #expect(kind { try session.sql("SELECT ?", []) } == .badQuery)
        #expect(kind { _ = try session.query(Select(from: "nowhere")) } == .noTable)
        #expect(kind { _ = try session.query(Select(["nothing"], from: "t")) } == .noColumn)
        #expect(kind { try session.insert(Insert(into: "t", ["nothing": 1])) } == .noColumn)
        #expect(kind { try session.insert(Insert(into: "t", ["k": nil])) } == .constraint)
        #expect(kind { try session.sql("SELECT \"nothing\" FROM t") } == .noColumn, "a name in quotes is a name")
        let reader = try scratch.open { $0.isReadOnly = true }
        #expect(kind { try reader.insert(Insert(into: "t", ["k": 1])) } == .readOnly)
        #expect(try reader.query(Select(from: "t")).isEmpty)
    }

    @Test func `a file that is none, or cannot be opened, is said to be so`() throws {
        let scratch = try Scratch()
        #expect(kind { _ = try scratch.open { $0.makesFile = false } } == .unreachable)
        _ = SystemOutput.writeFile("\(scratch.path)/k.db", String(repeating: "no database at all. ", count: 100))
        #expect(kind { _ = try scratch.open() } == .damaged)
    }

    @Test func `a lock that another process holds ends in an error in time, and reading goes on`() throws {
        let scratch = try Scratch()
        let other = try scratch.open()
        try other.sql("CREATE TABLE t (k INTEGER)")
        let session = try scratch.open { $0.busyTimeout = 5 }
        try other.sql("BEGIN IMMEDIATE")
        #expect(kind { try session.insert(Insert(into: "t", ["k": 1])) } == .locked)
        #expect(try session.query(Select(from: "t")).isEmpty)
        try other.sql("COMMIT")
        try session.insert(Insert(into: "t", ["k": 1]))
    }

    @Test func `a new file is not for everybody to read`() throws {
        let scratch = try Scratch()
        let session = try scratch.open()
        try session.sql("CREATE TABLE t (k INTEGER)")
        var info = stat()
        // The struct and the path are there for the call.
        #expect(unsafe stat("\(scratch.path)/k.db", &info) == 0)
        #expect(info.st_mode & 0o027 == 0)
    }

    @Test func `a file that is removed or replaced is not written to any more`() throws {
        let scratch = try Scratch()
        let session = try scratch.open()
        try session.sql("CREATE TABLE t (k INTEGER)")
        try session.insert(Insert(into: "t", ["k": 1]))
        for ending in ["", "-wal", "-shm"] { SystemOutput.removeFile("\(scratch.path)/k.db\(ending)") }
        #expect(kind { try session.insert(Insert(into: "t", ["k": 2])) } == .unreachable)
        #expect(kind { _ = try session.query(Select(from: "t")) } == .unreachable)
        let next = try scratch.open()
        #expect(kind { try next.insert(Insert(into: "t", ["k": 3])) } == .noTable)
    }

    @Test func `a full disk is said to be one, and what is there stays`() throws {
        let session = try Scratch.memory()
        try session.sql("CREATE TABLE t (b BLOB)")
        try session.sql("PRAGMA max_page_count=8")
        let block = DatabaseValue.blob(ByteString([UInt8](repeating: 7, count: 3_000)))
        var failure: DatabaseError.Kind?
        var count = 0
        while failure == nil, count < 100 {
            failure = kind { try session.insert(Insert(into: "t", ["b": block])) }
            if failure == nil { count += 1 }
        }
        #expect(failure == .full)
        #expect(try session.query(Select(["rowid"], from: "t")).count == count)
    }

    @Test func `a statement that runs for ever can be ended`() throws {
        let driver = SQLiteDriver()
        let connection = try driver.connect(to: try DatabaseURL("sqlite::memory:"))
        let session = DatabaseSession(connection)
        var rows = 0
        let endless = DatabaseStatement.raw(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", [])
        #expect(
            kind {
                _ = try connection.run(endless, chunk: 10) { part in
                    rows += part.count
                    connection.interrupt()
                }
            } == .timedOut)
        #expect(rows == 10)
        #expect(try session.sql("SELECT 1").count == 1)
    }
}

@Suite("SQLite: tables")
struct SQLiteTableTests {
    @Test func `all tables can be made, and are then as they should be`() throws {
        let session = try Scratch.memory()
        let made = try session.makeTables(StandardTables.all)
        #expect(made.count == StandardTables.all.count)
        #expect(try session.tableProblems(StandardTables.all, isAsked: true) == [])
        #expect(try session.makeTables(StandardTables.all) == [])
        #expect(try session.migrateTables(StandardTables.all) == [])
        try session.insert(Insert(into: "location", ["ruid": "r1"]))
        let row = try session.query(Select(["contact", "q", "callid", "partition"], from: "location"))[0]
        #expect(row.values == ["", .double(1), "Default-Call-ID", 0])
    }

    @Test func `a problem names table, column, versions and what helps`() throws {
        let bench = ModuleBench()
        try bench.load(SQLiteDatabases.self)
        let scratch = try Scratch()
        let database = try Database(scratch.url, host: bench)
        func message(_ use: TableUse) -> String? {
            #expect(throws: ModuleError.self) { try database.require([use]) }?.message
        }
        #expect(message(TableUse(.location))?.contains("there is no table 'location'") == true)
        #expect(
            message(TableUse(.location))?.contains("apusctl db create --url 'sqlite://\(scratch.path)/k.db'") == true)
        let session = try scratch.open()
        try session.create(.location)
        #expect(message(TableUse(.location))?.contains("no table 'version'") == true)
        _ = try session.makeTables([.version])
        #expect(message(TableUse(.location))?.contains("no version of table 'location'") == true)
        try session.insert(Insert(into: "version", ["table_name": "location", "table_version": 8]))
        #expect(message(TableUse(.location))?.contains("has version 8, and version 9 is needed") == true)
        #expect(message(TableUse(.location))?.contains("apusctl db migrate") == true)
        try session.sql("UPDATE version SET table_version = 9")
        try database.require([TableUse(.location)])
        #expect(message(TableUse(.location, columns: ["colour"]))?.contains("has no column 'colour'") == true)
        try session.sql("CREATE TABLE wrong (username INTEGER)")
        let wrong = TableUse(.location, named: "wrong", columns: ["username"], checksVersion: false)
        #expect(message(wrong)?.contains("column 'username' of table 'wrong' is of type int") == true)
    }

    @Test func `an older table gets its missing columns and keeps its rows`() throws {
        let session = try Scratch.memory()
        _ = try session.makeTables([.version])
        try session.sql("CREATE TABLE uacreg (id INTEGER PRIMARY KEY NOT NULL, l_uuid VARCHAR(64) DEFAULT '' NOT NULL)")
        try session.insert(Insert(into: "uacreg", ["l_uuid": "u1"]))
        try session.insert(Insert(into: "version", ["table_name": "uacreg", "table_version": 5]))
        let changes = try session.migrateTables(StandardTables.all)
        #expect(changes.contains(.columnAdded(table: "uacreg", column: "contact_user")))
        #expect(changes.last == .versionChanged(table: "uacreg", from: 5, to: 6))
        #expect(try session.tableProblems([.uacreg], isAsked: true) == [])
        #expect(try session.query(Select(["l_uuid", "expires"], from: "uacreg"))[0].values == ["u1", 0])
        try session.sql("UPDATE version SET table_version = 99 WHERE table_name = 'uacreg'")
        #expect(
            try session.migrateTables([.uacreg]) == [.left(.wrongVersion(table: "uacreg", found: 99, expected: 6))])
    }
}

@Suite("SQLite: parameters")
struct SQLiteParameterTests {
    @Test func `settings go by the path of the file`() throws {
        let bench = ModuleBench()
        try bench.load(
            SQLiteDatabases.self,
            [
                ("db_set_readonly", .text("/tmp//a.db")), ("db_set_journal_mode", .text("/tmp/b.db=delete")),
                ("db_set_busy_timeout", .text("/tmp/b.db=500")), ("query_timeout", .int(700)),
            ])
        let driver = try DriverRegistry.of(bench).driver(for: try DatabaseURL("sqlite:////tmp/b.db"))
        #expect(driver.fingerprint(for: try DatabaseURL("sqlite:///tmp/b.db")).contains("busyTimeout: 500"))
        #expect(driver.fingerprint(for: try DatabaseURL("sqlite:///tmp/a.db")).contains("isReadOnly: true"))
        #expect(driver.policy(for: try DatabaseURL("sqlite:///tmp/a.db")).timeout == .milliseconds(700))
        #expect(driver.policy(for: try DatabaseURL("sqlite:///tmp/a.db")).writers == 1)
    }

    @Test(arguments: [
        ("db_set_journal_mode", "x.db=quick"), ("db_set_journal_mode", "WAL"), ("db_set_busy_timeout", "x.db=soon"),
        ("db_set_busy_timeout", "x.db="), ("db_set_synchronous", "x.db=perhaps"),
    ])
    func `what means nothing is refused`(name: String, value: String) {
        #expect(throws: (any Error).self) {
            try ModuleBench().load(SQLiteDatabases.self, [(name, .text(ByteString(value)))])
        }
    }
}
