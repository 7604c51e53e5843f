import Bytes
import Glibc
import SIPMessage
import Testing

@testable import SIPTransport

@Suite("TCP: whose connection it is")
struct StreamIdentityTests {
    private static func proxied(_ change: (inout StreamSettings) -> Void = { _ in }) throws -> Server {
        var settings = StreamSettings()
        settings.takesProxyHeader = true
        change(&settings)
        return try Server(settings: settings)
    }

    private static let line = "PROXY TCP4 192.0.2.7 192.0.2.1 4000 5062\r\n"
    private static let client = SocketAddress(ip: IPAddress(ipv4: 0xc000_0207), port: 4000)

    @Test func `behind a balancer a message comes from the client that its header names`() throws {
        let server = try Self.proxied()
        let balancer = RawSocket(to: server.address)
        balancer.write(Self.line + message("hello"))
        #expect(server.run { server.receiver.messages == [message("hello")] })
        #expect(server.receiver.arrivals[0].source == Self.client)
        #expect(server.transport.table.connection(.tcp, to: Self.client)?.id == server.receiver.arrivals[0].connection)
        #expect(server.transport.table.connection(.tcp, to: balancer.address()) == nil)
        #expect(server.send(message("back"), to: server.destination(Self.client)) == .queued)
        server.step()
        #expect(balancer.read() == message("back"))
    }

    @Test func `the header may come byte by byte, and only then is anybody told of the connection`() throws {
        let server = try Self.proxied()
        let balancer = RawSocket(to: server.address)
        for byte in Self.line.utf8.dropLast() {
            balancer.write(String(UnicodeScalar(byte)))
            server.step()
        }
        server.step()
        #expect(server.receiver.opened.isEmpty && server.transport.table.all.isEmpty)
        balancer.write("\n" + message("a") + message("b"))
        #expect(server.run { server.receiver.messages == [message("a"), message("b")] })
        #expect(server.receiver.opened.map(\.peer) == [Self.client])
    }

    @Test func `without a header the connection is the peer's own`() throws {
        let server = try Self.proxied()
        let client = RawSocket(to: server.address)
        client.write(message("plain"))
        #expect(server.run { server.receiver.messages == [message("plain")] })
        #expect(server.receiver.arrivals[0].source == client.address())
    }

    @Test func `a malformed header, or none in time, ends the connection`() throws {
        let server = try Self.proxied()
        let bad = RawSocket(to: server.address)
        bad.write("PROXY TCP4 nonsense\r\n")
        #expect(server.run { server.receiver.closed == [.badProxyHeader] })
        #expect(bad.read() == nil)
        let silent = RawSocket(to: server.address)
        #expect(server.run { server.transport.connectionCount == 1 })
        server.advance(.seconds(4))
        #expect(server.receiver.closed.count == 1)
        server.advance(.seconds(2))
        #expect(server.receiver.closed.last == .noDataInTime)
        #expect(silent.read() == nil)
    }

    @Test func `an address has as many connections as it may, and room again when one ends`() throws {
        let server = try Self.proxied { $0.connectionsPerAddress = 2 }
        let balancers = (0..<3).map { _ in RawSocket(to: server.address) }
        for (index, balancer) in balancers.enumerated() {
            balancer.write("PROXY TCP4 192.0.2.7 192.0.2.1 400\(index) 5062\r\n" + message("x"))
            if index < 2 { #expect(server.run { server.receiver.messages.count == index + 1 }) }
        }
        #expect(server.run { server.receiver.closed == [.tooMany] })
        #expect(server.transport.counts[.refused] == 1)
        #expect(server.transport.addresses.count(Self.client.ip) == 2)
        balancers[0].end()
        #expect(server.run { server.transport.addresses.count(Self.client.ip) == 1 })
        let next = RawSocket(to: server.address)
        next.write("PROXY TCP4 192.0.2.7 192.0.2.1 4009 5062\r\n" + message("y"))
        #expect(server.run { server.receiver.messages.last == message("y") })
    }

    @Test func `a second connection from a living address may be refused`() throws {
        let server = try Self.proxied { $0.acceptsUnique = true }
        let first = RawSocket(to: server.address)
        first.write(Self.line + message("1"))
        #expect(server.run { server.receiver.messages.count == 1 })
        let second = RawSocket(to: server.address)
        second.write(Self.line + message("2"))
        #expect(server.run { server.receiver.closed == [.tooMany] })
        #expect(server.receiver.messages == [message("1")])
    }

    @Test func `the latest of several aliases for an address is used, or the first, or the last for good`() throws {
        let server = try Server()
        let clients = (0..<2).map { _ in RawSocket(to: server.address) }
        #expect(server.run { server.receiver.opened.count == 2 })
        let table = server.transport.table
        let one = server.receiver.opened[0]
        let two = server.receiver.opened[1]
        let alias = ipv4Loopback.with(port: 5060)
        #expect(table.addAlias(alias, for: one) && table.addAlias(alias, for: two))
        #expect(table.connection(.tcp, to: alias) === two)
        #expect(table.addAlias(alias, for: one))
        #expect(table.connection(.tcp, to: alias) === one)
        let kept = ipv4Loopback.with(port: 5061)
        #expect(table.addAlias(kept, for: one, rule: .keep))
        #expect(!table.addAlias(kept, for: two, rule: .keep))
        #expect(table.connection(.tcp, to: kept) === one)
        let replaced = ipv4Loopback.with(port: 5062)
        #expect(table.addAlias(replaced, for: one) && table.addAlias(replaced, for: two, rule: .replace))
        #expect(table.connection(.tcp, to: replaced) === two)
        clients[server.receiver.opened[1].peer == clients[0].address() ? 0 : 1].end()
        #expect(server.run { server.receiver.closed.count == 1 })
        #expect(table.connection(.tcp, to: alias) === one)
        #expect(table.connection(.tcp, to: replaced) == nil)
    }

    @Test func `a connection is used from its own socket alone where that is asked for`() throws {
        var settings = StreamSettings()
        settings.matchesSocket = true
        let server = try Server(settings: settings)
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        var destination = server.destination(client.address())
        destination.mayConnect = false
        destination.socket = listenSocket(.tcp, ipv4Loopback.with(port: 9), index: 7)
        #expect(server.send("x", to: destination) == .refused(.noConnection))
        destination.socket = server.listener.socket
        #expect(server.send(message("x"), to: destination) == .queued)
    }
}

@Suite("TCP: slow, silent and half-open peers")
struct StreamPatienceTests {
    @Test func `a peer that connects and says nothing is let go`() throws {
        let server = try Server()
        let silent = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        server.advance(.seconds(19))
        #expect(server.receiver.closed.isEmpty)
        server.advance(.seconds(2))
        #expect(server.receiver.closed == [.noDataInTime])
        #expect(server.transport.counts[.timedOut] == 1)
        #expect(silent.read() == nil)
    }

    @Test func `a peer that has said something lives for its lifetime`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write("\r\n\r\n")
        #expect(server.run { client.poll() != nil })
        server.advance(.seconds(100))
        #expect(server.receiver.closed.isEmpty)
    }

    @Test func `all beginnings of messages together hold no more than they may`() throws {
        var settings = StreamSettings()
        settings.partialLimit = 3000
        let server = try Server(settings: settings)
        let clients = (0..<4).map { _ in RawSocket(to: server.address) }
        for client in clients {
            client.write("INVITE sip:a SIP/2.0\r\nSubject: " + String(repeating: "x", count: 900))
        }
        #expect(server.run { server.receiver.closed == [.memoryFull] })
        #expect(server.transport.partialBytes <= 3000 && server.transport.partialBytes > 2000)
        for client in clients { client.end() }
        #expect(server.run { server.receiver.closed.count == 4 })
        #expect(server.transport.partialBytes == 0)
    }

    @Test func `a message that comes in pieces is counted while it does, and no longer`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        let whole = message("in two pieces")
        client.write(String(whole.prefix(11)))
        #expect(server.run { server.transport.partialBytes == 11 })
        client.write(String(whole.dropFirst(11)) + whole.prefix(5))
        #expect(server.run { server.receiver.messages == [whole] })
        #expect(server.transport.partialBytes == 5)
        client.write(String(whole.dropFirst(5)))
        #expect(server.run { server.receiver.messages.count == 2 })
        #expect(server.transport.partialBytes == 0)
    }

    @Test func `nothing more is taken from a peer that does not take its answers`() throws {
        var settings = StreamSettings()
        settings.connectionQueueLimit = 400_000
        let server = try Server(settings: settings)
        let other = RawSocket(to: server.address)
        let client = RawSocket(to: server.address)
        client.write(message("1"))
        #expect(server.run { server.receiver.messages.count == 1 })
        let connection = try #require(server.transport.table[server.receiver.arrivals[0].connection])
        let part = message(String(repeating: "x", count: 16_000))
        var sent = 0
        while !connection.isReadingPaused, sent < 1000 {
            #expect(server.sendInside(part, to: connection.destination) == .queued)
            server.step()
            sent += 1
        }
        #expect(connection.isReadingPaused)
        client.write(message("2"))
        for _ in 0..<20 { server.step() }
        #expect(server.receiver.messages.count == 1)
        // Others are served meanwhile.
        other.write(message("other"))
        #expect(server.run { server.receiver.messages == [message("1"), message("other")] })
        #expect(
            server.run {
                for _ in 0..<50 { _ = client.poll() }; return server.receiver.messages.count == 3
            })
        #expect(server.receiver.messages.last == message("2"))
    }
}

@Suite("TCP: connections that end before the answer")
struct StreamLostAnswerTests {
    @Test func `whoever waits for an answer hears that the connection is gone`() throws {
        let server = try Server()
        let peer = RawSocket(listeningOn: ipv4Loopback)
        for token in [0, 8, 9] as [UInt64] {
            #expect(server.send(message("x"), to: server.destination(peer.address()), token: token) == .queued)
        }
        #expect(server.run { server.receiver.opened.count == 1 })
        let accepted = peer.accept()
        #expect(accepted.read() != nil)
        #expect(server.receiver.failures.isEmpty)
        accepted.end()
        #expect(server.run { server.receiver.closed.count == 1 })
        #expect(server.receiver.failures.map(\.token) == [8, 9])
        #expect(server.transport.counts[.lostAnswers] == 1)
    }

    @Test func `after half a minute nobody waits any more`() throws {
        let server = try Server()
        let peer = RawSocket(listeningOn: ipv4Loopback)
        #expect(server.send(message("x"), to: server.destination(peer.address()), token: 8) == .queued)
        #expect(server.run { server.receiver.opened.count == 1 })
        let accepted = peer.accept()
        #expect(accepted.read() != nil)
        server.advance(.seconds(33))
        accepted.end()
        #expect(server.run { server.receiver.closed.count == 1 })
        #expect(server.receiver.failures.isEmpty)
    }

    @Test func `a connection that is closed after sending takes no answer with it`() throws {
        let server = try Server()
        let peer = RawSocket(listeningOn: ipv4Loopback)
        var destination = server.destination(peer.address())
        destination.closesAfter = true
        #expect(server.send(message("x"), to: destination, token: 8) == .queued)
        #expect(server.run { server.receiver.opened.count == 1 })
        let accepted = peer.accept()
        #expect(accepted.read() != nil)
        accepted.end()
        #expect(server.run { server.receiver.closed == [.requested] })
        #expect(server.receiver.failures.isEmpty)
    }

    @Test func `a connection may be opened from the port that is listened on`() throws {
        var settings = StreamSettings()
        settings.reusesPort = true
        let server = try Server(settings: settings)
        let socket = listenSocket(.tcp, server.address, index: 1)
        let peer = RawSocket(listeningOn: ipv4Loopback)
        var destination = server.destination(peer.address())
        destination.socket = socket
        #expect(server.send(message("x"), to: destination) == .queued)
        #expect(server.run { server.receiver.opened.count == 1 })
        #expect(server.receiver.opened[0].local == server.address)
    }

    @Test func `a connection with ourselves is none`() throws {
        var settings = StreamSettings()
        settings.reusesPort = true
        let server = try Server(settings: settings)
        // No listener: only the kernel's simultaneous open (RFC 9293 §3.5) could make such a connection.
        let nobody = RawSocket(listeningOn: ipv4Loopback, backlog: -1).address()
        let socket = listenSocket(.tcp, nobody)
        let destination = Destination(transport: .tcp, address: nobody, socket: socket)
        #expect(server.send(message("x"), to: destination, token: 7) == .queued)
        #expect(server.run { server.receiver.closed.count == 1 })
        #expect(server.receiver.closed == [.connectFailed(ECONNREFUSED)])
        #expect(server.receiver.failures == [.init(token: 7, code: ECONNREFUSED)])
        #expect(server.receiver.messages.isEmpty)
    }

    @Test func `a connection may be opened from another address`() throws {
        var settings = StreamSettings()
        settings.sourceIPv4 = IPAddress(ipv4: 0x7f00_0002)
        let server = try Server(settings: settings)
        let peer = RawSocket(listeningOn: ipv4Loopback)
        #expect(server.send(message("x"), to: server.destination(peer.address())) == .queued)
        #expect(server.run { server.receiver.opened.count == 1 })
        #expect(server.receiver.opened[0].local?.ip == IPAddress(ipv4: 0x7f00_0002))
    }

    @Test func `a connection may end with a reset`() throws {
        var settings = StreamSettings()
        settings.closesWithReset = true
        let server = try Server(settings: settings)
        let client = RawSocket(to: server.address)
        client.write(message("x"))
        #expect(server.run { server.receiver.messages.count == 1 })
        #expect(server.transport.close(server.receiver.arrivals[0].connection))
        #expect(server.run { server.receiver.closed == [.requested] })
        #expect(client.read() == nil)
        #expect(errno == ECONNRESET)
    }
}

@Suite("TCP: descriptors")
struct DescriptorLimitTests {
    @Test func `connections leave the descriptors that the rest of the process needs`() throws {
        let server = try Server()
        server.transport.descriptorLimit = 1
        let first = RawSocket(to: server.address)
        #expect(server.run { server.transport.connectionCount == 1 })
        let second = RawSocket(to: server.address)
        #expect(server.run { server.listener.refusedCount == 1 })
        #expect(second.read() == nil)
        let elsewhere = SocketAddress(ip: server.address.ip, port: 1)
        #expect(server.send(message("no"), to: server.destination(elsewhere)) == .refused(.tooManyConnections))
        first.write(message("hello"))
        #expect(server.run { server.receiver.messages == [message("hello")] })
    }
}
