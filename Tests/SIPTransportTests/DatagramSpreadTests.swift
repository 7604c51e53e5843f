import Bytes
import SIPMessage
import SIPTransport
import Testing

@Suite("UDP: which of the descriptors of an address a datagram goes to")
struct DatagramSpreadTests {
    /// What each of four descriptors gets of `count` datagrams that one peer sends.
    private static func shares(_ spread: DatagramSpread, _ address: SocketAddress, count: Int) throws -> [Int] {
        var settings = DatagramSettings()
        settings.spread = spread
        let sockets = try DatagramSocket.open(listenSocket(.udp, address), count: 4, settings: settings)
        let peer = try DatagramSocket.open(listenSocket(.udp, address))[0]
        let queue = SendQueue()
        for _ in 0..<count { queue.enqueue(Array("datagram".utf8).span, to: sockets[0].localAddress, from: peer) }
        queue.flush()
        let batch = DatagramBatch()
        return sockets.map { socket in
            let port = DatagramPort(socket)
            var got = 0
            while case .received(let some) = port.receiveBatch(batch, waits: false) { got += some }
            return got
        }
    }

    @Test(arguments: [ipv4Loopback, ipv6Loopback])
    func `by sender, all of a peer's go to one`(address: SocketAddress) throws {
        #expect(try Self.shares(.bySender, address, count: 200).sorted() == [0, 0, 0, 200])
    }

    @Test(arguments: [ipv4Loopback, ipv6Loopback])
    func `by datagram, a peer's go to all`(address: SocketAddress) throws {
        let shares = try Self.shares(.byDatagram, address, count: 400)
        #expect(shares.reduce(0, +) == 400)
        // One in 10^9 runs has a share below 60.
        #expect(shares.allSatisfy { $0 > 40 })
    }

    @Test func `by processor, none is lost`() throws {
        #expect(try Self.shares(.byProcessor, ipv4Loopback, count: 200).reduce(0, +) == 200)
    }

    @Test(arguments: DatagramSpread.allCases)
    func `a single descriptor gets everything`(spread: DatagramSpread) throws {
        var settings = DatagramSettings()
        settings.spread = spread
        let socket = try DatagramSocket.open(listenSocket(.udp, ipv4Loopback), settings: settings)[0]
        let queue = SendQueue()
        queue.enqueue(Array("datagram".utf8).span, to: socket.localAddress, from: socket)
        queue.flush()
        #expect(DatagramPort(socket).receiveBatch(DatagramBatch()) == .received(1))
    }
}
