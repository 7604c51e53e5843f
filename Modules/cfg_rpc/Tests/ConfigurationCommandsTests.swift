import Bytes
import ModuleKit
import SIPTesting
import Testing
import core
import maxfwd
import pv
import xlog

@testable import cfg_rpc

@Suite("cfg_rpc: commands and faults")
struct ConfigurationCommandsTests {
    let bench: ModuleBench

    init() throws {
        self.bench = ModuleBench()
        try self.bench.load(Core.self)
        try self.bench.load(ConfigurationCommands.self)
    }

    private func ask(_ command: String, _ parameters: RPCValue...) throws -> [RPCValue] {
        try self.bench.call(command, parameters)
    }

    private func fault(_ command: String, _ parameters: RPCValue...) -> RPCFault? {
        do throws(RPCFault) {
            _ = try self.bench.call(command, parameters)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the log level is read and changed`() throws {
        #expect(try self.ask("cfg.get", .text("core"), .text("debug")) == [.int(3)])
        #expect(try self.ask("cfg.set", .text("core"), .text("debug"), .text("1")).isEmpty)
        #expect(self.bench.logger.threshold == 1)
        #expect(try self.ask("cfg.seti", .text("core"), .text("debug"), .int(2)).isEmpty)
        #expect(try self.ask("cfg.get", .text("core"), .text("debug")) == [.int(2)])
        #expect(try self.ask("cfg.reset", .text("core")).isEmpty)
        #expect(self.bench.logger.threshold == 3)
    }

    @Test func `delayed changes wait for commit`() throws {
        #expect(try self.ask("cfg.set_delayed", .text("core"), .text("debug"), .text("0")).isEmpty)
        #expect(self.bench.logger.threshold == 3)
        #expect(
            try self.ask("cfg.diff") == [
                .structure([
                    "group name": .string("core"), "variable name": .string("debug"), "old value": .int(3),
                    "new value": .int(0),
                ])
            ])
        #expect(try self.ask("cfg.commit").isEmpty)
        #expect(self.bench.logger.threshold == 0)
        #expect(try self.ask("cfg.diff").isEmpty)
        #expect(try self.ask("cfg.set_delayed_int", .text("core"), .text("debug"), .int(2)).isEmpty)
        #expect(try self.ask("cfg.rollback").isEmpty)
        #expect(try self.ask("cfg.commit").isEmpty)
        #expect(self.bench.logger.threshold == 0)
    }

    @Test func `faults are those that clients of Kamailio know`() {
        #expect(self.fault("cfg.get") == RPCFault(500, "Failed to get the parameters"))
        #expect(self.fault("cfg.get", .text("core"), .text("x")) == RPCFault(400, "Failed to get the variable"))
        #expect(
            self.fault("cfg.set", .text("x"), .text("y"), .text("1")) == RPCFault(400, "Failed to set the variable"))
        #expect(
            self.fault("cfg.set", .text("core"), .text("debug"), .text("abc"))
                == RPCFault(400, "Failed to set the variable"))
        #expect(
            self.fault("cfg.help", .text("x"), .text("y")) == RPCFault(400, "Failed to get the variable description"))
        #expect(
            self.fault("cfg.set", .text("core"))
                == RPCFault(400, "error at parameter 1: expected string type but end of packet encountered"))
        #expect(
            self.fault("cfg.del", .text("core"), .text("debug"))
                == RPCFault(400, #"Wrong group syntax. Use "group[id]""#))
    }

    @Test func `an unknown group is empty`() throws {
        #expect(try self.ask("cfg.get", .text("nope")) == [.structure([RPCValue.Member]())])
        #expect(try self.ask("cfg.list", .text("nope")).isEmpty)
        #expect(try self.ask("cfg.list", .text("core")).first == .string("core: debug"))
        #expect(
            try self.ask("cfg.help", .text("core"), .text("debug"))
                == [
                    .string("Highest level that is logged: -1 errors, 0 warnings, 2 infos, 3 all."),
                    .string("(parameter type is integer)"),
                ])
    }

    @Test func `numbers keep to their range and to a type of parameter`() throws {
        try self.bench.load(MaxForwards.self)
        #expect(self.fault("cfg.set", .text("maxfwd"), .text("max_limit"), .text("300"))?.code == 400)
        #expect(
            self.fault("cfg.seti", .text("maxfwd"), .text("max_limit"), .text("30"))
                == RPCFault(400, "error at parameter 2: expected integer type but record doesn't match type"))
        #expect(try self.ask("cfg.seti", .text("maxfwd"), .text("max_limit"), .int(30)).isEmpty)
        #expect(try self.ask("cfg.get", .text("maxfwd")) == [.structure(["max_limit": .int(30)])])
        let route = try self.bench.receive(
            """
            OPTIONS sip:a@b SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1
            From: <sip:a@b>;tag=1
            To: <sip:a@b>
            Call-ID: 1
            CSeq: 1 OPTIONS
            Max-Forwards: 70
            """)
        #expect(try self.bench.call("mf_process_maxfwd_header", "10", in: route) == 1)
        let message = route.message
        let text = ByteString(message.span).string
        #expect(text.contains("Max-Forwards: 30"))
    }

    @Test func `a group reference is a name or a name with a number`() throws {
        #expect(try GroupReference("gate") == GroupReference("gate"))
        let reference = try GroupReference("gate[7]")
        #expect(reference.group == "gate" && reference.instance == 7)
        for bad: ByteString in ["gate[x]", "gate[]", "gate[1", "[1]", "gate[1]x", "gate[-1]"] {
            #expect(throws: RPCFault(400, GroupReference.either)) { try GroupReference(bad) }
        }
    }
}

@Suite("cfg_rpc: parameters of the script")
struct CustomParameterTests {
    private func bench(_ body: String) throws -> ScriptBench {
        try ScriptBench(
            """
            loadmodule "pv.so"
            loadmodule "xlog.so"
            loadmodule "maxfwd.so"
            loadmodule "cfg_rpc.so"
            gate.addr = "10.0.0.1" desc "where calls go"
            gate.dport = 5080
            gate[1].dport = 5081
            gate[7].addr = "ten"
            request_route {
            \(body)
            }
            """,
            [
                ModuleType(Core.self), ModuleType(PseudoVariables.self), ModuleType(Xlog.self),
                ModuleType(MaxForwards.self), ModuleType(ConfigurationCommands.self),
            ])
    }

    private func ask(_ script: ScriptBench, _ command: String, _ parameters: String...) throws -> [RPCValue] {
        try script.bench.call(command, parameters.map { .string($0) })
    }

    private func fault(_ script: ScriptBench, _ command: String, _ parameters: String...) -> RPCFault? {
        do throws(RPCFault) {
            _ = try script.bench.call(command, parameters.map { .string($0) })
            return nil
        } catch {
            return error
        }
    }

    @Test func `scripts read them in three ways, and a change shows with the next message`() throws {
        let script = try self.bench(
            """
            $var(at) = @cfg_get.gate.dport;
            xlog("$sel(cfg_get.gate.addr) $ccp(gate.dport) $var(at)\\n");
            $ccp(gate.dport) = 77; xlog("$ccp(gate.dport)\\n");
            """)
        try script.run()
        #expect(try self.ask(script, "cfg.sets", "gate", "addr", "h").isEmpty)
        try script.run()
        #expect(script.texts == ["10.0.0.1 5080 5080", "5080", "h 77 77", "77"])
    }

    @Test func `text that is no number and $null change nothing`() throws {
        let script = try self.bench(
            #"$ccp(gate.dport) = "x"; $ccp(gate.dport) = $null; xlog("$ccp(gate.dport)\n");"#)
        try script.run()
        #expect(script.texts.last == "5080")
        #expect(try self.ask(script, "cfg.get", "gate", "dport") == [.int(5080)])
    }

    @Test func `a message sees the instance that it selects`() throws {
        let script = try self.bench(
            """
            if (cfg_select("gate", 1)) xlog("$ccp(gate.dport) $ccp(gate.addr)\\n");
            if (!cfg_select("gate", 9)) xlog("$ccp(gate.dport)\\n");
            $var(i) = 7; cfg_select("gate", $var(i)); xlog("$sel(cfg_get.gate.addr)\\n");
            cfg_reset("gate"); xlog("$ccp(gate.dport)\\n");
            """)
        try script.run()
        #expect(
            script.texts == [
                "5081 10.0.0.1", "5081", "ten", "5080",
            ])
    }

    @Test func `instances have values of their own, which can be taken back`() throws {
        let script = try self.bench("exit;")
        #expect(try self.ask(script, "cfg.get", "gate[1]", "dport") == [.int(5081)])
        #expect(
            try self.ask(script, "cfg.get", "gate[1]")
                == [.structure(["addr": .string("10.0.0.1"), "dport": .int(5081)])])
        #expect(self.fault(script, "cfg.get", "gate[9]", "addr") == RPCFault(400, "Failed to get the variable"))
        #expect(
            self.fault(script, "cfg.get", "gate[x]", "addr")
                == RPCFault(400, #"Wrong group syntax. Use either "group", or "group[id]""#))
        #expect(try self.ask(script, "cfg.set", "gate", "dport", "5090").isEmpty)
        #expect(try self.ask(script, "cfg.get", "gate[7]", "dport") == [.int(5090)])
        #expect(try self.ask(script, "cfg.set", "gate[7]", "dport", "5091").isEmpty)
        #expect(try self.ask(script, "cfg.del", "gate[7]", "dport").isEmpty)
        #expect(try self.ask(script, "cfg.del", "gate[7]", "dport").isEmpty)
        #expect(try self.ask(script, "cfg.get", "gate[7]", "dport") == [.int(5090)])
        #expect(self.fault(script, "cfg.del", "gate[9]", "dport") == RPCFault(400, "Failed to delete the value"))
        #expect(try self.ask(script, "cfg.add_group_inst", "gate[9]").isEmpty)
        #expect(try self.ask(script, "cfg.add_group_inst", "gate[9]").isEmpty)
        #expect(try self.ask(script, "cfg.get", "gate[9]", "addr") == [.string("10.0.0.1")])
        #expect(try self.ask(script, "cfg.del_group_inst", "gate[9]").isEmpty)
        #expect(
            self.fault(script, "cfg.del_group_inst", "gate[9]")
                == RPCFault(400, "Failed to delete the group instance"))
        #expect(
            self.fault(script, "cfg.add_group_inst", "nope[9]") == RPCFault(400, "Failed to add the group instance"))
        #expect(self.fault(script, "cfg.set", "gate[9]", "dport", "8") == RPCFault(400, "Failed to set the variable"))
    }

    @Test func `delayed changes are listed one by one and made together`() throws {
        let script = try self.bench(#"xlog("$ccp(gate.dport)\n");"#)
        #expect(try self.ask(script, "cfg.set_delayed", "gate", "dport", "6000").isEmpty)
        #expect(try self.ask(script, "cfg.set_delayed", "gate", "dport", "6001").isEmpty)
        #expect(try self.ask(script, "cfg.del_delayed", "gate[1]", "dport").isEmpty)
        #expect(
            try self.ask(script, "cfg.diff") == [
                .structure([
                    "group name": .string("gate"), "variable name": .string("dport"), "old value": .int(5080),
                    "new value": .int(6000),
                ]),
                .structure([
                    "group name": .string("gate"), "variable name": .string("dport"), "old value": .int(5080),
                    "new value": .int(6001),
                ]),
                .structure([
                    "group name": .string("gate"), "group id": .int(1), "variable name": .string("dport"),
                    "old value": .int(5081), "new value": .int(5080),
                ]),
            ])
        try script.run()
        #expect(try self.ask(script, "cfg.commit").isEmpty)
        try script.run()
        #expect(script.texts == ["5080", "6001"])
        #expect(try self.ask(script, "cfg.get", "gate[1]", "dport") == [.int(6001)])
        #expect(
            self.fault(script, "cfg.set_delayed", "gate", "nope", "1") == RPCFault(400, "Failed to set the variable"))
        #expect(try self.ask(script, "cfg.reset", "gate").isEmpty)
        #expect(try self.ask(script, "cfg.get", "gate", "dport") == [.int(5080)])
    }

    @Test func `parameters of the script are listed last, those of modules before the core's`() throws {
        let script = try self.bench("exit;")
        let all = try self.ask(script, "cfg.list")
        #expect(all.first == .string("maxfwd: max_limit"))
        #expect(all.suffix(2) == [.string("gate: addr"), .string("gate: dport")])
        #expect(
            try self.ask(script, "cfg.help", "gate", "dport")
                == [.string("<null string>"), .string("(parameter type is integer)")])
        #expect(
            self.fault(script, "cfg.help", "gate[1]", "dport")
                == RPCFault(400, "Failed to get the variable description"))
    }

    @Test func `an instance of a parameter that nobody declares is refused`() {
        #expect(throws: ScriptBench.Refused.self) {
            try ScriptBench("gate[1].dport = 1\nrequest_route { exit; }", [ModuleType(Core.self)])
        }
        #expect(throws: ScriptBench.Refused.self) {
            try ScriptBench(
                "gate.dport = 1\ngate[1].dport = \"x\"\nrequest_route { exit; }", [ModuleType(Core.self)])
        }
    }

    @Test func `a worker that holds a snapshot sees no change before it takes another`() throws {
        let registry = ConfigurationRegistry()
        let a = registry.declare(.init("g", "a", .int(1), ""))
        let b = registry.declare(.init("g", "b", .int(1), ""))
        var live = LiveNumber(1)
        live.bind(a, in: registry)
        let before = registry.snapshot
        #expect(registry.apply([ConfigurationChange(a, .int(2)), ConfigurationChange(b, .int(2))]))
        #expect(live.value(in: before) == 1 && live.value(in: registry.snapshot) == 2)
        #expect(registry.version != before.version)
        // One that does not fit keeps the other back.
        #expect(!registry.apply([ConfigurationChange(a, .int(3)), ConfigurationChange(b, .bytes("x"))]))
        #expect(live.value(in: registry.snapshot) == 2)
        #expect(live.value(in: ConfigurationRegistry().snapshot) == 1)
    }
}
