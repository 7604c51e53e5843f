import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import ApusServer

@Suite("xhttp on sockets")
struct HTTPScriptTests {
    private static let script = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "pv.so"
        loadmodule "textops.so"
        loadmodule "cfgutils.so"
        loadmodule "xhttp.so"
        modparam("xhttp", "url_skip", "^/skipped")
        request_route { sl_send_reply("200", "OK"); }
        event_route[xhttp:request] {
            switch ($(hu{url.path})) {
                case "/slow": usleep("200000"); break;
                case "/none": exit;
                case "/drop": drop;
                case "/late": usleep("1000"); exit;
                case "/sl": sl_send_reply("403", "Not You"); exit;
                case "/relay": if (t_relay()) exit; break;
                case "/forward": if (forward()) exit; break;
                case "/newtran": if (t_newtran()) exit; break;
                case "/close": set_reply_close(); set_reply_no_connect(); break;
            }
            xhttp_reply("200", "OK", "text/plain", "$rm $hu $rb $hdr(X-Own) $proto $si");
        }
        """

    private func server(_ settings: String = "", _ script: String = Self.script) throws -> (LiveServer, UInt16) {
        let port = try LiveServer.freePort()
        let listen = "listen=udp:127.0.0.1:\(port)\nlisten=tcp:127.0.0.1:\(port)\n"
        return (try LiveServer(listen + settings + script), port)
    }

    private static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\nHost: h\n\n" }

    private static func body(_ got: StreamPhone.Got) -> String {
        let lines = got.text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { !$0.isEmpty }.dropFirst().joined(separator: "\n")
    }

    @Test func `a script reads a request and answers it`() throws {
        let (live, port) = try self.server()
        let client = try StreamPhone()
        client.send("POST /a?b=c HTTP/1.1\nHost: h\nX-Own: 1\nContent-Length: 5\n\nhello", to: port)
        let got = try #require(client.receive("HTTP/1.1 200 OK"))
        #expect(Self.body(got) == "POST /a?b=c hello 1 tcp 127.0.0.1")
        client.send(Self.get("/again"), to: port)
        let next = try #require(client.receive("HTTP/1.1 200 OK"))
        #expect(next.connection == got.connection)
        withExtendedLifetime(live) {}
    }

    @Test func `answers come in the order of requests, however long a script waits`() throws {
        let (live, port) = try self.server()
        let client = try StreamPhone()
        client.send(Self.get("/slow") + Self.get("/1") + Self.get("/slow?2") + Self.get("/3"), to: port)
        let paths = (0..<4).compactMap { _ in
            client.receive("HTTP/1.1 200").map { Self.body($0).split(separator: " ")[1] }
        }
        #expect(paths == ["/slow", "/1", "/slow?2", "/3"])
        withExtendedLifetime(live) {}
    }

    @Test(arguments: ["/none", "/drop", "/late", "/skipped"])
    func `a request that the script does not answer ends its connection`(_ path: String) throws {
        let (live, port) = try self.server()
        let client = try StreamPhone()
        client.send(Self.get(path) + Self.get("/behind"), to: port)
        #expect(client.isSoon { !client.ended.isEmpty })
        #expect(client.receive("HTTP") == nil)
        withExtendedLifetime(live) {}
    }

    @Test func `a stateless reply is an answer too`() throws {
        let (live, port) = try self.server()
        let client = try StreamPhone()
        client.send(Self.get("/sl"), to: port)
        #expect(client.receive("HTTP/1.1 403 Not You") != nil)
        withExtendedLifetime(live) {}
    }

    @Test(arguments: ["/relay", "/forward", "/newtran"])
    func `what is for SIP fails`(_ path: String) throws {
        let (live, port) = try self.server()
        let client = try StreamPhone()
        client.send(Self.get(path), to: port)
        #expect(client.receive("HTTP/1.1 200 OK") != nil)
        withExtendedLifetime(live) {}
    }

    @Test func `the script closes the connection`() throws {
        let (live, port) = try self.server()
        let client = try StreamPhone()
        client.send(Self.get("/close"), to: port)
        let got = try #require(client.receive("HTTP/1.1 200 OK"))
        #expect(got.text.contains("\nConnection: close\n"))
        #expect(client.isSoon { !client.ended.isEmpty })
        withExtendedLifetime(live) {}
    }

    @Test func `a request in a body does not run`() throws {
        let (live, port) = try self.server()
        let client = try StreamPhone()
        let hidden = Self.get("/hidden")
        let count = hidden.utf8.count + 3  // its line ends
        client.send(
            "POST /outer HTTP/1.1\nHost: h\nContent-Length: \(count)\n\n\(hidden)" + Self.get("/next"), to: port)
        let first = try #require(client.receive("HTTP/1.1 200 OK"))
        #expect(first.text.contains("POST /outer GET /hidden"))
        let second = try #require(client.receive("HTTP/1.1 200 OK"))
        #expect(Self.body(second).hasPrefix("GET /next"))
        withExtendedLifetime(live) {}
    }

    @Test func `without a module the connection is closed, and SIP goes on`() throws {
        for settings in ["", "tcp_accept_no_cl=yes\n"] {
            let (live, port) = try self.server(
                settings, "loadmodule \"sl.so\"\nrequest_route { sl_send_reply(\"200\", \"OK\"); }\n")
            let client = try StreamPhone()
            client.send(Self.get("/"), to: port)
            #expect(client.isSoon { !client.ended.isEmpty })
            let phone = try StreamPhone()
            phone.send(phone.request("OPTIONS", "a", id: "after"), to: port)
            #expect(phone.receive("SIP/2.0 200") != nil)
            withExtendedLifetime(live) {}
        }
    }

    @Test func `HTTP behind SIP, or where it is not accepted, is not served`() throws {
        let (live, port) = try self.server()
        let phone = try StreamPhone()
        phone.send(
            phone.request("OPTIONS", "a", id: "first") + "POST / HTTP/1.1\nHost: h\nContent-Length: 0\n\n", to: port)
        #expect(phone.receive("SIP/2.0 200") != nil)
        #expect(phone.isSoon { !phone.ended.isEmpty })
        #expect(phone.receive("HTTP") == nil)
        withExtendedLifetime(live) {}
        let (closed, other) = try self.server("tcp_accept_protocols=8\n")
        let client = try StreamPhone()
        client.send(Self.get("/"), to: other)
        #expect(client.isSoon { !client.ended.isEmpty })
        withExtendedLifetime(closed) {}
    }

    @Test func `without the event route the configuration is refused`() throws {
        let loaded = try LoadedServer("loadmodule \"xhttp.so\"\nrequest_route { exit; }\n")
        #expect(loaded.configuration == nil)
        #expect(loaded.problems.contains("test.cfg:1:"))
        #expect(
            loaded.problems.contains(
                "module 'xhttp': there is no event_route[xhttp:request], without which it does nothing"))
    }
}
