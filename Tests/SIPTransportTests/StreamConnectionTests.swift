import Bytes
import Glibc
import SIPMessage
import SIPTransport
import Testing

@Suite("TCP: receiving")
struct StreamReceivingTests {
    @Test(arguments: [ipv4Loopback, ipv6Loopback])
    func `a message comes in and its answer goes back over the same connection`(address: SocketAddress) throws {
        let server = try Server(address)
        let client = RawSocket(to: server.address)
        client.write(message("hello"))
        #expect(server.run { server.receiver.messages == [message("hello")] })
        let arrival = try #require(server.receiver.arrivals.first)
        #expect(arrival.source == client.address(address))
        #expect(arrival.socket == server.listener.socket)
        #expect(arrival.time == server.time)
        let connection = try #require(server.transport.table[arrival.connection])
        #expect(connection.local == server.address)
        #expect(connection.state == .open)
        var destination = server.destination(arrival.source)
        destination.connection = arrival.connection
        #expect(server.send(message("answer"), to: destination) == .queued)
        server.step()
        #expect(client.read() == message("answer"))
        #expect(server.transport.connectionCount == 1)
        #expect(server.transport.queuedBytes == 0)
    }

    @Test func `segments of one byte make whole messages`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        for byte in (message("one") + message("two")).utf8 {
            client.write(String(UnicodeScalar(byte)))
            server.step()
        }
        #expect(server.run { server.receiver.messages == [message("one"), message("two")] })
    }

    @Test(arguments: [7, 37, 50])
    func `a segment may end one message and begin the next`(size: Int) throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        let all = (100..<140).map { message("number \($0)") }
        let bytes = Array(all.joined().utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            client.write(String(decoding: bytes[start..<min(start + size, bytes.count)], as: UTF8.self))
            server.step()
        }
        #expect(server.run { server.receiver.messages == all })
    }

    @Test func `one segment may hold many messages and the beginning of another`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        let all = (0..<50).map { message("number \($0)") }
        let last = all[49]
        client.write(all.dropLast().joined() + last.prefix(12))
        #expect(server.run { server.receiver.messages.count == 49 })
        client.write(String(last.dropFirst(12)))
        #expect(server.run { server.receiver.messages == all })
    }

    @Test func `a message larger than the read area arrives whole`() throws {
        var settings = StreamSettings()
        settings.framing.maximumMessage = 300_000
        let server = try Server(settings: settings)
        let client = RawSocket(to: server.address)
        let large = message(String(repeating: "0123456789", count: 20_000))
        let thread = try WorkerThread(name: "client") { [descriptor = client.descriptor] in
            var bytes = Array((large + message("next")).utf8)
            let count = bytes.count
            _ = unsafe send(descriptor, &bytes, count, 0)
        }
        #expect(server.run { server.receiver.messages == [large, message("next")] })
        thread.join()
    }

    @Test func `a double CRLF is answered with one`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write("\r\n\r\n")
        var answer: String?
        #expect(
            server.run {
                answer = answer ?? client.poll(); return answer != nil
            }
        )
        #expect(answer == "\r\n")
        client.write("\r\n" + message("x") + "\r\n\r")
        #expect(server.run { server.receiver.messages == [message("x")] })
        #expect(client.poll() == nil)
        client.write("\n")
        answer = nil
        #expect(
            server.run {
                answer = answer ?? client.poll(); return answer != nil
            }
        )
        #expect(answer == "\r\n")
    }

    @Test func `pings stay unanswered when that is switched off`() throws {
        var settings = StreamSettings()
        settings.answersPings = false
        let server = try Server(settings: settings)
        let client = RawSocket(to: server.address)
        client.write("\r\n\r\n" + message("x"))
        #expect(server.run { server.receiver.messages.count == 1 })
        server.step()
        #expect(client.poll() == nil)
    }

    @Test(arguments: [
        ("INVITE sip:a SIP/2.0\r\nTo: x\r\n\r\n", FramingError.missingLength),
        ("INVITE sip:a SIP/2.0\r\nl: x\r\n\r\n", .badLength),
        ("INVITE sip:a SIP/2.0\r\nl: 99999\r\n\r\n", .tooLong),
        ("\u{16}\u{3}\u{1}", .notText),
    ])
    func `what is no message closes the connection`(bytes: String, error: FramingError) throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(message("good") + bytes)
        #expect(server.run { server.receiver.closed == [.framing(error)] })
        #expect(server.receiver.messages == [message("good")])
        #expect(client.read() == nil)
        #expect(server.transport.connectionCount == 0)
        #expect(server.transport.table.all.isEmpty)
    }

    @Test func `the end of the peer's stream is the end of the connection`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        client.end()
        #expect(server.run { server.receiver.closed == [.peerClosed] })
        #expect(server.receiver.closedIDs == server.receiver.opened.map(\.id))
    }

    @Test func `a reset is told by its error`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        client.reset()
        #expect(server.run { server.receiver.closed == [.failed(ECONNRESET)] })
    }

    @Test func `an answer reaches a peer that has ended its half`() throws {
        let server = try Server()
        server.receiver.answer = { arrival in
            let bytes = Array(message("answer").utf8)
            _ = server.transport.send(
                bytes.span,
                to: Destination(transport: .tcp, address: arrival.source, connection: arrival.connection)
            )
        }
        let client = RawSocket(to: server.address)
        client.write(message("question"))
        client.endWriting()
        #expect(server.run { server.receiver.closed == [.peerClosed] })
        #expect(client.read() == message("answer"))
        #expect(client.read() == nil)
        server.receiver.answer = nil
    }

    @Test func `more connections than allowed are closed at once`() throws {
        var settings = StreamSettings()
        settings.maximumConnections = 2
        let server = try Server(settings: settings)
        let clients = (0..<3).map { _ in RawSocket(to: server.address) }
        #expect(server.run { server.listener.refusedCount == 1 })
        #expect(clients[2].read() == nil)
        #expect(server.transport.connectionCount == 2)
        #expect(server.send("x", to: server.destination(ipv4Loopback.with(port: 9))) == .refused(.tooManyConnections))
        clients[0].end()
        #expect(server.run { server.receiver.closed.count == 1 })
        let late = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 3 })
        late.end()
    }
}

@Suite("TCP: deadlines")
struct StreamDeadlineTests {
    @Test func `an idle connection lives for its lifetime, counted from the last byte`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(message("w"))
        #expect(server.run { server.receiver.messages.count == 1 })
        server.advance(.seconds(100))
        client.write(message("x"))
        #expect(server.run { server.receiver.messages.count == 2 })
        server.advance(.seconds(119))
        #expect(server.receiver.closed.isEmpty)
        server.advance(.seconds(2))
        #expect(server.receiver.closed == [.lifetimeEnded])
        #expect(client.read() == nil)
    }

    @Test func `a lifetime can be prolonged for one connection`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(message("x"))
        #expect(server.run { server.receiver.messages.count == 1 })
        #expect(server.transport.setLifetime(.seconds(3600), of: server.receiver.opened[0].id))
        for _ in 0..<35 { server.advance(.seconds(100)) }
        #expect(server.receiver.closed.isEmpty)
        server.advance(.seconds(101))
        #expect(server.receiver.closed == [.lifetimeEnded])
        #expect(client.read() == nil)
    }

    @Test func `a message must end in time`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write("INVITE sip:a SIP/2.0\r\n")
        #expect(server.run { server.receiver.opened.count == 1 })
        server.step()
        server.advance(.seconds(19))
        client.write("To: x\r\n")
        server.step()
        #expect(server.receiver.closed.isEmpty)
        server.advance(.seconds(2))
        #expect(server.receiver.closed == [.messageTimedOut])
    }

    @Test func `messages of many connections are ended together, some at a time`() throws {
        let server = try Server()
        let clients = (0..<20).map { _ in RawSocket(to: server.address) }
        #expect(server.run { server.receiver.opened.count == 20 })
        for client in clients { client.write(message("x")) }
        server.receiver.ends = []
        // Answers are seen before the turn is over, and all by its end.
        server.receiver.answer = { arrival in
            _ = server.send(message("y"), to: Destination(transport: .tcp, address: arrival.source))
        }
        server.step()
        #expect(server.receiver.ends == [16, 20])
        for client in clients { #expect(client.read() == message("y")) }
        // As many from one are one event.
        server.receiver.answer = nil
        clients[0].write(String(repeating: message("x"), count: 40))
        #expect(server.run { server.receiver.messages.count == 60 })
        #expect(server.receiver.ends == [16, 20, 60])
    }

    @Test func `the kernel is asked when bytes came once the loop is behind`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        client.write(message("1"))
        #expect(server.run { server.receiver.messages.count == 1 })
        server.time = server.time + .milliseconds(20)  // the loop was busy elsewhere
        client.write(message("2"))
        #expect(server.run { server.receiver.messages.count == 2 })
        #expect(server.receiver.times[0] == 0)
        // The kernel begins a little after it was told to, when one of its own threads has the time.
        var before = 0
        var count = 2
        repeat {
            server.time = server.time + .milliseconds(20)
            before = WallClock.microseconds()
            client.write(message("3"))
            count += 1
            #expect(server.run { server.receiver.messages.count == count })
        } while server.receiver.times[count - 1] == 0 && count < 2000
        #expect(server.receiver.times[count - 1] >= before)
        #expect(server.receiver.times[count - 1] <= WallClock.microseconds())
        server.step()  // caught up
        client.write(message("4"))
        #expect(server.run { server.receiver.messages.count == count + 1 })
        #expect(server.receiver.times[count] == 0)
    }

    @Test func `a peer that sends more than one read takes keeps the loop behind`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        #expect(server.run { server.receiver.opened.count == 1 })
        let text = message(String(repeating: "x", count: 9000))
        for _ in 0..<10 {
            for _ in 0..<8 { client.write(text) }  // a read takes 69,632 bytes
            server.advance(.milliseconds(3))  // a turn by itself is no delay
        }
        #expect(server.receiver.times[0] == 0)
        #expect(server.receiver.times.last != 0)
        #expect(server.run { server.receiver.messages.count == 80 })
    }

    @Test func `a connection that nobody answers fails in time`() throws {
        let server = try Server()
        // A listener whose backlog is full lets further attempts wait.
        let deaf = RawSocket(listeningOn: ipv4Loopback, backlog: 0)
        let filler = RawSocket(to: deaf.address())
        #expect(server.send(message("x"), to: server.destination(deaf.address()), token: 5) == .queued)
        server.step()
        #expect(server.receiver.opened.isEmpty)
        server.advance(.seconds(9))
        #expect(server.receiver.failures.isEmpty)
        server.advance(.seconds(2))
        #expect(server.receiver.failures == [.init(token: 5, code: ETIMEDOUT)])
        #expect(server.receiver.closed == [.connectTimedOut])
        filler.end()
    }

    @Test func `a listener without descriptors rests and begins again`() throws {
        let server = try Server()
        #expect(server.listener.rests(after: EMFILE))
        let client = RawSocket(to: server.address)
        for _ in 0..<5 { server.step() }
        #expect(server.receiver.opened.isEmpty)
        server.advance(.milliseconds(1100))
        #expect(server.run { server.receiver.opened.count == 1 })
        client.end()
    }
}

extension SocketAddress {
    func with(port: UInt16) -> SocketAddress { SocketAddress(ip: self.ip, port: port) }
}
