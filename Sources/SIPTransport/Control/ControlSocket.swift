import Bytes
import CLinux
import Glibc
import SIPMessage

/// A socket on which control clients are answered: of files or of the network, with connections or datagrams.
///
/// All but `open`, `update` and `remove` runs on its loop's thread.
public final class ControlSocket: ControlEndpoint, DescriptorHandler, @unchecked Sendable {  // its loop's thread
    /// Where it is bound.
    public enum Place: Sendable, Equatable {
        case file(String)
        case address(SocketAddress)
    }

    /// Where it is bound; the port is the real one where 0 was asked for.
    public let place: Place
    private let descriptor: Int32
    private let isDatagram: Bool
    private let answering: Answering
    private var key: RegistrationKey?
    private let scratch = ByteBuffer(capacity: 65_536)
    private var clients: [ControlConnection] = []
    private lazy var unsent = UnsentDatagrams(descriptor: self.descriptor, owner: self)
    private weak var loop: EventLoop?
    /// Clients at a time; further ones are turned away unless one has been silent for long.
    private static let clientLimit = 256
    private static let longSilence = Interval.seconds(60)

    private init(place: Place, descriptor: Int32, isDatagram: Bool, handler: @escaping ControlHandlerMaker) {
        self.place = place
        self.descriptor = descriptor
        self.isDatagram = isDatagram
        self.answering = Answering(handler)
    }

    deinit { _ = apus_close(self.descriptor) }

    /// Who answers: may change at any time, for clients that are connected too.
    final class Answering: Sendable {
        private struct State {
            var make: ControlHandlerMaker
            var generation = 0
            var patience = Interval.seconds(2)
        }
        private let state: Lock<State>
        init(_ make: @escaping ControlHandlerMaker) { self.state = Lock(State(make: make)) }

        /// The handler of a client that has `current`: a new one when it has none or another answers now.
        func refresh(_ current: inout (generation: Int, handler: WaitingControlHandler)?) -> WaitingControlHandler {
            let state = self.state.withLock { $0 }
            if let current, current.generation == state.generation { return current.handler }
            let handler = state.make()
            current = (state.generation, handler)
            return handler
        }

        /// How long the answer to a datagram waits for a client that has too many to read.
        var patience: Interval { self.state.withLock { $0.patience } }

        func update(_ make: @escaping ControlHandlerMaker, patience: Interval? = nil) {
            // The one before is let go of outside the lock: it may be the last to know a whole configuration.
            var other = make
            self.state.withLock { state in
                swap(&state.make, &other)
                state.generation += 1
                if let patience { state.patience = patience }
            }
        }
    }

    /// Puts another handler in the place of the one so far. From any thread.
    /// - Parameter patience: how long the answer to a datagram waits for a client that has too many to read; nil: as before.
    public func update(_ handler: @escaping ControlHandlerMaker, patience: Interval? = nil) {
        self.answering.update(handler, patience: patience)
    }

    /// Binds a socket file; one left behind by a server that is gone is replaced, a living one is not.
    ///
    /// - Parameter mode: permissions of the file.
    public static func open(
        path: String, isDatagram: Bool, mode: Int, handler: @escaping ControlHandler
    ) throws(SocketError) -> ControlSocket {
        try self.open(path: path, isDatagram: isDatagram, mode: mode, waiting: { bytes, _ in handler(bytes) })
    }

    /// As the other, with a handler whose answers may come later.
    public static func open(
        path: String, isDatagram: Bool, mode: Int, waiting handler: @escaping WaitingControlHandler
    ) throws(SocketError) -> ControlSocket {
        try self.open(path: path, isDatagram: isDatagram, mode: mode, making: { handler })
    }

    /// As the others, with a handler for each client.
    public static func open(
        path: String, isDatagram: Bool, mode: Int, making handler: @escaping ControlHandlerMaker
    ) throws(SocketError) -> ControlSocket {
        // withCString hands out a pointer that is valid for the call.
        let result = unsafe path.withCString { unsafe apus_unix_bind($0, isDatagram ? 1 : 0, Int32(mode)) }
        guard result >= 0 else { throw SocketError(.bind, code: -result) }
        return ControlSocket(place: .file(path), descriptor: result, isDatagram: isDatagram, handler: handler)
    }

    /// Binds an address of the network.
    public static func open(
        address: SocketAddress, isDatagram: Bool, making handler: @escaping ControlHandlerMaker
    ) throws(SocketError) -> ControlSocket {
        let isIPv6: Int32 = address.ip.isIPv6 ? 1 : 0
        let descriptor = try checked(
            isDatagram ? apus_socket_datagram(isIPv6) : apus_socket_stream(isIPv6), .open, address)
        do throws(SocketError) {
            if isIPv6 != 0 { try checked(apus_socket_set(descriptor, APUS_IPV6_ONLY, 1), .option, address) }
            // TIME_WAIT of an earlier run must not keep us from starting. Of datagrams two would share the address.
            if !isDatagram { try checked(apus_socket_set(descriptor, APUS_REUSE_ADDRESS, 1), .option, address) }
            try checked(apus_socket_bind(descriptor, address.system), .bind, address)
            if !isDatagram { try checked(apus_socket_listen(descriptor, 64), .listen, address) }
        } catch {
            _ = apus_close(descriptor)
            throw error
        }
        return ControlSocket(
            place: .address(SocketAddress(apus_socket_local(descriptor))), descriptor: descriptor,
            isDatagram: isDatagram, handler: handler)
    }

    public func attach(to loop: EventLoop) {
        self.loop = loop
        self.key = try? loop.register(self.descriptor, handler: self)
    }

    /// Clients that are connected hear no more.
    public func detach(from loop: EventLoop) {
        if let key = self.key { loop.unregister(key) }
        self.key = nil
        self.answering.update { { _, _ in nil } }
    }

    public func remove() {
        // The path lives for the call.
        if case .file(let path) = self.place { _ = unsafe path.withCString { unsafe apus_unlink($0) } }
    }

    /// A client connects, or a datagram is there.
    public func readable(on loop: EventLoop) {
        if self.isDatagram { return self.answerDatagrams() }
        while true {
            let client = apus_accept(self.descriptor)
            if client == -EMFILE || client == -ENFILE {
                // The client stays in the queue and the loop would come straight back: nothing else runs here, so rest.
                usleep(50_000)
                return
            }
            guard client >= 0 else { return }
            self.clients.removeAll { $0.isClosed }
            let connection = ControlConnection(descriptor: client, answering: self.answering)
            if self.clients.count >= Self.clientLimit { self.closeSilent(on: loop) }
            // One too many is closed at once, as its last reference goes.
            guard self.clients.count < Self.clientLimit else { continue }
            self.clients.append(connection)
            connection.attach(to: loop)
        }
    }

    /// Makes room: who has said nothing for a minute, and waits for nothing, goes. So nobody shuts others out by silence.
    private func closeSilent(on loop: EventLoop) {
        let now = Instant.now()
        let silent = self.clients.filter { $0.isIdle && now - $0.lastHeard > Self.longSilence }
        guard let longest = silent.min(by: { $0.lastHeard < $1.lastHeard }) else { return }
        longest.close(loop)
        self.clients.removeAll { $0 === longest }
    }

    private func received() -> [UInt8] {
        let buffer = self.scratch
        return ByteString(buffer.span).bytes
    }

    private func answerDatagrams() {
        for _ in 0..<64 {
            var peer = apus_unix_peer()
            var count = 0
            unsafe self.scratch.fill { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                count = Int(unsafe apus_receive_from(self.descriptor, base, bytes.count, &peer))
                return max(count, 0)
            }
            guard count > 0 else { return }
            let client = peer
            let later: @Sendable ([UInt8]) -> Void = { [weak self] answer in self?.post(answer, to: client) }
            var handler: (generation: Int, handler: WaitingControlHandler)?
            guard let (_, answer) = self.answering.refresh(&handler)(self.received(), later) else { continue }
            self.send(answer, to: client)
        }
    }

    /// Answers a datagram on the loop's thread. From any thread.
    private func post(_ answer: [UInt8], to client: apus_unix_peer) {
        self.loop?.post(LateDatagram(answer, to: client, from: self))
    }

    /// Answers a datagram; one that is nothing is not sent.
    fileprivate func send(_ answer: [UInt8], to client: apus_unix_peer) {
        guard !answer.isEmpty, let loop = self.loop else { return }
        self.unsent.send(answer, to: client, within: self.answering.patience, on: loop)
    }
}

/// Brings an answer to the loop of the socket that it leaves by.
private final class LateDatagram: LoopTask {
    private let answer: [UInt8]
    private let client: apus_unix_peer
    private let socket: ControlSocket

    init(_ answer: [UInt8], to client: apus_unix_peer, from socket: ControlSocket) {
        self.answer = answer
        self.client = client
        self.socket = socket
    }

    func perform(on loop: EventLoop) { self.socket.send(self.answer, to: self.client) }
}
