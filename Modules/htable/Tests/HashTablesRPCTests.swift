import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import htable

@Suite("htable: commands")
struct HashTablesRPCTests {
    let bench = ModuleBench()

    init() throws {
        try self.bench.load(
            HashTables.self,
            [("htable", .text("a=>size=4;")), ("htable", .text("e=>size=2;autoexpire=30;updateexpire=0"))])
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

    @Test func `tables are listed, the last one first`() throws {
        #expect(
            try self.ask("htable.listTables").first
                == .structure([
                    "name": .string("e"), "dbtable": .string(""), "dbmode": .int(0), "expire": .int(30),
                    "updateexpire": .int(0), "size": .int(4), "dmqreplicate": .int(0),
                ]))
        #expect(
            try self.ask("htable.stats").last
                == .structure([
                    "name": .string("a"), "slots": .int(16), "all": .int(0), "min": .int(0), "max": .int(0),
                ]))
    }

    @Test func `items are set, shown and deleted`() throws {
        #expect(
            try self.ask("htable.sets", .string("a"), .string("n"), .string("hello"))
                == [.string("Ok. Key set to new value.")])
        #expect(
            try self.ask("htable.get", .string("a"), .string("n")) == [
                .structure([
                    "item": .structure([
                        "name": .string("n"), "value": .string("hello"), "flags": .int(2), "expire": .string("NEVER"),
                    ])
                ])
            ])
        #expect(try self.ask("htable.seti", .string("a"), .string("n"), .int(5)).count == 1)
        guard case .structure(let slot)? = try self.ask("htable.dump", .string("a")).first else {
            Issue.record("no slot")
            return
        }
        #expect(slot.map(\.name) == ["entry", "size", "slot"])
        #expect(
            slot[2].value
                == .array([.structure(["name": .string("n"), "value": .int(5), "type": .string("int")])]))
        #expect(try self.ask("htable.delete", .string("a"), .string("n")) == [.string("Ok. Key deleted.")])
        #expect(try self.ask("htable.flush", .string("a")) == [.string("Ok. Htable flushed.")])
        #expect(try self.ask("htable.dump", .string("a")).isEmpty)
        #expect(try self.ask("htable.setxi", .string("e"), .string("n"), .int(5), .int(60)).count == 1)
        #expect(try self.ask("htable.setex", .string("e"), .string("n"), .int(60)) == [.string("Ok")])
    }

    @Test func `faults are those that clients of Kamailio know`() {
        let two = "Not enough parameters (htable name and key name)"
        let three = "Not enough parameters (htable name, key name and value)"
        #expect(self.fault("htable.dump") == RPCFault(500, "No htable name given"))
        #expect(self.fault("htable.dump", .string("x")) == RPCFault(500, "No such htable"))
        #expect(self.fault("htable.get", .string("a")) == RPCFault(500, two))
        #expect(
            self.fault("htable.get", .string("a"), .string("x"))
                == RPCFault(500, "Key name doesn't exist in htable."))
        #expect(self.fault("htable.sets", .string("a")) == RPCFault(500, three))
        #expect(self.fault("htable.seti", .string("a"), .string("k"), .string("abc")) == RPCFault(500, three))
        #expect(
            self.fault("htable.delete", .string("a"), .string("x")) == RPCFault(404, "Key not found in htable."))
    }
}
