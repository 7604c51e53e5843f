import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import cfgutils

@Suite("cfgutils")
struct ConfigurationUtilitiesTests {
    static func bench(_ parameters: [(String, ParameterValue)] = []) throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(ConfigurationUtilities.self, parameters)
        return (bench, try self.message(bench))
    }

    static func message(_ bench: ModuleBench) throws -> RouteContext {
        try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
    }

    @Test func `chance can be made certain`() throws {
        let (bench, route) = try Self.bench([("initial_probability", .int(25))])
        #expect(try bench.call("rand_get_prob", in: route) == 25)
        #expect(try bench.call("rand_set_prob", "0", in: route) == 1)
        for _ in 0..<50 { #expect(try bench.call("rand_event", in: route) == -1) }
        #expect(try bench.call("rand_set_prob", "100", in: route) == 1)
        for _ in 0..<50 { #expect(try bench.call("rand_event", in: route) == 1) }
        #expect(try bench.call("rand_reset_prob", in: route) == 1)
        #expect(try bench.call("rand_get_prob", in: route) == 25)
    }

    @Test func `a probability is 0 to 100`() throws {
        let (bench, route) = try Self.bench()
        #expect(throws: ArgumentError.self) { try bench.call("rand_set_prob", "101", in: route) }
        #expect(throws: ArgumentError.self) { try bench.call("rand_set_prob", "x", in: route) }
        route.attributes.push(.text("p"), .int(101))
        #expect(try bench.call("rand_set_prob", "$avp(p)", in: route) == -1)
        route.attributes.push(.text("p"), .bytes("7"))
        #expect(try bench.call("rand_set_prob", "$avp(p)", in: route) == 1)
        #expect(try bench.call("rand_get_prob", in: route) == 7)
        #expect(throws: ArgumentError.self) { try Self.bench([("initial_probability", .int(101))]) }
    }

    @Test func `global flags`() throws {
        let (bench, route) = try Self.bench([("initial_gflags", .int(5))])
        #expect(try (0...3).map { try bench.call("is_gflag", "\($0)", in: route) } == [1, -1, 1, -1])
        #expect(try bench.call("set_gflag", "31", in: route) == 1)
        #expect(try bench.call("is_gflag", "31", in: route) == 1)
        #expect(try bench.call("reset_gflag", "31", in: route) == 1)
        #expect(try bench.call("is_gflag", "31", in: route) == -1)
        #expect(throws: ArgumentError.self) { try bench.call("is_gflag", "32", in: route) }
    }

    @Test func `a route that may be missing`() throws {
        let (bench, route) = try Self.bench()
        bench.program.routes = ["X"]
        #expect(try bench.call("check_route_exists", "X", in: route) == 1)
        #expect(try bench.call("check_route_exists", "Y", in: route) == -1)
        #expect(try bench.call("route_if_exists", "Y", in: route) == -1)
        guard case .run(let call) = try bench.perform("route_if_exists", ["X"], in: route) else {
            Issue.record("the route does not run")
            return
        }
        #expect(call.route == RouteID(index: 0))
        #expect(call.isScriptCall)
    }

    @Test(arguments: [
        ("", "", 31, 1), ("a", "", 31, 110), ("ab", "", 31, 27_999), ("abc", "", 31, 7_167_811),
        ("abcd", "", 31, 1_834_959_897), ("abcde", "", 16, 17_538), ("abcdefgh", "", 31, 1_463_449_629),
        ("", "abcd", 16, 17_433), ("ab", "cd", 31, 56_440), ("abcde", "fgh", 16, 179), ("AAAA", "", 16, 57_972),
        ("sip:alice@example.com", "1234567890", 31, 364_396_986), ("abc", "", 4, 3), ("abc", "def", 4, 2),
        ("abc", "", 0, 1), ("a", "", 1, 2), ("abc", "", 40, 67),
    ])
    func `hashes are Kamailio's`(_ one: String, _ other: String, _ size: Int, _ expected: Int) throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("core_hash", one, other, "\(size)", in: route) == expected)
        #expect(try bench.call("core_hash", one, other, "x", in: route) == -1)
    }

    @Test func `random numbers are below 2 to the 31st`() throws {
        let (bench, route) = try Self.bench()
        for _ in 0..<100 {
            let number = try #require(route.int(try bench.read("RANDOM", in: route)))
            #expect(0..<(1 << 31) ~= number)
        }
    }

    @Test func `memory functions log and succeed`() throws {
        let (bench, route) = try Self.bench()
        for name in ["pkg_status", "pkg_summary", "shm_status", "shm_summary"] {
            #expect(try bench.call(name, in: route) == 1)
        }
        #expect(bench.log.count == 4)
    }

    @Test func `commands for flags and chance`() throws {
        let (bench, _) = try Self.bench([("initial_gflags", .int(5)), ("initial_probability", .int(25))])
        #expect(try bench.call("cfgutils.get_gflags", []) == [.string("0x5 (5)")])
        #expect(try bench.call("cfgutils.set_gflag", [.int(8)]) == [])
        #expect(try bench.call("cfgutils.get_gflags", []) == [.string("0xD (13)")])
        #expect(try bench.call("cfgutils.is_gflag", [.string("0x9")]) == [.string("TRUE")])
        #expect(try bench.call("cfgutils.is_gflag", [.int(10)]) == [.string("FALSE")])
        #expect(try bench.call("cfgutils.reset_gflag", [.int(8)]) == [])
        #expect(try bench.call("cfgutils.rand_set_prob", [.int(50)]) == [])
        #expect(try bench.call("cfgutils.rand_get_prob", []) == [.string("actual probability: 50 percent")])
        #expect(try bench.call("cfgutils.rand_reset_prob", []) == [])
        #expect(try bench.call("cfgutils.rand_get_prob", []) == [.string("actual probability: 25 percent")])
    }

    @Test(
        arguments: [
            ("cfgutils.set_gflag", [], "Invalid Parameters"),
            ("cfgutils.reset_gflag", [.int(-1)], "Invalid Parameters"),
            ("cfgutils.is_gflag", [.string("abc")], "Invalid Parameters"),
            ("cfgutils.rand_set_prob", [.int(500)], "Invalid Percent"),
            ("cfgutils.rand_set_prob", [], "Invalid Parameters"), ("cfgutils.get_config_hash", [], "No hash file"),
            ("cfgutils.check_config_hash", [], "No hash file"),
        ] as [(String, [RPCValue], String)])
    func `commands that are refused`(_ name: String, _ parameters: [RPCValue], _ text: String) throws {
        let (bench, _) = try Self.bench()
        #expect(throws: RPCFault(500, text)) { try bench.call(name, parameters) }
    }

    @Test func `a file is watched by its digest`() throws {
        let path = "/tmp/apus-cfgutils-\(UInt64.random(in: .min ... .max))"
        #expect(SystemOutput.writeFile(path, "abc"))
        defer { SystemOutput.removeFile(path) }
        let bench = ModuleBench()
        let module = try bench.load(ConfigurationUtilities.self, [("hash_file", .text(ByteString(path)))])
        try module.hooks.started?(bench)
        #expect(try bench.call("cfgutils.get_config_hash", []) == [.string("900150983cd24fb0d6963f7d28e17f72")])
        #expect(try bench.call("cfgutils.check_config_hash", []) == [.string("Identical hash")])
        #expect(SystemOutput.writeFile(path, "abd"))
        #expect(try bench.call("cfgutils.check_config_hash", []) == [.string("Different hash")])
    }

    @Test func `a file that cannot be read stops the start`() throws {
        let bench = ModuleBench()
        let module = try bench.load(ConfigurationUtilities.self, [("hash_file", .text("/nonexistent/file"))])
        #expect(throws: ModuleError.self) { try module.hooks.started?(bench) }
    }
}
