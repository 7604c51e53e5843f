import Bytes
import Glibc
import SIPMessage
import Testing

@testable import SIPTransport

let ipv4Loopback = SocketAddress(ip: IPAddress(ipv4: 0x7f00_0001), port: 0)
let ipv6Loopback = SocketAddress(ip: IPAddress(ipv6High: 0, low: 1), port: 0)

func listenSocket(_ transport: TransportProtocol, _ address: SocketAddress, index: Int = 0) -> ListenSocket {
    ListenSocket(index: index, transport: transport, address: address)
}

func text(_ buffer: ByteBuffer) -> String { ByteString(buffer.span).string }

/// A message that frames itself.
func message(_ body: String, method: String = "INFO") -> String {
    "\(method) sip:x SIP/2.0\r\nl: \(body.utf8.count)\r\n\r\n\(body)"
}

/// Notes what a loop's connections do.
final class Recorder: StreamReceiver {
    struct Failure: Equatable {
        var token: UInt64
        var code: Int32
    }

    var messages: [String] = []
    var arrivals: [Arrival] = []
    /// When the kernel took them, as far as it was asked.
    var times: [Int] = []
    var opened: [StreamConnection] = []
    var closed: [CloseReason] = []
    var closedIDs: [ConnectionID] = []
    var failures: [Failure] = []
    var refusals: [HTTPRefusal] = []
    /// How many messages there were when the loop said that no more come for now.
    var ends: [Int] = []
    /// Called for each message; to answer it.
    var answer: ((Arrival) -> Void)?

    func received(_ buffer: ByteBuffer, arrival: Arrival, on loop: EventLoop) {
        self.messages.append(text(buffer))
        self.arrivals.append(arrival)
        self.times.append(loop.arrivedAt)
        loop.buffers.give(buffer)
        self.answer?(arrival)
    }

    func messagesEnded(on loop: EventLoop) {
        if self.ends.last != self.messages.count { self.ends.append(self.messages.count) }
    }

    func connectionOpened(_ connection: StreamConnection, on loop: EventLoop) { self.opened.append(connection) }

    func connectionClosed(_ connection: StreamConnection, reason: CloseReason, on loop: EventLoop) {
        self.closed.append(reason)
        self.closedIDs.append(connection.id)
    }

    func refused(_ refusal: HTTPRefusal, over connection: StreamConnection, on loop: EventLoop) {
        self.refusals.append(refusal)
    }

    func sendFailed(to destination: Destination, token: UInt64, code: Int32, on loop: EventLoop) {
        self.failures.append(Failure(token: token, code: code))
    }
}

/// A server on one loop, driven by hand, with a clock that only the test moves.
final class Server {
    let loop: EventLoop
    let receiver = Recorder()
    let transport: StreamTransport
    let listener: StreamListener
    var time = Instant(milliseconds: 1_000_000)

    init(_ address: SocketAddress = ipv4Loopback, settings: StreamSettings = StreamSettings()) throws {
        self.loop = try EventLoop(now: self.time)
        let socket = listenSocket(.tcp, address)
        self.transport = StreamTransport(loops: [self.loop], sockets: [socket], settings: settings)
        self.listener = try self.transport.listen(on: socket)
        self.loop.receiver = self.receiver
        self.step()
    }

    deinit { self.loop.close() }

    var address: SocketAddress { self.listener.localAddress }

    /// One pass without waiting.
    func step() { self.loop.runOnce(timeout: .zero, at: self.time) }

    /// Passes until `condition` holds; false when that takes more than about five seconds.
    func run(until condition: () -> Bool) -> Bool {
        for _ in 0..<1000 {
            if condition() { return true }
            self.loop.runOnce(timeout: .milliseconds(5), at: self.time)
        }
        return condition()
    }

    func advance(_ interval: Interval) {
        self.time = self.time + interval
        self.step()
    }

    func destination(_ address: SocketAddress) -> Destination { Destination(transport: .tcp, address: address) }

    /// Sends as a thread of its own would.
    func send(_ text: String, to destination: Destination, token: UInt64 = 0) -> SendOutcome {
        let bytes = Array(text.utf8)
        return self.transport.send(bytes.span, to: destination, token: token)
    }

    /// Sends as the loop's own thread does, while it handles a message.
    func sendInside(_ text: String, to destination: Destination, token: UInt64 = 0) -> SendOutcome {
        self.loop.enter { self.send(text, to: destination, token: token) }
    }
}

/// A plain blocking socket, as any peer has.
final class RawSocket {
    private(set) var descriptor: Int32
    private let isIPv6: Bool

    /// Connects to `address`.
    init(to address: SocketAddress) {
        self.isIPv6 = address.ip.isIPv6
        self.descriptor = socket(self.isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let result = unsafe Self.with(address) { unsafe connect(self.descriptor, $0, $1) }
        precondition(result == 0, "connect")
    }

    /// Listens on a free port of `address`.
    init(listeningOn address: SocketAddress, backlog: Int32 = 8) {
        self.isIPv6 = address.ip.isIPv6
        self.descriptor = socket(self.isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        precondition(unsafe Self.with(address) { unsafe bind(self.descriptor, $0, $1) } == 0, "bind")
        if backlog >= 0 { precondition(listen(self.descriptor, backlog) == 0, "listen") }
    }

    private init(descriptor: Int32, isIPv6: Bool) {
        self.descriptor = descriptor
        self.isIPv6 = isIPv6
    }

    deinit { self.end() }

    func accept() -> RawSocket {
        RawSocket(descriptor: Glibc.accept(self.descriptor, nil, nil), isIPv6: self.isIPv6)
    }

    func end() {
        if self.descriptor >= 0 { _ = close(self.descriptor) }
        self.descriptor = -1
    }

    func endWriting() { _ = shutdown(self.descriptor, Int32(SHUT_WR)) }

    /// Closes with RST.
    func reset() {
        var value = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
        self.end()
    }

    func limitReceiveBuffer(_ bytes: Int32) {
        var value = bytes
        unsafe setsockopt(self.descriptor, SOL_SOCKET, SO_RCVBUF, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    var localPort: UInt16 {
        var storage = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe getsockname(self.descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: storage.sin6_port)
    }

    func write(_ text: String) {
        var bytes = Array(text.utf8)
        let count = bytes.count
        let written = unsafe send(self.descriptor, &bytes, count, Int32(MSG_NOSIGNAL))
        precondition(written == count, "short write")
    }

    /// What is there, waiting for at least one byte; nil at the end of the stream or when it was reset.
    func read(upTo limit: Int = 65_536) -> String? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe recv(self.descriptor, &bytes, limit, 0)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    /// Reads without waiting: nil when nothing is there.
    func poll(upTo limit: Int = 65_536) -> String? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = unsafe recv(self.descriptor, &bytes, limit, Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    private static func with(_ address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        if !address.ip.isIPv6 {
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = address.port.bigEndian
            four.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.ip.low).bigEndian
            return unsafe withUnsafePointer(to: &four) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = address.port.bigEndian
        unsafe withUnsafeMutableBytes(of: &six.sin6_addr) { bytes in
            unsafe bytes.storeBytes(of: address.ip.high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: address.ip.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return unsafe withUnsafePointer(to: &six) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

extension RawSocket {
    func address(_ ip: SocketAddress = ipv4Loopback) -> SocketAddress { SocketAddress(ip: ip.ip, port: self.localPort) }
}
