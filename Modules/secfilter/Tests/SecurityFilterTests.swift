import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import secfilter

@Suite("secfilter: functions and commands")
struct SecurityFilterTests {
    private static let rows: [(Int, Int, ByteString)] = [
        (0, 0, "friendly-scanner"), (0, 0, "sipcli"), (0, 1, "ps"), (0, 2, "bad.example"), (0, 3, "5.56.57."),
        (0, 4, "sipvicious"), (1, 0, "asterisk pbx"), (1, 2, "good.example"), (1, 4, "trusted"), (2, 0, "555123"),
        (1, 1, "es"), (1, 3, "9.9.9.9"), (0, 4, "Eve"), (2, 4, "888"), (7, 0, "x"), (0, 9, "x"), (0, 0, ""),
    ]

    private func bench(exact: Bool = true) throws -> (ModuleBench, BenchDatabase, SecurityFilter) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        var version = Rows(columns: ["table_name", "table_version"])
        version.append(["secfilter", 1])
        database.tables["version"] = version
        self.fill(database, Self.rows)
        try bench.load(PseudoVariables.self)
        let module = try bench.load(
            SecurityFilter.self, [("db_url", .text(BenchDatabase.url)), ("dst_exact_match", .int(exact ? 1 : 0))])
        try module.hooks.started?(bench)
        return (bench, database, module)
    }

    private func fill(_ database: BenchDatabase, _ rows: [(Int, Int, ByteString)]) {
        var table = Rows(columns: ["action", "type", "data"])
        for (action, type, data) in rows { table.append([.int(action), .int(type), .string(data)]) }
        database.tables["secfilter"] = table
    }

    private func request(
        _ bench: ModuleBench, from: String = "<sip:a@b.c>", to: String = "<sip:b@b.c>", extra: String = "",
        source: String = "127.0.0.1:5070"
    ) throws -> RouteContext {
        try bench.receive(
            "INVITE sip:b@b.c SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: \(from);tag=1\nTo: \(to)\nCall-ID: 1\n"
                + "CSeq: 1 INVITE\n\(extra)", from: source)
    }

    @Test(arguments: [
        ("<sip:sipvicious@x>", -2), ("<sip:SIPVICIOUS1@x>", -2), ("<sip:xsipvicious@x>", 1),
        ("<sip:a@bad.example>", -3),
        ("<sip:a@bad.example.com>", -3), ("<sip:a@x.bad.example>", 1), ("<sip:a@good.example>", 3),
        ("<sip:trusted@bad.example>", 2), ("\"Eve\" <sip:a@b>", -4), ("\"Eve Smith\" <sip:a@b>", -4),
        ("Eve <sip:a@b>", -4),
        ("\"trusted\" <sip:sipvicious@b>", 4), ("\"Eve\" <sip:sipvicious@bad.example>", -2),
        ("\"Eve\" <sip:a@good.example>", -4), ("<sip:sipvicious@good.example>", -2), ("\"trusted\" <sip:trusted@x>", 4),
        ("\"Eve\" <sip:trusted@bad.example>", 2), ("\"\\\"Eve\" <sip:a@b>", 1), ("<tel:sipvicious>", -2),
        ("garbage", 1),
    ])
    func `From and To are judged alike`(_ address: String, _ code: Int) throws {
        let (bench, _, _) = try self.bench()
        #expect(try bench.call("secf_check_from_hdr", in: try self.request(bench, from: address)) == code)
        #expect(try bench.call("secf_check_to_hdr", in: try self.request(bench, to: address)) == code)
    }

    @Test(arguments: [
        ("<sip:sipvicious@x>", -2), ("<sip:a@bad.example>", -3), ("\"Eve\" <sip:a@b>", 1), ("<sip:trusted@b>", 2),
        ("<sip:a@good.example>", 3), ("*", 1), ("<sip:a@b>, <sip:sipvicious@c>", -2),
        ("<sip:sipvicious@c>, <sip:a@b>", -2),
        ("<sip:trusted@c>, <sip:b@bad.example>", -3), ("garbage", 1), ("<sip:1.2.3.4>", 1),
    ])
    func `each Contact is judged`(_ contact: String, _ code: Int) throws {
        let (bench, _, _) = try self.bench()
        let route = try self.request(bench, extra: "Contact: \(contact)\n")
        #expect(try bench.call("secf_check_contact_hdr", in: route) == code)
    }

    @Test(arguments: [("friendly-scanner", -2), ("SipCli/v1", -2), ("xsipcli", 1), ("Asterisk PBX 1", 2), ("", 1)])
    func `the User-Agent is judged`(_ product: String, _ code: Int) throws {
        let (bench, _, _) = try self.bench()
        let route = try self.request(bench, extra: "User-Agent: \(product)\n")
        #expect(try bench.call("secf_check_ua", in: route) == code)
        #expect(try bench.call("secf_check_ua", in: try self.request(bench)) == 1)
    }

    @Test(arguments: [("5.56.57.9:5060", -2), ("5.56.5.9:5060", 1), ("9.9.9.9:5060", 2), ("127.0.0.1:5060", 1)])
    func `the source is judged`(_ source: String, _ code: Int) throws {
        let (bench, _, _) = try self.bench()
        #expect(try bench.call("secf_check_ip", in: try self.request(bench, source: source)) == code)
    }

    @Test func `countries and destinations are judged`() throws {
        let (bench, _, _) = try self.bench()
        let route = try self.request(bench)
        for (country, code) in [("ps", -2), ("PS", -2), ("p", 1), ("es", 2), ("", 1)] {
            #expect(try bench.call("secf_check_country", country, in: route) == code)
        }
        for (number, code) in [("555123", -2), ("5551234", 1), ("555", 1), ("888", 1), ("", 1)] {
            #expect(try bench.call("secf_check_dst", number, in: route) == code)
        }
        let (other, _, _) = try self.bench(exact: false)
        for (number, code) in [("555123", -2), ("5551234", -2), ("555", 1), ("1555123", 1)] {
            #expect(try other.call("secf_check_dst", number, in: try self.request(other)) == code)
        }
    }

    @Test func `rows that make no sense are left out and named`() throws {
        let (bench, _, _) = try self.bench()
        #expect(bench.log.filter { $0.contains("secfilter: table secfilter, row") }.count == 4)
    }

    @Test func `SQL ends the script`() throws {
        let (bench, _, _) = try self.bench()
        #expect(try bench.call("secf_check_sqli_hdr", "a'b", in: try self.request(bench)) == -1)
        #expect(try bench.call("secf_check_sqli_hdr", "ab", in: try self.request(bench)) == 1)
        #expect(try bench.call("secf_check_sqli_all", in: try self.request(bench)) == 1)
        let hostile = [
            try self.request(bench, from: "<sip:a'b@c>"), try self.request(bench, to: "\"a'b\" <sip:a@c>"),
            try self.request(bench, extra: "User-Agent: a--b\n"),
            try self.request(bench, extra: "Contact: <sip:a@b>, <sip:a%27b@c>\n"),
        ]
        for route in hostile { #expect(try bench.call("secf_check_sqli_all", in: route) == 0) }
        #expect(bench.counters.value("secfilter", "blocked_injections") == 5)
    }

    @Test func `commands add entries, and reading the table again drops them`() throws {
        let (bench, database, module) = try self.bench()
        let route = try self.request(bench)
        #expect(
            try bench.call("secfilter.add_bl", [.string("ip"), .string("127.0.")]) == [
                .string("Values (ip, 127.0.) inserted into blacklist")
            ])
        #expect(try bench.call("secf_check_ip", in: route) == -2)
        #expect(
            try bench.call("secfilter.add_wl", [.string("ip"), .string("127.0.0.1")]) == [
                .string("Values (ip, 127.0.0.1) inserted into whitelist")
            ])
        #expect(try bench.call("secf_check_ip", in: route) == 2)
        #expect(
            try bench.call("secfilter.add_dst", [.int(4455)]) == [
                .string("Values (4455) inserted into blacklist destinations")
            ])
        #expect(try bench.call("secf_check_dst", "4455", in: route) == -2)
        #expect(throws: RPCFault(500, "Error inserting values in the blacklist")) {
            try bench.call("secfilter.add_bl", [.string("foo"), .string("x")])
        }
        #expect(throws: RPCFault.self) { try bench.call("secfilter.add_bl", [.string("ua")]) }
        #expect(throws: RPCFault.self) { try bench.call("secfilter.add_dst", []) }
        // Another configuration finds them.
        let second = try SecurityFilter(SecurityFilter.Settings(), host: bench)
        try second.hooks.started?(bench)
        #expect(second.lists.read { $0.allows(.address, "127.0.0.1") })
        // The table is read again.
        self.fill(database, [(0, 0, "other")])
        let answer = try self.reload(bench, module)
        #expect(answer == .success([.string("Data reloaded")]))
        #expect(try bench.call("secf_check_ip", in: route) == 1)
        #expect(
            try bench.call("secfilter.print", [.string("ua")])
                == [
                    "", "User-agent", "==========", "[+] Blacklisted", "    -----------", "    0001 -> other", "",
                    "[+] Whitelisted", "    -----------", "",
                ].map { .string($0) })
        // One that cannot be read leaves what is there.
        database.failure = DatabaseError(.unreachable, "gone")
        guard case .failure(let fault)? = try self.reload(bench, module) else {
            Issue.record("it was read")
            return
        }
        #expect(fault == RPCFault(500, "Error loading data from database"))
        #expect(try bench.call("secf_check_ua", in: try self.request(bench, extra: "User-Agent: other\n")) == -2)
    }

    private func reload(_ bench: ModuleBench, _ module: SecurityFilter) throws -> RPCAnswer.Outcome? {
        let answer = RPCAnswer()
        let command = try #require(module.commands.first { $0.name == "secfilter.reload" })
        command.later?(RPCRequest(parameters: [], host: bench), answer)
        return answer.outcome
    }

    @Test func `statistics count what was refused and let in`() throws {
        let (bench, _, _) = try self.bench()
        _ = try bench.call("secf_check_from_hdr", in: try self.request(bench, from: "<sip:sipvicious@x>"))
        _ = try bench.call("secf_check_ua", in: try self.request(bench, extra: "User-Agent: asterisk pbx\n"))
        let lines = try bench.call("secfilter.stats", [])
        #expect(lines.contains(.string("[+] By from user     : 1")))
        #expect(lines.contains(.string("[+] By user-agent    : 1")))
        #expect(lines.filter { $0 == .string("[+] By user-agent    : 0") }.count == 1)
        #expect(try bench.call("secfilter.stats_reset", []) == [.string("The statistics has been reset")])
        #expect(!(try bench.call("secfilter.stats", [])).contains(.string("[+] By from user     : 1")))
    }
}
