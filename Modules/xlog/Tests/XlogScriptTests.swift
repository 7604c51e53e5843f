import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import xlog

@Suite("xlog: in scripts")
struct XlogScriptTests {
    static func log(_ body: String, _ settings: String = "", threshold: Int = 3) throws -> [String] {
        let script = try NoteBench(body, settings: settings, modules: [ModuleType(Xlog.self)])
        script.script.bench.logger.threshold = threshold
        for start in script.script.program.hooks.started { try start(script.script.bench) }
        try script.run()
        return script.log
    }

    /// What a configuration that is no file is called.
    static let file = "kamailio.cfg"

    @Test func `xlogl writes the line in front`() throws {
        #expect(
            try Self.log("xlogl(\"L_ERR\", \"a\\n\");\nxlogl(\"b\\n\");\nxdbgl(\"c\\n\");")
                == ["ERROR: <script>: 5:a\n", "ERROR: <script>: 6:b\n", "DEBUG: <script>: 7:c\n"])
    }

    @Test func `long_format writes the file too`() throws {
        #expect(
            try Self.log("xlogl(\"a\");", "modparam(\"xlog\", \"long_format\", 1)")
                == ["ERROR: <script>: \(Self.file):5:a"])
    }

    @Test func `prefix_mode expands variables in the prefix`() throws {
        let settings = "modparam(\"xlog\", \"prefix\", \"$$1: \")\n"
        #expect(try Self.log("xerr(\"a\");", settings) == ["ERROR: $$1: a"])
        #expect(
            try Self.log("xerr(\"a\");", settings + "modparam(\"xlog\", \"prefix_mode\", 1)") == ["ERROR: $1: a"])
        #expect(throws: ModuleError.self) {
            try Self.log(
                "xerr(\"a\");",
                "modparam(\"xlog\", \"prefix\", \"$nosuch \")\nmodparam(\"xlog\", \"prefix_mode\", 1)")
        }
    }

    @Test(arguments: [(nil, []), (0, ["ERROR: <script>: a"]), (1, []), (2, ["ERROR: <script>: a"]), (3, [])])
    func `xlogm is silent for the methods of the filter`(filter: Int?, expected: [String]) throws {
        let settings = filter.map { "modparam(\"xlog\", \"methods_filter\", \($0))" } ?? ""
        #expect(try Self.log("xlogm(\"L_ERR\", \"a\");", settings) == expected)
    }

    @Test func `a line whose level is off is not written`() throws {
        #expect(try Self.log("xlogl(\"L_INFO\", \"a\"); xdbgl(\"b\"); xlogm(\"L_INFO\", \"c\");", threshold: 1).isEmpty)
    }

    @Test(arguments: ["L_ERR", "L_FOO=rx", "L_ERR=zz", "=rx", "L_ERR=r"])
    func `colours of levels must be a level and two letters`(text: String) {
        #expect(throws: ArgumentError.self) {
            try XlogTests.bench([("log_colors", .text(ByteString(text)))])
        }
    }

    @Test func `colours of levels go to the log`() throws {
        let module = ModuleType(Xlog.self)
        #expect(module.parameters.contains { $0.name == "log_colors" && $0.isBuilt })
        var settings = Xlog.defaultSettings
        let parameter = try #require(Xlog.parameters.first { $0.name == "log_colors" })
        try parameter.set?(&settings, .text("L_ERR=rx; L_INFO = Gb"))
        #expect(settings.colors.map(\.0) == [.error, .info])
        #expect(settings.colors.map(\.1.string) == ["\u{1b}[0;31;49m", "\u{1b}[1;32;44m"])
    }

    @Test func `levels and facilities that do not exist are refused`() throws {
        for call in ["xlog(\"L_FOO\", \"a\")", "xlog(\"LOG_FOO\", \"L_ERR\", \"a\")", "xlogm(\"L_Z\", \"a\")"] {
            #expect(throws: ScriptBench.Refused.self) { try Self.log("\(call);") }
        }
        #expect(try Self.log("xlog(\"L_WARNING\", \"a\");") == ["WARNING: <script>: a"])
        #expect(try Self.log("xlog(\"L_foo is text\");") == ["ERROR: <script>: L_foo is text"])
    }
}
