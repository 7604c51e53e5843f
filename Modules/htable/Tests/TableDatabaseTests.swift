import Bytes
import Database
import ModuleKit
import SIPTesting
import Testing
import db_sqlite

@testable import htable

@Suite("htable: the database")
struct TableDatabaseTests {
    private struct Scene {
        let bench = ModuleBench()
        let database: Database
        let module: HashTables

        init(_ definition: String, expires: Bool = false, hasDatabase: Bool = true) throws {
            try self.bench.load(SQLiteDatabases.self)
            self.database = try Database("sqlite::memory:", host: self.bench)
            _ = try self.database.wait(.write) { session in try session.makeTables([.htable]) }
            var parameters: [(String, ParameterValue)] = [
                ("htable", .text(ByteString(definition))), ("db_expires", .int(expires ? 1 : 0)),
            ]
            if hasDatabase { parameters.append(("db_url", .text("sqlite::memory:"))) }
            self.module = try self.bench.load(HashTables.self, parameters)
        }

        func call(_ name: String, _ parameters: [RPCValue]) -> Result<[RPCValue], RPCFault>? {
            guard let command = self.module.commands.first(where: { $0.name == name }) else { return nil }
            let answer = RPCAnswer()
            command.later?(RPCRequest(parameters: parameters, host: self.bench), answer)
            return answer.outcome
        }

        func add(_ rows: [[DatabaseValue]]) throws {
            guard !rows.isEmpty else { return }
            try self.database.wait(.write) { session in
                try session.insert(
                    Insert(
                        into: "htable", ["key_name", "key_type", "value_type", "key_value", "expires"], rows: rows))
            }
        }

        var items: [String: String] {
            Dictionary(
                uniqueKeysWithValues: (self.module.tables.first?.store.records(at: SharedTable.second(.now())) ?? [])
                    .map {
                        ($0.key.string, "\($0.value)")
                    })
        }
    }

    private func scene(_ definition: String, expires: Bool = false, _ rows: [[DatabaseValue]]) throws -> Scene {
        let scene = try Scene(definition, expires: expires)
        try scene.add(rows)
        return scene
    }

    private let rows: [[DatabaseValue]] = [
        ["a", 0, 1, "5", 0], ["b", 0, 0, "it's", 0], ["l", 1, 0, "x", 0], ["l", 1, 0, "y", 0], ["old", 0, 0, "z", 1],
    ]

    @Test func `a table is read when the server starts, arrays with their size`() throws {
        let scene = try self.scene("t=>size=4;dbtable=htable;", self.rows)
        try scene.module.hooks.started?(scene.bench)
        #expect(
            scene.items == [
                "a": "int(5)", "b": "text(it's)", "l[0]": "text(x)", "l[1]": "text(y)", "l::size": "int(2)",
                "old": "text(z)",
            ])
    }

    @Test func `with db_expires what is over is left out, and times are kept`() throws {
        let scene = try self.scene("t=>size=4;autoexpire=60;dbtable=htable;dbmode=1;", expires: true, self.rows)
        try scene.module.hooks.started?(scene.bench)
        #expect(scene.items["old"] == nil)
        scene.module.hooks.stopped?(scene.bench)
        let stored = try scene.database.wait(.read) { try $0.query(Select(["key_name", "expires"], from: "htable")) }
        #expect(stored.count == 5)
        #expect(stored.allSatisfy { ($0["expires"].int ?? 0) > WallClock.seconds() })
    }

    @Test func `dbmode 1 writes a table back when the server stops`() throws {
        for mode in [0, 1] {
            let scene = try self.scene("t=>size=4;dbtable=htable;dbmode=\(mode);", [["a", 0, 1, "5", 0]])
            try scene.module.hooks.started?(scene.bench)
            let key: ByteString = "new'"
            if let store = scene.module.tables.first?.store {
                _ = store.set(store.hash(key.span), key.span, .text("v"), .at(0), at: 1)
            }
            scene.module.hooks.stopped?(scene.bench)
            let stored = try scene.database.wait(.read) { session in
                try session.query(
                    Select(["key_name", "value_type", "key_value"], from: "htable", order: ["key_name"]))
            }
            #expect(stored.map(\.values) == (mode == 0 ? [["a", 1, "5"]] : [["a", 1, "5"], ["new'", 0, "v"]]))
        }
    }

    @Test func `nothing is written before the end, and what has expired is not written then`() throws {
        let scene = try self.scene("t=>size=4;autoexpire=60;dbtable=htable;dbmode=1;", [["a", 0, 1, "5", 0]])
        try scene.module.hooks.started?(scene.bench)
        func stored() throws -> [String] {
            try scene.database.wait(.read) { try $0.query(Select(["key_name"], from: "htable", order: ["key_name"])) }
                .map { $0[0].text?.string ?? "" }
        }
        let store = try #require(scene.module.tables.first?.store)
        let now = SharedTable.second(.now())
        for (key, expiry) in [("b", SharedTable.Expiry.at(0)), ("c", .at(1))] {
            let key = ByteString(key)
            _ = store.set(store.hash(key.span), key.span, .int(1), expiry, at: now)
        }
        for task in scene.module.hooks.periodic { task.body(scene.bench.worker) }
        #expect(try stored() == ["a"])
        // The program of a reload finds the table as it is, and reads and writes nothing.
        let next = try scene.bench.load(
            HashTables.self,
            [
                ("htable", .text("t=>size=4;autoexpire=60;dbtable=htable;dbmode=1;")),
                ("db_url", .text("sqlite::memory:")),
            ])
        try next.hooks.started?(scene.bench)
        #expect(try stored() == ["a"])
        next.hooks.stopped?(scene.bench)
        #expect(try stored() == ["a", "b"])
    }

    @Test func `columns of one's own make one value`() throws {
        let scene = try self.scene(
            "t=>size=4;dbtable=htable;cols='key_name,key_type,key_value';coldelim='|'", [["a", 0, 1, "5", 0]])
        try scene.module.hooks.started?(scene.bench)
        #expect(scene.items == ["a": "text(0|5)"])
    }

    @Test func `commands read and write a table`() throws {
        let scene = try self.scene("t=>size=4;dbtable=htable;", [["a", 0, 1, "5", 0]])
        #expect(scene.call("htable.reload", [.string("t")]) == .success([.string("Ok. Htable successfully reloaded.")]))
        #expect(scene.items == ["a": "int(5)"])
        #expect(scene.call("htable.store", [.string("t")]) == .success([.string("Ok. Htable successfully stored.")]))
        #expect(scene.call("htable.reload", [.string("x")]) == .failure(RPCFault(500, "No such htable")))
        #expect(scene.call("htable.reload", []) == .failure(RPCFault(500, "No htable name given")))
    }

    @Test func `without a database the commands say so`() throws {
        let scene = try Scene("a=>size=4;", hasDatabase: false)
        #expect(scene.call("htable.reload", [.string("a")]) == .failure(RPCFault(500, "No htable db_url")))
    }

    @Test func `a start without the table says which`() throws {
        let scene = try self.scene("t=>size=4;dbtable=nowhere;", [])
        let error = #expect(throws: ModuleError.self) { try scene.module.hooks.started?(scene.bench) }
        #expect(error?.message.contains("nowhere") == true)
    }
}
