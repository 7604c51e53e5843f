import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import counters

@Suite("counters")
struct CountersTests {
    static func bench() throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(
            Counters.self,
            [("script_counter", .text("orders")), ("script_counter", .text("grp.errs error count"))]
        )
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        return (bench, route)
    }

    @Test func `declared counters count`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("cnt_inc", "orders", in: route) == 1)
        #expect(try bench.call("cnt_add", "grp.errs", "5", in: route) == 1)
        #expect(bench.counters.value("script", "orders") == 1)
        #expect(bench.counters.value("grp", "errs") == 5)
        #expect(try bench.call("cnt_reset", "grp.errs", in: route) == 1)
        #expect(bench.counters.value("grp", "errs") == 0)
    }

    @Test func `a counter that nobody declared is refused when the script is loaded`() throws {
        let (bench, route) = try Self.bench()
        #expect(throws: ArgumentError.self) { try bench.call("cnt_inc", "grp.none", in: route) }
    }

    @Test func `the commands read every counter`() throws {
        let (bench, route) = try Self.bench()
        _ = try bench.call("cnt_inc", "grp.errs", in: route)
        let arguments: [RPCValue] = [.string("grp"), .string("errs")]
        #expect(try bench.call("cnt.get", arguments) == [.int(1)])
        #expect(try bench.call("cnt.get", [.string("grp")]) == [.structure([.init("errs", .int(1))])])
        #expect(try bench.call("cnt.list_vars", [.string("grp")]) == [.string("errs")])
        #expect(try bench.call("cnt.help", arguments) == [.string("error count")])
        #expect(try bench.call("cnt.list_groups", []).contains(.string("script")))
        #expect(try bench.call("cnt.reset", arguments) == [])
        #expect(try bench.call("cnt.get", arguments) == [.int(0)])
        #expect(throws: RPCFault(400, "non-existent counter grp.nope\n")) {
            try bench.call("cnt.get", [.string("grp"), .string("nope")])
        }
    }
}
