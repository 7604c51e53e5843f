import Administration
import Bytes
import Database
import ModuleKit
import Testing
import db_sqlite

/// A database in memory with the tables of users.
struct MadeTables {
    let session: DatabaseSession
    let tables: Administration

    init(
        _ made: [TableDeclaration] = [.subscriber, .domain, .domainAttrs, .address, .trusted, .dbaliases, .grp]
    ) throws {
        let url = try DatabaseURL("sqlite::memory:")
        var options = SQLiteOptions()
        options.makesFile = true
        self.session = DatabaseSession(try SQLiteDriver(options).connect(to: url))
        self.tables = Administration(self.session, url)
        _ = try self.session.makeTables(made)
    }

    func row(_ table: ByteString) throws -> Row? { try self.session.query(Select(from: table)).first }
    func count(_ table: ByteString) throws -> Int { try self.session.query(Select(from: table)).count }
}

/// Names that would do harm if they ever became part of an SQL text.
let hostileNames = [
    "o'brien", "a\"b", "'; DROP TABLE subscriber; --", "%", "_%_", "x' OR '1'='1", "a;b", "back\\slash", "`tick`",
    "--", "/* x */", "?1", "$1", "jürgen", "用户", "🙂", "a b", "NULL", "0x41", "x\u{301}",
]

@Suite("users in a table")
struct UserTests {
    @Test func `digests are those of the columns`() throws {
        let made = try MadeTables()
        let alice = try AccountName("alice@example.org", domain: nil)
        try made.tables.addUser(alice, password: "secret", as: PasswordForm())
        let row = try made.row("subscriber")
        // md5 of alice:example.org:secret and of alice@example.org:example.org:secret.
        #expect(row?["ha1"].text == "543e1aec5d3614f03141652d6ada51b2")
        #expect(row?["ha1b"].text == "1441a999b257bcd0cf5166930039876a")
        #expect(row?["password"].text == "")
        #expect(row?["username"].text == "alice")
        #expect(row?["domain"].text == "example.org")
    }

    @Test func `a password is stored as it is only when that is asked for`() throws {
        let made = try MadeTables()
        let bob = try AccountName("bob", domain: "example.org")
        try made.tables.addUser(bob, password: "pw", as: PasswordForm(isPlain: true))
        #expect(try made.row("subscriber")?["password"].text == "pw")
        try made.tables.setPassword(bob, "other", as: PasswordForm(algorithm: .sha256))
        let row = try made.row("subscriber")
        #expect(row?["password"].text == "")
        #expect(row?["ha1"].text?.count == 64)
    }

    @Test func `what is there is not added, what is not there is not changed`() throws {
        let made = try MadeTables()
        let alice = try AccountName("alice@example.org", domain: nil)
        #expect(throws: AdministrationError("there is no user alice@example.org")) {
            try made.tables.setPassword(alice, "x", as: PasswordForm())
        }
        #expect(throws: AdministrationError.self) { _ = try made.tables.removeUser(alice) }
        try made.tables.addUser(alice, password: "x", as: PasswordForm())
        #expect(throws: AdministrationError("there is a user alice@example.org already (try: apusctl user passwd)")) {
            try made.tables.addUser(alice, password: "y", as: PasswordForm())
        }
        #expect(try made.count("subscriber") == 1)
    }

    @Test(arguments: hostileNames)
    func `a name is a value, never SQL`(_ name: String) throws {
        let made = try MadeTables()
        let bystander = try AccountName("bystander@example.org", domain: nil)
        try made.tables.addUser(bystander, password: "x", as: PasswordForm())
        let account = try AccountName(user: ByteString(name), domain: "example.org")
        try made.tables.addUser(account, password: ByteString(name), as: PasswordForm())
        try made.tables.grant(account, ByteString(name), now: 0)
        try made.tables.addAlias(try AccountName(user: ByteString(name), domain: "a.org"), leadingTo: account)
        #expect(try made.count("subscriber") == 2)
        try made.tables.setPassword(account, "other", as: PasswordForm())
        #expect(try made.tables.memberships(of: account).rows.first?[2] == .string(name))
        #expect(try made.tables.removeUser(account) == "1 group, 1 alias")
        let left = try made.session.query(Select(from: "subscriber"))
        #expect(left.map { $0["username"].text } == ["bystander"])
    }

    @Test(arguments: ["a\0b", "a\nb", "", "a:b", String(repeating: "x", count: 65), "\u{7f}"])
    func `a name that no column or digest can keep is refused`(_ name: String) {
        #expect(throws: AdministrationError.self) { _ = try AccountName(user: ByteString(name), domain: "example.org") }
    }

    @Test(arguments: ["", "a\0b", "a\r\nb"]) func `a password that nobody could type is refused`(
        _ password: String
    ) throws {
        let made = try MadeTables()
        let alice = try AccountName("alice@example.org", domain: nil)
        #expect(throws: AdministrationError.self) {
            try made.tables.addUser(alice, password: ByteString(password), as: PasswordForm())
        }
        #expect(try made.count("subscriber") == 0)
    }

    @Test func `a name without a domain takes the one beside it, and needs one`() throws {
        #expect(try AccountName("alice", domain: "b.org").description == "alice@b.org")
        #expect(try AccountName("sip:alice@c.org", domain: "b.org").description == "alice@c.org")
        #expect(try AccountName("a@b@c.org", domain: nil).user == "a@b")
        #expect(throws: AdministrationError.self) { _ = try AccountName("alice", domain: nil) }
    }

    @Test func `users are listed by domain and name, and shown without their secrets`() throws {
        let made = try MadeTables()
        for name in ["zoe@a.org", "bob@b.org", "amy@a.org"] {
            try made.tables.addUser(
                try AccountName(name, domain: nil), password: "secret", as: PasswordForm(isPlain: true))
        }
        var all: [String] = []
        try made.tables.eachUser(of: nil) { all += $0.map(\.description) }
        #expect(all == ["amy@a.org", "zoe@a.org", "bob@b.org"])
        all = []
        try made.tables.eachUser(of: "b.org") { all += $0.map(\.description) }
        #expect(all == ["bob@b.org"])
        let amy = try AccountName("amy@a.org", domain: nil)
        try made.tables.grant(amy, "ld", now: 0)
        guard case .structure(let members) = try made.tables.user(amy) else { return #expect(Bool(false)) }
        #expect(members.first { $0.name == "password" }?.value == .string("stored as it is"))
        #expect(members.first { $0.name == "ha1" }?.value == .string("MD5"))
        #expect(members.first { $0.name == "groups" }?.value == .array([.string("ld")]))
        #expect(!"\(members)".contains("secret"))
    }

    @Test func `a table that is missing or lacks a column is named with the command that helps`() throws {
        let made = try MadeTables([.grp])
        let alice = try AccountName("alice@example.org", domain: nil)
        #expect(
            throws: AdministrationError(
                "there is no table 'subscriber' (try: apusctl db create --url 'sqlite::memory:')")
        ) { try made.tables.addUser(alice, password: "x", as: PasswordForm()) }
        try made.session.sql("create table subscriber (username text, domain text, password text, ha1 text)")
        #expect(
            throws: AdministrationError(
                "table 'subscriber' has no column 'ha1b' (try: apusctl db migrate --url 'sqlite::memory:')")
        ) { try made.tables.addUser(alice, password: "x", as: PasswordForm()) }
    }
}

@Suite("groups and aliases in tables")
struct MembershipTests {
    @Test func `a user is put into groups and taken out`() throws {
        let made = try MadeTables()
        let alice = try AccountName("alice@example.org", domain: nil)
        #expect(throws: AdministrationError.self) { try made.tables.grant(alice, "ld", now: 0) }
        try made.tables.addUser(alice, password: "x", as: PasswordForm())
        try made.tables.grant(alice, "ld", now: 1_700_000_000)
        try made.tables.grant(alice, "int", now: 1_700_000_000)
        #expect(throws: AdministrationError("alice@example.org is in group ld already")) {
            try made.tables.grant(alice, "ld", now: 0)
        }
        #expect(try made.tables.memberships(of: nil, in: "ld").rows.count == 1)
        #expect(try made.tables.revoke(alice, "ld") == 1)
        #expect(throws: AdministrationError("alice@example.org is in no group ld")) {
            _ = try made.tables.revoke(alice, "ld")
        }
        #expect(try made.tables.revoke(alice, nil) == 1)
    }

    @Test func `an alias leads to one user or several`() throws {
        let made = try MadeTables()
        let info = try AccountName("info@example.org", domain: nil)
        let alice = try AccountName("alice@example.org", domain: nil)
        let bob = try AccountName("bob@example.org", domain: nil)
        try made.tables.addAlias(info, leadingTo: alice)
        try made.tables.addAlias(info, leadingTo: bob)
        #expect(throws: AdministrationError.self) { try made.tables.addAlias(info, leadingTo: bob) }
        #expect(throws: AdministrationError.self) { try made.tables.addAlias(info, leadingTo: info) }
        #expect(try made.tables.aliases(named: info).rows.count == 2)
        #expect(try made.tables.aliases(leadingTo: bob).rows.count == 1)
        #expect(try made.tables.removeAlias(info, leadingTo: bob) == 1)
        #expect(try made.tables.removeAlias(info) == 1)
        #expect(throws: AdministrationError("there is no alias info@example.org")) {
            _ = try made.tables.removeAlias(info)
        }
    }
}
