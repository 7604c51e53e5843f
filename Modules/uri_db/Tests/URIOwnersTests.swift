import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import uri_db

@Suite("uri_db")
struct URIOwnersTests {
    private func bench(_ parameters: [(String, ParameterValue)] = []) throws -> (ModuleBench, BenchDatabase) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["version"] = Rows(columns: ["table_name", "table_version"], [["subscriber", 7], ["uri", 1]])
        database.tables["subscriber"] = Rows(
            columns: ["username", "domain"], [["alice", "a.test"], ["bob", "b.test"]])
        database.tables["uri"] = Rows(
            columns: ["username", "domain", "uri_user"],
            [["alice", "a.test", "second"], ["alice", "a.test", "alice"], ["bob", "b.test", "bob"]])
        try bench.load(PseudoVariables.self)
        let module = try bench.load(URIOwners.self, [("db_url", .text(BenchDatabase.url))] + parameters)
        try module.hooks.started?(bench)
        return (bench, database)
    }

    private static let table: [(String, ParameterValue)] = [("db_table", .text("uri")), ("use_uri_table", .int(1))]

    private func request(
        _ bench: ModuleBench, _ uri: String = "sip:alice@a.test", user: ByteString? = "alice",
        realm: ByteString = "a.test"
    ) throws -> RouteContext {
        let route = try bench.receive(
            "INVITE \(uri) SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:ALICE@other>;tag=1\n"
                + "To: <sip:second@a.test>\nCall-ID: 1\nCSeq: 1 INVITE\n")
        if let user { route.setState(AuthorizedUser(name: user, realm: realm)) }
        return route
    }

    @Test func `a URI belongs to the user of the credentials, in either case`() throws {
        let (bench, _) = try self.bench()
        let route = try self.request(bench)
        #expect(try bench.call("check_from", in: route) == 1)
        #expect(try bench.call("check_to", in: route) == -10)
        #expect(try bench.call("check_uri", "sip:alice@x", in: route) == 1)
        #expect(try bench.call("check_uri", "sip:al%69ce@x", in: route) == -10)
        #expect(try bench.call("check_uri", "alice", in: route) == -1)
        #expect(try bench.call("check_uri", "sip:a.test", in: route) == -4)
        let nobody = try self.request(bench, user: nil)
        #expect(try bench.call("check_from", in: nobody) == -2)
        #expect(try bench.call("check_uri", "sip:a.test", in: nobody) == -4)
    }

    @Test func `a table says which URIs are whose`() throws {
        let (bench, _) = try self.bench(Self.table)
        let route = try self.request(bench)
        #expect(try bench.call("check_to", in: route) == 1)
        #expect(try bench.call("check_from", in: route) == -9)
        let other = try self.request(bench, realm: "b.test")
        #expect(try bench.call("check_to", in: other) == -9)
    }

    @Test(arguments: [
        ("sip:alice@a.test", 1, 1, 1, 1), ("sip:alice@x", 1, -5, 1, -5), ("sip:second@a.test", -5, -5, 1, 1),
        ("sip:a.test", -5, -5, -5, -5), ("sip:o'x%22;--@a.test", -5, -5, -5, -5),
    ])
    func `a URI exists when a user has it`(
        _ uri: String, _ plain: Int, _ withDomain: Int, _ table: Int, _ both: Int
    ) throws {
        for (parameters, code) in [
            ([], plain), ([("use_domain", .int(1))], withDomain), (Self.table, table),
            (Self.table + [("use_domain", .int(1))], both),
        ] as [([(String, ParameterValue)], Int)] {
            let (bench, _) = try self.bench(parameters)
            #expect(try bench.call("does_uri_exist", in: try self.request(bench, uri)) == code)
        }
    }

    @Test func `a database that fails is told apart from a URI that nobody has`() throws {
        let (bench, database) = try self.bench()
        database.failure = DatabaseError(.unreachable, "nobody there")
        #expect(try bench.call("does_uri_exist", in: try self.request(bench)) == -1)
        #expect(bench.log.contains { $0.contains("uri_db: nobody there") })
    }

    @Test func `without a database credentials are enough`() throws {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self)
        let module = try bench.load(URIOwners.self, [("db_url", .text(""))])
        try module.hooks.started?(bench)
        let route = try self.request(bench)
        #expect(try bench.call("check_from", in: route) == 1)
        #expect(try bench.call("does_uri_exist", in: route) == -1)
    }
}
