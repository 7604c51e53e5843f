import Bytes
import ModuleKit
import SIPMessage
import Testing

@testable import SIPTransport

/// A user agent that speaks TCP, on a loop that the test turns; every wait is bounded.
final class StreamPhone: StreamReceiver {
    struct Got {
        var text: String
        var connection: ConnectionID
        var line: String { String(self.text.prefix { $0 != "\n" }) }
    }

    private let loop: EventLoop
    private let transport: StreamTransport
    private let listener: StreamListener
    private let loopback: IPAddress
    private var inbox: [Got] = []
    private(set) var ended: [ConnectionID] = []

    /// - Parameter closesWithReset: its connections end with RST.
    init(closesWithReset: Bool = false) throws {
        self.loopback = try #require(IPAddress("127.0.0.1"))
        self.loop = try EventLoop(now: .now())
        var settings = StreamSettings()
        settings.closesWithReset = closesWithReset
        let socket = ListenSocket(index: 0, transport: .tcp, address: SocketAddress(ip: self.loopback, port: 0))
        self.transport = StreamTransport(loops: [self.loop], sockets: [socket], settings: settings)
        self.listener = try self.transport.listen(on: socket)
        self.loop.receiver = self
        self.turn()
    }

    deinit { self.loop.close() }

    /// Where it can be called.
    var port: UInt16 { self.listener.localAddress.port }

    private func turn() { self.loop.runOnce(timeout: .milliseconds(5), at: .now()) }

    /// Whether `claim` comes true within ten seconds.
    func isSoon(_ claim: () -> Bool) -> Bool {
        for _ in 0..<2000 {
            if claim() { return true }
            self.turn()
        }
        return claim()
    }

    /// Sends to a port, over the connection that is there or over a new one. Lines end with `\n` in `text`.
    func send(_ text: String, to port: UInt16, over connection: ConnectionID = .none) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        let bytes = ByteString(lines)
        let destination = Destination(
            transport: .tcp, address: SocketAddress(ip: self.loopback, port: port), connection: connection)
        _ = self.transport.send(bytes.span, to: destination)
        // Nobody else turns the loop that takes the bytes over, connects and writes.
        self.turn()
        _ = self.isSoon {
            guard let used = self.transport.connection(for: destination) else { return true }
            return used.state == .open && used.queuedBytes == 0
        }
    }

    /// The next message whose first line contains `word`, with plain line ends.
    func receive(_ word: String) -> Got? {
        guard self.isSoon({ self.inbox.contains { $0.line.contains(word) } }),
            let index = self.inbox.firstIndex(where: { $0.line.contains(word) })
        else { return nil }
        return self.inbox.remove(at: index)
    }

    func close(_ connection: ConnectionID) {
        _ = self.transport.close(connection)
        self.turn()
    }

    /// The connections that it has.
    var connections: [StreamConnection] { self.transport.table.all }

    /// A request of a dialog of its own each time.
    func request(_ method: String, _ user: String, id: String, _ headers: String = "") -> String {
        """
        \(method) sip:\(user)@127.0.0.1 SIP/2.0
        Via: SIP/2.0/TCP 127.0.0.1:\(self.port);branch=z9hG4bK\(id)
        Max-Forwards: 10
        From: <sip:a@127.0.0.1>;tag=\(id)
        To: <sip:b@127.0.0.1>
        Call-ID: \(id)
        CSeq: 1 \(method)
        \(headers.isEmpty ? "X-Own: 1" : headers)
        Content-Length: 0


        """
    }

    // MARK: StreamReceiver

    func received(_ buffer: ByteBuffer, arrival: Arrival, on loop: EventLoop) {
        let text = ByteString(buffer.span).string.utf8.filter { $0 != 13 }
        self.inbox.append(Got(text: String(decoding: text, as: UTF8.self), connection: arrival.connection))
        loop.buffers.give(buffer)
    }
    func connectionClosed(_ connection: StreamConnection, reason: CloseReason, on loop: EventLoop) {
        self.ended.append(connection.id)
    }
    func sendFailed(to destination: Destination, token: UInt64, code: Int32, on loop: EventLoop) {}
}
