import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import ApusServer

@Suite("RFC 3263 §4.3: failover")
struct FailoverTests {
    @Test func `a server that answers 503 is followed by the next one, whose answer counts`() throws {
        let scene = try FailoverScene()
        scene.send()
        #expect(scene.seen() == ["INVITE to 192.0.2.1"])
        scene.reply(503)
        #expect(scene.seen() == ["ACK to 192.0.2.1", "INVITE to 192.0.2.2"])
        scene.reply(486)
        #expect(scene.seen() == ["ACK to 192.0.2.2", "486 to 192.0.2.9"])
    }

    /// UDP at the first server, and if that fails TCP at the second.
    private static func offerBoth(_ scene: FailoverScene) {
        let services: [(UInt16, ByteString, ByteString)] = [
            (1, "SIP+D2U", "_sip._udp.gw.example"), (2, "SIP+D2T", "_sip._tcp.gw.example"),
        ]
        scene.set(
            .naptr, "gw.example",
            services.map { order, service, name in
                .pointer(
                    NamingPointer(
                        order: order, preference: 1, flags: "s", services: service, regularExpression: "",
                        replacement: name))
            })
        scene.set(.srv, "_sip._udp.gw.example", [srv(1, "h1.example")])
        scene.set(.srv, "_sip._tcp.gw.example", [srv(1, "h2.example")])
    }

    /// Record-Route fields of the requests that were sent on, one list each.
    private static func recorded(_ scene: FailoverScene) -> [[String]] {
        scene.sent.filter { $0.line.hasPrefix("INVITE") }.map { sent in
            sent.text.split(separator: "\r\n").filter { $0.hasPrefix("Record-Route: ") }.map {
                String($0.dropFirst(14))
            }
        }
    }

    @Test(arguments: [
        // The socket that the request comes in on, and what the servers over UDP and then TCP are told.
        (
            0, ["<sip:127.0.0.1:5060;lr;ftag=1>"],
            ["<sip:127.0.0.1:5060;transport=tcp;r2=on;lr;ftag=1>", "<sip:127.0.0.1:5060;r2=on;lr;ftag=1>"]
        ),
        (
            1, ["<sip:127.0.0.1:5060;r2=on;lr;ftag=1>", "<sip:127.0.0.1:5060;transport=tcp;r2=on;lr;ftag=1>"],
            ["<sip:127.0.0.1:5060;transport=tcp;lr;ftag=1>"]
        ),
    ])
    func `what is recorded follows the protocol of the next address`(
        _ socket: Int, _ first: [String], _ second: [String]
    ) throws {
        let scene = try FailoverScene(
            "dns_try_naptr=yes\nloadmodule \"rr.so\"", "record_route(); t_relay(); }")
        Self.offerBoth(scene)
        scene.send(on: socket)
        scene.reply(503)
        #expect(Self.recorded(scene) == [first, second])
        #expect(scene.sent.last { $0.line.hasPrefix("INVITE") }?.destination.transport == .tcp)
    }

    @Test(arguments: ["enable_double_rr", "preset"])
    func `unless the script has said what is recorded`(_ how: String) throws {
        let isPreset = how == "preset"
        let scene = try FailoverScene(
            "dns_try_naptr=yes\nloadmodule \"rr.so\"\n" + (isPreset ? "" : "modparam(\"rr\", \"enable_double_rr\", 0)"),
            (isPreset ? "record_route_preset(\"192.0.2.77:5080\");" : "record_route();") + " t_relay(); }")
        Self.offerBoth(scene)
        scene.send(on: isPreset ? 0 : 1)
        scene.reply(503)
        let recorded = Self.recorded(scene)
        #expect(recorded.count == 2)
        #expect(recorded.first == recorded.last)
    }

    @Test func `silence leads to the next one, and to 408 after the last`() throws {
        let scene = try FailoverScene()
        scene.send()
        scene.wait(milliseconds: 2100)
        #expect(scene.seen() == ["INVITE to 192.0.2.1", "INVITE to 192.0.2.2"])
        scene.wait(milliseconds: 2100)
        #expect(scene.seen() == ["INVITE to 192.0.2.2", "INVITE to 192.0.2.3"])
        scene.wait(milliseconds: 2100)
        #expect(scene.seen() == ["INVITE to 192.0.2.3", "408 to 192.0.2.9"])
    }

    @Test func `silence of the first does not outweigh what the second says`() throws {
        let scene = try FailoverScene()
        scene.send()
        scene.wait(milliseconds: 2100)
        _ = scene.seen()
        scene.reply(486)
        #expect(scene.seen() == ["ACK to 192.0.2.2", "486 to 192.0.2.9"])
    }

    @Test func `a server that rings is given its time`() throws {
        let scene = try FailoverScene("modparam(\"tm\", \"fr_inv_timer\", 5000)")
        scene.send()
        scene.reply(180)
        _ = scene.seen()
        scene.wait(milliseconds: 5200)
        #expect(!scene.seen().contains("INVITE to 192.0.2.2"))
    }

    @Test func `who cannot be sent to is passed over at once`() throws {
        let scene = try FailoverScene()
        scene.dead = ["192.0.2.1", "192.0.2.2"]
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.3"])
        scene.reply(200)
        #expect(scene.seen() == ["200 to 192.0.2.9"])
    }

    @Test func `when nobody can be sent to the caller is told`() throws {
        let scene = try FailoverScene()
        scene.dead = ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
        scene.send("MESSAGE")
        #expect(scene.seen() == ["477 to 192.0.2.9"])
    }

    @Test func `a transport failure that shows later does the same`() throws {
        let scene = try FailoverScene()
        scene.send()
        let first = try #require(scene.sent.last)
        scene.server.failSend(to: first.destination, token: first.token)
        #expect(scene.seen() == ["INVITE to 192.0.2.1", "INVITE to 192.0.2.2"])
    }

    @Test func `without use_dns_failover the first server decides`() throws {
        let scene = try FailoverScene(failsOver: false)
        scene.send()
        scene.reply(503)
        #expect(scene.seen() == ["INVITE to 192.0.2.1", "ACK to 192.0.2.1", "500 to 192.0.2.9"])
    }

    @Test(arguments: [
        "t_set_disable_failover(1); t_relay(); }", "t_relay_to(\"4\"); }", "t_relay_to(\"\", \"4\"); }",
    ])
    func `a script may keep to the first server`(_ script: String) throws {
        guard let scene = try? FailoverScene("", script) else { return }
        scene.send()
        scene.reply(503)
        #expect(scene.seen() == ["INVITE to 192.0.2.1", "ACK to 192.0.2.1", "500 to 192.0.2.9"])
    }

    @Test func `failover_reply_codes says which replies do it`() throws {
        let scene = try FailoverScene("modparam(\"tm\", \"failover_reply_codes\", \"code=404;class=5\")")
        scene.send()
        scene.reply(404)
        scene.reply(502)
        #expect(
            scene.seen() == [
                "INVITE to 192.0.2.1", "ACK to 192.0.2.1", "INVITE to 192.0.2.2", "ACK to 192.0.2.2",
                "INVITE to 192.0.2.3",
            ])
        scene.reply(486)
        #expect(scene.seen() == ["ACK to 192.0.2.3", "486 to 192.0.2.9"])
    }

    @Test func `the failure route runs once, for the last server`() throws {
        let scene = try FailoverScene(
            "", "t_on_failure(\"F\"); t_relay(); } failure_route[F] { xlog(\"failed $T_reply_code\\n\"); }")
        scene.send()
        for status in [503, 503, 404] { scene.reply(status) }
        #expect(scene.log.filter { $0.contains("failed") }.count == 1)
        #expect(scene.log.contains { $0.contains("failed 404") })
    }

    @Test func `a caller who hangs up ends the search`() throws {
        let scene = try FailoverScene(
            "", "if (is_method(\"CANCEL\")) { t_relay(); exit; } t_relay(); }")
        scene.send()
        scene.reply(180)
        scene.sendCancel()
        scene.reply(200)
        _ = scene.seen()
        scene.wait(milliseconds: 10_000)
        #expect(!scene.seen().contains { $0.hasPrefix("INVITE to 192.0.2.2") })
    }

    @Test func `every server has a branch of its own`() throws {
        let scene = try FailoverScene()
        scene.send()
        scene.reply(503)
        let invites = scene.sent.filter { $0.line.hasPrefix("INVITE") }.map { sent in
            sent.text.split(separator: "\r\n").first { $0.hasPrefix("Via") } ?? ""
        }
        #expect(Set(invites).count == 2)
        #expect(Set(invites.map { $0.dropLast(1) }).count == 1)
    }

    @Test func `one protocol after the other, each from its own socket`() throws {
        let scene = try FailoverScene("dns_try_naptr=yes")
        func pointer(_ order: UInt16, _ services: ByteString, _ name: ByteString) -> DNSData {
            .pointer(
                NamingPointer(
                    order: order, preference: 1, flags: "s", services: services, regularExpression: "",
                    replacement: name))
        }
        scene.set(
            .naptr, "two.example",
            [pointer(1, "SIP+D2U", "_sip._udp.two.example"), pointer(2, "SIP+D2T", "_sip._tcp.two.example")])
        scene.set(.srv, "_sip._udp.two.example", [srv(1, "h1.example")])
        scene.set(.srv, "_sip._tcp.two.example", [srv(1, "h2.example")])
        scene.send("INVITE", "sip:user@two.example")
        scene.reply(503)
        let last = try #require(scene.sent.last)
        #expect(last.destination.transport == .tcp)
        #expect(last.destination.socket?.transport == .tcp)
        #expect(last.text.contains("Via: SIP/2.0/TCP 127.0.0.1"))
    }
}

extension FailoverTests {
    @Test func `dns_reuse_rcv_socket sends the next attempt from where the request came in`() throws {
        let more = "listen=udp:127.0.0.1:5070\nmodparam(\"tm\", \"dns_reuse_rcv_socket\", 1)"
        let scene = try FailoverScene(more)
        let last = scene.server.sockets.count - 1
        scene.send("INVITE", on: last)
        scene.reply(503)
        let attempt = try #require(scene.sent.last)
        #expect(attempt.destination.socket?.isSame(as: scene.server.sockets[last]) == true)
        #expect(attempt.text.contains("Via: SIP/2.0/UDP 127.0.0.1:5070;"))
    }
}

@Suite("Destinations to leave alone")
struct BlocklistTests {
    private static let settings = """
        use_dst_blocklist=yes
        dst_blocklist_expire=30
        """

    @Test func `a server that was silent is passed over until its time is over`() throws {
        let scene = try FailoverScene(Self.settings)
        scene.send()
        scene.wait(milliseconds: 2100)
        _ = scene.seen()
        scene.reply(200)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.2"])
        scene.wait(milliseconds: 31_000)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.1"])
    }

    @Test func `a request to an address that is blocked is refused`() throws {
        let scene = try FailoverScene(Self.settings, "if (!t_relay()) { sl_reply_error(); } }")
        scene.send("INVITE", "sip:user@192.0.2.1")
        scene.wait(milliseconds: 2100)
        _ = scene.seen()
        scene.send("MESSAGE", "sip:user@192.0.2.1")
        #expect(scene.seen().last == "473 to 192.0.2.9")
        // A call may always be ended.
        scene.send("BYE", "sip:user@192.0.2.1")
        #expect(scene.seen() == ["BYE to 192.0.2.1"])
    }

    @Test func `503 blocks as long as Retry-After says, within limits`() throws {
        let scene = try FailoverScene(
            Self.settings + "\nmodparam(\"tm\", \"blst_503\", 1)\nmodparam(\"tm\", \"blst_503_max_timeout\", 20)")
        scene.send()
        scene.reply(503, "Retry-After: 300 (maintenance)")
        scene.reply(200)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.2"])
        scene.wait(milliseconds: 21_000)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.1"])
    }

    /// Whether the server that answered 503 is asked again after so many seconds.
    private func isAsked(after seconds: Int, _ settings: String, _ headers: String = "X-Own: 1") throws -> Bool {
        let scene = try FailoverScene(Self.settings + "\nmodparam(\"tm\", \"blst_503\", 1)\n" + settings)
        scene.send()
        scene.reply(503, headers)
        scene.reply(200)
        scene.wait(milliseconds: seconds * 1000)
        _ = scene.seen()
        scene.send("MESSAGE")
        return scene.seen() == ["MESSAGE to 192.0.2.1"]
    }

    @Test func `503 without Retry-After blocks by default, and not shorter than the least`() throws {
        #expect(try self.isAsked(after: 1, ""))
        let standard = "modparam(\"tm\", \"blst_503_def_timeout\", 10)"
        #expect(try !self.isAsked(after: 9, standard))
        #expect(try self.isAsked(after: 11, standard))
        let least = "modparam(\"tm\", \"blst_503_min_timeout\", 15)"
        #expect(try !self.isAsked(after: 14, least, "Retry-After: 2"))
        #expect(try self.isAsked(after: 16, least, "Retry-After: 2"))
    }

    @Test func `masks say whose silence blocks, and who is kept from going there`() throws {
        let scene = try FailoverScene(
            Self.settings
                + "\nmodparam(\"tm\", \"blst_methods_add\", 256)\nmodparam(\"tm\", \"blst_methods_lookup\", 256)")
        scene.send()
        scene.wait(milliseconds: 2100)
        scene.reply(200)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.1"])
        scene.wait(milliseconds: 2100)
        scene.reply(200)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.2"])
        scene.reply(200)
        _ = scene.seen()
        scene.send("OPTIONS", "sip:user@192.0.2.1")
        #expect(scene.seen() == ["OPTIONS to 192.0.2.1"])
    }

    @Test func `who is not kept from going there has the best address of all, and its next ones`() throws {
        let scene = try FailoverScene(
            Self.settings
                + "\nmodparam(\"tm\", \"blst_methods_add\", 256)\nmodparam(\"tm\", \"blst_methods_lookup\", 256)")
        scene.send("MESSAGE")
        scene.wait(milliseconds: 2100)
        scene.reply(200)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.2"])
        scene.reply(200)
        _ = scene.seen()
        scene.send("OPTIONS")
        #expect(scene.seen() == ["OPTIONS to 192.0.2.1"])
        scene.wait(milliseconds: 2100)
        #expect(scene.seen().contains("OPTIONS to 192.0.2.2"))
    }

    @Test func `only methods of the mask block by silence`() throws {
        let scene = try FailoverScene(Self.settings)
        scene.send("MESSAGE")
        scene.wait(milliseconds: 2100)
        scene.reply(200)
        _ = scene.seen()
        scene.send("MESSAGE")
        #expect(scene.seen() == ["MESSAGE to 192.0.2.1"])
    }

    @Test func `the list is bounded`() {
        let list = DestinationBlocklist()
        list.update {
            $0.isUsed = true
            $0.memory = 1
        }
        for number in 0..<1000 {
            let address = SocketAddress(ip: IPAddress(ipv4: UInt32(number)), port: 1)
            list.add(.udp, address, .timeout, at: .zero)
        }
        #expect(list.memory.used <= 1024)
        #expect(list.contains(.udp, SocketAddress(ip: IPAddress(ipv4: 0), port: 1), at: .zero))
    }

    @Test func `a mask keeps reasons from counting`() {
        let list = DestinationBlocklist()
        list.update {
            $0.isUsed = true
            $0.udpIgnored = DestinationBlocklist.Reason.timeout.rawValue
        }
        let address = SocketAddress(ip: IPAddress(ipv4: 1), port: 1)
        list.add(.udp, address, .timeout, at: .zero)
        #expect(!list.contains(.udp, address, at: .zero))
        list.add(.tcp, address, .timeout, at: .zero)
        #expect(list.contains(.tcp, address, at: .zero))
    }
}
