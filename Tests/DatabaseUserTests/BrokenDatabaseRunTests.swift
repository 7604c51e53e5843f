import Bytes
import Database
import ModuleKit
import SIPTesting
import Testing
import db_sqlite
import registrar
import sl
import usrloc

@Suite("Broken databases: while the server runs")
struct BrokenDatabaseRunTests {
    private func load(_ scene: StoredScene, mode: Int = 1, checksVersion: Bool = true) throws -> UserLocation {
        try scene.bench.load(StatelessReplies.self)
        let location = try scene.bench.load(
            UserLocation.self,
            [
                scene.setting, ("db_mode", .int(mode)), ("preload", .text("location")),
                ("version_table", .int(checksVersion ? 1 : 0)),
            ])
        try scene.bench.load(Registrar.self)
        try location.hooks.started?(scene.bench)
        return location
    }

    private func register(_ scene: StoredScene, _ user: String, cSeq: Int = 1, contact: Bool = true) throws -> String {
        let route = try scene.bench.receive(
            """
            REGISTER sip:x.com SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK\(cSeq)
            From: <sip:\(user)@x.com>;tag=1
            To: <sip:\(user)@x.com>
            Call-ID: \(user)
            CSeq: \(cSeq) REGISTER
            \(contact ? "Contact: <sip:\(user)@1.1.1.1>\n" : "")Expires: 600
            Content-Length: 0

            """)
        _ = try scene.bench.call("save", "location", in: route)
        return String((scene.bench.sent.last ?? "").split(separator: "\n").first ?? "")
    }

    private func turn(_ location: UserLocation, _ scene: StoredScene) {
        for task in location.hooks.periodic where task.name == "usrloc journal" { task.body(scene.bench.worker) }
    }

    @Test func `rows with texts for numbers, and without what they should have, do no harm`() throws {
        let scene = try StoredScene(.version)
        let columns = TableDeclaration.location.columns.map(\.name).filter { $0 != "id" }
        try scene.sql(
            "CREATE TABLE location (id INTEGER PRIMARY KEY, \(columns.map { "`\($0)`" }.joined(separator: ",")))"
        )
        let good: [DatabaseValue] = ["r0", "good", nil, "sip:good@1.1.1.1", nil, nil, 0, .double(0.5), "c", 1]
        let names = Array(columns.prefix(good.count))
        try scene.add("location", names, [good])
        for (index, name) in names.enumerated() where name != "username" && name != "contact" {
            for (number, value) in [
                DatabaseValue.null, "text", .double(1e300), .blob(ByteString([0, 255])), .int(.min),
            ].enumerated() {
                var row = good
                row[0] = .string(ByteString("r\(index)-\(number)"))
                row[1] = .string(ByteString("u\(index)-\(number)"))
                row[3] = .string(ByteString("sip:u\(index)-\(number)@1.1.1.1"))
                row[index] = value
                try scene.add("location", names, [row])
            }
        }
        for name in ["username", "contact"] as [ByteString] {
            var row = good
            row[0] = "broken"
            row[names.firstIndex(of: name) ?? 0] = .null
            try scene.add("location", names, [row])
        }
        _ = try self.load(scene, checksVersion: false)
        #expect(try self.register(scene, "good", contact: false) == "SIP/2.0 200 OK")
        #expect(scene.bench.sent.last?.contains("<sip:good@1.1.1.1>") == true)
    }

    @Test
    func `a file that is only read, or that somebody else writes, refuses what is to be stored, and nothing else`()
        throws
    {
        let scene = try StoredScene(.version, .location, .locationAttrs)
        for setting in [("db_set_readonly", scene.path), ("db_set_busy_timeout", scene.path + "=20")] {
            let fresh = ModuleBench()
            try fresh.load(SQLiteDatabases.self, [(setting.0, .text(ByteString(setting.1)))])
            try scene.move(to: fresh)
            _ = try self.load(scene)
            let holder = try StoredScene.Holder(scene.path)
            if setting.0 == "db_set_busy_timeout" { try holder.hold() }
            #expect(try self.register(scene, "alice").contains(" 500 "))
            #expect(try self.register(scene, "alice", contact: false) == "SIP/2.0 200 OK")
            try holder.release()
        }
        #expect(try scene.isUnharmed)
    }

    @Test func `a full disk: nothing is acknowledged that is not stored, and all is stored when there is room again`()
        throws
    {
        let scene = try StoredScene(.version, .location, .locationAttrs)
        let location = try self.load(scene)
        let pages = try scene.sql("PRAGMA page_count").first?.first?.int ?? 0
        try scene.sql("PRAGMA max_page_count=\(pages + 4)")
        var acknowledged: [String] = []
        var refused: [String] = []
        for number in 0..<2_000 where refused.count < 5 {
            let user = "user\(number)"
            let answer = try self.register(scene, user)
            if answer == "SIP/2.0 200 OK" { acknowledged.append(user) } else { refused.append(user) }
        }
        #expect(refused.count == 5)
        #expect(try scene.rows("location", ["username"]).count == acknowledged.count)
        try scene.sql("PRAGMA max_page_count=1000000")
        self.turn(location, scene)
        #expect(
            Set(try scene.rows("location", ["username"]).map { $0[0].text?.string ?? "" })
                == Set(acknowledged + refused))
        #expect(try scene.isUnharmed)
    }

    @Test func `a table that goes while the server runs is an error in the log for each change, and a 500`() throws {
        let scene = try StoredScene(.version, .location)
        _ = try self.load(scene)
        #expect(try self.register(scene, "alice") == "SIP/2.0 200 OK")
        try scene.sql("DROP TABLE location")
        #expect(try self.register(scene, "alice", cSeq: 2).contains(" 500 "))
        #expect(scene.bench.log.contains { $0.contains("no such table: location") })
        #expect(try self.register(scene, "alice", cSeq: 3, contact: false) == "SIP/2.0 200 OK")
    }
}
