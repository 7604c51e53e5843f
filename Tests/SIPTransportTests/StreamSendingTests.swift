import Bytes
import Glibc
import SIPMessage
import Synchronization
import Testing

@testable import SIPTransport

extension StreamListener {
    /// Has an accept fail with `code`; whether the listener rests now.
    func rests(after code: Int32) -> Bool { !self.goesOn(after: code) && self.isPaused }
}

@Suite("TCP: sending")
struct StreamSendingTests {
    @Test(arguments: [ipv4Loopback, ipv6Loopback])
    func `the first message opens a connection, the next ones use it`(address: SocketAddress) throws {
        let server = try Server(address)
        let peer = RawSocket(listeningOn: address)
        let destination = server.destination(peer.address(address))
        #expect(server.send(message("1"), to: destination) == .queued)
        #expect(server.send(message("2"), to: destination) == .queued)
        #expect(server.run { server.receiver.opened.count == 1 })
        let accepted = peer.accept()
        #expect(server.send(message("3"), to: destination) == .queued)
        server.step()
        var read = ""
        while read.utf8.count < message("1").utf8.count * 3 { read += accepted.read() ?? "end" }
        #expect(read == message("1") + message("2") + message("3"))
        accepted.write(message("back"))
        #expect(server.run { server.receiver.messages == [message("back")] })
        let connection = server.receiver.opened[0]
        #expect(server.receiver.arrivals[0].connection == connection.id)
        #expect(connection.isOutgoing)
        #expect(connection.local?.ip == address.ip)
        #expect(server.transport.connectionCount == 1)
    }

    @Test func `an accepted connection is used for its peer's address too`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        #expect(server.send(message("x"), to: server.destination(client.address())) == .queued)
        server.step()
        #expect(client.read() == message("x"))
        #expect(server.transport.connectionCount == 1)
    }

    @Test func `an alias finds the connection until it is closed`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let alias = ipv4Loopback.with(port: 5060)
        let connection = server.receiver.opened[0]
        #expect(server.transport.table.addAlias(alias, for: connection))
        #expect(server.transport.table.connection(.tcp, to: alias) === connection)
        #expect(server.transport.table.connection(.tls, to: alias) == nil)
        client.end()
        #expect(server.run { server.receiver.closed.count == 1 })
        #expect(server.transport.table.connection(.tcp, to: alias) == nil)
        #expect(server.transport.table.addAlias(alias, for: connection) == false)
        #expect(server.transport.table.connection(.tcp, to: alias) == nil)
    }

    @Test func `a refused connection fails every message that has a token`() throws {
        let server = try Server()
        let gone = RawSocket(listeningOn: ipv4Loopback, backlog: -1)  // bound, not listening
        let destination = server.destination(gone.address())
        for token in [7, 0, 8] as [UInt64] {
            #expect(server.send(message("x"), to: destination, token: token) == .queued)
        }
        #expect(server.run { server.receiver.closed == [.connectFailed(ECONNREFUSED)] })
        #expect(
            server.receiver.failures == [.init(token: 7, code: ECONNREFUSED), .init(token: 8, code: ECONNREFUSED)]
        )
        #expect(server.transport.connectionCount == 0)
        #expect(server.transport.queuedBytes == 0)
    }

    @Test func `nothing is opened where that is forbidden`() throws {
        let server = try Server()
        var destination = server.destination(ipv4Loopback.with(port: 9))
        destination.mayConnect = false
        #expect(server.send("x", to: destination) == .refused(.noConnection))
        destination.mayConnect = true
        destination.address.port = 0
        #expect(server.send("x", to: destination) == .refused(.noConnection))
        #expect(server.send("x", to: server.destination(ipv6Loopback.with(port: 9))) == .refused(.noSocket))
        var settings = StreamSettings()
        settings.mayConnect = false
        server.transport.update(settings)
        #expect(server.send("x", to: server.destination(ipv4Loopback.with(port: 9))) == .refused(.noConnection))
    }

    @Test func `a connection that is gone gives way to one to the address`() throws {
        let server = try Server()
        let peer = RawSocket(listeningOn: ipv4Loopback)
        var destination = server.destination(peer.address())
        destination.connection = ConnectionID(rawValue: 999)
        #expect(server.send(message("x"), to: destination) == .queued)
        #expect(server.run { server.receiver.opened.count == 1 })
        #expect(peer.accept().read() == message("x"))
    }

    @Test func `close after send ends our half once all is written`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let connection = server.receiver.opened[0]
        var destination = connection.destination
        #expect(server.sendInside(message("1"), to: destination) == .queued)
        destination.closesAfter = true
        #expect(server.sendInside(message("2"), to: destination) == .queued)
        #expect(server.transport.table[connection.id] == nil)
        server.step()
        #expect(client.read() == message("1") + message("2"))
        #expect(client.read() == nil)
        #expect(connection.state == .closing)
        client.end()
        #expect(server.run { server.receiver.closed == [.requested] })
    }

    @Test func `a peer that does not end its half is not waited for`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        #expect(server.transport.close(server.receiver.opened[0].id))
        server.step()
        #expect(client.read() == nil)
        server.advance(.seconds(3))
        #expect(server.receiver.closed == [.requested])
    }

    @Test func `the end of the loop closes connections and reports what was not sent`() throws {
        let server = try Server()
        let deaf = RawSocket(listeningOn: ipv4Loopback, backlog: 0)
        let filler = RawSocket(to: deaf.address())
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        #expect(server.send(message("x"), to: server.destination(deaf.address()), token: 3) == .queued)
        server.step()
        server.loop.close()
        #expect(client.read() == nil)
        #expect(server.receiver.closed == [.shutdown, .shutdown])
        #expect(server.receiver.failures == [.init(token: 3, code: ESHUTDOWN)])
        #expect(server.send("x", to: server.destination(deaf.address())) == .refused(.shutdown))
        filler.end()
    }
}

@Suite("TCP: peers that read slowly")
struct StreamSlowReaderTests {
    /// A connection whose peer reads nothing, and the messages the kernel took before it took no more.
    static func fill(_ server: Server, _ client: RawSocket, _ body: String) -> Int {
        var sent = 0
        let connection = server.receiver.opened[0]
        while connection.queuedBytes == 0, sent < 10_000 {
            guard server.send(message(body), to: connection.destination, token: UInt64(sent + 1)) == .queued else {
                break
            }
            sent += 1
            server.step()
        }
        return sent
    }

    @Test func `what the kernel does not take waits, and arrives when the peer reads`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let body = String(repeating: "x", count: 10_000)
        let sent = Self.fill(server, client, body)
        let connection = server.receiver.opened[0]
        #expect(connection.queuedBytes > 0)
        #expect(server.transport.queuedBytes == connection.queuedBytes)
        let total = sent * message(body).utf8.count
        var read = 0
        #expect(
            server.run {
                while let part = client.poll() { read += part.utf8.count }
                return read == total
            }
        )
        #expect(server.transport.queuedBytes == 0)
        #expect(server.receiver.failures.isEmpty)
        #expect(server.send(message("after"), to: connection.destination) == .queued)
        server.step()
        #expect(client.read() == message("after"))
    }

    @Test func `too much for one peer closes its connection and reports what it did not take`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let body = String(repeating: "x", count: 10_000)
        let sent = Self.fill(server, client, body)
        let connection = server.receiver.opened[0]
        var accepted = sent
        var outcome = SendOutcome.queued
        while outcome == .queued, accepted < sent + 10 {
            outcome = server.sendInside(message(body), to: connection.destination, token: UInt64(accepted + 1))
            if outcome == .queued { accepted += 1 }
        }
        #expect(outcome == .refused(.queueFull))
        #expect(server.receiver.closed.isEmpty)  // not from inside send
        server.step()
        #expect(server.receiver.closed == [.queueFull])
        let lost = server.receiver.failures
        #expect(lost.last == .init(token: UInt64(accepted), code: ENOBUFS))
        #expect(lost.map(\.token) == Array(UInt64(accepted - lost.count + 1)...UInt64(accepted)))
        #expect(lost.count == accepted)  // what it took has no answer either
        #expect(server.transport.queuedBytes == 0)
    }

    @Test func `a message from another thread that finds the queue full is reported too`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let body = String(repeating: "x", count: 10_000)
        let sent = Self.fill(server, client, body)
        let destination = server.receiver.opened[0].destination
        for token in sent + 1...sent + 5 {
            #expect(server.send(message(body), to: destination, token: UInt64(token)) == .queued)
        }
        server.step()
        #expect(server.receiver.closed == [.queueFull])
        #expect(server.receiver.failures.contains(.init(token: UInt64(sent + 5), code: ENOBUFS)))
        #expect(server.transport.queuedBytes == 0)
    }

    @Test func `only what the peer's system did not get whole is reported as lost`() throws {
        var settings = StreamSettings()
        settings.connectionQueueLimit = 64 << 20
        settings.totalQueueLimit = 64 << 20
        let server = try Server(settings: settings)
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let connection = server.receiver.opened[0]
        let text = message(String(repeating: "x", count: 10_000))
        for token in 1...3000 {
            #expect(server.sendInside(text, to: connection.destination, token: UInt64(token)) == .queued)
        }
        server.step()
        let before = connection.queuedBytes
        #expect(before > 0)
        // The kernel takes more once the peer has read enough, but not nearly all.
        #expect(
            server.run {
                _ = client.poll()
                return connection.queuedBytes < before
            }
        )
        let size = text.utf8.count
        let lostCount = (connection.queuedBytes + size - 1) / size
        #expect(lostCount > 0)
        server.loop.close()
        #expect(server.receiver.failures.map(\.token) == Array(UInt64(3000 - lostCount + 1)...3000))
    }

    @Test func `what comes while a connection is being opened is not held against its peer`() throws {
        var settings = StreamSettings()
        settings.totalQueueLimit = 512 << 20
        let server = try Server(settings: settings)
        let peer = RawSocket(listeningOn: ipv4Loopback)
        peer.limitReceiveBuffer(4096)  // inherited: the kernel takes only a part at once
        let destination = server.destination(peer.address())
        let body = String(repeating: "x", count: 10_000)
        let size = message(body).utf8.count
        for token in 1...1500 {
            #expect(server.sendInside(message(body), to: destination, token: UInt64(token)) == .queued)
        }
        #expect(server.run { server.receiver.opened.count == 1 })
        let connection = server.receiver.opened[0]
        #expect(connection.queuedBytes > 32_768)
        #expect(server.sendInside(message(body), to: destination) == .queued)  // though more waits than usually may
        let accepted = peer.accept()
        var read = 0
        #expect(
            server.run {
                while let part = accepted.poll() { read += part.utf8.count }
                return read == 1501 * size
            }
        )
        #expect(server.receiver.failures.isEmpty)
        #expect(server.receiver.closed.isEmpty)
        // From now on it is a peer like others.
        var outcome = SendOutcome.queued
        var sent = 0
        while outcome == .queued, sent < 10_000 {
            outcome = server.sendInside(message(body), to: destination)
            sent += 1
            if connection.queuedBytes == 0 { server.step() }
        }
        #expect(outcome == .refused(.queueFull))
        #expect(connection.queuedBytes <= 32_768)
    }

    @Test func `a connection that is being opened takes a sixteenth of what may wait for all`() throws {
        var settings = StreamSettings()
        settings.totalQueueLimit = 1_600_000
        let server = try Server(settings: settings)
        let peer = RawSocket(listeningOn: ipv4Loopback)
        let text = message(String(repeating: "x", count: 9000))
        let destination = server.destination(peer.address())
        var sent = 0
        while server.sendInside(text, to: destination) == .queued, sent < 100 { sent += 1 }
        #expect(sent == 100_000 / text.utf8.count)
        #expect(server.run { server.receiver.opened.count == 1 && server.transport.queuedBytes == 0 })
        #expect(server.sendInside(text, to: destination) == .queued)
    }

    @Test func `too much for all peers together refuses the message and keeps the connection`() throws {
        var settings = StreamSettings()
        settings.totalQueueLimit = 5000  // less than one of the messages
        let server = try Server(settings: settings)
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let large = message(String(repeating: "x", count: 6000))
        #expect(server.send(large, to: server.receiver.opened[0].destination) == .refused(.queueFull))
        #expect(server.sendInside(large, to: server.receiver.opened[0].destination) == .refused(.queueFull))
        #expect(server.send(message("small"), to: server.receiver.opened[0].destination) == .queued)
        server.step()
        #expect(client.read() == message("small"))
    }

    @Test func `a peer that takes nothing for too long is given up`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let sent = Self.fill(server, client, String(repeating: "x", count: 10_000))
        server.advance(.seconds(9))
        #expect(server.receiver.closed.isEmpty)
        server.advance(.seconds(2))
        #expect(server.receiver.closed == [.writeStalled])
        #expect(server.receiver.failures.last == .init(token: UInt64(sent), code: ETIMEDOUT))
    }
}

@Suite("TCP: several threads")
struct StreamThreadTests {
    /// Answers every message over the connection that it came on.
    final class Echo: StreamReceiver, @unchecked Sendable {  // each loop has its own
        let transport: StreamTransport
        let loop: EventLoop
        init(_ transport: StreamTransport, _ loop: EventLoop) {
            self.transport = transport
            self.loop = loop
        }
        func received(_ buffer: ByteBuffer, arrival: Arrival, on loop: EventLoop) {
            #expect(loop === self.loop)
            let destination = Destination(
                transport: .tcp,
                address: arrival.source,
                socket: arrival.socket,
                connection: arrival.connection
            )
            _ = self.transport.send(buffer.span, to: destination)
            loop.buffers.give(buffer)
        }
        func connectionClosed(_ connection: StreamConnection, reason: CloseReason, on loop: EventLoop) {}
        func sendFailed(to destination: Destination, token: UInt64, code: Int32, on loop: EventLoop) {}
    }

    @Test func `connections are spread over the loops and answers come from each`() throws {
        let loops = [try EventLoop(index: 0), try EventLoop(index: 1)]
        let socket = listenSocket(.tcp, ipv4Loopback)
        let transport = StreamTransport(loops: loops, sockets: [socket])
        let listener = try transport.listen(on: socket)
        for loop in loops { loop.receiver = Echo(transport, loop) }
        let threads = try loops.map { loop in try WorkerThread(name: "event-\(loop.index)") { loop.run() } }
        let clients = (0..<6).map { _ in RawSocket(to: listener.localAddress) }
        for round in 0..<20 {
            for (number, client) in clients.enumerated() { client.write(message("\(round).\(number)")) }
            for (number, client) in clients.enumerated() { #expect(client.read() == message("\(round).\(number)")) }
        }
        #expect(transport.connectionCount == 6)
        let shares = loops.map { $0.connectionCount.load(ordering: .relaxed) }
        #expect(shares == [3, 3])
        for loop in loops { loop.stop() }
        for thread in threads { thread.join() }
        #expect(transport.connectionCount == 0)
    }

    @Test func `threads that send to one address share one connection and lose nothing`() throws {
        let loop = try EventLoop()
        let socket = listenSocket(.tcp, ipv4Loopback)
        let transport = StreamTransport(loops: [loop], sockets: [socket])
        let worker = try WorkerThread(name: "event") { loop.run() }
        let peer = RawSocket(listeningOn: ipv4Loopback)
        let destination = Destination(transport: .tcp, address: peer.address())
        let refused = Lock(0)
        let senders = try (0..<3).map { sender in
            try WorkerThread(name: "sender") {
                for number in 0..<100 {
                    let bytes = Array(message("\(sender).\(100 + number)").utf8)
                    if transport.send(bytes.span, to: destination) != .queued { refused.withLock { $0 += 1 } }
                }
            }
        }
        for sender in senders { sender.join() }
        #expect(refused.withLock { $0 } == 0)
        let accepted = peer.accept()
        let total = 300 * message("0.100").utf8.count
        var read = ""
        while read.utf8.count < total, let part = accepted.read() { read += part }
        for sender in 0..<3 {
            let bodies = read.split(separator: "INFO sip:x SIP/2.0\r\nl: 5\r\n\r\n").filter {
                $0.hasPrefix("\(sender).")
            }
            #expect(bodies.map { String($0) } == (0..<100).map { "\(sender).\(100 + $0)" })
        }
        #expect(transport.connectionCount == 1)
        loop.stop()
        worker.join()
    }
}
