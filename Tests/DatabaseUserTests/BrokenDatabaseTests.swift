import Bytes
import Database
import ModuleKit
import SIPTesting
import Testing
import acc
import alias_db
import auth
import auth_db
import avpops
import domain
import htable
import permissions
import pv
import sl
import speeddial
import textops
import tm
import usrloc

/// A module that looks at a table when the server starts.
struct TableUser: Sendable, CustomTestStringConvertible {
    let name: String
    let table: TableDeclaration
    /// A column of the table that it needs.
    let column: ByteString
    let checksVersion: Bool
    /// Loads it, so that it uses the table, and gives what the server does at the start.
    let start: @Sendable (StoredScene) throws -> Void

    var testDescription: String { self.name }

    private init<M: ServerModule>(
        _ type: M.Type, _ table: TableDeclaration, _ column: ByteString, checksVersion: Bool = true,
        needs: @escaping @Sendable (ModuleBench) throws -> Void = { _ in }, _ more: [(String, ParameterValue)] = [],
        call: [String] = []
    ) {
        self.name = M.name
        self.table = table
        self.column = column
        self.checksVersion = checksVersion
        self.start = { scene in
            try scene.bench.load(StatelessReplies.self)
            try scene.bench.load(PseudoVariables.self)
            try needs(scene.bench)
            let module = try scene.bench.load(type, [scene.setting] + more)
            // The script names the table in a call.
            if let function = call.first {
                let route = try scene.bench.receive(NoteBench.request)
                _ = try scene.bench.perform(function, Array(call.dropFirst()), in: route)
            }
            try module.hooks.started?(scene.bench)
        }
    }

    static let all: [TableUser] = [
        TableUser(UserLocation.self, .location, "contact", [("db_mode", .int(1)), ("preload", .text("location"))]),
        TableUser(
            DatabaseAuthentication.self, .subscriber, "username", needs: { try $0.load(Authentication.self) },
            call: ["is_subscriber", "sip:a@h", "subscriber", "0"]),
        TableUser(
            Aliases.self, .dbaliases, "alias_username", checksVersion: false,
            call: ["alias_db_find", "dbaliases", "sip:a@h", "$var(x)"]),
        TableUser(
            SpeedDial.self, .speedDial, "new_uri", checksVersion: false, call: ["sd_lookup", "speed_dial", "sip:a@h"]),
        TableUser(Domains.self, .domain, "domain"),
        TableUser(Domains.self, .domainAttrs, "value"),
        TableUser(Permissions.self, .address, "ip_addr"),
        TableUser(Permissions.self, .trusted, "src_ip"),
        TableUser(Accounting.self, .acc, "callid", needs: { try $0.load(Transactions.self) }),
        TableUser(
            AttributeOperations.self, .usrPreferences, "value", checksVersion: false,
            needs: { try $0.load(TextOps.self) },
            [("avp_table", .text("usr_preferences"))], call: ["avp_db_load", "U", "$avp(x)"]),
        TableUser(
            HashTables.self, .htable, "key_value", checksVersion: false,
            [("htable", .text("t=>size=4;dbtable=htable;"))]),
    ]

    /// A database where only the user's table is otherwise than it should be.
    func scene() throws -> StoredScene {
        try StoredScene(
            .version, .location, .subscriber, .dbaliases, .speedDial, .domain, .domainAttrs, .address, .trusted, .acc,
            .missedCalls, .usrPreferences, .htable)
    }

    /// What a start says; nil when nothing is wrong.
    func complaint(_ scene: StoredScene, versionTable: ByteString = "version") -> String? {
        do {
            try scene.restart()
            scene.bench.settings.versionTable = versionTable
            try self.start(scene)
            return nil
        } catch {
            return (error as? ModuleError)?.message ?? "\(error)"
        }
    }

    func replaceTable(in scene: StoredScene, _ change: @Sendable (inout TableDeclaration) -> Void) throws {
        var declaration = self.table
        change(&declaration)
        declaration.keys = []
        let made = declaration
        try scene.sql("DROP TABLE `\(self.table.name)`")
        try scene.database.wait(.write) { try $0.create(made) }
    }
}

@Suite("Broken databases: the start")
struct BrokenDatabaseStartTests {
    @Test(arguments: TableUser.all)
    func `a whole database is no reason to complain`(user: TableUser) throws {
        #expect(user.complaint(try user.scene()) == nil)
    }

    @Test(arguments: TableUser.all)
    func `a missing table is named with the command that makes it`(user: TableUser) throws {
        let scene = try user.scene()
        try scene.sql("DROP TABLE `\(user.table.name)`")
        let text = user.complaint(scene) ?? ""
        #expect(text.contains("there is no table '\(user.table.name)'"))
        #expect(text.contains("apusctl db create --url 'sqlite:///\(scene.path.dropFirst())'"))
    }

    @Test(arguments: TableUser.all)
    func `a missing column is named with the command that adds it`(user: TableUser) throws {
        let scene = try user.scene()
        try user.replaceTable(in: scene) { table in table.columns.removeAll { $0.name == user.column } }
        let text = user.complaint(scene) ?? ""
        #expect(text.contains("table '\(user.table.name)' has no column '\(user.column)'"))
        #expect(text.contains("apusctl db migrate --url"))
    }

    @Test(arguments: TableUser.all)
    func `a column of another type is named with both types`(user: TableUser) throws {
        let scene = try user.scene()
        try user.replaceTable(in: scene) { table in
            for index in table.columns.indices where table.columns[index].name == user.column {
                table.columns[index] = Column(user.column, .int, default: 0)
            }
        }
        #expect(
            user.complaint(scene)?.contains(
                "column '\(user.column)' of table '\(user.table.name)' is of type int, and string is needed") == true)
    }

    @Test(arguments: TableUser.all.filter(\.checksVersion))
    func `another version is told with the one that is needed`(user: TableUser) throws {
        let scene = try user.scene()
        let needed = user.table.version
        let name = DatabaseValue.string(user.table.name)
        for found in [1, 99] where !user.table.olderVersions.contains(found) && found != needed {
            try scene.sql("UPDATE version SET table_version = ? WHERE table_name = ?", [.int(found), name])
            #expect(
                user.complaint(scene)?.contains(
                    "table '\(user.table.name)' has version \(found), and version \(needed) is needed") == true)
        }
        try scene.sql("DELETE FROM version WHERE table_name = ?", [name])
        #expect(user.complaint(scene)?.contains("no version of table '\(user.table.name)' is stored") == true)
        try scene.sql("DROP TABLE version")
        #expect(user.complaint(scene)?.contains("there is no table 'version'") == true)
    }

    @Test func `the table of versions may have another name`() throws {
        for user in TableUser.all where user.checksVersion {
            let scene = try user.scene()
            try scene.sql("ALTER TABLE version RENAME TO versions")
            #expect(user.complaint(scene, versionTable: "versions") == nil)
        }
    }

    @Test func `a file that is no database, and a directory that is not there, are named`() throws {
        let path = "/tmp/apus-users-\(UInt64.random(in: 0 ... .max))"
        #expect(SystemOutput.writeFile(path, String(repeating: "no database. ", count: 100)))
        defer { SystemOutput.removeFile(path) }
        for (file, reason) in [
            (path, "not a database"), (path + "/k.db", "unable to open"), ("/nowhere/k.db", "unable to open"),
        ] {
            let scene = try StoredScene(.version)
            try scene.restart()
            let location = try scene.bench.load(
                UserLocation.self, [("db_url", .text(ByteString("sqlite://\(file)"))), ("db_mode", .int(1))])
            let error = #expect(throws: ModuleError.self) { try location.hooks.started?(scene.bench) }
            #expect(error?.message.contains(file) == true)
            #expect(error?.message.contains(reason) == true)
        }
    }
}
