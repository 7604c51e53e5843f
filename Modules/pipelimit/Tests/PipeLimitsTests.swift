import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv
import ratelimit
import sl

@testable import pipelimit

@Suite("pipelimit: pipes with names")
struct PipeLimitsTests {
    private func bench(
        _ parameters: [(String, ParameterValue)] = [], rows: [(ByteString, ByteString, Int)] = []
    ) throws -> (ModuleBench, PipeLimits) {
        let bench = ModuleBench()
        let database = BenchDatabase(bench)
        var version = Rows(columns: ["table_name", "table_version"])
        version.append(["pl_pipes", 1])
        database.tables["version"] = version
        var table = Rows(columns: ["pipeid", "algorithm", "plimit"])
        for (name, algorithm, limit) in rows { table.append([.string(name), .string(algorithm), .int(limit)]) }
        database.tables["pl_pipes"] = table
        try bench.load(PseudoVariables.self)
        try bench.load(StatelessReplies.self)
        let module = try bench.load(
            PipeLimits.self, [("db_url", .text(rows.isEmpty ? "" : BenchDatabase.url))] + parameters)
        try module.hooks.started?(bench)
        return (bench, module)
    }

    private func endInterval(_ bench: ModuleBench) {
        for task in bench.program.hooks.periodic { task.body(bench.worker) }
    }

    @Test func `pipes of the database are there from the start`() throws {
        let (bench, _) = try self.bench(rows: [("one", "TAILDROP", 3), ("free", "NOP", 5)])
        let route = try bench.receive(ScriptBench.options)
        for expected in [1, 1, 1, -1, -1] { #expect(try bench.call("pl_check", "one", in: route) == expected) }
        #expect(try bench.call("pl_check", "free", in: route) == 2)
        #expect(try bench.call("pl_check", "none", in: route) == -2)
        #expect(try bench.call("pl_active", "one", in: route) == 1)
        #expect(try bench.call("pl_active", "none", in: route) == -1)
        self.endInterval(bench)
        #expect(try bench.call("pl_check", "one", in: route) == 1)
        #expect(try bench.call("pl.stats", []) == [.string("PIPE: id=one load=1 counter=5")])
        #expect(
            try bench.call("pl.get_pipes", []) == [.string("PIPE: id=one algorithm=TAILDROP limit=3 counter=1")])
    }

    @Test(arguments: [("", "RED", 1), ("a", "red", 1), ("a", "RED", -1)])
    func `a row that cannot be used keeps the server from starting`(_ name: String, _ algorithm: String, _ limit: Int) {
        #expect(throws: ModuleError.self) {
            try self.bench(rows: [("b", "RED", 5), (ByteString(name), ByteString(algorithm), limit)])
        }
    }

    @Test func `FEEDBACK pipes that aim at different loads keep the server from starting`() {
        #expect(throws: ModuleError.self) { try self.bench(rows: [("a", "FEEDBACK", 50), ("b", "FEEDBACK", 60)]) }
    }

    @Test func `a script makes pipes, and changes their limits`() throws {
        let (bench, _) = try self.bench()
        let route = try bench.receive(ScriptBench.options)
        for expected in [1, 1, 1, -1] {
            #expect(try bench.call("pl_check", "b", "TAILDROP", "3", in: route) == expected)
        }
        // The algorithm stays, the counter too.
        #expect(try bench.call("pl_check", "b", "RED", "5", in: route) == 1)
        #expect(try bench.call("pl_check", "b", "RED", "0", in: route) == -1)
        #expect(try bench.call("pl_check", "c", "foo", "3", in: route) == -2)
        #expect(try bench.call("pl_check", "d", "TAILDROP", "-3", in: route) == -1)
        #expect(try bench.call("pl_check", "e", "TAILDROP", "0", in: route) == -1)
        #expect(try bench.call("pl_check", "", "RED", "5", in: route) == 1)
        let long = String(repeating: "x", count: 300)
        #expect(try bench.call("pl_check", long, "RED", "5", in: route) == -2)
        #expect(
            try bench.call("pl.list", [.string("b")]) == [
                .structure([
                    "name": .string("b"), "algorithm": .string("TAILDROP"), "limit": .int(5), "counter": .int(6),
                    "last_counter": .int(0), "unused_intervals": .int(0),
                ])
            ])
    }

    @Test func `pl_drop refuses, with Retry-After when the script says so`() throws {
        let (bench, _) = try self.bench()
        let route = try bench.receive(ScriptBench.options)
        #expect(try bench.call("pl_drop", in: route) == 1)
        #expect(try bench.call("pl_drop", "7", in: route) == 1)
        for _ in 0..<20 { #expect(try bench.call("pl_drop", "5", "6", in: route) == 1) }
        #expect(try bench.call("pl_drop", "9", "5", in: route) == 1)
        #expect(bench.sent.allSatisfy { $0.hasPrefix("SIP/2.0 503 Server Unavailable\n") })
        #expect(!bench.sent[0].contains("Retry-After"))
        #expect(bench.sent[1].contains("\nRetry-After: 7\n"))
        #expect(
            Set(bench.sent[2..<22].map { $0.contains("\nRetry-After: 5\n") || $0.contains("\nRetry-After: 6\n") }) == [
                true
            ])
        #expect(bench.sent[22].contains("\nRetry-After: 9\n"))
        // Nothing of it stays behind for later replies.
        #expect(route.replyHeaders.count == 0)
        #expect(throws: (any Error).self) { try bench.call("pl_drop", "0", in: route) }
    }

    @Test func `unused pipes go when they have been so long enough`() throws {
        let (bench, module) = try self.bench([("clean_unused", .int(2))], rows: [("stored", "RED", 1)])
        let route = try bench.receive(ScriptBench.options)
        _ = try bench.call("pl_check", "made", "RED", "5", in: route)
        for _ in 0..<3 { self.endInterval(bench) }
        #expect(module.store.has("made"))
        self.endInterval(bench)
        #expect(!module.store.has("made"))
        #expect(module.store.has("stored"))
    }

    @Test func `a million names fill no more than max_pipes, and a pipe over its limit stays`() throws {
        let (bench, module) = try self.bench(
            [("max_pipes", .int(4_096)), ("hash_size", .int(4))], rows: [("stored", "RED", 1)])
        for _ in 0..<1_000 { _ = module.store.take("flood", .tailDrop, limit: 10) }
        for number in 0..<200_000 { _ = module.store.take(ByteString("made-up-\(number)"), .tailDrop, limit: 10) }
        #expect(module.store.count <= 4_096 + 1)
        #expect(module.store.take("flood", .tailDrop, limit: 10) == .isOver)
        #expect(module.store.has("stored"))
        #expect(bench.counters.value("pipelimit", "evicted_pipes") ?? 0 > 190_000)
    }

    @Test func `commands change pipes`() throws {
        let (bench, _) = try self.bench(rows: [("one", "TAILDROP", 3), ("fb", "FEEDBACK", 50)])
        let route = try bench.receive(ScriptBench.options)
        #expect(try bench.call("pl.set_pipe", [.string("one"), .string("RED"), .int(7)]) == [])
        #expect(try bench.call("pl.get_pipes", []).last == .string("PIPE: id=one algorithm=RED limit=7 counter=0"))
        #expect(throws: RPCFault(400, "Unknown algorithm")) {
            try bench.call("pl.set_pipe", [.string("one"), .string("foo"), .int(7)])
        }
        #expect(throws: RPCFault(400, "Unknown pipe id zz")) {
            try bench.call("pl.set_pipe", [.string("zz"), .string("RED"), .int(7)])
        }
        #expect(throws: RPCFault(400, "Feedback limits don't match")) {
            try bench.call("pl.set_pipe", [.string("one"), .string("FEEDBACK"), .int(7)])
        }
        #expect(throws: RPCFault(400, "Unknown pipe id none")) { try bench.call("pl.list", [.string("none")]) }
        for _ in 0..<8 { #expect(try bench.call("pl.push_load", [.double(1)]) == []) }
        #expect(try bench.call("pl_check", "fb", in: route) == -1)
        #expect(try bench.call("pl.reset_pipe", [.string("one")]) == [])
        #expect(try bench.call("pl.rm_pipe", [.string("one")]) == [])
        #expect(throws: RPCFault(400, "Unknown pipe id one")) { try bench.call("pl.rm_pipe", [.string("one")]) }
        #expect(try bench.call("pl.get_pid", []) == [.string("ki[-25.000000] kp[0.000000] kd[0.000000] ")])
    }
}
