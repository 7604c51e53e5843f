import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import speeddial

@Suite("speeddial")
struct SpeedDialTests {
    private func bench(_ parameters: [(String, ParameterValue)] = []) throws -> (ModuleBench, BenchDatabase) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        database.tables["speed_dial"] = Rows(
            columns: ["username", "domain", "sd_username", "sd_domain", "new_uri"],
            [
                ["x", "y", "11", "example.com", "sip:dora@example.org;a=b"],
                ["x", "z", "12", "example.com", "emil@example.org"],
                ["x", "y", "14", "example.com", ""],
            ])
        try bench.load(PseudoVariables.self)
        try bench.load(SpeedDial.self, [("db_url", .text(BenchDatabase.url))] + parameters)
        return (bench, database)
    }

    private func request(_ bench: ModuleBench, _ uri: String) throws -> RouteContext {
        try bench.receive(
            "INVITE \(uri) SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:x@y>;tag=1\nTo: <sip:b@c>\nCall-ID: 1\n"
                + "CSeq: 1 INVITE\n")
    }

    @Test(arguments: [
        ("sip:11@example.com;k=v", 1, "sip:dora@example.org;a=b"), ("sip:11@other", 1, "sip:dora@example.org;a=b"),
        ("sip:12@example.com", 1, "sip:emil@example.org"), ("sip:13@example.com", -1, "sip:13@example.com"),
        ("sip:14@example.com", -1, "sip:14@example.com"), ("sip:example.com", -1, "sip:example.com"),
    ])
    func `a short number becomes its URI`(_ uri: String, _ code: Int, _ expected: String) throws {
        let (bench, _) = try self.bench()
        let route = try self.request(bench, uri)
        #expect(try bench.call("sd_lookup", "speed_dial", in: route) == code)
        #expect(route.text(route.requestURI) == ByteString(expected))
    }

    @Test func `domains count on demand`() throws {
        let (bench, _) = try self.bench([("use_domain", .int(1)), ("domain_prefix", .text("sip."))])
        #expect(
            try bench.call("sd_lookup", "speed_dial", in: try self.request(bench, "sip:11@sip.example.com")) == 1)
        #expect(try bench.call("sd_lookup", "speed_dial", in: try self.request(bench, "sip:11@other")) == -1)
        #expect(try bench.call("sd_lookup", "speed_dial", in: try self.request(bench, "sip:12@example.com")) == -1)
    }

    @Test func `the owner may be another one`() throws {
        let (bench, _) = try self.bench()
        #expect(try bench.call("sd_lookup", "speed_dial", "sip:x@q", in: try self.request(bench, "sip:11@a")) == 1)
        #expect(try bench.call("sd_lookup", "speed_dial", "sip:w@q", in: try self.request(bench, "sip:11@a")) == -1)
        #expect(try bench.call("sd_lookup", "speed_dial", "x", in: try self.request(bench, "sip:11@a")) == -1)
        #expect(bench.log.contains { $0.contains("the owner <x> is no SIP URI with a user") })
    }

    @Test func `a database that fails is a number that is not known, and a log line`() throws {
        let (bench, database) = try self.bench()
        database.failure = DatabaseError(.badQuery, "syntax")
        #expect(try bench.call("sd_lookup", "speed_dial", in: try self.request(bench, "sip:11@a")) == -1)
        #expect(bench.log.contains { $0.contains("sd_lookup: ") })
    }
}
