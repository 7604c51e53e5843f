import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import cfg_rpc

@Suite("cfg_rpc: commands and faults")
struct ConfigurationCommandsTests {
    let bench: ModuleBench

    init() throws {
        self.bench = ModuleBench()
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
                == [.string("debug level"), .string("(parameter type is integer)")])
    }

    @Test func `a value keeps its type`() {
        let text = ConfigurationVariable(
            group: "g", name: "n", summary: "", initial: .text("x"), read: { .text("x") }, write: nil)
        #expect(text.converted(.int(3)) == .text("3"))
        let number = ConfigurationVariable(
            group: "g", name: "n", summary: "", initial: .int(1), read: { .int(1) }, write: nil)
        #expect(number.converted(.text("0x10")) == .int(16))
        #expect(number.converted(.text("abc")) == nil)
        #expect(number.converted(.text("")) == nil)
    }
}
