import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import Simulation
@testable import uac

@Suite("uac: names of parameters and variables are the script's")
struct ReplacementSettingTests {
    private func scene(_ parameters: String, inDialog: String = "") throws -> UACScene {
        try UACScene(
            parameters,
            """
            request_route {
                if (is_method("CANCEL")) { t_relay(); exit; }
                if (has_totag()) { loose_route(); \(inDialog) t_relay(); exit; }
                record_route();
                uac_replace_to("sip:shown@example.net");
                xlog("was $avp(to)\\n");
                $du = "sip:192.0.2.1";
                t_relay();
            }
            """)
    }

    private static let parties = [("From", "<sip:alice@example.com>;tag=own"), ("To", "<sip:bob@example.com>")]

    @Test func `rr_to_store_param names what Record-Route keeps, restore_to_avp the variable`() throws {
        let scene = try self.scene(
            "modparam(\"uac\", \"rr_to_store_param\", \"own\")\nmodparam(\"uac\", \"restore_to_avp\", \"$avp(to)\")")
        scene.request("INVITE", Self.parties)
        let request = try #require(scene.got("bob"))
        #expect(request["To"] == "<sip:shown@example.net>")
        #expect(request["Record-Route"]?.contains(";own=") == true)
        #expect(request["Record-Route"]?.contains(";vst=") == false)
        #expect(scene.logs("was sip:bob@example.com"))
    }

    @Test func `uac_restore_to gives To back where the script wants it`() throws {
        let scene = try self.scene("modparam(\"uac\", \"restore_mode\", \"manual\")", inDialog: "uac_restore_to();")
        scene.request("INVITE", Self.parties)
        scene.answer("bob", 200)
        scene.clear()
        scene.followUp("ACK", from: "alice")
        #expect(scene.got("bob")?["To"]?.hasPrefix("<sip:shown@example.net>") == true)
    }

    @Test(arguments: ["uac_auth_mode(\"1\")", "uac_auth(\"1\")"])
    func `mode 1 takes the password for a hash`(_ call: String) throws {
        let scene = try UACScene(
            "modparam(\"uac\", \"credential\", \"user:realm:00112233445566778899aabbccddeeff\")",
            """
            request_route { t_on_failure("F"); $du = "sip:192.0.2.1"; t_relay(); }
            failure_route[F] { if (\(call)) { t_relay(); } }
            """)
        scene.request("MESSAGE")
        scene.answer("bob", 401, [("WWW-Authenticate", "Digest realm=\"realm\", nonce=\"abc\"")])
        let value = try #require(scene.got("bob")?["Authorization"])
        let challenge = try #require(DigestChallenge("Digest realm=\"realm\", nonce=\"abc\""))
        let answer = DigestAnswer(
            challenge,
            Credential(
                user: "user", realm: "realm", password: "00112233445566778899aabbccddeeff", isHashed: true),
            method: "MESSAGE", uri: "sip:x@127.0.0.1")
        #expect(value.contains("response=\"\(answer.response)\""))
    }
}
