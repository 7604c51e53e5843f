import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import kex

@Suite("kex")
struct KexTests {
    static func bench() throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(Kex.self)
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        return (bench, route)
    }

    @Test func `branch flags belong to one branch`() throws {
        let (bench, route) = try Self.bench()
        route.branches = [BranchTarget(uri: "sip:1@b")]
        #expect(try bench.call("setbflag", "3", in: route) == 1)
        #expect(try bench.call("setbflag", "4", "1", in: route) == 1)
        #expect(route.target.flags == 8)
        #expect(route.branches[0].flags == 16)
        #expect(try bench.call("isbflagset", "3", in: route) == 1)
        #expect(try bench.call("isbflagset", "4", "0", in: route) == -1)
        #expect(try bench.call("isbflagset", "4", "1", in: route) == 1)
        #expect(try bench.call("resetbflag", "3", in: route) == 1)
        #expect(route.target.flags == 0)
    }

    @Test(arguments: [("32", "0"), ("-1", "0"), ("3", "9"), ("x", "0")])
    func `there are 32 flags, and flags only of branches that exist`(_ flag: String, _ branch: String) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("setbflag", flag, branch, in: route) == -1)
        #expect(route.target.flags == 0)
    }

    @Test func `script flags`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("setsflag", "31", in: route) == 1)
        #expect(try bench.call("issflagset", "31", in: route) == 1)
        #expect(try bench.call("resetsflag", "31", in: route) == 1)
        #expect(try bench.call("issflagset", "31", in: route) == -1)
    }

    @Test(arguments: [
        ("sip:x@127.0.0.1", 1), ("sip:x@127.0.0.1:5060", 1), ("127.0.0.1", 1), ("127.0.0.1:5060", 1),
        ("sip:x@127.0.0.1:5061", -1), ("junk", -1), ("sip:x@127.0.0.1:5060;transport=sctp", -1), ("", -1),
    ])
    func `URIs that name this server`(_ uri: String, _ expected: Int) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("is_myself", uri, in: route) == expected)
    }

    @Test func `the destination URI`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("isdsturiset", in: route) == -1)
        #expect(try bench.call("setdsturi", "sip:192.0.2.1", in: route) == 1)
        #expect(try bench.call("isdsturiset", in: route) == 1)
        #expect(route.target.destinationURI == "sip:192.0.2.1")
        #expect(try bench.call("resetdsturi", in: route) == 1)
        #expect(route.target.destinationURI == nil)
    }

    @Test func `statistics are read by name and by group, and set to zero`() throws {
        let (bench, _) = try Self.bench()
        let one = bench.counters.register("grp", "errs")
        _ = bench.counters.register("script", "orders")
        bench.worker.count(one, 5)
        let lines: [RPCValue] = [.string("grp:errs = 5"), .string("script:orders = 0")]
        #expect(try bench.call("stats.get_statistics", [.string("grp:"), .string("orders")]) == lines)
        #expect(try bench.call("stats.fetch", [.string("errs")]) == [.structure([.init("grp.errs", .string("5"))])])
        #expect(try bench.call("stats.fetchn", [.string("errs")]) == [.structure([.init("grp.errs", .int(5))])])
        #expect(try bench.call("stats.reset_statistics", [.string("errs")]) == [])
        #expect(bench.counters.value("grp", "errs") == 0)
        #expect(throws: RPCFault.self) { try bench.call("stats.fetch", []) }
    }

    @Test func `a worker may have a log level of its own`() throws {
        let (bench, route) = try Self.bench()
        bench.logger.threshold = 1
        route.log(.debug, "not written")
        #expect(try bench.call("setdebug", "3", in: route) == 1)
        route.log(.debug, "written")
        #expect(try bench.call("setdebug", "-9", in: route) == 1)
        route.log(.error, "not written")
        #expect(try bench.call("setdebug", "x", in: route) == -1)
        #expect(try bench.call("resetdebug", in: route) == 1)
        route.log(.info, "not written")
        route.log(.notice, "the level of the server")
        #expect(bench.log == ["DEBUG: written", "NOTICE: the level of the server"])
    }

    @Test func `memory is that of the process, and not counted by module`() throws {
        let (bench, _) = try Self.bench()
        for command in ["mod.stats", "mod.mem_stats", "mod.mem_statsx"] {
            #expect(throws: RPCFault(500, "memory is not counted by module: see core.shmmem")) {
                try bench.call(command, [.string("pv"), .string("all")])
            }
        }
        #expect(throws: RPCFault(500, "Invalid filter type")) { try bench.call("pkg.stats", [.string("x"), .int(1)]) }
        #expect(try bench.call("pkg.stats", [.string("index"), .int(99)]).isEmpty)
        // The bench has no core module whose numbers could be shown.
        #expect(throws: RPCFault.self) { try bench.call("pkg.stats", []) }
        #expect(throws: RPCFault.self) { try bench.call("pkg.info", []) }
    }
}
