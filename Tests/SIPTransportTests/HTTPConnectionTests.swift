import Bytes
import SIPMessage
import Testing

@testable import SIPTransport

@Suite("TCP: connections that speak HTTP")
struct HTTPConnectionTests {
    private static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: h\r\n\r\n" }
    private static func answer(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static func paths(_ server: Server) -> [String] {
        server.receiver.messages.map { String($0.split(separator: " ")[1]) }
    }

    private static func destination(_ server: Server, _ index: Int = 0) -> Destination {
        let arrival = server.receiver.arrivals[index]
        return Destination(
            transport: .tcp, address: arrival.source, connection: arrival.connection, mayConnect: false)
    }

    @Test func `requests that are answered at once follow each other`() throws {
        let server = try Server()
        server.receiver.answer = { [unowned server] arrival in
            let destination = Destination(transport: .tcp, address: arrival.source, connection: arrival.connection)
            _ = server.send(Self.answer("x"), to: destination)
        }
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1") + Self.get("/2") + Self.get("/3"))
        #expect(server.run { Self.paths(server) == ["/1", "/2", "/3"] })
        server.step()
        #expect(client.read() == Self.answer("x") + Self.answer("x") + Self.answer("x"))
        client.write(Self.get("/4"))
        #expect(server.run { Self.paths(server).count == 4 })
    }

    @Test func `the next request waits for the answer of the one before`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1") + Self.get("/2") + Self.get("/3").dropLast(1))  // CR LF is one character
        #expect(server.run { Self.paths(server) == ["/1"] })
        client.write("\r\n" + Self.get("/4"))
        for _ in 0..<5 { server.step() }
        #expect(Self.paths(server) == ["/1"])
        for count in 2...4 {
            #expect(server.send(Self.answer("\(count)"), to: Self.destination(server)) == .queued)
            #expect(server.run { Self.paths(server).count == count })
            for _ in 0..<3 { server.step() }
            #expect(Self.paths(server).count == count)
            #expect(client.read() == Self.answer("\(count)"))
        }
        #expect(Self.paths(server) == ["/1", "/2", "/3", "/4"])
        #expect(server.transport.partialBytes == 0)
    }

    @Test func `what waits behind a request is no message that does not end`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1") + "GET /2 HT")
        #expect(server.run { Self.paths(server) == ["/1"] })
        server.advance(.seconds(60))
        #expect(server.receiver.closed.isEmpty)
        #expect(server.send(Self.answer("1"), to: Self.destination(server)) == .queued)
        for _ in 0..<3 { server.step() }
        server.advance(.seconds(10))
        #expect(server.receiver.closed.isEmpty)
        server.advance(.seconds(15))
        #expect(server.receiver.closed == [.messageTimedOut])
    }

    @Test func `a request that is never answered ends with its connection`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1"))
        #expect(server.run { Self.paths(server) == ["/1"] })
        server.advance(.seconds(121))
        #expect(server.receiver.closed == [.lifetimeEnded])
        #expect(client.read() == nil)
    }

    @Test func `a client that has ended its half reads its answer`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1"))
        client.endWriting()
        #expect(server.run { Self.paths(server) == ["/1"] })
        for _ in 0..<3 { server.step() }
        let body = String(repeating: "x", count: 4_000_000)
        #expect(server.send(Self.answer(body), to: Self.destination(server)) == .queued)
        server.step()
        var got = 0
        #expect(
            server.run {
                while let part = client.poll() { got += part.utf8.count }
                return got == Self.answer(body).utf8.count
            })
        #expect(server.run { server.receiver.closed.count == 1 })
        #expect(client.read() == nil)
    }

    @Test func `a client that is gone while its request waits ends the connection`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1"))
        #expect(server.run { Self.paths(server) == ["/1"] })
        client.reset()
        #expect(server.run { server.receiver.closed.count == 1 })
        #expect(server.transport.connectionCount == 0)
        #expect(server.send(Self.answer("late"), to: Self.destination(server)) == .refused(.noConnection))
    }

    @Test func `what cannot be taken is refused, and nothing behind it is looked at`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(
            "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 60\r\n\r\nabc" + Self.get("/2"))
        #expect(server.run { server.receiver.refusals == [.repeatedLength] })
        server.step()
        let answer = client.read() ?? ""
        #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nthere are two Content-Length\n"))
        #expect(client.read() == nil)
        client.write(Self.get("/3"))
        for _ in 0..<3 { server.step() }
        #expect(server.receiver.messages.isEmpty)
        client.end()
        #expect(server.run { server.receiver.closed == [.requested] })
    }

    @Test func `the answers before a refusal come first`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1") + "GET /2 HTTP/1.1\r\n\r\n")
        #expect(server.run { Self.paths(server) == ["/1"] })
        #expect(server.receiver.refusals.isEmpty)
        #expect(server.send(Self.answer("one"), to: Self.destination(server)) == .queued)
        #expect(server.run { server.receiver.refusals == [.badHost] })
        server.step()
        var got = ""
        while let part = client.read() { got += part }
        #expect(got.hasPrefix(Self.answer("one") + "HTTP/1.1 400 "))
    }

    @Test func `a body is asked for when its sender waits with it`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(server.run { client.poll(upTo: 0) == nil && server.transport.partialBytes > 0 })
        server.step()
        #expect(client.read() == "HTTP/1.1 100 Continue\r\n\r\n")
        client.write("abc")
        #expect(server.run { Self.paths(server) == ["/1"] })
        let whole = RawSocket(to: server.address)
        whole.write("POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc")
        #expect(server.run { Self.paths(server) == ["/1", "/2"] })
        for _ in 0..<3 { server.step() }
        #expect(whole.poll() == nil)
    }

    @Test func `a slow sender of a header is closed in time`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write("GET / HTTP/1.1\r\nHost: h\r\n")
        #expect(server.run { server.transport.partialBytes > 0 })
        for _ in 0..<3 {
            server.advance(.seconds(6))
            client.write("X: y\r\n")
            server.step()
        }
        #expect(server.receiver.closed.isEmpty)
        server.advance(.seconds(6))
        #expect(server.receiver.closed == [.messageTimedOut])
    }

    @Test func `bytes of clients that do not wait for answers stay in the kernel`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(Self.get("/1"))
        #expect(server.run { Self.paths(server) == ["/1"] })
        let flood = String(repeating: Self.get("/n"), count: 2000)
        client.write(flood)
        for _ in 0..<20 { server.step() }
        #expect(server.transport.partialBytes == 0)
        #expect(Self.paths(server) == ["/1"])
    }

    @Test func `over a connection of SIP nothing is taken for HTTP`() throws {
        let server = try Server()
        let client = RawSocket(to: server.address)
        client.write(message("a") + "POST / HTTP/1.1\r\nl: 1\r\n\r\nx" + message("b"))
        #expect(server.run { server.receiver.messages.count == 3 })
        let id = server.receiver.arrivals[0].connection
        #expect(server.transport.table[id]?.speaksHTTP == false)
        let other = RawSocket(to: server.address)
        other.write(Self.get("/1"))
        #expect(server.run { server.receiver.messages.count == 4 })
        #expect(server.transport.table[server.receiver.arrivals[3].connection]?.speaksHTTP == true)
    }
}
