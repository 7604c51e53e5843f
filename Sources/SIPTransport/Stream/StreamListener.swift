import Bytes
import CLinux
import Glibc
import SIPMessage
import Synchronization

/// A listening TCP descriptor.
///
/// Its loop accepts; the connections are spread over all loops of the transport.
public final class StreamListener: @unchecked Sendable {  // constants, a counter, and fields of `loop`'s thread
    /// The listen address it serves.
    public let socket: ListenSocket
    /// What the kernel bound: as `socket.address`, with the real port where 0 was asked for.
    public let localAddress: SocketAddress
    /// The event loop that accepts.
    public let loop: EventLoop
    /// Connections closed at once since there were too many.
    public var refusedCount: Int { self.refused.load(ordering: .relaxed) }

    /// How long to let the listener rest when the process has no descriptor left.
    private static let pause = Interval.milliseconds(500)
    private static let acceptsPerEvent = 64
    private let owner: StreamTransport
    private let refused = Atomic<Int>(0)
    private var descriptor: Int32
    private var key = UInt64.max  // of nobody until registered
    private var pausedUntil: Instant?

    init(
        _ socket: ListenSocket, owner: StreamTransport, loop: EventLoop, settings: StreamSettings
    ) throws(SocketError) {
        self.socket = socket
        self.owner = owner
        self.loop = loop
        let address = socket.address
        let isIPv6 = address.ip.isIPv6
        let descriptor = try checked(apus_socket_stream(isIPv6 ? 1 : 0), .open, address)
        do throws(SocketError) {
            if isIPv6 { try checked(apus_socket_set(descriptor, APUS_IPV6_ONLY, 1), .option, address) }
            // TIME_WAIT of an earlier run must not keep us from starting; another listener still does.
            try checked(apus_socket_set(descriptor, APUS_REUSE_ADDRESS, 1), .option, address)
            // Connections that we open from this port share it.
            if settings.reusesPort { try checked(apus_socket_set(descriptor, APUS_REUSE_PORT, 1), .option, address) }
            StreamOptions.apply(settings, to: descriptor, isIPv6: isIPv6)
            if settings.deferAccept > 0 {
                _ = apus_socket_set(descriptor, APUS_DEFER_ACCEPT, Int32(clamping: settings.deferAccept))
            }
            if settings.bindsForeignAddresses { _ = apus_socket_set(descriptor, APUS_FREE_BIND, 1) }
            try checked(apus_socket_bind(descriptor, address.system), .bind, address)
            try checked(apus_socket_listen(descriptor, Int32(clamping: settings.backlog)), .listen, address)
        } catch {
            _ = apus_close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.localAddress = SocketAddress(apus_socket_local(descriptor))
    }

    deinit { if self.descriptor >= 0 { _ = apus_close(self.descriptor) } }

    /// Whether accepting rests since descriptors ran out.
    ///
    /// On the loop's thread.
    var isPaused: Bool { self.pausedUntil != nil }

    func begin() throws(SocketError) {
        self.key = try self.loop.add(.listener(self), self.descriptor, UInt32(APUS_READABLE))
    }

    func close() {
        guard self.descriptor >= 0 else { return }
        self.loop.remove(self.key)
        _ = apus_close(self.descriptor)
        self.descriptor = -1
    }

    func readable() {
        for _ in 0..<Self.acceptsPerEvent {
            guard self.descriptor >= 0, !self.isPaused else { return }
            let accepted = apus_socket_accept(self.descriptor)
            if accepted.descriptor >= 0 {
                if !self.owner.adopt(accepted.descriptor, peer: SocketAddress(accepted.peer), socket: self.socket) {
                    _ = apus_close(accepted.descriptor)
                    self.refused.wrappingAdd(1, ordering: .relaxed)
                }
            } else if !self.goesOn(after: -accepted.descriptor) {
                return
            }
        }
    }

    /// What a failed accept means for the next one.
    func goesOn(after code: Int32) -> Bool {
        switch code {
        case EAGAIN: return false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            // The connection stays in the backlog, so the descriptor stays readable: without a rest the loop would spin.
            self.loop.change(self.key, 0)
            let until = self.loop.now + Self.pause
            self.pausedUntil = until
            _ = self.loop.wheel.insert(self.key, at: self.loop.wheel.tick(of: until))
            return false
        default: return true  // that one connection is gone before it was ours
        }
    }

    /// The rest is over.
    func resume() {
        guard let until = self.pausedUntil, until <= self.loop.now, self.descriptor >= 0 else { return }
        self.pausedUntil = nil
        self.loop.change(self.key, UInt32(APUS_READABLE))
    }
}
