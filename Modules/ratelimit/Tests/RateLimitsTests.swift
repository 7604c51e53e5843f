import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import ratelimit

@Suite("ratelimit: functions and commands")
struct RateLimitsTests {
    private func bench() throws -> ModuleBench {
        let bench = ModuleBench()
        try bench.load(PseudoVariables.self)
        try bench.load(
            RateLimits.self,
            [
                ("timer_interval", .int(3)), ("pipe", .text("0:TAILDROP:2")), ("pipe", .text("1:RED:5")),
                ("pipe", .text("2:FEEDBACK:50")), ("pipe", .text("3:NETWORK:100")), ("pipe", .text("4:NOP:1")),
                ("queue", .text("0:REGISTER")), ("queue", .text("1:*")), ("queue", .text("0:INVITE")),
            ])
        return bench
    }

    private func request(_ method: String, _ bench: ModuleBench) throws -> RouteContext {
        try bench.receive(ScriptBench.options.replacing("OPTIONS", with: method))
    }

    @Test func `the queue for the method counts, wherever the one for all stands`() throws {
        let bench = try self.bench()
        let register = try self.request("REGISTER", bench)
        let invite = try self.request("INVITE", bench)
        let options = try self.request("OPTIONS", bench)
        for _ in 0..<20 { #expect(try bench.call("rl_check", in: options) == 1) }
        for _ in 0..<5 { #expect(try bench.call("rl_check", in: register) == 1) }
        #expect(try bench.call("rl_check", in: invite) == 1)
        #expect(try bench.call("rl_check", in: invite) == -1)
        #expect(try bench.call("rl_check", in: register) == -1)
        #expect(
            try bench.call("rl.get_pipes", []) == [
                .string("PIPE[0]: 2:TAILDROP 0/2 (drop rate: 0) [8]"),
                .string("PIPE[1]: 1:RED 0/5 (drop rate: 0) [20]"),
                .string("PIPE[2]: 3:FEEDBACK 0/50 (drop rate: 0) [0]"),
                .string("PIPE[3]: 4:NETWORK 0/100 (drop rate: 0) [0]"),
            ])
        bench.program.hooks.periodic.first?.body(bench.worker)
        let stats = try bench.call("rl.stats", [])
        #expect(stats.count == 32)
        #expect(
            stats.prefix(2) == [
                .string("PIPE[0]: 8/2 (drop rate: 1)"), .string("PIPE[1]: 20/5 (drop rate: 1)"),
            ])
        #expect(try bench.call("rl_check", in: register) == 1)
    }

    @Test func `a pipe is asked by its number`() throws {
        let bench = try self.bench()
        let options = try self.request("OPTIONS", bench)
        for expected in [1, 1, 1, 1, 1, 1, -1] {
            #expect(try bench.call("rl_check_pipe", "0", in: options) == expected)
        }
        #expect(try bench.call("rl_check", "0", in: options) == -1)
        for missing in ["4", "5", "32", "-1", "99999999999"] {
            #expect(try bench.call("rl_check", missing, in: options) == -1)
        }
    }

    @Test func `commands change pipes and queues, and refuse what does not fit`() throws {
        let bench = try self.bench()
        let options = try self.request("OPTIONS", bench)
        #expect(try bench.call("rl.set_pipe", [.int(7), .string("TAILDROP"), .int(1)]) == [])
        for expected in [1, 1, 1, -1] { #expect(try bench.call("rl_check", "7", in: options) == expected) }
        #expect(throws: RPCFault(400, "Unknown algorithm")) {
            try bench.call("rl.set_pipe", [.int(2), .string("foo"), .int(1)])
        }
        #expect(throws: RPCFault(400, "Unknown pipe")) {
            try bench.call("rl.set_pipe", [.int(99), .string("RED"), .int(1)])
        }
        #expect(throws: RPCFault(400, "Feedback limits don't match")) {
            try bench.call("rl.set_pipe", [.int(8), .string("FEEDBACK"), .int(1)])
        }
        #expect(try bench.call("rl.set_queue", [.int(1), .string("OPTIONS"), .int(7)]) == [])
        #expect(try bench.call("rl_check", in: options) == -1)
        #expect(try bench.call("rl_check", in: try self.request("MESSAGE", bench)) == -1)
        #expect(throws: RPCFault(400, "MAX_QUEUES reached")) {
            try bench.call("rl.set_queue", [.int(3), .string("INVITE"), .int(2)])
        }
        #expect(throws: RPCFault(400, "Invalid pipe number")) {
            try bench.call("rl.set_queue", [.int(0), .string("MESSAGE"), .int(50)])
        }
        #expect(
            try bench.call("rl.get_queues", []) == [
                .string("QUEUE[0]: 0:REGISTER"), .string("QUEUE[1]: 7:OPTIONS"), .string("QUEUE[2]: 0:INVITE"),
            ])
    }

    @Test func `a load that is pushed makes FEEDBACK refuse`() throws {
        let bench = try self.bench()
        let options = try self.request("OPTIONS", bench)
        for _ in 0..<8 { #expect(try bench.call("rl.push_load", [.double(1)]) == []) }
        #expect(try bench.call("rl_check", "2", in: options) == -1)
        #expect(throws: RPCFault(400, "Value out of range")) { try bench.call("rl.push_load", [.double(1.5)]) }
        #expect(throws: RPCFault.self) { try bench.call("rl.push_load", [.string("much")]) }
        #expect(try bench.call("rl.set_pid", [.double(0.5), .string("0.25"), .int(1)]) == [])
        #expect(
            try bench.call("rl.get_pid", []) == [.string("ki[0.500000] kp[0.250000] kd[1.000000] ")])
    }

    @Test func `set_dbg writes the pipes to the log`() throws {
        let bench = try self.bench()
        #expect(try bench.call("rl.set_dbg", [.int(1)]) == [])
        bench.program.hooks.periodic.first?.body(bench.worker)
        #expect(bench.log.contains("WARNING: ratelimit: PIPE[0]: 0/2 (drop rate: 0)"))
    }

    @Test(arguments: [
        ("queue", "REGISTER"), ("queue", "0:"), ("queue", "40:INVITE"), ("pipe", "40:RED:2"), ("pipe", "1:FOO:2"),
        ("pipe", "1:red:2"), ("pipe", "1:RED"), ("pipe", "1:RED:x"), ("pipe", "1:RED:-1"), ("pipe", "9:FEEDBACK:20"),
    ])
    func `what cannot be understood keeps the server from starting`(_ name: String, _ text: String) {
        let bench = ModuleBench()
        #expect(throws: ArgumentError.self) {
            try bench.load(RateLimits.self, [("pipe", .text("2:FEEDBACK:50")), (name, .text(ByteString(text)))])
        }
    }

    @Test func `there are no more than 32 queues`() {
        let bench = ModuleBench()
        let queues = (0...32).map { ("queue", ParameterValue.text(ByteString("0:M\($0)"))) }
        #expect(throws: ArgumentError.self) { try bench.load(RateLimits.self, queues) }
    }
}
