import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import Database

@Suite("Database: what a module sees")
struct DatabaseTests {
    private func bench() -> (ModuleBench, StandIn) {
        let bench = ModuleBench()
        let driver = StandIn()
        DriverRegistry.of(bench).add(driver)
        return (bench, driver)
    }

    @Test func `whoever names the same URL shares connections`() throws {
        let (bench, driver) = self.bench()
        let one = try Database("standin://host/db", host: bench)
        let two = try Database("standin://host/db", host: bench)
        let other = try Database("standin://host/db2", host: bench)
        for database in [one, two, other] {
            #expect(try database.wait(.read) { try $0.query(Select(from: "t")).count } == 3)
        }
        #expect(driver.connects == 2)
    }

    @Test func `without its driver a database names the module to load`() throws {
        let database = try Database("mysql://kamailio:secret@localhost/kamailio", host: ModuleBench())
        let error = #expect(throws: DatabaseError.self) { try database.wait(.read) { _ in 0 } }
        #expect(error?.kind == .noDriver)
        #expect(error?.message.contains("db_mysql.so") == true)
        #expect(error?.message.contains("secret") == false)
    }

    @Test func `a script waits and goes on with the rows`() throws {
        let (bench, _) = self.bench()
        let database = try Database("standin://host/db", host: bench)
        let route = try bench.receive(NoteBench.request)
        let outcome = database.ask(route, .read) { session in
            try session.query(Select(from: "t"))
        } then: { _, result in
            .code((try? result.get().count) ?? -1)
        }
        guard case .suspended(let continuation?) = outcome, let result = bench.worker.token?.result else {
            Issue.record("the script is not suspended")
            return
        }
        guard case .code(3) = continuation.body(route, result) else {
            Issue.record("another answer")
            return
        }
    }

    @Test func `a transaction is all or nothing`() throws {
        let (bench, driver) = self.bench()
        let database = try Database("standin://host/db", host: bench)
        try database.wait(.write) { session in
            try session.transaction { try session.insert(Insert(into: "t", ["n": 1])) }
        }
        driver.mood = .refuses
        #expect(throws: DatabaseError.self) {
            try database.wait(.write) { session in
                try session.transaction { try session.insert(Insert(into: "t", ["n": 1])) }
            }
        }
        #expect(driver.transactions == ["begin", "commit", "begin", "rollback"])
    }

    @Test func `large results come in parts`() throws {
        let (bench, _) = self.bench()
        let database = try Database("standin://host/db", host: bench)
        let sizes = try database.wait(.read) { session in
            var sizes: [Int] = []
            try session.fetch(Select(from: "t"), chunk: 2) { sizes.append($0.count) }
            return sizes
        }
        #expect(sizes == [2, 1])
    }
}

@Suite("Database URL")
struct DatabaseURLTests {
    @Test func `all parts are read, and the password is not shown`() throws {
        let url = try DatabaseURL("mysql://kamailio:p@ss/w:rd@db.example.org:3307/sip")
        #expect(url.scheme == "mysql")
        #expect(url.user == "kamailio")
        #expect(url.password == "p@ss/w:rd")
        #expect(url.host == "db.example.org")
        #expect(url.port == 3307)
        #expect(url.database == "sip")
        #expect(url.description == "mysql://kamailio@db.example.org:3307/sip")
    }

    @Test func `files are paths`() throws {
        #expect(try DatabaseURL("sqlite:///var/lib/k.db").path == "/var/lib/k.db")
        #expect(try DatabaseURL("sqlite:////var/lib/k.db").path == "//var/lib/k.db")
        #expect(try DatabaseURL("text:///etc/dbtext").path == "/etc/dbtext")
        #expect(try DatabaseURL("db_text:/etc/dbtext").path == "/etc/dbtext")
        #expect(try DatabaseURL("db_text:/etc/dbtext").scheme == "text")
    }

    @Test func `an address in brackets may have a port`() throws {
        #expect(try DatabaseURL("postgres://u@[2001:db8::1]:5433/db").port == 5433)
        #expect(try DatabaseURL("postgres://u@[2001:db8::1]/db").host == "[2001:db8::1]")
    }

    @Test(arguments: [
        "", "mysql", "://x/y", "mysql://", "mysql://host", "mysql://host/", "mysql://host:99999/db",
        "mysql://host:x/db",
        "my sql://h/d", "mysql:", "mysql://h/d\u{0}",
    ])
    func `what names no database is refused`(text: String) {
        #expect(throws: ArgumentError.self) { try DatabaseURL(ByteString(text)) }
    }
}
