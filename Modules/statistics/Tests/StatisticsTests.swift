import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import statistics

@Suite("statistics")
struct StatisticsTests {
    private static func bench() throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(Statistics.self, [("variable", .text("calls")), ("variable", .text("kept/no_reset"))])
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        return (bench, route)
    }

    @Test func `signed numbers are added, and a reset begins anew`() throws {
        let (bench, route) = try Self.bench()
        for value in ["+1", "5", "-2"] { #expect(try bench.call("update_stat", "calls", value, in: route) == 1) }
        #expect(bench.counters.value("script", "calls") == 4)
        #expect(try bench.call("update_stat", "calls", "many", in: route) == -1)
        #expect(try bench.call("reset_stat", "calls", in: route) == 1)
        #expect(bench.counters.value("script", "calls") == 0)
        #expect(bench.counters.value("script", "kept") == 0)
    }

    @Test func `a statistic that nobody declared is refused when the script is loaded`() throws {
        let (bench, route) = try Self.bench()
        #expect(throws: ArgumentError.self) { try bench.call("update_stat", "none", "1", in: route) }
    }

    @Test(arguments: ["", "/no_reset", "a/reset", "a/no_reset/b"])
    func `a declaration is a name, perhaps with no_reset`(text: String) {
        #expect(throws: (any Error).self) {
            try ModuleBench().load(Statistics.self, [("variable", .text(ByteString(text)))])
        }
    }
}
