import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import alias_db

@Suite("alias_db")
struct AliasesTests {
    private func bench(_ parameters: [(String, ParameterValue)] = []) throws -> (ModuleBench, BenchDatabase) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["dbaliases"] = Rows(
            columns: ["alias_username", "alias_domain", "username", "domain"],
            [
                ["info", "example.com", "alice", "example.com"], ["info", "example.com", "bob", "example.net"],
                ["sales", "example.net", "carol", "example.net"],
            ])
        try bench.load(PseudoVariables.self)
        try bench.load(Aliases.self, [("db_url", .text(BenchDatabase.url))] + parameters)
        return (bench, database)
    }

    private func request(_ bench: ModuleBench, _ uri: String) throws -> RouteContext {
        try bench.receive(
            "INVITE \(uri) SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:x@y>;tag=1\nTo: <sip:b@c>\nCall-ID: 1\n"
                + "CSeq: 1 INVITE\n")
    }

    @Test(arguments: [
        ("sip:info:pw@sip.example.com:5070;x=y", "", 1, "sip:alice@example.com"),
        ("sip:info@elsewhere", "", 1, "sip:alice@example.com"), ("sip:info@elsewhere", "u", -1, "sip:info@elsewhere"),
        ("sip:info@sip.example.com", "u", 1, "sip:alice@example.com"), ("sip:carol@x", "r", 1, "sip:sales@example.net"),
        ("sip:carol@x", "ru", -1, "sip:carol@x"), ("sip:nobody@x", "", -1, "sip:nobody@x"),
        ("sip:example.com", "", -1, "sip:example.com"),
    ])
    func `an alias becomes its user`(_ uri: String, _ flags: String, _ code: Int, _ expected: String) throws {
        let (bench, _) = try self.bench([("domain_prefix", .text("sip."))])
        let route = try self.request(bench, uri)
        #expect(try bench.call("alias_db_lookup", "dbaliases", flags, in: route) == code)
        #expect(route.text(route.requestURI) == ByteString(expected))
        #expect(route.branches.isEmpty)
    }

    @Test func `further users become branches on demand`() throws {
        let (bench, _) = try self.bench([("append_branches", .int(1)), ("use_domain", .int(1))])
        let route = try self.request(bench, "sip:info@example.com")
        #expect(try bench.call("alias_db_lookup", "dbaliases", in: route) == 1)
        #expect(route.branches.map(\.uri) == ["sip:bob@example.net"])
        let other = try self.request(bench, "sip:info@elsewhere")
        #expect(try bench.call("alias_db_lookup", "dbaliases", in: other) == -1)
        #expect(try bench.call("alias_db_lookup", "dbaliases", "d", in: other) == 1)
    }

    @Test func `a URI of the script's own is looked up into a variable`() throws {
        let (bench, _) = try self.bench()
        let route = try self.request(bench, "sip:a@b")
        #expect(try bench.call("alias_db_find", "dbaliases", "sip:sales@x", "$var(out)", in: route) == 1)
        #expect(route.text(try bench.compiler.variable("$var(out)").read(in: route)) == "sip:carol@example.net")
        #expect(try bench.call("alias_db_find", "dbaliases", "sales", "$var(out)", in: route) == -1)
        #expect(route.text(route.requestURI) == "sip:a@b")
    }

    @Test func `a database that fails is an alias that is not known, and a log line`() throws {
        let (bench, database) = try self.bench()
        database.failures["nosuch"] = DatabaseError(.noTable, "no such table: nosuch")
        let route = try self.request(bench, "sip:info@b")
        #expect(try bench.call("alias_db_lookup", "nosuch", in: route) == -1)
        #expect(bench.log.contains { $0.contains("alias_db: ") && $0.contains("no such table: nosuch") })
    }

    @Test func `a flag that there is not is refused`() throws {
        let (bench, _) = try self.bench()
        let route = try self.request(bench, "sip:info@b")
        #expect(throws: (any Error).self) { try bench.call("alias_db_lookup", "dbaliases", "x", in: route) }
    }

    @Test(arguments: ["'; DROP TABLE dbaliases; --", "%00", "a\"b", "\\", "' OR '1'='1"])
    func `what is in the URI is a value, never SQL`(_ user: String) throws {
        let settings = Aliases.Settings()
        let escaped = ByteString("sip:\(user)@example.com")
        guard let question = AliasQuestion(escaped, table: "dbaliases", [], settings) else { return }
        #expect(question.select.filter.conditions == [Condition("alias_username", .equal, .string(ByteString(user)))])
    }
}
