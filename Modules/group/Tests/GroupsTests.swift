import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import group

@Suite("group")
struct GroupsTests {
    private func bench(_ parameters: [(String, ParameterValue)] = []) throws -> (ModuleBench, BenchDatabase, Groups) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["version"] = Rows(columns: ["table_name", "table_version"], [["grp", 2], ["re_grp", 1]])
        database.tables["grp"] = Rows(
            columns: ["username", "domain", "grp"],
            [["alice", "a.test", "ld"], ["bob", "x.test", "ld"], ["alice", "b.test", "int"]])
        database.tables["re_grp"] = Rows(
            columns: ["reg_exp", "group_id"],
            [["^sip:alice@a\\.test$", 5], ["alice", 3], ["^sip:b", 7], ["ALICE@", 9], ["^alice$", 11]])
        try bench.load(PseudoVariables.self)
        let module = try bench.load(Groups.self, [("db_url", .text(BenchDatabase.url))] + parameters)
        try module.hooks.started?(bench)
        return (bench, database, module)
    }

    private func request(_ bench: ModuleBench) throws -> RouteContext {
        let route = try bench.receive(
            "INVITE sip:bob@b.test SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:alice@a.test>;tag=1\n"
                + "To: <sip:c.test>\nCall-ID: 1\nCSeq: 1 INVITE\n")
        _ = try bench.compiler.variable("$avp(u)").write(.text("sip:alice@b.test:5070;x=y"), in: route)
        return route
    }

    @Test(arguments: [
        ("From", "ld", 1, 1), ("from", "LD", -6, -6), ("Request-URI", "ld", 1, -6), ("To", "ld", -1, -1),
        ("Credentials", "ld", -1, -1), ("$avp(u)", "int", 1, 1), ("$avp(u)", "ld", 1, -6), ("$avp(none)", "ld", -1, -1),
        ("From", "' OR '1'='1", -6, -6), ("From", "$avp(u)", -6, -6),
    ])
    func `a member is one by name, and by domain on demand`(
        _ user: String, _ group: String, _ code: Int, _ withDomain: Int
    ) throws {
        for (isUsed, expected) in [(0, code), (1, withDomain)] {
            let (bench, _, _) = try self.bench([("use_domain", .int(isUsed))])
            #expect(try bench.call("is_user_in", user, group, in: try self.request(bench)) == expected)
        }
    }

    @Test func `credentials that were checked name a user`() throws {
        let (bench, _, _) = try self.bench([("use_domain", .int(1)), ("re_table", .text("re_grp"))])
        let route = try self.request(bench)
        route.setState(AuthorizedUser(name: "alice", realm: "b.test"))
        #expect(try bench.call("is_user_in", "Credentials", "int", in: route) == 1)
        #expect(try bench.call("is_user_in", "Credentials", "ld", in: route) == -6)
        #expect(try bench.call("get_user_group", "Credentials", "$avp(g)", in: route) == 2)
    }

    @Test func `groups come from expressions, the last row first`() throws {
        let (bench, _, _) = try self.bench([("re_table", .text("re_grp"))])
        let route = try self.request(bench)
        #expect(try bench.call("get_user_group", "From", "$avp(g)", in: route) == 3)
        let values = try bench.compiler.variable("$avp(g)").values(in: route).map { route.int($0) }
        #expect(values == [5, 3, 9])
        #expect(try bench.call("get_user_group", "$avp(u)", "$avp(h)", in: route) == 2)
        #expect(try bench.call("get_user_group", "To", "$avp(h)", in: route) == -1)
    }

    @Test func `one group is enough on demand`() throws {
        let (bench, _, _) = try self.bench([("re_table", .text("re_grp")), ("multiple_gid", .int(0))])
        let route = try self.request(bench)
        #expect(try bench.call("get_user_group", "From", "$avp(g)", in: route) == 1)
        #expect(route.int(try bench.compiler.variable("$avp(g)").read(in: route)) == 9)
    }

    @Test func `a database that fails is no membership, and a log line`() throws {
        let (bench, database, _) = try self.bench()
        database.failure = DatabaseError(.timedOut, "no answer in time")
        #expect(try bench.call("is_user_in", "From", "ld", in: try self.request(bench)) == -1)
        #expect(bench.log.contains { $0.contains("group: no answer in time") })
    }

    @Test(arguments: [["$var(u)", "ld"], ["Ruri", "ld"], ["$ru", "ld"]])
    func `another place for a user is refused`(_ arguments: [String]) throws {
        let (bench, _, _) = try self.bench()
        let route = try self.request(bench)
        #expect(throws: (any Error).self) { try bench.call("is_user_in", arguments[0], arguments[1], in: route) }
        #expect(throws: (any Error).self) { try bench.call("get_user_group", "From", "$var(x)", in: route) }
    }

    @Test func `a broken expression is named with its row`() throws {
        let rows = Rows(columns: ["reg_exp", "group_id"], [["a", 1], ["(", 2]])
        #expect {
            _ = try GroupExpressions(rows)
        } throws: { "\($0)".contains("row 2: '(' is no regular expression") }
    }
}
