import Bytes
import Glibc
import SIPMessage
import SIPTransport
import Testing

@Suite("UDP: the send queue")
struct SendQueueTests {
    @Test func `datagrams of several descriptors leave each by its own, in order`() throws {
        let four = try DatagramTests.open(ipv4Loopback)[0]
        let other = try DatagramTests.open(ipv4Loopback)[0]
        let six = try DatagramTests.open(ipv6Loopback)[0]
        let target = DatagramPort(try DatagramTests.open(ipv4Loopback)[0])
        let target6 = DatagramPort(try DatagramTests.open(ipv6Loopback)[0])
        let queue = SendQueue()
        for number in 0..<5 {
            queue.enqueue(Array("a\(number)".utf8).span, to: target.socket.localAddress, from: four)
            queue.enqueue(Array("b\(number)".utf8).span, to: target.socket.localAddress, from: other)
            queue.enqueue(Array("c\(number)".utf8).span, to: target6.socket.localAddress, from: six)
        }
        #expect(queue.count == 15)
        #expect(queue.flush() == 15)
        #expect(queue.count == 0)
        let batch = DatagramBatch()
        let found = DatagramTests.collect(target, batch, 10)
        #expect(found.filter { $0.1 == four.localAddress }.map(\.0) == ["a0", "a1", "a2", "a3", "a4"])
        #expect(found.filter { $0.1 == other.localAddress }.map(\.0) == ["b0", "b1", "b2", "b3", "b4"])
        #expect(DatagramTests.collect(target6, batch, 5).map(\.0) == ["c0", "c1", "c2", "c3", "c4"])
    }

    @Test func `a datagram that fails does not hold up the others`() throws {
        let socket = try DatagramTests.open(ipv4Loopback)[0]
        let target = DatagramPort(try DatagramTests.open(ipv4Loopback)[0])
        let queue = SendQueue()
        queue.enqueue(Array("one".utf8).span, to: target.socket.localAddress, from: socket, token: 1)
        queue.begin().append(String(repeating: "x", count: 70_000))
        queue.commit(to: target.socket.localAddress, from: socket, token: 2)
        queue.enqueue(Array("three".utf8).span, to: target.socket.localAddress, from: socket, token: 3)
        queue.enqueue(Array("six".utf8).span, to: ipv6Loopback, from: socket, token: 4)
        queue.enqueue(Array("five".utf8).span, to: target.socket.localAddress, from: socket, token: 5)
        #expect(queue.flush() == 3)
        #expect(DatagramTests.collect(target, DatagramBatch(), 3).map(\.0) == ["one", "three", "five"])
        let failures = queue.takeFailures()
        #expect(failures.map(\.token) == [2, 4])
        #expect(failures.first?.code == EMSGSIZE)
        #expect(failures.last?.destination == ipv6Loopback)
        #expect(queue.failures.isEmpty)
    }

    @Test func `a full queue flushes itself`() throws {
        let port = DatagramPort(try DatagramTests.open(ipv4Loopback)[0])
        let queue = SendQueue()
        for number in 0...SendQueue.capacity {
            queue.enqueue(Array("\(number)".utf8).span, to: port.socket.localAddress, from: port.socket)
        }
        #expect(queue.count == 1)
        #expect(queue.sentCount == SendQueue.capacity)
        queue.flush()
        #expect(DatagramTests.collect(port, DatagramBatch(), SendQueue.capacity + 1).last?.0 == "\(SendQueue.capacity)")
    }

    @Test func `nothing queued is nothing sent`() {
        let queue = SendQueue()
        _ = queue.begin()
        #expect(queue.flush() == 0)
    }
}

@Suite("Buffers and sockets to choose from")
struct PoolAndChoiceTests {
    @Test func `a buffer that was given comes back empty, up to the limit`() {
        let pool = BufferPool(bufferSize: 16, limit: 1)
        let first = pool.take()
        let second = pool.take()
        first.append("x")
        pool.give(first)
        pool.give(second)
        let again = pool.take()
        #expect(again === first)
        #expect(again.count == 0)
        #expect(pool.take() !== second)
    }

    @Test func `a buffer that grew gives the memory back`() {
        let pool = BufferPool(bufferSize: 16)
        let buffer = pool.take()
        buffer.append(String(repeating: "x", count: 1000))
        pool.give(buffer)
        #expect(pool.take().capacity == 16)
    }

    @Test func `the socket is of the protocol and family, loopback only for loopback`() {
        let public4 = SocketAddress(ip: IPAddress(ipv4: 0xc000_0201), port: 5060)
        let sockets = [
            listenSocket(.udp, SocketAddress(ip: ipv4Loopback.ip, port: 5060), index: 0),
            listenSocket(.udp, public4, index: 1),
            listenSocket(.tcp, public4, index: 2),
            listenSocket(.udp, SocketAddress(ip: ipv6Loopback.ip, port: 5060), index: 3),
        ]
        let choice = SocketChoice(sockets)
        let far = SocketAddress(ip: IPAddress(ipv4: 0xc633_6401), port: 5060)
        #expect(choice.socket(for: .udp, to: far)?.index == 1)
        #expect(choice.socket(for: .udp, to: ipv4Loopback)?.index == 0)
        #expect(choice.socket(for: .tcp, to: ipv4Loopback)?.index == 2)
        #expect(choice.socket(for: .udp, to: ipv6Loopback)?.index == 3)
        #expect(choice.socket(for: .tcp, to: ipv6Loopback) == nil)
    }
}
