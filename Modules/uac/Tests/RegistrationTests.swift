import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import Simulation
@testable import uac

@Suite("uac: how a registration stands")
struct RegistrationStateTests {
    private let pace = Pace(interval: 90, retry: 30)

    private func begun(_ expires: Int = 600) -> Registration {
        var registration = Registration(uuid: "u")
        registration.user = "user"
        registration.expires = expires
        registration.begin(asking: expires, now: 1000)
        return registration
    }

    @Test func `a 200 makes it online, to be renewed before it ends`() {
        var registration = self.begun()
        #expect(registration.answered(200, granted: 500, shortest: nil, pace: self.pace, now: 1000) == .nothing)
        #expect(registration.state == [.online, .hasAsked])
        #expect(registration.expiresAt == 1500)
        #expect(registration.dueAt == 1410)
        #expect(!registration.isDue(1409))
        #expect(registration.isDue(1410))
    }

    @Test func `a short one is renewed after half of its time`() {
        var registration = self.begun(60)
        _ = registration.answered(200, granted: nil, shortest: nil, pace: self.pace, now: 1000)
        #expect(registration.dueAt == 1030)
    }

    @Test func `a challenge is answered once`() {
        var registration = self.begun()
        #expect(registration.answered(401, granted: nil, shortest: nil, pace: self.pace, now: 1000) == .answerChallenge)
        #expect(registration.state == [.asks, .hasAnsweredChallenge, .hasAsked])
        #expect(registration.answered(401, granted: nil, shortest: nil, pace: self.pace, now: 1001) == .nothing)
        #expect(registration.state == .hasAsked)
        #expect(registration.dueAt == 1031)
    }

    @Test func `423 asks again for what the registrar wants`() {
        var registration = self.begun()
        #expect(registration.answered(423, granted: nil, shortest: 1200, pace: self.pace, now: 1000) == .askLonger)
        #expect(registration.expires == 1200)
        registration.begin(asking: registration.expires, now: 1000)
        // One that always wants more is not asked for ever.
        #expect(registration.answered(423, granted: nil, shortest: 2400, pace: self.pace, now: 1000) == .nothing)
    }

    @Test(arguments: [403, 408, 500, 477]) func `a failure is tried again after the retry interval`(_ code: Int) {
        var registration = self.begun()
        _ = registration.answered(code, granted: nil, shortest: nil, pace: self.pace, now: 1000)
        #expect(registration.state == .hasAsked)
        #expect(registration.dueAt == 1030)
    }

    @Test func `an attempt that nobody hears of again is made anew`() {
        let registration = self.begun()
        #expect(!registration.isDue(1129))
        #expect(registration.isDue(1130))
    }

    @Test func `one that was ended stays so`() {
        var registration = self.begun()
        registration.begin(asking: 0, now: 1000)
        _ = registration.answered(200, granted: nil, shortest: nil, pace: self.pace, now: 1000)
        #expect(!registration.isDue(.max - 1))
        registration.enable(2000)
        #expect(registration.isDue(2001))
    }
}

@Suite("uac: registrations with other servers (RFC 3261 §10.2)")
struct RegistrationTests {
    private func scene(_ parameters: String = "", _ script: String = "exit;") throws -> UACScene {
        try UACScene(
            """
            modparam("uac", "reg_contact_addr", "127.0.0.1:5060")
            modparam("uac", "reg_timer_interval", 10)
            modparam("uac", "reg_retry_interval", 7)
            modparam("uac", "auth_username_avp", "$avp(user)")
            modparam("uac", "auth_realm_avp", "$avp(realm)")
            modparam("uac", "auth_password_avp", "$avp(password)")
            \(parameters)
            """, "request_route { \(script) }", phones: ["registrar", "alice"])
    }

    @discardableResult
    private func add(_ scene: UACScene, _ uuid: String = "u1", flags: String = "0", delay: String = "0") -> Int? {
        scene.call(
            "uac.reg_add", uuid, "luser", "ldom", "ruser", "rdom", "realm", "user", "secret", ".", "sip:192.0.2.1",
            "60",
            flags, delay, ".", "."
        ).fault
    }

    private func info(_ scene: UACScene, _ name: String) -> RPCValue? {
        scene.call("uac.reg_info", "l_uuid", "u1").values.first?[name]
    }

    private static let challenge = ("WWW-Authenticate", "Digest realm=\"realm\", nonce=\"abc\", qop=\"auth\"")

    @Test func `REGISTER is sent, and again with credentials`() throws {
        let scene = try self.scene()
        #expect(self.add(scene) == nil)
        scene.stage.advance(by: .seconds(1))
        let first = try #require(scene.got("registrar"))
        #expect(first.firstLine == "REGISTER sip:rdom SIP/2.0")
        #expect(first["To"] == "<sip:ruser@rdom>")
        #expect(first["Contact"] == "<sip:u1@127.0.0.1:5060>")
        #expect(first["Expires"] == "60")
        #expect(self.info(scene, "flags") == .int(18))
        scene.answer("registrar", 401, [Self.challenge])
        let second = try #require(scene.got("registrar"))
        #expect(second["Authorization"]?.contains("username=\"user\", realm=\"realm\"") == true)
        #expect(second["CSeq"] == "11 REGISTER")
        #expect(second["Call-ID"] == first["Call-ID"])
        #expect(self.info(scene, "flags") == .int(26))
        scene.answer("registrar", 200, [("Contact", "<sip:u1@127.0.0.1:5060>;expires=40")])
        #expect(self.info(scene, "flags") == .int(20))
        #expect(self.info(scene, "diff_expires") == .int(40))
    }

    @Test(arguments: [false, true]) func `it is renewed before it ends`(_ keepsCallID: Bool) throws {
        let scene = try self.scene(keepsCallID ? "modparam(\"uac\", \"reg_keep_callid\", 1)" : "")
        self.add(scene)
        scene.stage.advance(by: .seconds(1))
        scene.answer("registrar", 200, [("Contact", "<sip:u1@127.0.0.1:5060>;expires=40")])
        let first = try #require(scene.got("registrar"))
        scene.stage.advance(by: .seconds(29))
        #expect(scene.messages.count == 1)
        scene.stage.advance(by: .seconds(2))
        #expect(scene.messages.count == 2)
        let second = try #require(scene.got("registrar"))
        #expect((second["Call-ID"] == first["Call-ID"]) == keepsCallID)
        #expect(second["CSeq"] == (keepsCallID ? "11 REGISTER" : "10 REGISTER"))
    }

    @Test func `423 is asked again at once, a refusal after reg_retry_interval`() throws {
        let scene = try self.scene()
        self.add(scene)
        scene.stage.advance(by: .seconds(1))
        scene.answer("registrar", 423, [("Min-Expires", "120")])
        #expect(scene.got("registrar")?["Expires"] == "120")
        scene.answer("registrar", 403)
        let count = scene.messages.count
        scene.stage.advance(by: .seconds(6))
        #expect(scene.messages.count == count)
        scene.stage.advance(by: .seconds(3))
        #expect(scene.messages.count == count + 1)
    }

    @Test func `a delay comes first; one that is disabled waits`() throws {
        let scene = try self.scene()
        self.add(scene, delay: "5")
        self.add(scene, "u2", flags: "1")
        scene.stage.advance(by: .seconds(4))
        #expect(scene.messages.isEmpty)
        scene.stage.advance(by: .seconds(3))
        #expect(scene.messages.count == 1)
        scene.clear()
        scene.call("uac.reg_enable", "l_uuid", "u2")
        scene.stage.advance(by: .seconds(3))
        #expect(scene.messages.contains { $0["Contact"] == "<sip:u2@127.0.0.1:5060>" })
    }

    @Test func `commands find, refuse and end registrations`() throws {
        let scene = try self.scene()
        self.add(scene)
        #expect(self.add(scene) == 409)
        #expect(scene.call("uac.reg_add", "u2", "luser").fault == 400)
        #expect(scene.call("uac.reg_info", "r_username", "ruser").values.first?["l_uuid"] == .string("u1"))
        #expect(scene.call("uac.reg_info", "l_uuid", "none").fault == 404)
        #expect(scene.call("uac.reg_info", "odd", "none").fault == 400)
        #expect(scene.call("uac.reg_dump").values.count == 1)
        #expect(scene.call("uac.reg_active", "0").values == [.structure(["omode": .int(1), "nmode": .int(0)])])
        scene.stage.advance(by: .seconds(3))
        #expect(scene.messages.isEmpty)
        scene.call("uac.reg_register", "l_uuid", "u1")
        #expect(scene.got("registrar")?["Expires"] == "60")
        scene.answer("registrar", 200)
        scene.call("uac.reg_unregister", "l_username", "luser")
        #expect(scene.got("registrar")?["Expires"] == "0")
        scene.answer("registrar", 200)
        #expect(self.info(scene, "flags") == .int(16))
        #expect(scene.call("uac.reg_remove", "u1").fault == nil)
        #expect(scene.call("uac.reg_refresh", "u1").fault == 404)
        #expect(scene.call("uac.reg_dump").values.isEmpty)
    }

    @Test func `a script finds registrations and sends by them`() throws {
        let scene = try self.scene(
            "",
            #"""
            if (uac_reg_lookup("u1", "$avp(l)")) { xlog("L_ERR", "local $avp(l)\n"); }
            if (uac_reg_lookup_uri("sip:luser@anywhere", "$avp(u)")) { xlog("L_ERR", "uuid $avp(u)\n"); }
            uac_reg_lookup_uri("none", "$avp(u)"); xlog("L_ERR", "bad $rc\n");
            uac_reg_status("u1"); xlog("L_ERR", "status $rc\n");
            uac_reg_status("none"); xlog("L_ERR", "unknown $rc\n");
            if (uac_reg_request_to("luser", "1")) { xlog("L_ERR", "as $avp(user) in $avp(realm)\n"); t_relay(); }
            """#)
        self.add(scene)
        scene.stage.advance(by: .seconds(1))
        scene.clear()
        scene.request("MESSAGE")
        #expect(scene.sent == ["MESSAGE to registrar"])
        #expect(scene.last?.requestURI == "sip:ruser@rdom")
        for text in ["local sip:luser@ldom", "uuid u1", "bad -2", "status -2", "unknown -1", "as user in realm"] {
            #expect(scene.logs(text), "\(text)")
        }
    }

    @Test func `a script acts on registrations`() throws {
        let scene = try self.scene(
            "",
            #"""
            if ($rU == "on") { uac_reg_send_register("l_uuid", "u1"); }
            if ($rU == "off") { uac_reg_send_unregister("l_uuid", "u1"); }
            if ($rU == "disable") { uac_reg_disable("l_uuid", "u1"); }
            if ($rU == "enable") { uac_reg_enable("l_uuid", "u1"); }
            if ($rU == "refresh") { uac_reg_refresh("u1"); }
            """#)
        self.add(scene, flags: "1")
        scene.request("OPTIONS", "sip:on@127.0.0.1")
        #expect(scene.got("registrar")?["Expires"] == "60")
        scene.answer("registrar", 200)
        scene.request("OPTIONS", "sip:off@127.0.0.1")
        #expect(scene.got("registrar")?["Expires"] == "0")
        scene.answer("registrar", 200)
        scene.request("OPTIONS", "sip:enable@127.0.0.1")
        #expect(self.info(scene, "flags") == .int(16))
        scene.request("OPTIONS", "sip:disable@127.0.0.1")
        #expect(self.info(scene, "flags") == .int(17))
        scene.request("OPTIONS", "sip:refresh@127.0.0.1")
        #expect(self.info(scene, "flags") == .int(16))
    }
}

@Suite("uac: what the guides say")
struct GuideExampleTests {
    /// The first block of a page; `path` is from the root of the repository on.
    private func example(_ path: String) throws -> String {
        let root = "/" + "\(#filePath)".split(separator: "/").dropLast(4).joined(separator: "/")
        let text = try #require(SystemInput.readFile("\(root)/\(path)"))
        let parts = text.string.split(separator: "```", omittingEmptySubsequences: false)
        return try #require(parts.count > 1 ? String(parts[1]) : nil)
    }

    @Test func `the example of README.md runs`() throws {
        let scene = try UACScene(example: self.example("Modules/uac/README.md"))
        scene.request("INVITE", "sip:x@127.0.0.1")
        #expect(scene.got("bob")?["From"]?.hasPrefix("Office <sip:100@provider.example>") == true)
        scene.answer(
            "bob", 407, [("Proxy-Authenticate", "Digest realm=\"provider.example\", nonce=\"abc\"")])
        #expect(scene.got("bob")?["Proxy-Authorization"]?.contains("username=\"trunk-user\"") == true)
    }

    @Test func `a call through a provider runs as the guide says`() throws {
        let scene = try UACScene(example: self.example("docs/how-to/provider.md"))
        scene.call(
            "uac.reg_add", "trunk", "100", "example.com", "trunk-user", "provider.example", "provider.example",
            "trunk-user", "secret", ".", "sip:192.0.2.1", "600", "1", "0", ".", ".")
        scene.request("INVITE", "sip:4711@127.0.0.1")
        #expect(scene.got("bob")?.requestURI == "sip:4711@provider.example")
        scene.answer(
            "bob", 407, [("Proxy-Authenticate", "Digest realm=\"provider.example\", nonce=\"abc\"")])
        #expect(scene.got("bob")?["Proxy-Authorization"]?.contains("username=\"trunk-user\"") == true)
        #expect(scene.got("bob")?["From"]?.contains("<sip:100@provider.example>") == true)
        scene.answer("bob", 200)
        #expect(scene.got("alice")?["From"]?.contains("<sip:alice@example.com>") == true)
        #expect(scene.got("alice")?.status == 200)
    }
}
