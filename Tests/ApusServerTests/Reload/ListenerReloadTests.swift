import Bytes
import ModuleKit
import SIPMessage
import SIPTransport
import Testing

@testable import ApusServer

@Suite("Reload: listeners")
struct ListenerReloadTests {
    private static func socket(_ index: Int, _ port: UInt16, name: String? = nil) throws -> ListenSocket {
        ListenSocket(
            index: index, transport: .udp, address: SocketAddress(ip: try #require(IPAddress("192.0.2.1")), port: port),
            name: name.map { ByteString($0) })
    }

    private static func table(_ sockets: [ListenSocket]) -> SocketTable { SocketTable(sockets: sockets, aliases: []) }

    // MARK: The plan

    @Test func `listeners that stay keep number and identity, whatever their order`() throws {
        let running = Self.table([try Self.socket(0, 5060), try Self.socket(1, 5062)])
        let wanted = Self.table([try Self.socket(0, 5062), try Self.socket(1, 5060)])
        let plan = ListenerPlan(wanted: wanted, running: running, retired: [])
        #expect(plan.table.sockets.map(\.index) == [1, 0])
        #expect(plan.table.sockets[0] == running.sockets[1])
        #expect(plan.added.isEmpty && plan.removed.isEmpty)
    }

    @Test func `one whose name changes keeps its number and is another`() throws {
        let running = Self.table([try Self.socket(3, 5060)])
        let plan = ListenerPlan(
            wanted: Self.table([try Self.socket(0, 5060, name: "edge")]), running: running, retired: [])
        #expect(plan.table.sockets.map(\.index) == [3])
        #expect(plan.table.sockets[0].name == "edge")
        #expect(plan.table.current(running.sockets[0]) == plan.table.sockets[0])
    }

    @Test func `a new one gets a number that neither an open nor a closing one has`() throws {
        let running = Self.table([try Self.socket(0, 5060), try Self.socket(2, 5062)])
        let wanted = Self.table([try Self.socket(0, 5060), try Self.socket(1, 5070), try Self.socket(2, 5071)])
        let plan = ListenerPlan(wanted: wanted, running: running, retired: [try Self.socket(1, 5064)])
        #expect(plan.added.map(\.index) == [3, 4])
        #expect(plan.removed.map(\.address.port) == [5062])
    }

    @Test func `one that is closing and wanted again goes on`() throws {
        let plan = ListenerPlan(
            wanted: Self.table([try Self.socket(0, 5064)]), running: Self.table([]),
            retired: [try Self.socket(1, 5064)])
        #expect(plan.table.sockets.map(\.index) == [1])
        #expect(plan.revived.count == 1 && plan.added.isEmpty)
    }

    @Test func `the table does not take another address with the same number for its own`() throws {
        let table = Self.table([try Self.socket(0, 5060)])
        #expect(table.current(try Self.socket(0, 5062)) == nil)
        #expect(table.current(try Self.socket(7, 5060)) == nil)
    }

    // MARK: On sockets

    private static let modules = "loadmodule \"sl.so\"\nloadmodule \"tm.so\"\nloadmodule \"pv.so\"\n"
    private static let route = "request_route { sl_send_reply(\"200\", \"$Ri:$Rp\"); exit; }\n"
    private static func listen(_ ports: UInt16...) -> String {
        ports.map { "listen=udp:127.0.0.1:\($0)\n" }.joined()
    }

    @Test func `a listener that is added answers, one that is removed is closed, one that stays is untouched`() throws {
        let (stays, goes, comes) = (try LiveServer.freePort(), try LiveServer.freePort(), try LiveServer.freePort())
        let live = try LiveServer(Self.listen(stays, goes) + Self.modules + Self.route)
        let before = live.server.transport.descriptors[0].map { ObjectIdentifier($0) }
        let report = try live.reload(Self.listen(stays, comes) + Self.modules + Self.route)
        #expect(report.added == ["udp:127.0.0.1:\(comes)"] && report.removed == ["udp:127.0.0.1:\(goes)"])
        let phone = try Phone()
        #expect(try phone.ask(comes, id: "l1") == "SIP/2.0 200 127.0.0.1:\(comes)")
        #expect(try phone.ask(stays, id: "l2") == "SIP/2.0 200 127.0.0.1:\(stays)")
        #expect(live.server.transport.descriptors[0].map { ObjectIdentifier($0) } == before)
        #expect(live.server.sockets.sockets.map(\.address.port) == [stays, comes])
        // Nothing began before the reload: it is closed as soon as the old configuration is gone.
        #expect(LiveServer.isSoon { (try? Phone(port: goes)) != nil })
        #expect(live.server.retirement.listeners.isEmpty)
    }

    @Test func `a removed listener serves the transactions that began there, and no others`() throws {
        let (stays, goes) = (try LiveServer.freePort(), try LiveServer.freePort())
        let (caller, callee) = (try Phone(), try Phone())
        let relay = """
            request_route {
                if (method == "OPTIONS") { sl_send_reply("200", "OK"); exit; }
                $du = "sip:127.0.0.1:\(callee.port)";
                t_relay();
                exit;
            }

            """
        let live = try LiveServer(Self.listen(goes, stays) + Self.modules + relay)
        try caller.send(caller.request("INVITE", "sip:b@127.0.0.1", id: "l3"), to: goes)
        let invite = try #require(callee.receive("INVITE"))
        #expect(invite.contains("Via: SIP/2.0/UDP 127.0.0.1:\(goes);"))
        try live.reload(Self.listen(stays) + Self.modules + relay)
        #expect(try Phone().ask(goes, id: "l4", seconds: 1) == nil)
        #expect(try Phone().ask(stays, id: "l5") == "SIP/2.0 200 OK")
        #expect(live.server.retirement.listeners.map(\.address.port) == [goes])
        // The callee answers to where the INVITE came from; the caller hears it from where it sent it to.
        try callee.send(Phone.answer("180 Ringing", to: invite), to: goes)
        #expect(caller.receive("180") != nil)
        // The grace has an end, whatever still goes on.
        live.server.retirement.closeListeners(of: live.server, now: .now() + Retirement.grace + .seconds(1))
        #expect(live.server.retirement.listeners.isEmpty)
        #expect(LiveServer.isSoon { (try? Phone(port: goes)) != nil })
    }

    @Test func `another advertised address is used at once, on the same descriptors`() throws {
        let port = try LiveServer.freePort()
        let callee = try Phone()
        func text(_ host: String) -> String {
            """
            listen=udp:127.0.0.1:\(port) advertise \(host):5099
            \(Self.modules)request_route { $du = "sip:127.0.0.1:\(callee.port)"; t_relay(); exit; }

            """
        }
        let live = try LiveServer(text("one.example"))
        let before = live.server.transport.descriptors[0].map { ObjectIdentifier($0) }
        let caller = try Phone()
        try caller.send(caller.request("INFO", "sip:b@127.0.0.1", id: "l6"), to: port)
        #expect(try #require(callee.receive("INFO")).contains("Via: SIP/2.0/UDP one.example:5099;"))
        try live.reload(text("two.example"))
        try caller.send(caller.request("INFO", "sip:b@127.0.0.1", id: "l7"), to: port)
        // The first is repeated until it is answered: the second is the one with its Call-ID.
        var second = callee.receive("INFO")
        while let text = second, !text.contains("Call-ID: l7") { second = callee.receive("INFO") }
        #expect(try #require(second).contains("Via: SIP/2.0/UDP two.example:5099;"))
        #expect(live.server.transport.descriptors[0].map { ObjectIdentifier($0) } == before)
    }

    @Test func `aliases follow`() throws {
        let port = try LiveServer.freePort()
        let route =
            "request_route { if (uri == myself) sl_send_reply(\"200\", \"me\"); else sl_send_reply(\"404\", \"no\"); exit; }\n"
        let live = try LiveServer(Self.listen(port) + "alias=\"a.example\"\n" + Self.modules + route)
        let phone = try Phone()
        func ask(_ host: String, _ id: String) throws -> Bool {
            try phone.send(phone.request("OPTIONS", "sip:\(host)", id: id), to: port)
            return try #require(phone.receive("SIP/2.0")).hasPrefix("SIP/2.0 200")
        }
        #expect(try ask("a.example", "l8") && !ask("b.example", "l9"))
        try live.reload(Self.listen(port) + "alias=\"b.example\"\n" + Self.modules + route)
        #expect(try !ask("a.example", "l10") && ask("b.example", "l11"))
    }

    @Test func `workers of listeners that come and go take each other's numbers`() throws {
        let (stays, one, two) = (try LiveServer.freePort(), try LiveServer.freePort(), try LiveServer.freePort())
        let live = try LiveServer(Self.listen(stays) + Self.modules + Self.route)
        try live.reload(Self.listen(stays, one) + Self.modules + Self.route)
        let seats = live.server.crew.seats(adding: 0)
        for _ in 0..<4 {
            // A worker that is busy lets go of its descriptor a little later than the listener is given up.
            try live.reload(Self.listen(stays, two) + Self.modules + Self.route)
            #expect(LiveServer.isSoon { live.server.retirement.listeners.isEmpty && (try? Phone(port: one)) != nil })
            try live.reload(Self.listen(stays, one) + Self.modules + Self.route)
            #expect(LiveServer.isSoon { live.server.retirement.listeners.isEmpty && (try? Phone(port: two)) != nil })
        }
        let added = live.server.transport.limits.datagramWorkers
        #expect(live.server.crew.seats(adding: 0) <= seats + added)
        #expect(live.server.transport.descriptors.count <= 3)
    }

    @Test func `a listener that goes and comes back at once is no reason to refuse`() throws {
        let (stays, comes) = (try LiveServer.freePort(), try LiveServer.freePort())
        let live = try LiveServer(Self.listen(stays) + Self.modules + Self.route)
        for _ in 0..<10 {
            try live.reload(Self.listen(stays, comes) + Self.modules + Self.route)
            try live.reload(Self.listen(stays) + Self.modules + Self.route)
        }
        try live.reload(Self.listen(stays, comes) + Self.modules + Self.route)
        let phone = try Phone()
        #expect(try phone.ask(comes, id: "back") == "SIP/2.0 200 127.0.0.1:\(comes)")
    }
}
