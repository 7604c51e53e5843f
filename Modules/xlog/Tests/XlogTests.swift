import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing

@testable import xlog

@Suite("xlog")
struct XlogTests {
    static func bench(_ parameters: [(String, ParameterValue)] = []) throws -> (ModuleBench, RouteContext) {
        let bench = ModuleBench()
        try bench.load(Xlog.self, parameters)
        let route = try bench.receive("OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n")
        return (bench, route)
    }

    @Test func `the arguments before the text are level and facility`() throws {
        let (bench, route) = try Self.bench()
        #expect(try bench.call("xlog", "one", in: route) == 1)
        #expect(try bench.call("xlog", "L_INFO", "two", in: route) == 1)
        #expect(try bench.call("xlog", "LOG_LOCAL1", "L_WARN", "three", in: route) == 1)
        #expect(try bench.call("xdbg", "four", in: route) == 1)
        #expect(try bench.call("xlog", "L_INFO", in: route) == 1)
        #expect(
            bench.log == [
                "ERROR: <script>: one", "INFO: <script>: two", "WARNING: <script>: three", "DEBUG: <script>: four",
                "ERROR: <script>: L_INFO",
            ]
        )
    }

    @Test func `a log that names calls gets the Call-ID of the message, if it has one`() throws {
        let (bench, route) = try Self.bench()
        bench.namesCalls = true
        #expect(try bench.call("xlog", "one", in: route) == 1)
        let other = try bench.receive(
            "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nCall-ID: 7@h\nCSeq: 1 OPTIONS\n")
        #expect(try bench.call("xlog", "two", in: other) == 1)
        #expect(bench.log == ["ERROR: <script>: one", "7@h ERROR: <script>: two"])
    }

    @Test func `a text whose level is off is not even made`() throws {
        let (bench, route) = try Self.bench()
        let reads = Lock(0)
        let variable = VariableReference(
            text: "$x", name: "x", index: .none, transforms: [],
            access: VariableAccess { _, _ in
                reads.withLock { $0 += 1 }
                return .null
            }
        )
        let module = try Xlog(Xlog.defaultSettings, host: bench)
        let body = try #require(module.functions.first { $0.name == "xdbg" }?.body)
        let arguments = Arguments([.format(FormatString([.literal("x is "), .variable(variable)]))])
        bench.logger.threshold = 2
        _ = body(route, arguments)
        #expect(reads.withLock { $0 } == 0)
        #expect(bench.log.isEmpty)
        bench.logger.threshold = 3
        _ = body(route, arguments)
        #expect(bench.log == ["DEBUG: <script>: x is <null>"])
    }

    @Test func `prefix, length and line end are parameters`() throws {
        let (bench, route) = try Self.bench([("prefix", .text("p ")), ("buf_size", .int(3)), ("auto_newline", .int(1))])
        #expect(try bench.call("xerr", "abcdef", in: route) == 1)
        #expect(bench.log == ["ERROR: p abc\n"])
    }

    @Test(arguments: [
        ("L_ALERT", LogLevel.alert), ("L_CRIT2", .critical2), ("L_DBG", .debug), ("2", .info), ("-1", .error),
        ("99", .debug), ("L_FOO", nil), ("", nil),
    ])
    func `levels have names and numbers`(_ text: String, _ expected: LogLevel?) {
        #expect(Level.named(ByteString(text)) == expected)
    }

    @Test func `facilities have names`() throws {
        #expect(Facility.number("LOG_LOCAL0") == 16)
        #expect(Facility.number("LOG_DAEMON") == 3)
        #expect(Facility.number("LOG_") == nil)
        #expect(Facility.number("LOCAL0") == nil)
        #expect(throws: ArgumentError.self) { try Self.bench([("log_facility", .text("LOG_NONE"))]) }
    }

    @Test func `colours are letters`() {
        #expect(Color.sequence("rx")?.string == "\u{1b}[0;31;49m")
        #expect(Color.sequence("Gb")?.string == "\u{1b}[1;32;44m")
        #expect(Color.sequence("q") == nil)
        #expect(Color.sequence("zz") == nil)
    }
}
