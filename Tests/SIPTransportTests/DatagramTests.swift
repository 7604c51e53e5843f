import Bytes
import Glibc
import SIPMessage
import SIPTransport
import Synchronization
import Testing

@Suite("UDP: batches in, batches out")
struct DatagramTests {
    static func open(_ address: SocketAddress, count: Int = 1) throws -> [DatagramSocket] {
        var settings = DatagramSettings()
        settings.receiveTimeout = 10_000  // longer than any test takes: what returns earlier was woken
        return try DatagramSocket.open(listenSocket(.udp, address), count: count, settings: settings)
    }

    static func buffer(_ text: String) -> ByteBuffer {
        let buffer = ByteBuffer(capacity: 64)
        buffer.append(text)
        return buffer
    }

    /// Receives until `count` datagrams are there, in order of arrival.
    static func collect(_ port: DatagramPort, _ batch: DatagramBatch, _ count: Int) -> [(String, SocketAddress)] {
        var found: [(String, SocketAddress)] = []
        while found.count < count {
            guard case .received(let number) = port.receiveBatch(batch) else { break }
            for index in 0..<number { found.append((text(batch.buffer(at: index)), batch.source(at: index))) }
        }
        return found
    }

    @Test func `a datagram is handed to a message, and a small buffer that comes back takes long ones`() throws {
        let port = DatagramPort(try DatagramTests.open(ipv4Loopback)[0])
        let queue = SendQueue()
        let batch = DatagramBatch()
        let message = Message(buffer: ByteBuffer(capacity: 16))
        for round in 1...3 {
            let text = "OPTIONS sip:\(round) SIP/2.0\r\nSubject: \(String(repeating: "x", count: 1200))\r\n\r\n"
            queue.enqueue(Array(text.utf8).span, to: port.socket.localAddress, from: port.socket)
            queue.flush()
            guard case .received(1) = port.receiveBatch(batch) else { throw CancellationError() }
            #expect(batch.length(at: 0) == text.utf8.count)
            batch.hand(0, to: message)
            #expect(message.parse() == nil)
            #expect(message.text(message.requestURI).string == "sip:\(round)")
            #expect(message.length == text.utf8.count)
        }
    }

    @Test func `an address that is not there yet is bound where that is allowed`() throws {
        let foreign = SocketAddress(ip: IPAddress(ipv4: 0xc000_0201), port: 0)
        #expect(throws: SocketError.self) { try Self.open(foreign) }
        var settings = DatagramSettings()
        settings.bindsForeignAddresses = true
        settings.mayFragment = false
        let socket = try DatagramSocket.open(listenSocket(.udp, foreign), settings: settings)[0]
        #expect(socket.localAddress.ip == foreign.ip)
    }

    @Test(arguments: [ipv4Loopback, ipv6Loopback])
    func `a batch comes back as an echo`(address: SocketAddress) throws {
        let server = DatagramPort(try Self.open(address)[0])
        let client = DatagramPort(try Self.open(address)[0])
        let queue = SendQueue()
        let batch = DatagramBatch()
        for number in 0..<20 {
            queue.begin().append("request \(number)")
            queue.commit(to: server.socket.localAddress, from: client.socket)
        }
        #expect(queue.flush() == 20)
        var seen = 0
        while seen < 20, case .received(let count) = server.receiveBatch(batch) {
            seen += count
            for index in 0..<count {
                #expect(batch.source(at: index) == client.socket.localAddress)
                queue.enqueue(batch.buffer(at: index).span, to: batch.source(at: index), from: server.socket)
            }
            queue.flush()
        }
        let echoes = Self.collect(client, batch, 20)
        #expect(echoes.map(\.0) == (0..<20).map { "request \($0)" })
        #expect(echoes.allSatisfy { $0.1 == server.socket.localAddress })
    }

    @Test func `more datagrams than a batch holds come in several`() throws {
        let server = DatagramPort(try Self.open(ipv4Loopback)[0])
        let queue = SendQueue()
        for number in 0..<(DatagramBatch.capacity + 3) {
            queue.enqueue(Array("\(number)".utf8).span, to: server.socket.localAddress, from: server.socket)
        }
        queue.flush()
        let batch = DatagramBatch()
        #expect(server.receiveBatch(batch) == .received(DatagramBatch.capacity))
        #expect(server.receiveBatch(batch) == .received(3))
        #expect(text(batch.buffer(at: 2)) == "\(DatagramBatch.capacity + 2)")
    }

    @Test func `the kernel says what waits, and how much it had no room for`() throws {
        var settings = DatagramSettings()
        settings.receiveBuffer = 0  // what the system gives: room for some hundreds
        settings.sendBuffer = 8 << 20
        let server = DatagramPort(
            try DatagramSocket.open(listenSocket(.udp, ipv4Loopback), settings: settings)[0])
        let client = try DatagramSocket.open(listenSocket(.udp, ipv4Loopback), settings: settings)[0]
        #expect(server.backlog.bytes == 0 && server.backlog.lost == 0)
        let queue = SendQueue()
        let bytes = [UInt8](repeating: 65, count: 1000)
        for _ in 0..<3 { queue.enqueue(bytes.span, to: server.socket.localAddress, from: client) }
        queue.flush()
        #expect(server.backlog.bytes >= 3 * 1000 && server.backlog.bytes < 3 * 8192)
        let room = server.socket.receiveBufferSize * 2 / 1000
        for _ in 0..<room { queue.enqueue(bytes.span, to: server.socket.localAddress, from: client) }
        queue.flush()
        let batch = DatagramBatch()
        var received = 0
        let lost = server.backlog.lost
        #expect(lost > 0)
        while case .received(let count) = server.receiveBatch(batch, waits: false) { received += count }
        #expect(received + Int(lost) == room + 3)
        #expect(server.backlog.lost == lost)
    }

    @Test func `a datagram longer than its buffer arrives whole`() throws {
        let server = DatagramPort(try Self.open(ipv4Loopback)[0])
        let queue = SendQueue()
        let long = String(repeating: "0123456789", count: 6000)
        queue.begin().append(long)
        queue.commit(to: server.socket.localAddress, from: server.socket)
        queue.enqueue(Array("short".utf8).span, to: server.socket.localAddress, from: server.socket)
        #expect(queue.flush() == 2)
        let batch = DatagramBatch(pool: BufferPool(bufferSize: 512))
        #expect(Self.collect(server, batch, 2).map(\.0) == [long, "short"])
        #expect(batch.isTruncated(at: 0) == false)
        // The slot is small again and works on.
        queue.enqueue(Array("next".utf8).span, to: server.socket.localAddress, from: server.socket)
        queue.flush()
        #expect(Self.collect(server, batch, 1).map(\.0) == ["next"])
    }

    @Test func `a datagram past the limit is flagged`() throws {
        let server = DatagramPort(try Self.open(ipv4Loopback)[0])
        let queue = SendQueue()
        for size in [100, 101] {
            queue.begin().append(String(repeating: "x", count: size))
            queue.commit(to: server.socket.localAddress, from: server.socket)
        }
        queue.flush()
        let batch = DatagramBatch(pool: BufferPool(bufferSize: 64), maximumSize: 100)
        #expect(server.receiveBatch(batch) == .received(2))
        #expect(batch.isTruncated(at: 0) == false)
        #expect(batch.isTruncated(at: 1))
        #expect(batch.buffer(at: 0).count == 100)
        #expect(batch.buffer(at: 1).count == 100)
    }

    @Test func `when a datagram came is known as long as somebody wants to know`() throws {
        let socket = try Self.open(ipv4Loopback)[0]
        let (server, other) = (DatagramPort(socket), DatagramPort(socket))
        let queue = SendQueue()
        let batch = DatagramBatch()
        func isKnown() -> Bool {
            queue.enqueue(Array("hello".utf8).span, to: socket.localAddress, from: socket)
            queue.flush()
            guard server.receiveBatch(batch) == .received(1) else {
                Issue.record("nothing came")
                return false
            }
            return abs(WallClock.microseconds() - batch.arrival(at: 0)) < 60_000_000
        }
        #expect(!isKnown())
        server.noteArrivals(true)
        other.noteArrivals(true)
        #expect(isKnown())
        other.noteArrivals(false)
        #expect(isKnown())
        server.noteArrivals(false)
        #expect(!isKnown())
    }

    @Test func `a buffer that was taken stays as it is`() throws {
        let server = DatagramPort(try Self.open(ipv4Loopback)[0])
        let queue = SendQueue()
        let batch = DatagramBatch()
        queue.enqueue(Array("first".utf8).span, to: server.socket.localAddress, from: server.socket)
        queue.flush()
        #expect(server.receiveBatch(batch) == .received(1))
        let taken = batch.take(at: 0)
        queue.enqueue(Array("second".utf8).span, to: server.socket.localAddress, from: server.socket)
        queue.flush()
        #expect(server.receiveBatch(batch) == .received(1))
        #expect(text(taken) == "first")
        #expect(text(batch.buffer(at: 0)) == "second")
    }

    @Test func `a buffer that grew is found where it moved to`() throws {
        let server = DatagramPort(try Self.open(ipv4Loopback)[0])
        let queue = SendQueue()
        let batch = DatagramBatch(pool: BufferPool(bufferSize: 64))
        for round in 0..<50 {
            queue.enqueue(Array("round \(round)".utf8).span, to: server.socket.localAddress, from: server.socket)
            queue.flush()
            #expect(server.receiveBatch(batch) == .received(1))
            #expect(text(batch.buffer(at: 0)) == "round \(round)")
            batch.buffer(at: 0).append(String(repeating: "y", count: 100 * round))
        }
    }

    @Test func `an empty datagram is a datagram`() throws {
        let server = DatagramPort(try Self.open(ipv4Loopback)[0])
        let queue = SendQueue()
        _ = queue.begin()
        queue.commit(to: server.socket.localAddress, from: server.socket)
        #expect(queue.flush() == 1)
        let batch = DatagramBatch()
        #expect(server.receiveBatch(batch) == .received(1))
        #expect(batch.buffer(at: 0).count == 0)
        #expect(batch.source(at: 0) == server.socket.localAddress)
    }

    @Test func `descriptors of one address share the port, and a stranger may not join`() throws {
        let group = try Self.open(ipv4Loopback, count: 3)
        let address = group[0].localAddress
        #expect(group.allSatisfy { $0.localAddress == address })
        #expect(throws: SocketError(.bind, code: EADDRINUSE, address: address)) { try Self.open(address, count: 2) }
        #expect(throws: SocketError(.bind, code: EADDRINUSE, address: address)) { try Self.open(address) }
    }
}

@Suite("UDP: waking a blocked receiver")
struct DatagramWakeTests {
    /// Receives on a thread of its own and notes each outcome.
    final class Receiver: Sendable {
        let port: DatagramPort
        let outcomes = Lock<[DatagramPort.Outcome]>([])
        let turns = Atomic<Int>(0)

        init(_ port: DatagramPort) { self.port = port }

        func run(rounds: Int) {
            let batch = DatagramBatch()
            for _ in 0..<rounds {
                self.turns.wrappingAdd(1, ordering: .releasing)
                let outcome = self.port.receiveBatch(batch)
                self.outcomes.withLock { $0.append(outcome) }
                if outcome == .stopped { return }
            }
        }
    }

    @Test func `each wake makes the receiver return, blocked or about to block`() throws {
        let receiver = Receiver(DatagramPort(try DatagramTests.open(ipv4Loopback)[0]))
        let thread = try WorkerThread(name: "receiver") { receiver.run(rounds: .max) }
        // The receive timeout is ten seconds: a lost wake would show as a test that takes forever.
        let start = Instant.now()
        for round in 1...200 {
            while receiver.turns.load(ordering: .acquiring) < round { sched_yield() }
            receiver.port.wake()
        }
        receiver.port.stop()
        thread.join()
        let outcomes = receiver.outcomes.withLock { $0 }
        #expect(outcomes.last == .stopped)
        #expect(outcomes.dropLast().allSatisfy { $0 == .woken })
        #expect(Instant.now() - start < .seconds(8))
    }

    @Test(arguments: [ipv4Loopback, ipv6Loopback])
    func `stop ends all who share a descriptor`(address: SocketAddress) throws {
        let socket = try DatagramTests.open(address)[0]
        let receivers = [Receiver(DatagramPort(socket)), Receiver(DatagramPort(socket))]
        let threads = try receivers.map { receiver in
            try WorkerThread(name: "receiver") { receiver.run(rounds: .max) }
        }
        for receiver in receivers {
            while receiver.turns.load(ordering: .acquiring) < 1 { sched_yield() }
        }
        receivers[0].port.stop()
        for thread in threads { thread.join() }
        for receiver in receivers { #expect(receiver.outcomes.withLock { $0 } == [.stopped]) }
        #expect(receivers[0].port.receiveBatch(DatagramBatch()) == .stopped)
    }

    @Test func `a receiver that looks before it sleeps is woken, stopped and fed all the same`() throws {
        var settings = DatagramSettings()
        settings.receiveTimeout = 10_000
        settings.busyPoll = 500
        let socket = try DatagramSocket.open(listenSocket(.udp, ipv4Loopback), settings: settings)[0]
        let receiver = Receiver(DatagramPort(socket))
        let thread = try WorkerThread(name: "receiver") { receiver.run(rounds: .max) }
        for round in 1...20 {
            while receiver.turns.load(ordering: .acquiring) < round { sched_yield() }
            receiver.port.wake()
        }
        let queue = SendQueue()
        queue.enqueue(Array("one".utf8).span, to: socket.localAddress, from: socket)
        queue.flush()
        while !receiver.outcomes.withLock({ $0.contains(.received(1)) }) { sched_yield() }
        receiver.port.stop()
        thread.join()
        #expect(receiver.outcomes.withLock { $0.last } == .stopped)
    }

    @Test func `datagrams still arrive after a wake`() throws {
        let port = DatagramPort(try DatagramTests.open(ipv4Loopback)[0])
        let batch = DatagramBatch()
        let queue = SendQueue()
        port.wake()
        #expect(port.receiveBatch(batch) == .woken)
        queue.enqueue(Array("after".utf8).span, to: port.socket.localAddress, from: port.socket)
        queue.flush()
        #expect(port.receiveBatch(batch) == .received(1))
        #expect(text(batch.buffer(at: 0)) == "after")
    }
}
