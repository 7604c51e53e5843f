import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import rr
import sl
import tm

@testable import uac

@Suite("uac: registrations in a database")
struct RegistrationTableTests {
    private static let columns: [ByteString] =
        ["id"] + RegistrationRow.columns + RegistrationRow.laterColumns

    private func row(
        _ uuid: String, domain: String = "rdom", password: String = "secret", hash: String = "", flags: Int = 0,
        contact: String = ""
    ) -> [DatabaseValue] {
        [
            1, .string(ByteString(uuid)), "luser", "ldom", "ruser", .string(ByteString(domain)), "realm", "user",
            .string(ByteString(password)), .string(ByteString(hash)), "sip:192.0.2.1", 60, .int(flags), 0, "",
            .string(ByteString(contact)), "",
        ]
    }

    private final class Scene {
        let bench = ModuleBench()
        let database: BenchDatabase
        let module: UserAgentClient

        init(_ rows: [[DatabaseValue]], _ parameters: [(String, ParameterValue)] = []) throws {
            self.database = BenchDatabase(self.bench)
            self.database.tables["uacreg"] = Rows(columns: RegistrationTableTests.columns, rows)
            try self.bench.load(StatelessReplies.self)
            try self.bench.load(Transactions.self)
            try self.bench.load(RecordRouting.self)
            self.module = try self.bench.load(
                UserAgentClient.self,
                [
                    ("reg_db_url", .text(BenchDatabase.url)), ("reg_contact_addr", .text("127.0.0.1:5060")),
                    ("reg_gc_interval", .int(0)), ("reload_delta", .int(0)),
                ] + parameters)
            try self.module.hooks.started?(self.bench)
        }

        func put(_ rows: [[DatabaseValue]]) {
            self.database.tables["uacreg"] = Rows(columns: RegistrationTableTests.columns, rows)
        }

        /// The answer of a command that may come later; nil: it was refused.
        func call(_ name: String, _ texts: String...) throws -> [RPCValue]? {
            let command = try #require(self.module.commands.first { $0.name == name })
            let answer = RPCAnswer()
            command.later?(RPCRequest(parameters: texts.map { .string($0) }, host: self.bench), answer)
            return try? answer.outcome?.get()
        }

        var uuids: [ByteString] { self.module.registrations.all.map(\.uuid) }
        func sent() -> [String] {
            self.module.registerDue(by: self.bench.worker)
            defer { self.bench.worker.sent = [] }
            return self.bench.worker.sent.map(\.text.string)
        }
    }

    @Test func `rows become registrations, those that lack something do not`() throws {
        let scene = try Scene([
            self.row("a"), self.row("b", flags: 1), self.row("c", domain: ""), self.row("d", contact: "192.0.2.7:5070"),
        ])
        #expect(scene.uuids == ["a", "b", "d"])
        let sent = scene.sent()
        #expect(sent.count == 2)
        #expect(sent.first?.hasPrefix("REGISTER sip:rdom SIP/2.0\r\n") == true)
        #expect(sent.first?.contains("Contact: <sip:a@127.0.0.1:5060>\r\nExpires: 60\r\n") == true)
        #expect(sent.last?.contains("Contact: <sip:d@192.0.2.7:5070>") == true)
        #expect(scene.bench.log.contains { $0.contains("registration 'c' has no") })
    }

    @Test func `a table without the later columns serves too`() throws {
        let scene = try Scene([])
        scene.database.tables["uacreg"] = Rows(
            columns: ["id"] + RegistrationRow.columns, [Array(self.row("a").prefix(RegistrationRow.columns.count + 1))])
        #expect(try scene.call("uac.reg_reload") != nil)
        #expect(scene.uuids == ["a"])
    }

    @Test func `a reload keeps what is described as before, and nothing else`() throws {
        let scene = try Scene([self.row("a"), self.row("b"), self.row("c")])
        #expect(scene.sent().count == 3)
        scene.put([self.row("a"), self.row("b", password: "other"), self.row("d")])
        #expect(try scene.call("uac.reg_reload") != nil)
        #expect(scene.uuids == ["a", "b", "d"])
        let asking = scene.module.registrations.all.filter { $0.state.contains(.asks) }
        #expect(asking.map(\.uuid) == ["a"])
        #expect(scene.sent().count == 2)
    }

    @Test func `reloads keep their pause`() throws {
        let scene = try Scene([self.row("a")], [("reg_gc_interval", .int(150))])
        scene.put([self.row("b")])
        #expect(try scene.call("uac.reg_reload") != nil)
        scene.put([self.row("c")])
        #expect(try scene.call("uac.reg_reload") == nil)
        #expect(scene.uuids == ["b"])
    }

    @Test func `a refresh reads one row`() throws {
        let scene = try Scene([self.row("a"), self.row("b")])
        scene.put([self.row("a", domain: "new.example"), self.row("b", domain: "new.example"), self.row("e")])
        #expect(try scene.call("uac.reg_refresh", "a") != nil)
        #expect(try scene.call("uac.reg_refresh", "e") != nil)
        #expect(try scene.call("uac.reg_refresh", "none") == nil)
        #expect(scene.module.registrations.all.map(\.remoteDomain) == ["new.example", "rdom", "rdom"])
        let route = try scene.bench.receive(
            "OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:b@c>\n"
                + "Call-ID: 1\nCSeq: 1 OPTIONS\n")
        #expect(try scene.bench.call("uac_reg_refresh", "b", in: route) == 1)
        #expect(try scene.bench.call("uac_reg_refresh", "none", in: route) == -1)
        #expect(scene.module.registrations.find(.uuid("b"))?.remoteDomain == "new.example")
    }

    @Test func `a database that does not answer leaves all as it is`() throws {
        let scene = try Scene([self.row("a")])
        scene.database.failure = DatabaseError(.failed, "no")
        #expect(try scene.call("uac.reg_reload") == nil)
        #expect(try scene.call("uac.reg_refresh", "a") == nil)
        #expect(scene.uuids == ["a"])
        #expect(throws: ModuleError.self) { try scene.module.hooks.started?(scene.bench) }
    }

    @Test func `a hash alone answers a challenge`() {
        // H(user:realm:secret)
        let row = RegistrationRow.registration(
            Rows(columns: Self.columns, [self.row("a", password: "", hash: "5ebe2294ecd0e0f08eab7690d2a6ee69")])[0],
            contactAddress: "127.0.0.1")
        #expect(row?.hash == "5ebe2294ecd0e0f08eab7690d2a6ee69")
        #expect(row?.password.isEmpty == true)
    }
}
