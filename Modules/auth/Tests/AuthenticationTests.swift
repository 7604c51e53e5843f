import Bytes
import Digests
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import sl

@testable import auth

/// A server that asks for credentials, and a phone that knows the password.
struct AuthenticationBench {
    let bench = ModuleBench()
    let auth: Authentication

    init(_ parameters: [(String, ParameterValue)] = []) throws {
        try self.bench.load(StatelessReplies.self)
        self.auth = try self.bench.load(Authentication.self, parameters)
    }

    static func hex(_ algorithm: DigestAlgorithm, _ parts: String...) -> String {
        let out = ByteBuffer(capacity: 128)
        algorithm.appendHex(of: ByteString(parts.joined(separator: ":")).span, to: out)
        return ByteString(out.span).string
    }

    func receive(_ extra: String = "", method: String = "MESSAGE", body: String = "") throws -> RouteContext {
        try self.bench.receive(
            """
            \(method) sip:x@example.org SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1
            From: <sip:alice@example.org>;tag=1
            To: <sip:alice@example.org>
            Call-ID: 1
            CSeq: 1 \(method)
            \(extra)Content-Length: \(body.utf8.count)

            \(body)
            """)
    }

    /// The nonces of a challenge, one for each algorithm.
    func challenge(_ flags: String = "1", _ algorithms: String? = nil) throws -> [String] {
        let route = try self.receive()
        if let algorithms {
            _ = try self.bench.call("www_challenge", "example.org", flags, algorithms, in: route)
        } else {
            _ = try self.bench.call("www_challenge", "example.org", flags, in: route)
        }
        let reply = self.bench.sent.last ?? ""
        return reply.split(separator: "\n").filter { $0.hasPrefix("WWW-Authenticate") }.map { line in
            String(line.split(separator: "nonce=\"")[1].prefix { $0 != "\"" })
        }
    }

    struct Answer {
        var algorithm = DigestAlgorithm.md5
        var qop = "auth"
        var count = 1
        var user = "alice"
        var password = "secret"
        var body = ""
        var session = false
        var named = true
    }

    func field(_ nonce: String, _ answer: Answer) -> String {
        let algorithm = answer.algorithm
        let nc = String(answer.count, radix: 16)
        let count = String(repeating: "0", count: 8 - nc.count) + nc
        var first = Self.hex(algorithm, answer.user, "example.org", answer.password)
        if answer.session { first = Self.hex(algorithm, first, nonce, "own") }
        let second =
            answer.qop == "auth-int"
            ? Self.hex(algorithm, "MESSAGE", "sip:x", Self.hex(algorithm, answer.body))
            : Self.hex(algorithm, "MESSAGE", "sip:x")
        let response =
            answer.qop.isEmpty
            ? Self.hex(algorithm, first, nonce, second)
            : Self.hex(algorithm, first, nonce, count, "own", answer.qop, second)
        let protection = answer.qop.isEmpty ? "" : ", qop=\(answer.qop), nc=\(count), cnonce=\"own\""
        let name = answer.named ? ", algorithm=\(algorithm.name)\(answer.session ? "-sess" : "")" : ""
        return "Authorization: Digest username=\"\(answer.user)\", realm=\"example.org\", nonce=\"\(nonce)\", "
            + "uri=\"sip:x\", response=\"\(response)\"\(protection)\(name)\n"
    }

    func check(_ nonce: String, _ answer: Answer = Answer()) throws -> Int {
        let route = try self.receive(self.field(nonce, answer), body: answer.body)
        return try self.bench.call("pv_www_authenticate", "example.org", "secret", "0", in: route)
    }
}

@Suite("auth: digest authentication (RFC 7616, RFC 8760)")
struct AuthenticationTests {
    @Test(arguments: DigestAlgorithm.allCases)
    func `each algorithm is offered and checked`(algorithm: DigestAlgorithm) throws {
        let server = try AuthenticationBench()
        let nonce = try #require(server.challenge("1", "\(algorithm.name)").first)
        #expect(server.bench.sent.last?.contains("algorithm=\(algorithm.name)") == true)
        #expect(try server.check(nonce, .init(algorithm: algorithm)) == 1)
        #expect(try server.check(nonce, .init(algorithm: algorithm, password: "guess")) == -2)
        #expect(try server.check(nonce, .init(algorithm: algorithm, session: true)) == 1)
        #expect(try server.check(nonce, .init(algorithm: algorithm, qop: "")) == 1)
    }

    @Test func `the examples of RFC 7616 come out`() {
        let uri = "/dir/index.html"
        for (algorithm, expected) in [
            (DigestAlgorithm.md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (.sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
            let line =
                "Authorization: Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"\(uri)\", "
                + "algorithm=\(algorithm.name), nonce=\"\(nonce)\", nc=00000001, "
                + "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"\(expected)\"\r\n"
            let text = "OPTIONS sip:a SIP/2.0\r\n\(line)\r\n"
            guard let message = Message(ByteString(text).span),
                let credentials = DigestCredentials.find(
                    message, .authorization, realm: ByteString("http-auth@example.org").span)
            else {
                Issue.record("no credentials")
                continue
            }
            let response = DigestResponse(message.span, credentials, fallback: .md5)
            let work = DigestWork()
            let answer = work.answer
            let isRight =
                response.isComplete(message.span, credentials)
                && response.writeFirst(message.span, credentials, .password("Circle of Life"), work)
                && response.write(
                    message.span, credentials, method: ByteString("GET").span, body: .absent, work)
            #expect(isRight)
            #expect(ByteString(answer.span).string == expected)
        }
    }

    @Test func `a nonce is good for the algorithm it was offered with`() throws {
        let server = try AuthenticationBench()
        let nonces = try server.challenge("1", "SHA-256,MD5")
        #expect(nonces.count == 2)
        #expect(try server.check(nonces[0], .init(algorithm: .sha256)) == 1)
        #expect(try server.check(nonces[1], .init(algorithm: .md5)) == 1)
        #expect(try server.check(nonces[0], .init(algorithm: .md5)) == -1)
    }

    @Test func `auth-int covers the body`() throws {
        let server = try AuthenticationBench()
        let nonce = try #require(server.challenge("2").first)
        #expect(try server.check(nonce, .init(qop: "auth-int", body: "hello")) == 1)
        let field = server.field(nonce, .init(qop: "auth-int", body: "hello"))
        let route = try server.receive(field, body: "help!")
        #expect(try server.bench.call("pv_www_authenticate", "example.org", "secret", "0", in: route) == -2)
    }

    @Test func `a count is good once, and only a right answer uses it`() throws {
        let server = try AuthenticationBench([("nonce_count", .int(1))])
        let nonce = try #require(server.challenge().first)
        #expect(try server.check(nonce, .init(password: "guess")) == -2)
        #expect(try server.check(nonce) == 1)
        #expect(try server.check(nonce) == -4)
        #expect(try server.check(nonce, .init(count: 5)) == 1)
        #expect(try server.check(nonce, .init(count: 4)) == -4)
        #expect(try server.check(nonce, .init(count: 70_000)) == 1)
    }

    @Test func `a one-time nonce is good once, and only a right answer uses it`() throws {
        let server = try AuthenticationBench([("one_time_nonce", .int(1))])
        let nonce = try #require(server.challenge().first)
        #expect(try server.check(nonce, .init(password: "guess")) == -2)
        #expect(try server.check(nonce) == 1)
        #expect(try server.check(nonce, .init(count: 2)) == -6)
        #expect(try server.check(try #require(server.challenge().first)) == 1)
    }

    @Test func `a right answer with a used nonce makes the next challenge stale`() throws {
        let server = try AuthenticationBench([("one_time_nonce", .int(1))])
        let nonce = try #require(server.challenge().first)
        #expect(try server.check(nonce) == 1)
        for (password, isStale) in [("secret", true), ("guess", false)] {
            let route = try server.receive(server.field(nonce, .init(password: password)))
            #expect(try server.bench.call("pv_www_authenticate", "example.org", "secret", "0", in: route) == -6)
            _ = try server.bench.call("www_challenge", "example.org", "1", in: route)
            #expect(server.bench.sent.last?.contains("stale=true") == isStale)
        }
    }

    @Test func `the right user is the one to account for`() throws {
        let server = try AuthenticationBench()
        let nonce = try #require(server.challenge().first)
        let route = try server.receive(server.field(nonce, .init()))
        #expect(route.state(AuthorizedUser.self) == nil)
        _ = try server.bench.call("pv_www_authenticate", "example.org", "guess", "0", in: route)
        #expect(route.state(AuthorizedUser.self) == nil)
        _ = try server.bench.call("pv_www_authenticate", "example.org", "secret", "0", in: route)
        #expect(route.state(AuthorizedUser.self)?.name == "alice")
        #expect(try server.bench.call("consume_credentials", in: route) == 1)
    }

    @Test(arguments: [
        "Digest", "Digest ", "Digest ,,,,", "Digest =", "Digest realm", "Digest realm=", "Digest realm=\"", "Basic x",
        "Digest realm=\"example.org", "Digest realm=\"example.org\\", "Digest realm=\"example.org\", username",
        "Digest realm=\"example.org\", nonce=\"\", uri=\"\", response=\"\", username=\"\"",
        "Digest realm=example.org, username=\"\u{0}\", nonce=\"////\", uri=\"x\", response=\"00000000000000000000000000000000\"",
    ])
    func `broken credentials are refused`(value: String) throws {
        let server = try AuthenticationBench()
        let route = try server.receive("Authorization: \(value)\n")
        #expect(try server.bench.call("pv_www_authenticate", "example.org", "secret", "0", in: route) < 0)
    }
}
