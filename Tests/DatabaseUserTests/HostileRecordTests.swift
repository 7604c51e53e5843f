import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import acc
import avpops
import htable
import pv
import sl
import sqlops
import textops
import tm

@Suite("Hostile texts: what modules write")
struct HostileRecordTests {
    @Test func `acc: extra columns, codes and tables are texts`() throws {
        let scene = try StoredScene(.version, .acc, .missedCalls)
        try scene.sql("ALTER TABLE acc ADD COLUMN who VARCHAR(255)")
        try scene.sql("ALTER TABLE missed_calls ADD COLUMN who VARCHAR(255)")
        let schema = try scene.sql("SELECT name, sql FROM sqlite_master ORDER BY name")
        try scene.bench.load(StatelessReplies.self)
        try scene.bench.load(PseudoVariables.self)
        try scene.bench.load(Transactions.self)
        let module = try scene.bench.load(
            Accounting.self, [scene.setting, ("db_extra", .text("who=$avp(who)")), ("db_flag", .int(1))])
        try module.hooks.started?(scene.bench)
        for text in HostileTexts.all {
            let route = try scene.bench.receive(NoteBench.request)
            route.attributes.push(.text("who"), .bytes(text))
            route.attributes.push(.text("comment"), .bytes("404 " + text))
            #expect(try scene.bench.call("acc_db_request", "$avp(comment)", "acc", in: route) == 1)
        }
        module.hooks.stopped?(scene.bench)
        let stored = try scene.rows("acc", ["who", "sip_reason"])
        #expect(stored.map { $0[0].text } == HostileTexts.all)
        #expect(try scene.sql("SELECT name, sql FROM sqlite_master ORDER BY name") == schema)
        #expect(try scene.sql("SELECT k, t FROM canary") == [[1, "sings"]])
    }

    @Test func `avpops: identifiers and values are texts`() throws {
        let scene = try StoredScene(.version, .usrPreferences)
        try scene.bench.load(PseudoVariables.self)
        try scene.bench.load(TextOps.self)
        let module = try scene.bench.load(
            AttributeOperations.self, [scene.setting, ("avp_table", .text("usr_preferences"))])
        for started in [module.hooks.started].compactMap({ $0 }) { try started(scene.bench) }
        for text in HostileTexts.all where !text.isEmpty {
            let route = try scene.bench.receive(NoteBench.request)
            route.attributes.push(.text("id"), .bytes(text))
            route.attributes.push(.text("note"), .bytes(text))
            #expect(try scene.bench.call("avp_db_store", "$avp(id)", "$avp(note)", in: route) == 1)
            route.attributes.remove(.text("note"))
            #expect(try scene.bench.call("avp_db_load", "$avp(id)", "$avp(note)", in: route) == 1)
            #expect(route.text(route.attributes.value(.text("note"))) == text)
        }
        #expect(try scene.rows("usr_preferences", ["uuid", "value"]).count == HostileTexts.all.count)
        #expect(try scene.isUnharmed)
        let route = try scene.bench.receive(NoteBench.request)
        route.attributes.push(.text("id"), .bytes("' OR '1'='1' --"))
        #expect(try scene.bench.call("avp_db_delete", "$avp(id)", "$avp(note)", in: route) == 1)
        #expect(try scene.rows("usr_preferences", ["uuid", "value"]).count == HostileTexts.all.count)
    }

    @Test func `htable: keys and values are texts`() throws {
        let scene = try StoredScene(.version, .htable)
        func load() throws -> HashTables {
            try scene.bench.load(PseudoVariables.self)
            let module = try scene.bench.load(
                HashTables.self, [scene.setting, ("htable", .text("t=>size=4;dbtable=htable;dbmode=1;"))])
            try module.hooks.started?(scene.bench)
            return module
        }
        let texts = HostileTexts.all.filter { !$0.isEmpty }
        let module = try load()
        for text in texts {
            let route = try scene.bench.receive(NoteBench.request)
            #expect(try scene.bench.write("sht", "t=>k", .bytes(text), in: route))
            _ = try? scene.bench.write(
                "sht", "t=>\(HostileTexts.plain(text, without: "$[]()"))k", .bytes(text), in: route)
        }
        module.hooks.stopped?(scene.bench)
        #expect(try scene.isUnharmed)
        try scene.restart()
        _ = try load()
        for text in texts {
            let route = try scene.bench.receive(NoteBench.request)
            let key = "t=>\(HostileTexts.plain(text, without: "$[]()"))k"
            let value = try scene.bench.read("sht", key, in: route)
            // Texts that give the same key have overwritten each other.
            #expect(texts.contains(route.text(value)))
        }
        #expect(try scene.isUnharmed)
    }

    @Test func `sqlops: a text with its apostrophes doubled is a text`() throws {
        let scene = try StoredScene(.version)
        try scene.bench.load(PseudoVariables.self)
        try scene.bench.load(SQLOperations.self, [("sqlcon", .text("ca=>" + scene.url))])
        try scene.sql("CREATE TABLE texts (t TEXT)")
        let texts = HostileTexts.all.filter { $0.count < 60_000 && !$0.bytes.contains(0) }
        for text in texts {
            let route = try scene.bench.receive(NoteBench.request)
            let doubled = text.bytes.flatMap { $0 == UInt8(ascii: "'") ? [$0, $0] : [$0] }
            route.attributes.push(.text("t"), .bytes(ByteString(doubled)))
            #expect(try scene.bench.call("sql_query", "ca", "INSERT INTO texts VALUES ('$avp(t)')", in: route) > 0)
        }
        #expect(try scene.rows("texts", ["t"]).map { $0[0].text } == texts)
        #expect(try scene.sql("SELECT k, t FROM canary") == [[1, "sings"]])
    }
}
