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
    /// The address of the other end; behind a load balancer that sends PROXY headers, the client's.
    public private(set) var peer: SocketAddress  // changes at most once, before other threads can find the connection
    /// The listen socket it was accepted on, or that its messages name as ours.
    public let socket: ListenSocket
    /// The event loop it belongs to for life.
    public let loop: EventLoop
    /// Whether we opened it.
    public let isOutgoing: Bool
    let owner: StreamTransport

    private let stateCode: Atomic<UInt8>
    private let isLocalKnown = Atomic<Bool>(false)
    let isHeard = Atomic<Bool>(false)
    let isHTTP = Atomic<Bool>(false)
    private var localStorage: SocketAddress  // written once, before isLocalKnown

    // The loop's thread's from here on.
    let keptSlot = Slot<ByteBuffer?>(nil)
    var layer: (any ByteLayer)?
    let outputSlot = Slot<ByteBuffer?>(nil)
    var marks: [SendMark] = []  // messages in `output` behind `firstMark` whose sender wants to hear of failure
    var awaited: [AwaitedAnswer] = []  // requests that are out and whose sender wants to hear of the connection's end
    private let lifetimeStorage: Atomic<Int64>
    private let activityStorage: Atomic<Int64>
    let plain: Cell<Plain>

    /// What is plain and touched by every message: behind a cell, where an access costs nothing but itself.
    struct Plain: BitwiseCopyable {
        var descriptor: Int32
        var framer: StreamFramer
        var firstMark = SendMark(end: 0, token: 0)  // token 0: there is none
        var key = UInt64.max  // of nobody until registered
        var written = 0
        var enqueuedTotal = 0  // bytes ever put into `output`
        var isTimed = false  // the kernel notes when bytes come
        var isOpening = false  // being opened, or what came meanwhile is not through
        var isUnflushed = false  // on the loop's list
        var isBlocked = false  // the kernel takes no more; epoll tells when
        var closesWhenWritten = false
        var isReadingPaused = false  // the peer takes nothing, so nothing more is taken from it
        var awaitsAnswer = false  // a request of HTTP was handed on
        var isHeldBack = false  // what comes behind it waits
        var awaitsHeader = false  // nothing came yet that tells whether there is a PROXY header
        var isCountedByAddress = false  // in `owner.addresses`
        var partialCount = 0  // bytes of `kept` in the owner's account
        var endCode = ECONNABORTED  // what letters that come too late are reported with
        var phaseSince: Instant  // start of connecting or closing
        var partialSince: Instant
        var stalledSince: Instant
        var armedTick = Int64.max
    }

    /// One message in the output whose sender wants to hear of failure.
    struct SendMark: BitwiseCopyable {
        /// Its last byte is the connection's `end`-th.
        var end: Int
        var token: UInt64
    }

    /// A request that is with the peer.
    struct AwaitedAnswer {
        var token: UInt64
        /// From then on its sender has given up anyhow.
        var until: Instant
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
        self.lifetimeStorage = Atomic(settings.lifetime.milliseconds)
        self.activityStorage = Atomic(now.milliseconds)
        self.plain = Cell(
            Plain(
                descriptor: descriptor, framer: StreamFramer(limits: settings.framing), phaseSince: now,
                partialSince: now, stalledSince: now))
    }

    deinit { if self.descriptor >= 0 { _ = apus_close(self.descriptor) } }

    /// From any thread, though it may have changed by the time you look.
    public internal(set) var state: State {
        get { State(rawValue: self.stateCode.load(ordering: .relaxed)) ?? .closed }
        set { self.stateCode.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// How long it lives without a byte either way. From any thread.
    public internal(set) var lifetime: Interval {
        get { Interval(milliseconds: self.lifetimeStorage.load(ordering: .relaxed)) }
        set { self.lifetimeStorage.store(newValue.milliseconds, ordering: .relaxed) }
    }

    /// When the last byte moved, either way. From any thread.
    public internal(set) var lastActivity: Instant {
        get { Instant(milliseconds: self.activityStorage.load(ordering: .relaxed)) }
        set { self.activityStorage.store(newValue.milliseconds, ordering: .relaxed) }
    }

    /// Whether the peer has sent anything yet. From any thread, though it may have changed by the time you look.
    public var isSilent: Bool { !self.isOutgoing && !self.isHeard.load(ordering: .relaxed) }

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
    /// From any thread.
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
        self.phaseSince = self.loop.now
        self.state = .open
        self.arm()
        if !self.awaitsHeader { self.loop.receiver?.connectionOpened(self, on: self.loop) }
    }

    /// The PROXY header has been read, or there is none: only now others may find the connection.
    /// - Parameter client: nil leaves the address that the system gave.
    /// - Returns: false when its client has too many already; then it is closed.
    func introduce(_ client: SocketAddress?) -> Bool {
        self.awaitsHeader = false
        if let client { self.peer = client }
        guard self.owner.admit(self) else {
            self.close(.tooMany)
            return false
        }
        self.loop.receiver?.connectionOpened(self, on: self.loop)
        return true
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
        let code = self.bindSource()
        guard code == 0 else { return code }
        let result = apus_socket_connect(self.descriptor, self.peer.system)
        guard result == 0 || result == -EINPROGRESS else { return -result }
        do throws(SocketError) {
            self.key = try self.loop.add(.connection(self), self.descriptor, UInt32(APUS_WRITABLE))
        } catch {
            return error.code
        }
        self.state = .connecting
        self.isOpening = true
        self.arm()
        return 0
    }

    /// Gives the descriptor its local address; the `errno` it is refused with, or 0.
    private func bindSource() -> Int32 {
        let settings = self.loop.settings
        let listen = self.socket.address
        if let source = self.peer.ip.isIPv6 ? settings.sourceIPv6 : settings.sourceIPv4 {
            return self.bind(SocketAddress(ip: source, port: settings.reusesPort ? listen.port : 0))
        }
        // The source is the address our Via names, unless that one cannot reach the peer at all.
        let isUsable =
            !listen.ip.isAny && listen.ip.isLoopback == self.peer.ip.isLoopback
            && listen.ip.isIPv6 == self.peer.ip.isIPv6
        if settings.reusesPort {
            let any = self.peer.ip.isIPv6 ? IPAddress.anyIPv6 : .anyIPv4
            return self.bind(SocketAddress(ip: isUsable ? listen.ip : any, port: listen.port, scope: listen.scope))
        }
        return isUsable ? self.bind(SocketAddress(ip: listen.ip, port: 0, scope: listen.scope)) : 0
    }

    private func bind(_ address: SocketAddress) -> Int32 {
        if address.port == 0 {
            _ = apus_socket_set(self.descriptor, APUS_BIND_NO_PORT, 1)
        } else {
            _ = apus_socket_set(self.descriptor, APUS_REUSE_ADDRESS, 1)
            _ = apus_socket_set(self.descriptor, APUS_REUSE_PORT, 1)
        }
        return max(-apus_socket_bind(self.descriptor, address.system), 0)
    }

    private func finishConnecting() {
        let code = apus_socket_error(self.descriptor)
        guard code == 0 else {
            self.close(.connectFailed(code))
            return
        }
        self.learnLocal()
        // The kernel may choose the port that nobody listens on for our own, and connect us with ourselves.
        guard self.localStorage != self.peer else {
            self.close(.connectFailed(ECONNREFUSED))
            return
        }
        self.state = .open
        self.owner.counts.count(.connected)
        self.owner.counts.count(.established)
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
            if !self.isBlocked, self.state == .open {
                self.isReadingPaused = false
                self.loop.change(self.key, self.interest)
            } else {
                self.followQueue()
            }
        case .fresh, .closing, .closed: break
        }
    }

    func readable() {
        switch self.state {
        case .connecting: self.finishConnecting()
        case .open:
            if self.isHeldBack {
                // Nothing is waited for but the end of both halves.
                self.close(.peerClosed)
            } else if self.closesWhenWritten {
                self.discard()
            } else {
                self.read()
            }
        case .closing: self.discard()
        case .fresh, .closed: break
        }
    }
}
