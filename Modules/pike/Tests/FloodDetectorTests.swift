import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import core
import htable
import pv
import xlog

@testable import pike

@Suite("pike: functions and commands")
struct FloodDetectorTests {
    private func bench(_ parameters: [(String, ParameterValue)] = []) throws -> ModuleBench {
        let bench = ModuleBench()
        try bench.load(Core.self)
        try bench.load(PseudoVariables.self)
        try bench.load(
            FloodDetector.self, [("reqs_density_per_unit", .int(16)), ("sampling_time_unit", .int(2))] + parameters)
        return bench
    }

    private func member(_ value: RPCValue?, _ name: String) -> RPCValue? {
        guard case .structure(let members)? = value else { return nil }
        return members.first { $0.name == name }?.value
    }

    @Test func `the address that floods is refused, others are not`() throws {
        let bench = try self.bench()
        var codes: [Int: Int] = [:]
        for _ in 0..<50 {
            let route = try bench.receive(ScriptBench.options, from: "192.0.2.1:5060")
            codes[try bench.call("pike_check_req", in: route), default: 0] += 1
        }
        #expect(codes == [1: 21, -2: 1, -1: 28])
        let other = try bench.receive(ScriptBench.options, from: "198.51.100.1:5060")
        #expect(try bench.call("pike_check_req", in: other) == 1)
        #expect(bench.counters.value("pike", "blocked_requests") == 29)
        #expect(bench.counters.value("pike", "blocked_addresses") == 1)
        #expect(bench.log.filter { $0.contains("192.0.2.1 sends more than 16 messages in 2 s") }.count == 1)
    }

    @Test func `pike_check_ip counts for an address written out`() throws {
        let bench = try self.bench()
        let route = try bench.receive(ScriptBench.options)
        for _ in 0..<21 { #expect(try bench.call("pike_check_ip", "203.0.113.1", in: route) == 1) }
        #expect(try bench.call("pike_check_ip", "203.0.113.1", in: route) == -2)
        #expect(try bench.call("pike_check_ip", "2001:db8::1", in: route) == 1)
        #expect(try bench.call("pike_check_ip", "[2001:db8::1]", in: route) == 1)
        #expect(try bench.call("pike_check_ip", "nobody", in: route) == -1)
    }

    @Test func `pike_top shows what was sent`() throws {
        let bench = try self.bench()
        let route = try bench.receive(ScriptBench.options)
        for _ in 0..<100 { _ = try bench.call("pike_check_ip", "203.0.113.1", in: route) }
        for _ in 0..<6 { _ = try bench.call("pike_check_ip", "203.0.113.2", in: route) }
        for _ in 0..<3 { _ = try bench.call("pike_check_ip", "203.0.113.3", in: route) }
        bench.program.hooks.periodic.first?.body(bench.worker)
        let top = try bench.call("pike.top", []).first
        #expect(self.member(top, "max_hits") == .int(16))
        #expect(self.member(top, "number_of_rows") == .int(1))
        guard case .array(let rows)? = self.member(top, "list") else {
            Issue.record("no list")
            return
        }
        #expect(
            rows == [
                .structure([
                    "ip_addr": .string("203.0.113.1"), "leaf_hits_prev": .int(0), "leaf_hits_curr": .int(94),
                    "expires": .int(120), "status": .string("HOT"),
                ])
            ])
        #expect(self.member(try bench.call("pike.list", [.string("ALL")]).first, "number_of_rows") == .int(3))
        #expect(self.member(try bench.call("pike.list", [.string("WARM")]).first, "number_of_rows") == .int(1))
        #expect(throws: RPCFault(500, "Bad argument. Select: ALL, HOT or WARM")) {
            try bench.call("pike.top", [.string("all of them")])
        }
    }

    @Test func `a window within the limit lets the address in again, and says so`() throws {
        let bench = try self.bench([("remove_latency", .int(4)), ("pike_log_level", .int(1))])
        let route = try bench.receive(ScriptBench.options)
        for _ in 0..<40 { _ = try bench.call("pike_check_ip", "203.0.113.1", in: route) }
        for _ in 0..<3 {
            bench.worker.advance(seconds: 2)
            for task in bench.program.hooks.periodic { task.body(bench.worker) }
        }
        #expect(try bench.call("pike_check_ip", "203.0.113.1", in: route) == 1)
        #expect(bench.log.contains("NOTICE: pike: 203.0.113.1 keeps the limit again"))
    }

    @Test func `what is known of addresses survives a reload`() throws {
        let bench = try self.bench()
        let route = try bench.receive(ScriptBench.options)
        for _ in 0..<40 { _ = try bench.call("pike_check_ip", "203.0.113.1", in: route) }
        let second = try FloodDetector(FloodDetector.Settings(), host: bench)
        #expect(second.tree.figures.blocked == 1)
    }

    @Test func `the antiflood of the stock configuration bans the flooding address and no other`() throws {
        let bench = try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "htable.so"
            loadmodule "pike.so"
            modparam("pike", "sampling_time_unit", 2)
            modparam("pike", "reqs_density_per_unit", 16)
            modparam("pike", "remove_latency", 4)
            modparam("htable", "htable", "ipban=>size=8;autoexpire=300;")
            request_route {
                if (src_ip != myself) {
                    if ($sht(ipban=>$si) != $null) { xlog("banned\\n"); exit; }
                    if (!pike_check_req()) { xlog("flood\\n"); $sht(ipban=>$si) = 1; exit; }
                }
                xlog("served\\n");
            }
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(HashTables.self), ModuleType(FloodDetector.self),
            ])
        for _ in 0..<30 { try bench.run(from: "192.0.2.1:5060") }
        #expect(bench.texts.filter { $0 == "served" }.count == 21)
        #expect(bench.texts.filter { $0 == "flood" }.count == 1)
        #expect(bench.texts.filter { $0 == "banned" }.count == 8)
        try bench.run(from: "192.0.2.2:5060")
        #expect(bench.texts.last == "served")
        bench.advance(seconds: 299)
        try bench.run(from: "192.0.2.1:5060")
        #expect(bench.texts.last == "banned")
        bench.advance(seconds: 2)
        try bench.run(from: "192.0.2.1:5060")
        #expect(bench.texts.last == "served")
    }
}
