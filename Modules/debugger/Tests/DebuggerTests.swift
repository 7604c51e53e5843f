import Bytes
import ModuleKit
import SIPTesting
import Testing
import core
import pv
import xlog

@testable import debugger

/// A script with the module, and what it logs.
private struct Debugged {
    let script: ScriptBench
    let module: Debugger

    init(_ settings: String, _ body: String, routes: String = "") throws {
        self.script = try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "debugger.so"
            \(settings)
            request_route {
            \(body)
            }
            \(routes)
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(Debugger.self),
            ])
        self.module = try self.script.bench.module(Debugger.self)
    }

    /// Lines with the prefix of the trace, without it.
    var trace: [String] {
        self.script.log.compactMap { line in
            line.firstRange(of: "*** cfgtrace: ").map { String(line[$0.upperBound...]) }
        }
    }
}

@Suite("debugger: trace")
struct DebuggerTraceTests {
    private let on = "modparam(\"debugger\", \"cfgtrace\", 1)\nmodparam(\"debugger\", \"cfgtrace_format\", 1)"

    @Test func `each action has a line with its route, line, kind and name`() throws {
        let debugged = try Debugged(
            self.on,
            """
            $var(x) = 1;
            if ($var(x) == 1) {
                route(SUB);
            }
            exit;
            """, routes: "route[SUB] { xlog(\"x\\n\"); return; }")
        try debugged.script.run()
        #expect(
            debugged.trace == [
                "request_route=[DEFAULT_ROUTE] l=7 a=63 n=assign", "request_route=[DEFAULT_ROUTE] l=8 a=16 n=if",
                "request_route=[DEFAULT_ROUTE] l=9 a=5 n=route", "request_route=[SUB] l=13 a=25 n=xlog",
                "request_route=[SUB] l=13 a=2 n=return", "request_route=[DEFAULT_ROUTE] l=11 a=2 n=exit",
            ])
    }

    @Test func `lines name the file unless told otherwise, and have prefix and level of their own`() throws {
        let debugged = try Debugged(
            """
            modparam("debugger", "cfgtrace", 1)
            modparam("debugger", "log_level", 1)
            modparam("debugger", "log_level_name", "exec")
            modparam("debugger", "log_prefix", "pfx:")
            """, "exit;")
        try debugged.script.run()
        #expect(
            debugged.script.log.last?.hasPrefix("NOTICE: exec: pfx: request_route=[DEFAULT_ROUTE] c=[") == true)
        #expect(debugged.script.log.last?.hasSuffix("] l=9 a=2 n=exit") == true)
    }

    @Test func `assignments show what they assign`() throws {
        let debugged = try Debugged(
            self.on + "\nmodparam(\"debugger\", \"log_assign\", 1)", "$var(x) = 1 + 1; $avp(a) = $null;")
        try debugged.script.run()
        #expect(debugged.trace.filter { $0.hasPrefix("$") } == ["$var(x) = 2", "$avp(a) = <null>"])
    }

    @Test func `the trace is switched while the server runs`() throws {
        let debugged = try Debugged("modparam(\"debugger\", \"cfgtrace_format\", 1)", "exit;")
        let context = try debugged.script.run()
        #expect(debugged.trace.isEmpty)
        #expect(debugged.module.hooks.tracer?(context) == nil)
        #expect(try debugged.script.bench.call("dbg.trace", [.string("on")]) == [.string("200 ok")])
        try debugged.script.run()
        #expect(debugged.trace.count == 1)
        #expect(try debugged.script.bench.call("dbg.trace", [.string("off")]) == [.string("200 ok")])
        try debugged.script.run()
        #expect(debugged.trace.count == 1)
    }
}

@Suite("debugger: breakpoints")
struct DebuggerBreakpointTests {
    @Test func `a script stops before each action, and its variables can be asked for`() throws {
        let debugged = try Debugged(
            "modparam(\"debugger\", \"breakpoint\", 1)", "$var(x) = 7;\nxlog(\"done\\n\");\nexit;")
        let script = debugged.script
        try script.run()
        #expect(script.waiting.count == 1 && script.results.isEmpty)
        let first = try #require(debugged.module.trace.paused.first)
        #expect(first.place.hasSuffix(":6] a=63 n=assign"))
        first.command(.evaluate(try script.bench.compiler.variable("$rm")))
        script.settle()
        #expect(first.answer == "$rm : t=str v=OPTIONS")
        first.command(.next)
        script.settle()
        #expect(first.answer?.hasPrefix("exec [") == true)
        let second = try #require(debugged.module.trace.paused.first)
        #expect(second !== first && second.place.hasSuffix(":7] a=25 n=xlog"))
        second.command(.evaluate(try script.bench.compiler.variable("$var(x)")))
        script.settle()
        #expect(second.answer == "$var(x) : t=int v=7")
        second.command(.release)
        script.settle()
        #expect(script.texts == ["done"] && script.results.count == 1)
        #expect(debugged.module.trace.paused.isEmpty)
    }

    @Test func `switching breakpoints off lets everybody go on`() throws {
        let debugged = try Debugged("modparam(\"debugger\", \"breakpoint\", 1)", "xlog(\"done\\n\");")
        try debugged.script.run()
        try debugged.script.run()
        #expect(debugged.module.trace.paused.count == 2)
        #expect(try debugged.script.bench.call("dbg.bp", [.string("off")]) == [.string("200 ok")])
        debugged.script.settle()
        #expect(debugged.script.results.count == 2)
        try debugged.script.run()
        #expect(debugged.script.texts == ["done", "done", "done"])
    }

    @Test func `an anchored breakpoint stops the script at its place`() throws {
        let debugged = try Debugged("", "dbg_breakpoint(\"0\");\ndbg_breakpoint(\"1\");\nxlog(\"$rc\\n\");")
        try debugged.script.run()
        let stopped = try #require(debugged.module.trace.paused.first)
        #expect(stopped.place.hasSuffix(":7] a=25 n=dbg_breakpoint"))
        stopped.command(.log(try debugged.script.bench.compiler.variable("$ci")))
        debugged.script.settle()
        #expect(debugged.trace.last == "$ci : t=str v=1")
        stopped.command(.release)
        debugged.script.settle()
        #expect(debugged.script.texts == ["1"])
    }

    private func fault(_ bench: ModuleBench, _ command: String, _ parameters: RPCValue...) -> RPCFault? {
        do throws(RPCFault) {
            _ = try bench.call(command, parameters)
            return nil
        } catch {
            return error
        }
    }

    @Test func `faults are those that clients of Kamailio know`() throws {
        let bench = ModuleBench()
        try bench.load(Debugger.self, [("mod_hash_size", .int(4))])
        #expect(self.fault(bench, "dbg.trace") == RPCFault(500, "Config trace command missing"))
        #expect(self.fault(bench, "dbg.trace", .string("bad")) == RPCFault(500, "Unknown trace command"))
        #expect(self.fault(bench, "dbg.trace", .string("on"), .int(-1)) == RPCFault(500, "No such pid"))
        #expect(self.fault(bench, "dbg.bp") == RPCFault(500, "Config breakpoint command missing"))
        #expect(self.fault(bench, "dbg.bp", .string("foo")) == RPCFault(500, "Unknown inner command"))
        #expect(self.fault(bench, "dbg.bp", .string("next")) == RPCFault(500, "Missing pid parameter"))
        #expect(self.fault(bench, "dbg.bp", .string("show"), .int(-1)) == RPCFault(500, "No such pid"))
        #expect(self.fault(bench, "dbg.set_mod_level") == RPCFault(500, "invalid parameters"))
        #expect(
            self.fault(bench, "dbg.set_mod_facility", .string("tm"), .string("LOCAL5"))
                == RPCFault(500, "facility not found"))
        #expect(
            self.fault(bench, "dbg.reset_msgid") == RPCFault(500, "reset_msgid is 0. Set it to 1 to enable."))
    }
}

@Suite("debugger: levels of modules and dumps")
struct DebuggerLevelTests {
    @Test func `a module logs by its own level while its functions run`() throws {
        let debugged = try Debugged(
            """
            modparam("debugger", "mod_hash_size", 4)
            modparam("debugger", "mod_level_mode", 1)
            modparam("debugger", "mod_level", "xlog=-5")
            """, "xlog(\"L_ERR\", \"one\\n\");")
        let bench = debugged.script.bench
        try debugged.script.run()
        #expect(debugged.script.texts.isEmpty)
        #expect(try bench.call("dbg.get_mod_level", [.string("xlog")]) == [.int(-5)])
        #expect(try bench.call("dbg.get_mod_level", [.string("tm")]) == [.int(3)])
        #expect(try bench.call("dbg.set_mod_level", [.string("xlog"), .int(3)]) == [.string("200 ok")])
        try debugged.script.run()
        #expect(debugged.script.texts == ["one"])
    }

    @Test func `levels are out of force until their mode is on`() throws {
        let debugged = try Debugged(
            """
            modparam("debugger", "mod_hash_size", 4)
            modparam("debugger", "mod_level", "xlog=-5")
            """, "xlog(\"L_ERR\", \"one\\n\");")
        try debugged.script.run()
        #expect(debugged.script.texts == ["one"])
        let registry = try #require(debugged.script.program.configuration)
        let mode = try #require(registry.find("dbg", "mod_level_mode"))
        #expect(registry.apply([ConfigurationChange(mode, .int(1))]))
        try debugged.script.run()
        #expect(debugged.script.texts == ["one"])
    }

    @Test func `variables are dumped by kind`() throws {
        let debugged = try Debugged(
            "",
            """
            $var(x) = 1; $var(s) = "a\\"b"; $avp(a) = 5; $avp(a) = "six"; $avp(b) = $null;
            $xavp(x=>m) = "hi"; $xavp(x[0]=>n) = 3; $var(m) = $rm;
            dbg_pv_dump(2, "L_ERR"); dbg_pv_dump(4, "L_ERR"); dbg_pv_dump(8, "L_ERR"); dbg_pv_dump(16, "L_ERR");
            dbg_pv_dump(3, "L_ERR");
            """)
        try debugged.script.run()
        let dumps = debugged.script.log.suffix(5).map { String($0.drop { $0 != "{" }) }
        #expect(dumps[0] == #"{"$avp(a)":["six",5]}"#)
        #expect(dumps[1] == #"{"$var(x)":1,"$var(s)":"a\"b","$var(m)":"OPTIONS"}"#)
        #expect(dumps[2] == #"{"$xavp(x)":[{"n":[3],"m":["hi"]}]}"#)
        #expect(dumps[3] == #"{"$rm":"OPTIONS"}"#)
        #expect(dumps[4] == #"{"$avp(a)":["six",5],"$avp(b)":[]}"#)
    }

    @Test func `the message is shown as it would be sent, with what changed`() throws {
        let debugged = try Debugged("", "dbg_sip_msg(\"L_ERR\");")
        let context = try debugged.script.run()
        let insert = context.edits.beginInsert()
        insert.buffer.append("X-A: y\r\n")
        context.edits.endInsert(insert, at: context.message.firstHeaderStart)
        let lines = MessageDump.text(context).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "CONFIG LINE 0")
        #expect(lines[1] == "------------------------- START OF SIP message debug --------------------------")
        #expect(lines[2] == "OPTIONS sip:bob@example.org SIP/2.0" && lines[3] == "X-A: y")
        let diff = try #require(lines.firstIndex { $0.contains("SIP header diffs") })
        #expect(lines[diff] == "------------------------------ SIP header diffs -------------------------------")
        #expect(lines[diff + 1] == "X-A: y")
        #expect(lines.last == "-------------------------- END OF SIP message debug ---------------------------")
        #expect(debugged.script.log.contains { $0.contains("CONFIG LINE 6") })
    }

    @Test func `parameters that mean nothing are refused`() {
        func fault(_ name: String, _ value: ParameterValue) -> String? {
            do {
                try ModuleBench().load(Debugger.self, [(name, value)])
                return nil
            } catch {
                return (error as? ArgumentError)?.message
            }
        }
        #expect(fault("mod_level", .text("tm")) == "mod_level: module=… is expected")
        #expect(fault("mod_level", .text("tm=x")) == "mod_level: 'x' is no level")
        #expect(fault("mod_facility", .text("tm=LOCAL9")) == "mod_facility: there is no facility 'LOCAL9'")
        #expect(fault("log_facility", .text("X")) == "log_facility: there is no facility 'X'")
        #expect(fault("cfgtest", .int(1)) == "cfgtest of module debugger is not built yet")
        #expect(fault("log_facility", .text("LOG_LOCAL1")) == nil)
    }
}
