import Bytes
import Database
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import registrar
import sl
import usrloc

/// A registrar whose bindings are in a database.
struct StoredRegistrar {
    let bench = ModuleBench()
    let tables: MemoryTables
    let location: UserLocation
    let rpc: (String, [RPCValue]) throws -> [RPCValue]

    init(_ mode: Int, _ tables: MemoryTables, domain: Bool = false, more: [(String, ParameterValue)] = []) throws {
        self.tables = tables
        let bench = self.bench
        DriverRegistry.of(bench).add(tables)
        try bench.load(StatelessReplies.self)
        self.location = try bench.load(
            UserLocation.self,
            [
                ("db_mode", .int(mode)), ("db_url", .text("memory://host/db")), ("version_table", .int(0)),
                ("preload", .text("location")), ("use_domain", .int(domain ? 1 : 0)),
            ] + more)
        try bench.load(Registrar.self)
        self.rpc = { try bench.call($0, $1) }
        try self.location.hooks.started?(bench)
    }

    /// The status of the reply to a REGISTER, and its Contact.
    func register(
        _ contact: String?, user: String = "alice", expires: Int = 600, cSeq: Int = 1, call: String = "1",
        flags: String = "0"
    ) throws -> String {
        let route = try self.bench.receive(
            """
            REGISTER sip:x.com SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            From: <sip:\(user)@x.com>;tag=1
            To: <sip:\(user)@x.com>
            Call-ID: \(call)
            CSeq: \(cSeq) REGISTER
            \(contact.map { "Contact: \($0)\n" } ?? "")Expires: \(expires)
            User-Agent: own
            Content-Length: 0

            """)
        _ = try self.bench.call("save", "location", flags, in: route)
        let lines = (self.bench.sent.last ?? "").split(separator: "\n")
        return lines.filter { $0.hasPrefix("SIP/2.0") || $0.hasPrefix("Contact") || $0.hasPrefix("P-") }
            .joined(separator: " ").replacing("SIP/2.0 ", with: "")
    }

    func turn(_ name: String) {
        for task in self.location.hooks.periodic where task.name == name { task.body(self.bench.worker) }
    }

    var contacts: [String] {
        self.tables.rows("location").map { $0["contact"]?.text?.string ?? "" }.sorted()
    }
}

@Suite("usrloc: bindings in a database")
struct LocationDatabaseTests {
    private let a = "<sip:a@1.1.1.1>"
    private let b = "<sip:b@2.2.2.2>"
    private func tables() -> MemoryTables { MemoryTables(.location, .locationAttrs) }

    @Test func `write-through: what is acknowledged is stored`() throws {
        let server = try StoredRegistrar(1, self.tables())
        #expect(try server.register(a) == "200 OK Contact: <sip:a@1.1.1.1>;expires=600")
        #expect(server.contacts == ["sip:a@1.1.1.1"])
        _ = try server.register(b, cSeq: 2)
        _ = try server.register(a, cSeq: 3)
        #expect(server.contacts == ["sip:a@1.1.1.1", "sip:b@2.2.2.2"])
        let row = server.tables.rows("location").first { $0["contact"] == .string("sip:a@1.1.1.1") }
        #expect(row?["cseq"] == .int(3))
        #expect(row?["username"] == .string("alice"))
        #expect(row?["domain"] == .null)
        #expect(row?["user_agent"] == .string("own"))
        _ = try server.register(a, expires: 0, cSeq: 4)
        #expect(server.contacts == ["sip:b@2.2.2.2"])
        _ = try server.register("*", expires: 0, cSeq: 5)
        #expect(server.contacts == [])
    }

    @Test func `write-through: what cannot be stored is not acknowledged, and is tried again`() throws {
        let server = try StoredRegistrar(1, self.tables())
        _ = try server.register(a)
        server.tables.isBroken = true
        #expect(
            try server.register(b, cSeq: 2)
                == "500 Server Internal Error P-Registrar-Error: Internal Server Error")
        #expect(server.contacts == ["sip:a@1.1.1.1"])
        server.tables.isBroken = false
        server.turn("usrloc journal")
        #expect(server.contacts == ["sip:a@1.1.1.1", "sip:b@2.2.2.2"])
    }

    @Test(arguments: [1, 2, 4])
    func `a server that starts again knows all bindings`(mode: Int) throws {
        let tables = self.tables()
        let before = try StoredRegistrar(1, tables)
        _ = try before.register(a)
        _ = try before.register(b, cSeq: 2)
        let after = try StoredRegistrar(mode, tables)
        let answer = try after.register(nil, expires: 0)
        #expect(answer.contains("<sip:a@1.1.1.1>;expires="))
        #expect(answer.contains("<sip:b@2.2.2.2>;expires="))
        _ = try after.register(a, expires: 0, cSeq: 3)
        after.turn("usrloc journal")
        #expect(after.contacts == (mode == 4 ? ["sip:a@1.1.1.1", "sip:b@2.2.2.2"] : ["sip:b@2.2.2.2"]))
    }

    @Test func `a refresh keeps the ruid that another run gave`() throws {
        let tables = self.tables()
        _ = try StoredRegistrar(1, tables).register(a)
        tables.tables["location"]?.rows[0]["ruid"] = .string("uloc-5f00-1a2b-c3")
        let after = try StoredRegistrar(1, tables)
        _ = try after.register(a, cSeq: 2)
        #expect(tables.rows("location").map { $0["ruid"] } == [.string("uloc-5f00-1a2b-c3")])
        tables.tables["location"]?.rows[0]["ruid"] = .string("something else")
        let third = try StoredRegistrar(1, tables)
        _ = try third.register(a, expires: 0, cSeq: 3)
        #expect(third.contacts == [])
    }

    @Test func `write-back: the timer writes, each binding once`() throws {
        let server = try StoredRegistrar(2, self.tables())
        for cSeq in 1...5 { _ = try server.register(a, cSeq: cSeq) }
        #expect(server.contacts == [])
        server.turn("usrloc journal")
        #expect(server.contacts == ["sip:a@1.1.1.1"])
        #expect(server.tables.statements.filter { !$0.isRead }.count == 1)
        server.location.hooks.stopped?(server.bench)
        #expect(server.contacts == ["sip:a@1.1.1.1"])
    }

    @Test func `what expires leaves the database too`() throws {
        let server = try StoredRegistrar(1, self.tables())
        _ = try server.register(a, expires: 60)
        server.bench.worker.advance(seconds: 61)
        for _ in 0..<2000 { server.turn("usrloc expiry") }
        server.turn("usrloc journal")
        #expect(server.contacts == [])
    }

    @Test func `a server that is stopped writes what is left`() throws {
        let server = try StoredRegistrar(2, self.tables())
        _ = try server.register(a)
        server.location.hooks.stopped?(server.bench)
        #expect(server.contacts == ["sip:a@1.1.1.1"])
    }

    @Test func `database only: what another server writes counts at once`() throws {
        let tables = self.tables()
        let one = try StoredRegistrar(3, tables)
        let two = try StoredRegistrar(3, tables)
        _ = try one.register(a)
        #expect(try two.register(nil, expires: 0).contains("sip:a@1.1.1.1"))
        _ = try two.register(a, expires: 0, cSeq: 2)
        #expect(try one.register(nil, expires: 0) == "200 OK")
        _ = try one.register(b, cSeq: 3)
        one.bench.worker.advance(seconds: 700)
        for _ in 0..<2000 { one.turn("usrloc expiry") }
        one.turn("usrloc journal")
        #expect(one.contacts == ["sip:b@2.2.2.2"])
    }

    @Test func `database only: lookup asks`() throws {
        let tables = self.tables()
        let server = try StoredRegistrar(3, tables)
        _ = try StoredRegistrar(1, tables).register(a)
        let route = try server.bench.receive(
            """
            INVITE sip:alice@x.com SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKq
            From: <sip:bob@x.com>;tag=f1
            To: <sip:alice@x.com>
            Call-ID: 1
            CSeq: 1 INVITE

            """)
        #expect(try server.bench.call("lookup", "location", in: route) == 1)
        #expect(route.text(route.requestURI).string == "sip:a@1.1.1.1")
        tables.isBroken = true
        #expect(try server.bench.call("lookup", "location", in: route) == -3)
    }

    @Test func `flag 1 of save writes nothing`() throws {
        let server = try StoredRegistrar(1, self.tables())
        #expect(try server.register(a, flags: "1").hasPrefix("200"))
        #expect(server.contacts == [])
        _ = try server.register(a, cSeq: 2)
        #expect(server.contacts == ["sip:a@1.1.1.1"])
    }

    @Test(arguments: [
        "bob'--", "bob';drop", "%22bob%22", "b%25o%5cb", "o_%25", "%E2%82%AC", "%ff%fe",
    ])
    func `names that would be more than names come back as they are`(user: String) throws {
        let tables = self.tables()
        let server = try StoredRegistrar(1, tables, domain: true)
        _ = try server.register(a, user: user)
        let after = try StoredRegistrar(1, tables, domain: true)
        #expect(try after.register(nil, user: user, expires: 0).contains("sip:a@1.1.1.1"))
        #expect(try after.register(nil, user: "bob", expires: 0) == "200 OK")
    }

    @Test func `rows with numbers that nobody can mean harm nothing`() throws {
        let tables = self.tables()
        let first = try StoredRegistrar(1, tables)
        for (index, value) in [
            DatabaseValue.int(.max), .int(.min), .double(.nan), .double(.infinity), "nan", "-inf", "1e999", .null,
        ].enumerated() {
            _ = try first.register("<sip:a@1.1.1.1>", user: "u\(index)", call: "\(index)")
            for column: ByteString in [
                "expires", "q", "cseq", "last_modified", "flags", "cflags", "methods", "reg_id", "server_id",
                "connection_id", "keepalive",
            ] { tables.tables["location"]?.rows[index][column] = value }
        }
        for mode in [1, 2, 3, 4] {
            let after = try StoredRegistrar(mode, tables)
            for index in 0..<8 { _ = try after.register(nil, user: "u\(index)", expires: 0) }
            for _ in 0..<20 { after.turn("usrloc expiry") }
            #expect(try after.register("<sip:a@1.1.1.1>", user: "u9").hasPrefix("200"))
        }
    }

    @Test func `a clock that is set forward takes no binding along, in memory or in the table`() throws {
        let tables = self.tables()
        let clock = VirtualClock(wallSeconds: 1_700_000_000)
        let server = try clock.govern { try StoredRegistrar(1, tables) }
        _ = try clock.govern { try server.register(a, expires: 600) }
        let later = VirtualClock(wallSeconds: 1_700_003_600)
        let known = try later.govern {
            server.turn("usrloc clean")
            server.turn("usrloc expiry")
            return try server.register(nil, expires: 0, cSeq: 2)
        }
        #expect(server.contacts == ["sip:a@1.1.1.1"])
        #expect(known.contains("sip:a@1.1.1.1"))
    }

    @Test func `all rows are loaded, however far apart their numbers are`() throws {
        let tables = self.tables()
        let first = try StoredRegistrar(1, tables)
        for (index, id) in [Int.min, -1, 0, .max].enumerated() {
            _ = try first.register("<sip:a@1.1.1.1>", user: "u\(index)", call: "\(index)")
            tables.tables["location"]?.rows[index]["id"] = .int(id)
        }
        let after = try StoredRegistrar(1, tables)
        for index in 0..<4 {
            #expect(try after.register(nil, user: "u\(index)", expires: 0).contains("sip:a@1.1.1.1"))
        }
    }

    @Test func `rows without ruid are told apart`() throws {
        let tables = self.tables()
        let first = try StoredRegistrar(1, tables)
        for (index, ruid) in [DatabaseValue.null, ""].enumerated() {
            _ = try first.register("<sip:a@1.1.1.\(index)>", call: "\(index)")
            tables.tables["location"]?.rows[index]["ruid"] = ruid
        }
        let after = try StoredRegistrar(1, tables)
        let answer = try after.register(nil, expires: 0)
        #expect(answer.contains("sip:a@1.1.1.0") && answer.contains("sip:a@1.1.1.1"))
        let left = try after.register("<sip:a@1.1.1.1>", expires: 0, cSeq: 2, call: "1")
        #expect(left.contains("sip:a@1.1.1.0") && !left.contains("sip:a@1.1.1.1"))
    }

    @Test func `a NUL in a user name is refused`() throws {
        let server = try StoredRegistrar(1, self.tables())
        #expect(try server.register(a, user: "bob%00").hasPrefix("400"))
    }

    @Test func `a table that is missing refuses the start`() throws {
        #expect(throws: ModuleError.self) { try StoredRegistrar(1, MemoryTables()) }
        #expect(throws: ModuleError.self) {
            try StoredRegistrar(1, self.tables(), more: [("contact_column", .text("nowhere"))])
        }
    }

    @Test func `commands count what is stored`() throws {
        let server = try StoredRegistrar(1, self.tables())
        _ = try server.register(a)
        _ = try server.register(b, cSeq: 2)
        let table = RPCValue.text("location")
        guard case .int(2)? = try server.rpc("ul.db_contacts", [table]).first,
            case .int(1)? = try server.rpc("ul.db_users", [table]).first,
            case .int(0)? = try server.rpc("ul.db_expired_contacts", [table]).first
        else {
            Issue.record("other numbers")
            return
        }
    }

    @Test(arguments: [1, 2, 3]) func `what commands change is stored`(mode: Int) throws {
        let server = try StoredRegistrar(mode, self.tables())
        _ = try server.rpc(
            "ul.add",
            [
                .text("location"), .text("bob"), .text("sip:bob@3.3.3.3"), .int(0), .double(0.5), .text("."), .int(0),
                .int(0), .int(32),
            ])
        server.turn("usrloc journal")
        #expect(server.contacts == ["sip:bob@3.3.3.3"])
        _ = try server.register(a)
        server.turn("usrloc journal")
        _ = try server.rpc("ul.rm_contact", [.text("location"), .text("bob"), .text("sip:bob@3.3.3.3")])
        server.turn("usrloc journal")
        #expect(server.contacts == ["sip:a@1.1.1.1"])
        _ = try server.rpc("ul.rm", [.text("location"), .text("alice")])
        server.turn("usrloc journal")
        #expect(server.contacts == [])
        #expect(try server.register(nil, expires: 0) == "200 OK")
    }

    @Test func `a binding that is added or refreshed is one statement and no transaction`() throws {
        let server = try StoredRegistrar(1, self.tables())
        for (cSeq, contact) in [a, a, a, b].enumerated() {
            let before = server.tables.statements.count
            _ = try server.register(contact, cSeq: cSeq + 1)
            #expect(server.tables.statements.count == before + 1)
        }
        #expect(server.tables.transactions == 0)
        // A row that has gone is there again.
        server.tables.tables["location"]?.rows = []
        _ = try server.register(a, cSeq: 9)
        #expect(server.contacts == ["sip:a@1.1.1.1"])
        #expect(server.tables.transactions == 1)
        _ = try server.register(a, expires: 0, cSeq: 10)
        #expect(server.contacts == [])
    }

    @Test func `nobody is told before his own change is stored, however many there are`() throws {
        let server = try StoredRegistrar(1, self.tables())
        let bench = server.bench
        bench.holdsBlockingWork = true
        for number in 0..<10_500 {
            let route = try bench.receive(
                "REGISTER sip:x SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK\(number)\n"
                    + "From: <sip:u\(number)@x>;tag=1\nTo: <sip:u\(number)@x>\nCall-ID: \(number)\nCSeq: 1 REGISTER\n"
                    + "Contact: <sip:\(number)@1.1.1.1>\n")
            _ = try bench.perform("save", ["location"], in: route)
        }
        var steps = 0
        while !bench.heldWork.isEmpty {
            bench.heldWork.removeFirst()()
            steps += 1
            let told = bench.worker.tokens.count { $0.token.result != nil }
            #expect(told <= server.tables.rows("location").count)
        }
        // The first one, ten thousand, and the rest.
        #expect(steps == 3)
        #expect(bench.worker.tokens.count == 10_500)
        #expect(bench.worker.tokens.allSatisfy { $0.token.result?.code == 1 })
    }

    @Test func `times in the table stay right however long changes follow each other`() throws {
        let server = try StoredRegistrar(1, self.tables())
        let began = WallClock.seconds()
        for cSeq in 1...3 {
            _ = try server.register(a, cSeq: cSeq)
            server.bench.worker.advance(seconds: 1_000)
        }
        // The clock of the test has gone on, that of the wall has not.
        let expires = server.tables.rows("location").first?["expires"]?.int ?? 0
        #expect(abs(expires - began - 600) <= 2)
    }
}
