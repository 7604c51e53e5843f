import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import ApusServer

@Suite("tcpops on sockets")
struct ConnectionScriptTests {
    private static let script = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "pv.so"
        loadmodule "textops.so"
        loadmodule "tcpops.so"
        request_route {
            switch ($rU) {
                case "note": $shv(conid) = $conid; $shv(port) = $sp; break;
                case "close": tcp_close_connection(); break;
                case "short": tcp_set_connection_lifetime("1"); break;
                case "over": tcp_set_otcpid("$shv(conid)"); tcp_set_otcpid_flag("1");
                    $du = "sip:127.0.0.1:9;transport=tcp"; t_relay(); exit;
            }
            tcp_conid_state("$conid");
            append_to_reply("X-State: $rc\\r\\nX-Event: $shv(event)\\r\\n");
            sl_send_reply("200", "OK");
        }
        route[NOTE] {
            if ($sp == $shv(port) && $conid == $shv(conid)) $shv(event) = $var(what) + " " + $proto;
        }
        event_route[tcp:closed] { $var(what) = "closed"; route(NOTE); }
        event_route[tcp:reset] { $var(what) = "reset"; route(NOTE); }
        event_route[tcp:timeout] { $var(what) = "timeout"; route(NOTE); }
        """

    private func server(_ settings: String = "") throws -> (LiveServer, UInt16) {
        let port = try LiveServer.freePort()
        let listen = "listen=udp:127.0.0.1:\(port)\nlisten=tcp:127.0.0.1:\(port)\n"
        return (try LiveServer(listen + settings + Self.script), port)
    }

    /// The event that the script has seen, as soon as there is one.
    private func event(_ port: UInt16) throws -> String? {
        let asker = try StreamPhone()
        var found: String?
        for number in 0..<200 where found == nil {
            asker.send(asker.request("OPTIONS", "tell", id: "tell\(number)"), to: port)
            let reply = asker.receive("200")?.text ?? ""
            found = reply.split(separator: "\n").first { $0.hasPrefix("X-Event: ") && !$0.contains("<null>") }
                .map { String($0.dropFirst(9)) }
            if found == "0" { found = nil }
        }
        return found
    }

    @Test(arguments: [(false, "closed tcp"), (true, "reset tcp")])
    func `a connection that its peer ends has its event`(_ withReset: Bool, _ wanted: String) throws {
        let (live, port) = try self.server()
        let phone = try StreamPhone(closesWithReset: withReset)
        phone.send(phone.request("OPTIONS", "note", id: "note"), to: port)
        let reply = try #require(phone.receive("200"))
        #expect(reply.text.contains("X-State: 1\n"))
        phone.close(reply.connection)
        #expect(try self.event(port) == wanted)
        withExtendedLifetime(live) {}
    }

    @Test func `a script closes a connection, after what it wrote`() throws {
        let (live, port) = try self.server()
        let phone = try StreamPhone()
        phone.send(phone.request("OPTIONS", "close", id: "close"), to: port)
        #expect(phone.receive("200") != nil || !phone.ended.isEmpty)
        #expect(phone.isSoon { !phone.ended.isEmpty })
        withExtendedLifetime(live) {}
    }

    @Test func `a script shortens the life of a connection`() throws {
        let (live, port) = try self.server()
        let phone = try StreamPhone()
        phone.send(phone.request("OPTIONS", "short", id: "short"), to: port)
        #expect(phone.receive("200") != nil)
        #expect(phone.isSoon { !phone.ended.isEmpty })
        withExtendedLifetime(live) {}
    }

    @Test func `a request goes over the connection that the script chose`() throws {
        let (live, port) = try self.server()
        let (caller, callee) = (try StreamPhone(), try StreamPhone())
        callee.send(callee.request("OPTIONS", "note", id: "note2"), to: port)
        let own = try #require(callee.receive("200")).connection
        caller.send(caller.request("OPTIONS", "over", id: "over"), to: port)
        let request = try #require(callee.receive("OPTIONS sip:over@"))
        #expect(request.connection == own)
        callee.send(Phone.answer("200 Fine", to: request.text), to: port, over: own)
        #expect(caller.receive("200 Fine") != nil)
        withExtendedLifetime(live) {}
    }
}
