import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import domain

@Suite("domain")
struct DomainsTests {
    private func bench(_ parameters: [(String, ParameterValue)] = []) throws -> (ModuleBench, BenchDatabase, Domains) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["version"] = Rows(
            columns: ["table_name", "table_version"], [["domain", 2], ["domain_attrs", 1]])
        database.tables["domain"] = Rows(
            columns: ["id", "domain", "did"],
            [[1, "Example.com", "ex"], [2, "example.net", "ex"], [3, "other.org", .null]])
        database.tables["domain_attrs"] = Rows(
            columns: ["did", "name", "type", "value"],
            [
                ["ex", "color", 2, "blue"], ["ex", "limit", 0, "7"], ["ex", "color", 2, "green"],
                ["other.org", "color", 2, "red"],
            ])
        try bench.load(PseudoVariables.self)
        let module = try bench.load(Domains.self, [("db_url", .text(BenchDatabase.url))] + parameters)
        return (bench, database, module)
    }

    private func request(_ bench: ModuleBench, _ uri: String, _ from: String) throws -> RouteContext {
        try bench.receive(
            "OPTIONS \(uri) SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <\(from)>;tag=1\nTo: <sip:b@c>\nCall-ID: 1\n"
                + "CSeq: 1 OPTIONS\n")
    }

    @Test(arguments: [
        ("sip:a@EXAMPLE.com:5070", "sip:x@other.org", 1, 1), ("sip:example.net", "sip:x@nope", 1, -1),
        ("sip:a@nope", "sip:x@other.org;a=b", -1, 1), ("sip:a@sub.example.com", "sip:x@org", -1, -1),
    ])
    func `hosts are looked for whatever their case`(_ uri: String, _ from: String, _ isLocal: Int, _ isFrom: Int) throws
    {
        let (bench, _, module) = try self.bench()
        try module.hooks.started?(bench)
        let route = try self.request(bench, uri, from)
        #expect(try bench.call("is_uri_host_local", in: route) == isLocal)
        #expect(try bench.call("is_from_local", in: route) == isFrom)
        #expect(try bench.call("is_domain_local", "other.ORG", in: route) == 1)
        #expect(try bench.call("is_domain_local", "", in: route) == -1)
    }

    @Test func `attributes of a domain become AVPs, the first one on top`() throws {
        let (bench, _, module) = try self.bench()
        try module.hooks.started?(bench)
        let route = try self.request(bench, "sip:a@b", "sip:c@d")
        #expect(try bench.call("lookup_domain", "example.NET", "p_", in: route) == 1)
        #expect(route.attributes.values(.text("p_color")).map { route.text($0) } == ["blue", "green"])
        #expect(route.int(route.attributes.value(.text("p_limit"))) == 7)
        #expect(route.text(route.attributes.value(.text("p_did"))) == "ex")
        #expect(try bench.call("lookup_domain", "other.org", in: route) == 1)
        #expect(route.text(route.attributes.value(.text("did"))) == "other.org")
        #expect(try bench.call("lookup_domain", "nope", in: route) == -1)
    }

    @Test func `a reload is all or nothing`() throws {
        let (bench, database, module) = try self.bench()
        try module.hooks.started?(bench)
        database.tables["domain"] = Rows(columns: ["domain", "did"], [["new.org", .null]])
        database.tables["domain_attrs"]?.append(["ex", "limit", 0, "many"])
        #expect(throws: (any Error).self) { try module.load() }
        let route = try self.request(bench, "sip:a@b", "sip:c@d")
        #expect(try bench.call("is_domain_local", "example.com", in: route) == 1)
        database.tables["domain_attrs"] = Rows(columns: ["did", "name", "type", "value"])
        try module.load()
        #expect(try bench.call("is_domain_local", "example.com", in: route) == -1)
        #expect(try bench.call("is_domain_local", "new.org", in: route) == 1)
        #expect(
            try bench.call("domain.dump", []) == [
                .structure([
                    "domains": .array([.structure(["domain": .string("new.org"), "did": .string("new.org")])]),
                    "attributes": .array([]),
                ])
            ])
    }

    @Test func `domains are myself on demand`() throws {
        let (bench, _, module) = try self.bench([("register_myself", .int(1))])
        try module.hooks.started?(bench)
        let name: ByteString = "example.com"
        #expect(module.hooks.isMyself?(name.span, ByteRange(0, name.count), 5099, .tcp) == true)
        let other: ByteString = "example.org"
        #expect(module.hooks.isMyself?(other.span, ByteRange(0, other.count), 0, nil) == false)
        #expect(try self.bench().2.hooks.isMyself == nil)
    }

    @Test(arguments: [
        ("domain", "there is no table 'domain'"), ("version", "there is no table 'version'"),
    ])
    func `a database without a table keeps the server from starting`(_ table: String, _ text: String) throws {
        let (bench, database, module) = try self.bench()
        database.tables[ByteString(table)] = nil
        do {
            try module.hooks.started?(bench)
            Issue.record("it started")
        } catch {
            #expect("\(error)".contains(text))
            #expect("\(error)".contains("apusctl db create"))
        }
    }
}
