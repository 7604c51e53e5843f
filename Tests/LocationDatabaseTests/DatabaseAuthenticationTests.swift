import Bytes
import Database
import Digests
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import auth
import auth_db
import sl

@Suite("auth_db: credentials in a database")
struct DatabaseAuthenticationTests {
    private let bench = ModuleBench()
    private let tables = MemoryTables(.subscriber)

    private func load(_ parameters: [(String, ParameterValue)] = []) throws {
        DriverRegistry.of(self.bench).add(self.tables)
        try self.bench.load(StatelessReplies.self)
        try self.bench.load(Authentication.self)
        try self.bench.load(
            DatabaseAuthentication.self,
            [("db_url", .text("memory://host/db")), ("version_table", .int(0))] + parameters)
        self.tables.add(
            "subscriber",
            [
                "username": "alice", "domain": "example.org", "password": "secret",
                "ha1": .string(ByteString(Self.hex("alice:example.org:secret"))),
                "ha1b": .string(ByteString(Self.hex("alice@example.org:example.org:secret"))),
            ])
    }

    private static func hex(_ text: String) -> String {
        let out = ByteBuffer(capacity: 32)
        DigestAlgorithm.md5.appendHex(of: ByteString(text).span, to: out)
        return ByteString(out.span).string
    }

    private func request(_ extra: String = "", from: String = "alice") throws -> RouteContext {
        try self.bench.receive(
            """
            MESSAGE sip:x@example.org SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            From: <sip:\(from)@example.org>;tag=1
            To: <sip:x@example.org>
            Call-ID: 1
            CSeq: 1 MESSAGE
            \(extra)Content-Length: 0

            """)
    }

    private func answer(
        _ password: String = "secret", user: String = "alice", from: String = "alice"
    ) throws -> RouteContext {
        let route = try self.request()
        _ = try self.bench.call("proxy_challenge", "example.org", "0", in: route)
        let nonce = String((self.bench.sent.last ?? "").split(separator: "nonce=\"")[1].prefix { $0 != "\"" })
        let first = Self.hex("\(user):example.org:\(password)")
        let response = Self.hex("\(first):\(nonce):" + Self.hex("MESSAGE:sip:x"))
        return try self.request(
            "Proxy-Authorization: Digest username=\"\(user)\", realm=\"example.org\", nonce=\"\(nonce)\", "
                + "uri=\"sip:x\", response=\"\(response)\"\n", from: from)
    }

    private func check(_ route: RouteContext) throws -> Int {
        try self.bench.call("proxy_authenticate", "example.org", "subscriber", in: route)
    }

    @Test func `hashes, with and without a domain in the user name`() throws {
        try self.load()
        #expect(try self.check(self.answer()) == 1)
        #expect(try self.check(self.answer(user: "alice@example.org")) == 1)
        #expect(try self.check(self.answer("guess")) == -2)
        #expect(try self.check(self.answer(user: "nobody")) == -3)
        #expect(try self.check(self.request()) == -5)
    }

    @Test func `passwords as they are`() throws {
        try self.load([("calculate_ha1", .int(1)), ("password_column", .text("password"))])
        #expect(try self.check(self.answer()) == 1)
        #expect(try self.check(self.answer("guess")) == -2)
    }

    @Test func `the user is who the request is from`() throws {
        try self.load()
        let own = try self.answer()
        #expect(try self.bench.call("auth_check", "example.org", "subscriber", "1", in: own) == 1)
        let other = try self.answer(from: "bob")
        #expect(try self.bench.call("auth_check", "example.org", "subscriber", "1", in: other) == -8)
        #expect(try self.bench.call("auth_check", "example.org", "subscriber", "3", in: self.answer(from: "bob")) == 1)
    }

    @Test func `a database that does not answer lets nobody in`() throws {
        try self.load()
        self.tables.isBroken = true
        #expect(try self.check(self.answer()) == -1)
    }

    @Test func `the cache holds for its time, and until a command clears it`() throws {
        try self.load([("cache_expire", .int(60))])
        #expect(try self.check(self.answer()) == 1)
        let asked = self.tables.statements.count
        #expect(try self.check(self.answer()) == 1)
        #expect(self.tables.statements.count == asked)
        _ = try self.bench.call("auth_db.cache_clear", [.text("alice")])
        #expect(try self.check(self.answer()) == 1)
        #expect(self.tables.statements.count == asked + 1)
        self.bench.worker.advance(seconds: 61)
        #expect(try self.check(self.answer()) == 1)
        #expect(self.tables.statements.count == asked + 2)
    }

    @Test(arguments: ["x' or '1'='1", "alice'--", "alice\\", "%", "al_ce"])
    func `a hostile name is nobody's`(name: String) throws {
        try self.load()
        let route = try self.answer(user: name)
        #expect(try self.check(route) < 0)
    }

    @Test func `subscribers are found with and without their domain`() throws {
        try self.load()
        let route = try self.request()
        func ask(_ uri: String, _ flags: String) throws -> Int {
            try self.bench.call("is_subscriber", uri, "subscriber", flags, in: route)
        }
        #expect(try ask("sip:alice@example.com", "0") == 1)
        #expect(try ask("sip:alice@example.com", "1") == -1)
        #expect(try ask("sip:alice@example.org", "1") == 1)
        #expect(try ask("sip:bob@example.org", "0") == -1)
        #expect(try ask("own", "0") == -3)
    }
}
