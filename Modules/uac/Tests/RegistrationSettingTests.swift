import ApusServer
import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import Simulation
@testable import uac

@Suite("uac: settings of registrations")
struct RegistrationSettingTests {
    private func scene(_ parameters: String, _ script: String = "exit;") throws -> UACScene {
        let scene = try UACScene(
            "modparam(\"uac\", \"reg_contact_addr\", \"127.0.0.1:5060\")\n" + parameters,
            "request_route { \(script) }", phones: ["registrar", "alice"])
        for (uuid, domain) in [("u1", "one.example"), ("u2", "two.example")] {
            scene.call(
                "uac.reg_add", uuid, "luser", domain, "ruser", "rdom", "realm", "user", "secret", ".", "sip:192.0.2.1",
                "600", "0", "0", ".", ".")
        }
        return scene
    }

    @Test func `reg_active 0 sends none, until a command wants them`() throws {
        let scene = try self.scene("modparam(\"uac\", \"reg_active\", 0)\nmodparam(\"uac\", \"reg_hash_size\", 8)")
        scene.stage.advance(by: .seconds(5))
        #expect(scene.messages.isEmpty)
        scene.call("uac.reg_active", "1")
        scene.stage.advance(by: .seconds(2))
        #expect(scene.messages.count == 2)
    }

    @Test func `reg_random_delay spreads the first ones, and no later than it says`() throws {
        let scene = try self.scene("modparam(\"uac\", \"reg_random_delay\", 20)")
        scene.stage.advance(by: .seconds(22))
        #expect(scene.messages.count == 2)
    }

    @Test func `a disabled one is not sent, and says so`() throws {
        let scene = try self.scene("", "uac_reg_status(\"u1\"); xlog(\"status $rc\\n\");")
        scene.call("uac.reg_disable", "l_uuid", "u1")
        scene.stage.advance(by: .seconds(3))
        #expect(scene.messages.map { $0["Contact"] } == ["<sip:u2@127.0.0.1:5060>"])
        scene.request("MESSAGE")
        #expect(scene.logs("status -3"))
        #expect(scene.call("uac.reg_disable", "l_uuid", "none").fault == 404)
    }

    @Test(arguments: [(0, "uuid u1"), (1, "uuid u2")])
    func `with reg_use_domain the domain has to match too`(_ isOn: Int, _ found: String) throws {
        let scene = try self.scene(
            "modparam(\"uac\", \"reg_use_domain\", \(isOn))",
            "if (uac_reg_lookup_uri(\"sip:luser@two.example\", \"$avp(u)\")) { xlog(\"uuid $avp(u)\\n\"); }")
        scene.request("MESSAGE")
        #expect(scene.logs(found))
    }

    @Test func `default_socket sends them, and has to be there`() throws {
        let scene = try self.scene("modparam(\"uac\", \"default_socket\", \"udp:127.0.0.1:5060\")")
        scene.stage.advance(by: .seconds(2))
        #expect(scene.messages.count == 2)
        #expect(throws: VirtualFailure.self) {
            try self.scene("modparam(\"uac\", \"default_socket\", \"udp:127.0.0.1:9\")")
        }
    }
}
