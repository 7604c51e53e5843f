import Bytes
import CLinux
import Glibc
import SIPMessage
import Synchronization

/// One stream connection, accepted or opened by us.
///
/// What names it is constant and for all threads; all else belongs to the thread of its loop. An idle connection holds
/// no buffer: bytes are read into the loop's scratch area and kept here only while a message is partial, and written
/// bytes are kept only while the kernel does not take them.
public final class StreamConnection: @unchecked Sendable {  // constants, one flag, and fields of `loop`'s thread
    /// Where a connection is in its life.
    public enum State: UInt8, Sendable {
        /// Known to the table, not yet tried.
        case fresh
        case connecting
        case open
        /// Our end is closed; the peer's is awaited.
        case closing
        case closed
    }

    /// Its number, which no other connection ever has.
    public let id: ConnectionID
    /// The protocol spoken on it.
    public let transport: TransportProtocol
    /// The address of the other end.
    public let peer: SocketAddress
    /// The listen socket it was accepted on, or that its messages name as ours.
    public let socket: ListenSocket
    /// The event loop it belongs to for life.
    public let loop: EventLoop
    /// Whether we opened it.
    public let isOutgoing: Bool
    let owner: StreamTransport

    private let stateCode: Atomic<UInt8>
    private let isLocalKnown = Atomic<Bool>(false)
    private var localStorage: SocketAddress  // written once, before isLocalKnown

    // The loop's thread's from here on.
    var descriptor: Int32
    var key = UInt64.max  // of nobody until registered
    var framer: StreamFramer
    var kept: ByteBuffer?  // the beginning of a message
    var layer: (any ByteLayer)?
    var output: ByteBuffer?  // bytes for the peer; the first `written` are through
    var written = 0
    var marks: [SendMark] = []  // messages in `output` whose sender wants to hear of failure
    var enqueuedTotal = 0  // bytes ever put into `output`
    var isUnflushed = false  // on the loop's list
    var isBlocked = false  // the kernel takes no more; epoll tells when
    var closesWhenWritten = false
    var endCode = ECONNABORTED  // what letters that come too late are reported with
    var lifetime: Interval
    var lastActivity: Instant
    var phaseSince: Instant  // start of connecting or closing
    var partialSince: Instant
    var stalledSince: Instant
    var armedTick = Int64.max

    /// One message in the output whose sender wants to hear of failure.
    struct SendMark {
        /// Its last byte is the connection's `end`-th.
        var end: Int
        var token: UInt64
    }

    // The descriptor is that of an accepted connection, or -1 for one to be opened.
    init(
        id: ConnectionID,
        owner: StreamTransport,
        loop: EventLoop,
        socket: ListenSocket,
        peer: SocketAddress,
        descriptor: Int32,
        settings: StreamSettings,
        now: Instant
    ) {
        self.id = id
        self.owner = owner
        self.loop = loop
        self.socket = socket
        self.transport = socket.transport
        self.peer = peer
        self.isOutgoing = descriptor < 0
        self.localStorage = socket.address
        self.stateCode = Atomic(State.fresh.rawValue)
        self.descriptor = descriptor
        self.framer = StreamFramer(limits: settings.framing)
        self.lifetime = settings.lifetime
        self.lastActivity = now
        self.phaseSince = now
        self.partialSince = now
        self.stalledSince = now
    }

    deinit { if self.descriptor >= 0 { _ = apus_close(self.descriptor) } }

    /// From any thread, though it may have changed by the time you look.
    public internal(set) var state: State {
        get { State(rawValue: self.stateCode.load(ordering: .relaxed)) ?? .closed }
        set { self.stateCode.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Our address on this connection; nil before it is open.
    ///
    /// From any thread.
    public var local: SocketAddress? { self.isLocalKnown.load(ordering: .acquiring) ? self.localStorage : nil }

    /// How a message that goes back over this connection is addressed.
    public var destination: Destination {
        Destination(transport: self.transport, address: self.peer, socket: self.socket, connection: self.id)
    }

    /// When the connection will be closed if no byte moves until then.
    ///
    /// On the loop's thread.
    public var expires: Instant { self.lastActivity + self.lifetime }
    /// Bytes that wait for the peer.
    ///
    /// On the loop's thread.
    public var queuedBytes: Int { (self.output?.count ?? 0) - self.written }

    func learnLocal() {
        self.localStorage = SocketAddress(apus_socket_local(self.descriptor))
        self.isLocalKnown.store(true, ordering: .releasing)
    }

    // MARK: Beginning

    /// Takes an accepted descriptor into service.
    func begin() {
        do throws(SocketError) {
            self.key = try self.loop.add(.connection(self), self.descriptor, UInt32(APUS_READABLE))
        } catch {
            self.close(.failed(error.code))
            return
        }
        self.learnLocal()
        self.lastActivity = self.loop.now
        self.state = .open
        self.arm()
        self.loop.receiver?.connectionOpened(self, on: self.loop)
    }

    /// Starts to connect.
    ///
    /// Returns 0, or the `errno` that it failed with at once; then nothing is reported.
    func connect() -> Int32 {
        guard self.state == .fresh else { return 0 }
        let code = self.startConnecting()
        guard code != 0 else { return 0 }
        self.endCode = code
        self.release()
        return code
    }

    private func startConnecting() -> Int32 {
        self.phaseSince = self.loop.now
        self.descriptor = apus_socket_stream(self.peer.ip.isIPv6 ? 1 : 0)
        guard self.descriptor >= 0 else { return -self.descriptor }
        StreamOptions.apply(self.loop.settings, to: self.descriptor, isIPv6: self.peer.ip.isIPv6)
        // The source is the address our Via names, unless that one cannot reach the peer at all.
        let local = self.socket.address
        if !local.ip.isAny, local.ip.isLoopback == self.peer.ip.isLoopback, local.ip.isIPv6 == self.peer.ip.isIPv6 {
            _ = apus_socket_set(self.descriptor, APUS_BIND_NO_PORT, 1)
            let result = apus_socket_bind(
                self.descriptor,
                SocketAddress(ip: local.ip, port: 0, scope: local.scope).system
            )
            guard result >= 0 else { return -result }
        }
        let result = apus_socket_connect(self.descriptor, self.peer.system)
        guard result == 0 || result == -EINPROGRESS else { return -result }
        do throws(SocketError) {
            self.key = try self.loop.add(.connection(self), self.descriptor, UInt32(APUS_WRITABLE))
        } catch {
            return error.code
        }
        self.state = .connecting
        self.arm()
        return 0
    }

    private func finishConnecting() {
        let code = apus_socket_error(self.descriptor)
        guard code == 0 else {
            self.close(.connectFailed(code))
            return
        }
        self.learnLocal()
        self.state = .open
        self.lastActivity = self.loop.now
        self.loop.change(self.key, UInt32(APUS_READABLE))
        self.arm()
        self.loop.receiver?.connectionOpened(self, on: self.loop)
        self.flush()
    }

    // MARK: Events

    func writable() {
        switch self.state {
        case .connecting: self.finishConnecting()
        case .open:
            self.isBlocked = false
            self.flush()
            if !self.isBlocked, self.state == .open { self.loop.change(self.key, UInt32(APUS_READABLE)) }
        case .fresh, .closing, .closed: break
        }
    }

    func readable() {
        switch self.state {
        case .connecting: self.finishConnecting()
        case .open: self.read()
        case .closing: self.discard()
        case .fresh, .closed: break
        }
    }
}

/// What every connection's descriptor is told.
enum StreamOptions {
    /// On a listening descriptor they hold for all that it accepts.
    static func apply(_ settings: StreamSettings, to descriptor: Int32, isIPv6: Bool) {
        // None of these is worth refusing a connection for.
        _ = apus_socket_set(descriptor, APUS_NO_DELAY, 1)
        if settings.keepsAlive { _ = apus_socket_set(descriptor, APUS_KEEPALIVE, 1) }
        if settings.keepaliveIdle > 0 {
            _ = apus_socket_set(descriptor, APUS_KEEPALIVE_IDLE, Int32(clamping: settings.keepaliveIdle))
        }
        if settings.keepaliveInterval > 0 {
            _ = apus_socket_set(descriptor, APUS_KEEPALIVE_INTERVAL, Int32(clamping: settings.keepaliveInterval))
        }
        if settings.keepaliveCount > 0 {
            _ = apus_socket_set(descriptor, APUS_KEEPALIVE_COUNT, Int32(clamping: settings.keepaliveCount))
        }
        if settings.synCount > 0 { _ = apus_socket_set(descriptor, APUS_SYN_COUNT, Int32(clamping: settings.synCount)) }
        if let value = settings.typeOfService {
            _ = apus_socket_set(descriptor, isIPv6 ? APUS_TRAFFIC_CLASS : APUS_TOS, Int32(clamping: value))
        }
    }
}
