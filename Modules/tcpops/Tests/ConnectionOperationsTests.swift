import Bytes
import ModuleKit
import SIPMessage
import SIPTesting
import Testing
import pv

@testable import tcpops

/// Connections as a test wants them; notes what is done with them.
private final class FakeConnections: ConnectionControl, @unchecked Sendable {  // a test uses it on one thread
    var states: [UInt64: ConnectionState] = [:]
    var addresses: [SocketAddress: UInt64] = [:]
    var done: [String] = []

    func state(of connection: ConnectionID) -> ConnectionState? { self.states[connection.rawValue] }
    func connection(_ transport: TransportProtocol, to peer: SocketAddress) -> ConnectionID? {
        self.addresses[peer].map { ConnectionID(rawValue: $0) }
    }
    private func note(_ text: String, _ connection: ConnectionID) -> Bool {
        guard self.states[connection.rawValue] != nil else { return false }
        self.done.append("\(text) \(connection.rawValue)")
        return true
    }
    func close(_ connection: ConnectionID) -> Bool { self.note("close", connection) }
    func setLifetime(_ lifetime: Interval, of connection: ConnectionID) -> Bool {
        self.note("live \(lifetime.milliseconds)", connection)
    }
    func setKeepalive(_ keepalive: Keepalive?, of connection: ConnectionID) -> Bool {
        self.note(keepalive.map { "probe \($0.idle) \($0.count) \($0.interval)" } ?? "leave", connection)
    }
}

@Suite("tcpops")
struct ConnectionOperationsTests {
    private final class Scene {
        let bench = ModuleBench()
        let connections = FakeConnections()
        let module: ConnectionOperations

        init(closedEvent: Int = 1) throws {
            self.module = try self.bench.load(ConnectionOperations.self, [("closed_event", .int(closedEvent))])
            self.bench.worker.connections = self.connections
            self.connections.states = [5: .open, 6: .accepted, 7: .connecting, 8: .closing]
            self.bench.program.routes = ["tcp:closed", "tcp:reset", "tcp:timeout"]
        }

        func route(connection: UInt64 = 5) throws -> RouteContext {
            try self.bench.receive(
                "OPTIONS sip:a@b SIP/2.0\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\nCSeq: 1 OPTIONS\n", on: 1,
                connection: connection)
        }

        /// The event route that runs when a connection ends; what it sees of it.
        func event(_ ending: ClosedConnection.Ending, of number: UInt64) throws -> String? {
            let peer = SocketAddress(ip: try #require(IPAddress("192.0.2.1")), port: 5070)
            self.module.hooks.connectionClosed?(
                self.bench.worker,
                ClosedConnection(
                    id: ConnectionID(rawValue: number), peer: peer, socket: self.bench.sockets[1], ending: ending))
            guard let (call, context) = self.bench.worker.scheduled.popLast() else { return nil }
            let arrival = context.arrival
            return "\(self.bench.program.name(of: call.route)) \(arrival.source) \(arrival.connection.rawValue)"
        }
    }

    @Test(arguments: [
        ("5", 1, 1), ("6", 1, 2), ("7", 1, 3), ("8", -1, -2), ("9", -1, -1), ("0", -1, -1), ("-5", -1, -1),
    ])
    func `a connection's number tells where it is in its life`(_ number: String, _ isAlive: Int, _ state: Int) throws {
        let scene = try Scene()
        #expect(try scene.bench.call("tcp_conid_alive", number, in: scene.route()) == isAlive)
        #expect(try scene.bench.call("tcp_conid_state", number, in: scene.route()) == state)
    }

    @Test func `without a number the connection of the message is meant`() throws {
        let scene = try Scene()
        let route = try scene.route()
        #expect(try scene.bench.call("tcp_keepalive_enable", "60", "5", "2", in: route) == 1)
        #expect(try scene.bench.call("tcp_keepalive_enable", "7", "60", "5", "2", in: route) == 1)
        #expect(try scene.bench.call("tcp_keepalive_disable", in: route) == 1)
        #expect(try scene.bench.call("tcp_set_connection_lifetime", "3605", in: route) == 1)
        #expect(try scene.bench.call("tcp_set_connection_lifetime", "6", "10", in: route) == 1)
        #expect(try scene.bench.call("tcp_close_connection", in: route) == 1)
        #expect(try scene.bench.call("tcp_close_connection", "6", in: route) == 1)
        #expect(
            scene.connections.done == [
                "probe 60 5 2 5", "probe 60 5 2 7", "leave 5", "live 3605000 5", "live 10000 6", "close 5", "close 6",
            ])
    }

    @Test func `what there is not cannot be changed`() throws {
        let scene = try Scene()
        for route in [try scene.route(connection: 0), try scene.route(connection: 99)] {
            #expect(try scene.bench.call("tcp_keepalive_enable", "60", "5", "2", in: route) == -1)
            #expect(try scene.bench.call("tcp_keepalive_disable", in: route) == -1)
            #expect(try scene.bench.call("tcp_set_connection_lifetime", "60", in: route) == -1)
            #expect(try scene.bench.call("tcp_enable_closed_event", in: route) == -1)
            #expect(try scene.bench.call("tcp_close_connection", in: route) == -1)
        }
        let route = try scene.route()
        #expect(try scene.bench.call("tcp_set_connection_lifetime", "-1", in: route) == -1)
        #expect(try scene.bench.call("tcp_keepalive_enable", "5", "0", "5", "2", in: route) == -1)
        #expect(scene.connections.done.isEmpty)
        // A worker without streams, as in a simulation.
        scene.bench.worker.connections = nil
        #expect(try scene.bench.call("tcp_conid_alive", "5", in: route) == -1)
        #expect(try scene.bench.call("tcp_close_connection", in: route) == -1)
    }

    @Test func `a connection is found by the address of its peer`() throws {
        let scene = try Scene()
        try scene.bench.load(PseudoVariables.self)
        let peer = try #require(IPAddress("192.0.2.1"))
        let peer6 = try #require(IPAddress("2001:db8::1"))
        scene.connections.addresses = [
            SocketAddress(ip: peer, port: 5070): 5, SocketAddress(ip: peer, port: 5060): 6,
            SocketAddress(ip: peer6, port: 5070): 7,
        ]
        scene.bench.hostNames["phone.example"] = ["192.0.2.1"]
        let route = try scene.route()
        for (place, number) in [
            ("192.0.2.1:5070", 5), ("192.0.2.1", 6), ("[2001:db8::1]:5070", 7), ("phone.example:5070", 5),
        ] {
            #expect(try scene.bench.call("tcp_get_conid", place, "$var(found)", in: route) == 1)
            #expect(route.int(try scene.bench.compiler.variable("$var(found)").read(in: route)) == number)
        }
        for place in ["192.0.2.2:5070", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1:", "none.example", ""] {
            #expect(try scene.bench.call("tcp_get_conid", place, "$var(found)", in: route) == -1)
            #expect(route.int(try scene.bench.compiler.variable("$var(found)").read(in: route)) == 0)
        }
    }

    @Test func `the end of a connection has its event, unless it never was one`() throws {
        let scene = try Scene()
        #expect(try scene.event(.closed, of: 5) == "tcp:closed 192.0.2.1:5070 5")
        #expect(try scene.event(.reset, of: 6) == "tcp:reset 192.0.2.1:5070 6")
        #expect(try scene.event(.timedOut, of: 7) == "tcp:timeout 192.0.2.1:5070 7")
        #expect(try scene.event(.unnoticed, of: 8) == nil)
    }

    @Test func `with closed_event 0 there are none, with 2 those that were asked for, once`() throws {
        let silent = try Scene(closedEvent: 0)
        #expect(try silent.event(.closed, of: 5) == nil)
        let choosy = try Scene(closedEvent: 2)
        #expect(try choosy.bench.call("tcp_enable_closed_event", in: choosy.route()) == 1)
        #expect(try choosy.bench.call("tcp_enable_closed_event", "6", in: choosy.route()) == 1)
        #expect(try choosy.event(.closed, of: 7) == nil)
        #expect(try choosy.event(.unnoticed, of: 6) == nil)
        #expect(try choosy.event(.reset, of: 6) == nil)
        #expect(try choosy.event(.reset, of: 5) != nil)
        #expect(try choosy.event(.reset, of: 5) == nil)
    }

    @Test func `the chosen connection counts while the flag is set, that of a contact while nothing was changed`()
        throws
    {
        let scene = try Scene()
        let route = try scene.route()
        let peer = SocketAddress(ip: try #require(IPAddress("192.0.2.1")), port: 5070)
        let stream = Destination(transport: .tcp, address: peer)
        #expect(try scene.bench.call("tcp_set_otcpid", "6", in: route) == 1)
        #expect(!route.chosenConnection(stream).connection.isPresent)
        #expect(try scene.bench.call("tcp_set_otcpid_flag", "1", in: route) == 1)
        #expect(route.chosenConnection(stream).connection.rawValue == 6)
        #expect(!route.chosenConnection(Destination(transport: .udp, address: peer)).connection.isPresent)
        #expect(try scene.bench.call("tcp_set_otcpid_flag", "0", in: route) == 1)
        #expect(!route.chosenConnection(stream).connection.isPresent)
        #expect(try scene.bench.call("tcp_set_otcpid", "-1", in: route) == -1)

        let other = try scene.route()
        other.target.connection = ConnectionID(rawValue: 7)
        #expect(other.chosenConnection(stream).connection.rawValue == 7)
        other.target.destinationURI = "sip:192.0.2.9"
        #expect(!other.chosenConnection(stream).connection.isPresent)
        other.target.connection = ConnectionID(rawValue: 7)
        #expect(try scene.bench.call("tcp_set_otcpid_flag", "1", in: other) == 1)
        other.target.uri = "sip:192.0.2.9"
        #expect(other.chosenConnection(stream).connection.rawValue == 7)
    }
}

extension RouteContext {
    fileprivate func chosenConnection(_ destination: Destination) -> Destination {
        var destination = destination
        self.chooseConnection(for: &destination)
        return destination
    }
}
