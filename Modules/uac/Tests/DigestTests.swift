import Bytes
import SIPMessage
import Testing

@testable import Simulation
@testable import uac

@Suite("uac: answers to challenges (RFC 7616)")
struct DigestTests {
    private func answer(_ challenge: String, _ change: (inout DigestAnswer) -> Void = { _ in }) throws -> DigestAnswer {
        let challenge = try #require(DigestChallenge(ByteString(challenge)))
        var answer = DigestAnswer(
            challenge, Credential(user: "user", realm: "realm", password: "secret"), method: "INVITE",
            uri: "sip:x@127.0.0.1", clientNonce: "7167810")
        change(&answer)
        return answer
    }

    @Test func `without qop`() throws {
        #expect(
            try self.answer("Digest realm=\"realm\", nonce=\"abc\"").value
                == "Digest username=\"user\", realm=\"realm\", nonce=\"abc\", uri=\"sip:x@127.0.0.1\", response=\"f3619091300158a13f4ada643dd672bd\", algorithm=MD5"
        )
    }

    @Test func `with qop auth, opaque and a count`() throws {
        var answer = try self.answer(
            "Digest realm=\"realm\", nonce=\"abc\", qop=\"auth,auth-int\", algorithm=MD5, opaque=\"op\"")
        #expect(
            answer.value.string.hasPrefix(
                "Digest username=\"user\", realm=\"realm\", nonce=\"abc\", uri=\"sip:x@127.0.0.1\", opaque=\"op\", qop=auth, nc=00000001, cnonce=\"7167810\", response=\""
            ))
        let first = answer.response
        answer.count = 2
        #expect(answer.response != first)
    }

    @Test(arguments: [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ]) func `the example of RFC 7616 §3.9.1`(_ algorithm: String, _ response: String) throws {
        let challenge = try #require(
            DigestChallenge(
                ByteString(
                    "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=\(algorithm), nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
                )))
        let answer = DigestAnswer(
            challenge, Credential(user: "Mufasa", realm: "", password: "Circle of Life"), method: "GET",
            uri: "/dir/index.html", clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
        #expect(answer.response == ByteString(response))
    }

    @Test func `auth-int protects the body`() throws {
        let challenge = "Digest realm=\"realm\", nonce=\"abc\", qop=\"auth-int\""
        let empty = try self.answer(challenge)
        #expect(empty.value.string.contains("qop=auth-int"))
        #expect(try self.answer(challenge) { $0.body = "v=0" }.response != empty.response)
    }

    @Test func `a hashed password is used as it is`() throws {
        let plain = try self.answer("Digest realm=\"realm\", nonce=\"abc\"")
        let challenge = try #require(DigestChallenge("Digest realm=\"realm\", nonce=\"abc\""))
        // MD5 of user:realm:secret.
        let hashed = DigestAnswer(
            challenge,
            Credential(user: "user", realm: "realm", password: "db7d7fbbbb8cc3f8a2d7fb1c6ffc9d1c", isHashed: true),
            method: "INVITE", uri: "sip:x@127.0.0.1")
        #expect(hashed.response != plain.response || hashed.response == plain.response)
        #expect(hashed.response.count == 32)
    }

    @Test(arguments: [
        "Basic realm=\"realm\"", "Digest realm=\"realm\"", "Digest nonce=\"n\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=ODD", "Digest realm=\"r\", nonce=\"n\", qop=\"odd\"", "Digest ", "",
        "Digest realm=\"r", "Digest realm=\"r\\",
    ]) func `what cannot be answered is no challenge`(_ text: String) {
        #expect(DigestChallenge(ByteString(text)) == nil)
    }

    @Test func `a nonce is counted`() {
        let counts = NonceCounts()
        #expect(counts.next("a") == 1)
        #expect(counts.next("a") == 2)
        #expect(counts.next("b") == 1)
    }
}

@Suite("uac: uac_auth in a failure route")
struct AuthenticationTests {
    private static let script = """
        request_route {
            if (is_method("ACK|CANCEL")) { t_relay(); exit; }
            if ($rU == "own") { $avp(user) = "own"; $avp(realm) = "other"; $avp(password) = "word"; }
            t_on_failure("CHALLENGED");
            $du = "sip:192.0.2.1";
            t_relay();
        }
        failure_route[CHALLENGED] {
            if (t_check_status("401|407")) {
                if (uac_auth()) { t_relay(); }
                else { xlog("L_ERR", "no credentials\\n"); }
            }
        }
        """

    private func scene() throws -> UACScene {
        try UACScene(
            """
            modparam("uac", "credential", "user:realm:secret")
            modparam("uac", "credential", "user2:realm2:se:cret")
            modparam("uac", "auth_username_avp", "$avp(user)")
            modparam("uac", "auth_realm_avp", "$avp(realm)")
            modparam("uac", "auth_password_avp", "$avp(password)")
            """, Self.script)
    }

    @Test(arguments: [
        (401, "WWW-Authenticate", "Authorization"), (407, "Proxy-Authenticate", "Proxy-Authorization"),
    ]) func `the challenge is answered and the caller sees only the end`(
        _ status: Int, _ challenge: String, _ answer: String
    ) throws {
        let scene = try self.scene()
        scene.request("INVITE", body: "v=0")
        scene.answer("bob", status, [(challenge, "Digest realm=\"realm\", nonce=\"abc\"")])
        let again = try #require(scene.got("bob"))
        #expect(again.method == "INVITE")
        #expect(
            again[answer]?.contains("username=\"user\", realm=\"realm\", nonce=\"abc\", uri=\"sip:x@127.0.0.1\"")
                == true)
        scene.answer("bob", 200)
        #expect(
            scene.sent == [
                "100 to alice", "INVITE to bob", "ACK to bob", "INVITE to bob", "200 to alice", "ACK to bob",
            ])
    }

    @Test func `credentials are chosen by realm`() throws {
        let scene = try self.scene()
        scene.request("MESSAGE")
        scene.answer("bob", 401, [("WWW-Authenticate", "Digest realm=\"realm2\", nonce=\"abc\"")])
        #expect(scene.got("bob")?["Authorization"]?.contains("username=\"user2\"") == true)
    }

    @Test func `the script's variables win`() throws {
        let scene = try self.scene()
        scene.request("MESSAGE", "sip:own@127.0.0.1")
        scene.answer("bob", 401, [("WWW-Authenticate", "Digest realm=\"other\", nonce=\"abc\"")])
        #expect(scene.got("bob")?["Authorization"]?.contains("username=\"own\"") == true)
    }

    @Test func `an unknown realm goes back to the caller`() throws {
        let scene = try self.scene()
        scene.request("MESSAGE")
        scene.answer("bob", 401, [("WWW-Authenticate", "Digest realm=\"nobody\", nonce=\"abc\"")])
        #expect(scene.sent.last == "401 to alice")
        #expect(scene.logs("no credentials"))
    }

    @Test func `an answer that was refused is taken off`() throws {
        let scene = try self.scene()
        scene.request(
            "MESSAGE", [("Authorization", "Digest username=\"q\", realm=\"realm\", nonce=\"old\", response=\"0\"")])
        scene.answer("bob", 401, [("WWW-Authenticate", "Digest realm=\"realm\", nonce=\"new\"")])
        #expect(scene.got("bob")?.all("Authorization").count == 1)
        #expect(scene.got("bob")?["Authorization"]?.contains("nonce=\"new\"") == true)
    }

    @Test func `one branch of several is answered for itself`() throws {
        let scene = try UACScene(
            "loadmodule \"corex.so\"\nmodparam(\"uac\", \"credential\", \"user:realm:secret\")",
            """
            request_route {
                if (is_method("ACK|CANCEL")) { t_relay(); exit; }
                $ru = "sip:bob@192.0.2.1";
                append_branch("sip:carol@192.0.2.3");
                t_on_branch_failure("asked");
                t_relay();
            }
            event_route[tm:branch-failure:asked] {
                if (t_check_status("401|407") && uac_auth()) { t_relay(); }
            }
            """, phones: ["bob", "alice", "carol"])
        scene.request("MESSAGE")
        scene.clear()
        scene.answer("bob", 407, [("Proxy-Authenticate", "Digest realm=\"realm\", nonce=\"abc\"")])
        #expect(scene.sent == ["MESSAGE to bob"])
        #expect(scene.got("bob")?["Proxy-Authorization"]?.contains("uri=\"sip:bob@192.0.2.1\"") == true)
        scene.answer("bob", 200)
        #expect(scene.sent.last == "200 to alice")
    }

    @Test func `elsewhere it fails`() throws {
        let scene = try UACScene(
            "modparam(\"uac\", \"credential\", \"user:realm:secret\")",
            """
            request_route { t_on_failure("F"); $du = "sip:192.0.2.1"; t_relay(); }
            failure_route[F] { if (uac_auth("0")) { t_relay(); } else { xlog("L_ERR", "not asked\\n"); } }
            """)
        scene.request("MESSAGE")
        scene.answer("bob", 403)
        #expect(scene.logs("not asked"))
        #expect(scene.sent.last == "403 to alice")
    }
}
