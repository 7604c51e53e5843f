import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import core
import pv

@testable import permissions

@Suite("permissions: functions and commands")
struct PermissionsTests {
    private func request(_ bench: ModuleBench, _ uri: String, from: String, extra: String = "") throws -> RouteContext {
        try bench.receive(
            "OPTIONS \(uri) SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <\(from)>;tag=1\nTo: <sip:dora@d>\n"
                + "Call-ID: 1\nCSeq: 1 OPTIONS\n\(extra)", from: "192.0.2.1:5060")
    }

    @Test func `addresses of a file let a request in and set its tag`() throws {
        let files = try TemporaryFiles(["addresses": "1 192.0.2.1 32 5060 one\n8 198.51.100.0 24 0 net\n"])
        let bench = ModuleBench()
        try bench.load(Core.self)
        try bench.load(PseudoVariables.self)
        let module = try bench.load(Permissions.self, [("address_file", .text(files.path("addresses")))])
        try module.hooks.started?(bench)
        let route = try self.request(bench, "sip:a@b", from: "sip:c@d")
        #expect(try bench.call("allow_source_address", in: route) == 1)
        #expect(try bench.call("allow_source_address", "8", in: route) == -1)
        #expect(try bench.call("allow_source_address_group", in: route) == 1)
        #expect(try bench.call("allow_address_group", "198.51.100.7", "1", in: route) == 8)
        #expect(try bench.call("allow_address_group", "203.0.113.7", "1", in: route) == -1)
        #expect(try bench.call("allow_address", "8", "198.51.100.7", "1", in: route) == 1)
        #expect(try bench.call("allow_trusted", in: route) == -1)
        guard case .structure(let members)? = try bench.call("permissions.subnetDump", []).first else {
            Issue.record("no networks")
            return
        }
        #expect(members.map(\.name) == ["id", "group", "item"])
    }

    @Test func `a file that cannot be used keeps the server from starting`() throws {
        let files = try TemporaryFiles(["addresses": "1 192.0.2.1\n1 192.0.2.1 99\n", "r.allow": "ALL :\n"])
        let bench = ModuleBench()
        let one = try bench.load(Permissions.self, [("address_file", .text(files.path("addresses")))])
        #expect(throws: (any Error).self) { try one.hooks.started?(bench) }
        do {
            try one.hooks.started?(bench)
        } catch {
            #expect("\(error)".hasSuffix("addresses:2: mask 99 of 192.0.2.1 is not from 0 to 32"))
        }
        let other = try bench.load(Permissions.self, [("default_allow_file", .text(files.path("r.allow")))])
        do {
            try other.hooks.started?(bench)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".hasSuffix("r.allow:1: a regular expression in quotes, or ALL, expected"))
        }
    }

    @Test(arguments: [
        ("sip:3@b", "sip:x@y", 1), ("sip:191@b", "sip:x@y", -1), ("sip:191@b", "sip:carol@y", 1),
        ("sip:5@b", "sip:bob@y", -1), ("sip:5:secret@b:5070;transport=udp", "sip:x@y", 1),
        ("sip:e@b:5070", "sip:x@y", 1),
    ])
    func `files of rules decide`(_ uri: String, _ from: String, _ expected: Int) throws {
        let files = try TemporaryFiles([
            "r.allow": "ALL : \"^sip:3\"\n\"^sip:carol@\" : ALL\n",
            "r.deny": "ALL : \"^sip:19\", \"secret\", \":5070\"\n\"bob\" : ALL\n",
        ])
        let bench = ModuleBench()
        let module = try bench.load(
            Permissions.self,
            [("default_allow_file", .text(files.path("r.allow"))), ("default_deny_file", .text(files.path("r.deny")))])
        try module.hooks.started?(bench)
        let route = try self.request(bench, uri, from: from)
        #expect(try bench.call("allow_routing", in: route) == expected)
    }

    @Test(arguments: [
        ("<sip:a@h:5070>", 1, -1), ("<sip:a@h>, <sip:19@h>", -1, -1), ("*", 1, 1), ("<sip:a@h>", 1, 1), ("<", -1, -1),
    ])
    func `contacts are looked at one by one`(_ contacts: String, _ expected: Int, _ withPort: Int) throws {
        let files = try TemporaryFiles(["r.deny": "\"dora\" : \"^sip:19\", \":5070\"\n"])
        let bench = ModuleBench()
        let module = try bench.load(Permissions.self)
        let base = files.path("r").string
        let early = try self.request(bench, "sip:b", from: "sip:x@y", extra: "Contact: \(contacts)\n")
        // A call makes its files known; then the server starts.
        _ = try? bench.call("allow_register", base, in: early)
        try module.hooks.started?(bench)
        #expect(try bench.call("allow_register", base, in: early) == expected)
        #expect(try bench.call("allow_register_include_port", base, in: early) == withPort)
        let answer = try bench.call(
            "permissions.testUri", [.string(base), .string("sip:dora@d"), .string("sip:19@h")])
        #expect(answer == [.string("Denied")])
        let allowed = try bench.call(
            "permissions.allowUri", [.string(base), .string("sip:emil@d"), .string("sip:19@h")])
        #expect(allowed == [.string("Allowed")])
    }

    @Test func `trusted rows count by priority, protocol and patterns`() throws {
        var rows = Rows(columns: Permissions.TrustedColumns().all)
        rows.append(["192.0.2.1", "any", "^sip:x@", .null, "low", 1])
        rows.append(["192.0.2.1", "udp", .null, .null, "high", 10])
        rows.append(["any", "tcp", .null, "^sip:9", "nine", 5])
        rows.append(["192.0.2.300", "udp", .null, .null, "bad", 5])
        rows.append(["192.0.2.1", "smoke", .null, .null, "bad", 5])
        rows.append(["192.0.2.1", "udp", "(", .null, "bad", 5])
        let table = TrustedTable(rows, Permissions.TrustedColumns())
        #expect(table.peers.map(\.tag) == ["high", "nine", "low"])
        #expect(table.complaints.count == 3)
        let here = try #require(IPAddress("192.0.2.1"))
        let elsewhere = try #require(IPAddress("198.51.100.1"))
        let from: ByteString = "sip:x@y"
        let uri: ByteString = "sip:911@b"
        func tags(_ ip: IPAddress, _ transport: TransportProtocol?) -> [ByteString] {
            table.peers.filter { $0.trusts(ip, transport, from: from.span, requestURI: uri.span) }.map(\.tag)
        }
        #expect(tags(here, .udp) == ["high", "low"])
        #expect(tags(here, nil) == ["high", "nine", "low"])
        #expect(tags(elsewhere, .tcp) == ["nine"])
        #expect(tags(elsewhere, .udp) == [])
    }
}
