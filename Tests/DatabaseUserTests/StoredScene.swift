import Bytes
import Database
import ModuleKit
import SIPTesting
import db_sqlite

/// A SQLite file of a test's own, gone with it, and modules that use it.
///
/// It has a table `canary` beside those asked for, which nobody uses.
final class StoredScene {
    let path: String
    private(set) var bench = ModuleBench()
    private(set) var database: Database
    private var before: [[DatabaseValue]] = []

    init(_ tables: TableDeclaration...) throws {
        self.path = "/tmp/apus-users-\(UInt64.random(in: 0 ... .max)).db"
        try self.bench.load(SQLiteDatabases.self)
        self.database = try Database(ByteString("sqlite://\(self.path)"), host: self.bench)
        try self.database.wait(.write) { session in
            _ = try session.makeTables(tables)
            try session.sql("CREATE TABLE canary (k INTEGER, t TEXT)")
            try session.sql("INSERT INTO canary VALUES (1, 'sings')")
        }
        self.before = try self.schema()
    }

    deinit { for ending in ["", "-wal", "-shm", "-journal"] { SystemOutput.removeFile(self.path + ending) } }

    var url: ByteString { ByteString("sqlite://\(self.path)") }
    var setting: (String, ParameterValue) { ("db_url", .text(self.url)) }

    /// A server that starts on the same file.
    func restart() throws {
        self.bench = ModuleBench()
        try self.bench.load(SQLiteDatabases.self)
        self.database = try Database(self.url, host: self.bench)
    }

    /// The same file in the hands of a server that has its driver loaded.
    func move(to bench: ModuleBench) throws {
        self.bench = bench
        self.database = try Database(self.url, host: bench)
    }

    /// Somebody else who holds the file.
    final class Holder {
        private let session: DatabaseSession
        init(_ path: String) throws {
            self.session = DatabaseSession(
                try SQLiteDriver().connect(to: try DatabaseURL(ByteString("sqlite://\(path)"))))
        }
        func hold() throws { try self.session.sql("BEGIN IMMEDIATE") }
        func release() throws { _ = try? self.session.sql("COMMIT") }
    }

    @discardableResult
    func sql(_ text: String, _ values: [DatabaseValue] = []) throws -> [[DatabaseValue]] {
        try self.database.wait(.write) { try $0.sql(ByteString(text), values).map(\.values) }
    }

    func add(_ table: ByteString, _ columns: [ByteString], _ rows: [[DatabaseValue]]) throws {
        try self.database.wait(.write) { try $0.insert(Insert(into: table, columns, rows: rows)) }
    }

    func rows(_ table: ByteString, _ columns: [ByteString]) throws -> [[DatabaseValue]] {
        try self.database.wait(.read) { try $0.query(Select(columns, from: table)).map(\.values) }
    }

    private func schema() throws -> [[DatabaseValue]] {
        try self.sql("SELECT name, sql FROM sqlite_master ORDER BY name")
    }

    /// Every table is there as it was made, the file is sound, and nobody touched the canary.
    var isUnharmed: Bool {
        get throws {
            try self.schema() == self.before && self.sql("SELECT k, t FROM canary") == [[1, "sings"]]
                && self.sql("PRAGMA integrity_check") == [["ok"]]
        }
    }
}
