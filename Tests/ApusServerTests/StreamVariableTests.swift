import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import ApusServer

@Suite("Streams are changed while the server runs (cfg.set tcp)")
struct StreamVariableTests {
    private static let script = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "pv.so"
        loadmodule "cfg_rpc.so"
        request_route {
            if ($rU == "on") { $du = "sip:127.0.0.1:" + $fU + ";transport=tcp"; t_relay(); exit; }
            sl_send_reply("200", "OK");
        }
        """

    private struct Scene {
        let live: LiveServer
        let port: UInt16

        init() throws {
            self.port = try LiveServer.freePort()
            self.live = try LiveServer(
                "listen=udp:127.0.0.1:\(self.port)\nlisten=tcp:127.0.0.1:\(self.port)\n" + StreamVariableTests.script)
        }

        func set(_ name: String, _ value: Int) throws {
            let host = try #require(self.live.server.configuration?.host)
            _ = try host.call("cfg.set_now_int", [.string("tcp"), .string(name), .int(value)])
        }

        func ask(_ phone: StreamPhone, _ id: String) -> String? {
            phone.send(phone.request("OPTIONS", "a", id: id), to: self.port)
            return phone.receive("200")?.line
        }
    }

    @Test func `a shorter life holds for connections from then on`() throws {
        let scene = try Scene()
        let (old, new) = (try StreamPhone(), try StreamPhone())
        #expect(scene.ask(old, "life1") != nil)
        try scene.set("connection_lifetime", 1)
        #expect(scene.ask(new, "life2") != nil)
        #expect(new.isSoon { !new.ended.isEmpty })
        #expect(old.ended.isEmpty)
    }

    @Test func `no connection is accepted beyond max_connections, until there may be more`() throws {
        let scene = try Scene()
        let (old, new) = (try StreamPhone(), try StreamPhone())
        #expect(scene.ask(old, "max1") != nil)
        try scene.set("max_connections", 1)
        new.send(new.request("OPTIONS", "a", id: "max2"), to: scene.port)
        #expect(new.isSoon { !new.ended.isEmpty })
        #expect(scene.ask(old, "max3") != nil)
        try scene.set("max_connections", 10)
        #expect(scene.ask(new, "max4") != nil)
    }

    @Test func `no connection is opened with no_connect`() throws {
        let scene = try Scene()
        let (caller, callee) = (try StreamPhone(), try StreamPhone())
        func relay(_ id: String) -> String? {
            let request = caller.request("OPTIONS", "on", id: id)
                .replacing("From: <sip:a@", with: "From: <sip:\(callee.port)@")
            caller.send(request, to: scene.port)
            if let got = callee.receive("OPTIONS sip:on@") {
                callee.send(Phone.answer("200 Fine", to: got.text), to: scene.port, over: got.connection)
            }
            return caller.receive("SIP/2.0 ")?.line
        }
        #expect(relay("connect1") == "SIP/2.0 200 Fine")
        try scene.set("no_connect", 1)
        // The one that is there serves.
        #expect(relay("connect2") == "SIP/2.0 200 Fine")
        for connection in callee.connections { callee.close(connection.id) }
        #expect(callee.isSoon { callee.connections.isEmpty })
        caller.send(
            caller.request("OPTIONS", "on", id: "connect3").replacing("<sip:a@", with: "<sip:\(callee.port)@"),
            to: scene.port)
        #expect(caller.receive("SIP/2.0 ")?.line.contains("200") == false)
    }

    @Test func `what is out of range, and what is fixed, is refused`() throws {
        let scene = try Scene()
        #expect(throws: RPCFault.self) { try scene.set("connection_lifetime", 0) }
        #expect(throws: RPCFault.self) { try scene.set("alias_flags", 4) }
        #expect(throws: RPCFault.self) { try scene.set("none", 1) }
    }
}
