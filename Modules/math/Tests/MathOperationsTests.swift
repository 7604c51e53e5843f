import ModuleKit
import SIPTesting
import Testing

@testable import math

@Suite("math")
struct MathOperationsTests {
    private static func call(_ name: String, _ arguments: [String]) throws -> (code: Int, value: Value) {
        let bench = ModuleBench()
        try bench.load(MathOperations.self)
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        let code =
            arguments.count == 2
            ? try bench.call(name, arguments[0], arguments[1], "$avp(r)", in: route)
            : try bench.call(name, arguments[0], "$avp(r)", in: route)
        return (code, route.attributes.value(.text("r")))
    }

    @Test(arguments: [
        ("math_pow", ["2", "10"], 1024), ("math_pow", ["-3", "3"], -27), ("math_pow", ["2", "-1"], 0),
        ("math_pow", ["5", "0"], 1), ("math_logN", ["10"], 2), ("math_log2", ["16"], 4), ("math_log2", ["17"], 4),
        ("math_log10", ["100"], 2), ("math_log10", ["99"], 1), ("math_sqrt", ["144"], 12), ("math_sqrt", ["2"], 1),
        ("math_sqrt", ["0"], 0), ("math_log10", ["1"], 0),
    ])
    func `results are cut off at the point`(_ name: String, _ arguments: [String], _ expected: Int) throws {
        let (code, value) = try Self.call(name, arguments)
        #expect(code == 1)
        guard case .int(expected) = value else {
            Issue.record("\(value)")
            return
        }
    }

    @Test(arguments: [
        ("math_pow", ["2", "64"]), ("math_pow", ["0", "-1"]), ("math_pow", ["x", "1"]), ("math_pow", ["1", "x"]),
        ("math_logN", ["0"]), ("math_log2", ["-1"]), ("math_log10", ["ten"]), ("math_sqrt", ["-4"]),
    ])
    func `what has no result leaves the variable alone`(_ name: String, _ arguments: [String]) throws {
        let (code, value) = try Self.call(name, arguments)
        #expect(code == -1)
        #expect(value.isNull)
    }
}
