import Bytes
import CLinux
import SIPMessage
import Synchronization

/// How the descriptors of a UDP listen address are set up.
public struct DatagramSettings: Sendable {
    /// Bytes to raise the receive buffer to, where it is smaller (`maxbuffer`).
    public var receiveBuffer: Int = 4_194_304
    /// Bytes to raise the send buffer to, where it is smaller (`maxsndbuffer`).
    public var sendBuffer: Int = 262_144
    /// IP type of service, or IPv6 traffic class, 0...255 (`tos`); nil leaves the system's.
    public var typeOfService: Int? = 0x10
    /// Bind to addresses that this machine has not, or not yet (`ip_free_bind`).
    public var bindsForeignAddresses = false
    /// Whether datagrams may be fragmented on their way; nil leaves it to the system (`pmtu_discovery`).
    public var mayFragment: Bool?
    /// Allow a second process on the same address.
    ///
    /// UDP needs it for nothing else, so it is off: two servers would take each other's datagrams without a word.
    public var reusesAddress = false
    /// Which of the descriptors of one address a datagram goes to (`udp_spread`).
    public var spread = DatagramSpread.bySender
    /// How long a receiver looks for datagrams before it sleeps, microseconds (`udp_busy_poll`).
    public var busyPoll = 0
    /// Longest that a receiver blocks before it looks round, milliseconds.
    public var receiveTimeout = 1000

    /// The defaults.
    public init() {}
}

/// How datagrams are spread over the descriptors that are bound to one address.
public enum DatagramSpread: Int, Sendable, CaseIterable {
    /// By addresses and ports of sender and receiver: all that one peer sends goes to one descriptor.
    case bySender = 0
    /// Each to one drawn at random.
    case byDatagram = 1
    /// To that with the number of the processor that took it in, modulo their count.
    case byProcessor = 2
}

/// What waits to be received from a descriptor, and what could not.
public struct DatagramBacklog: Sendable, BitwiseCopyable {
    /// Bytes of the kernel's memory: a datagram takes 768 at least. A little of what was just received may be among it.
    public var bytes: UInt32 = 0
    /// Datagrams that the kernel had no room for, since the descriptor was opened; modulo 2^32.
    public var lost: UInt32 = 0
}

/// One bound UDP descriptor.
///
/// Any thread may send through it. Receiving goes by a `DatagramPort`.
public final class DatagramSocket: Sendable {
    /// The listen address it serves; a copy of its own.
    public let listenSocket: ListenSocket
    /// What the kernel bound: as `listenSocket.address`, with the real port where 0 was asked for.
    public let localAddress: SocketAddress
    /// The descriptor, open as long as this object lives.
    public let descriptor: Int32
    /// Microseconds for which a receiver looks for datagrams before it sleeps.
    let busyPoll: Int
    private let receiveTimeout: Int
    private let isTimeoutShort = Atomic<Bool>(false)
    private let stopped = Atomic<Bool>(false)
    /// Receivers that want to know when datagrams came.
    private let arrivalReaders = Lock(0)

    /// Opens and binds the descriptors of one listen address.
    ///
    /// The address must be free: with a count above 1 that is tried first, since the kernel would let another server's
    /// sockets join.
    /// - Parameters:
    ///   - socket: what to bind to; port 0 takes any free one.
    ///   - count: descriptors that share the address, each with its share of the senders (`SO_REUSEPORT`).
    ///   - settings: how to set them up.
    /// - Returns: `count` descriptors.
    /// - Throws: what the system refused.
    public static func open(
        _ socket: ListenSocket,
        count: Int = 1,
        settings: DatagramSettings = DatagramSettings()
    ) throws(SocketError) -> [DatagramSocket] {
        var address = socket.address
        if count > 1, address.port != 0, !settings.reusesAddress {
            _ = try DatagramSocket(socket, address: address, sharesPort: false, settings: settings)
        }
        var sockets: [DatagramSocket] = []
        for _ in 0..<max(count, 1) {
            let next = try DatagramSocket(socket, address: address, sharesPort: count > 1, settings: settings)
            address = next.localAddress
            sockets.append(next)
        }
        // Positions are those in which they were bound; for a position that nobody has the kernel goes by the sender.
        if let first = sockets.first, sockets.count > 1 { try first.spread(settings.spread, over: sockets.count) }
        return sockets
    }

    private init(
        _ socket: ListenSocket,
        address: SocketAddress,
        sharesPort: Bool,
        settings: DatagramSettings
    ) throws(SocketError) {
        let isIPv6 = address.ip.isIPv6
        let descriptor = try checked(apus_socket_datagram(isIPv6 ? 1 : 0), .open, address)
        do throws(SocketError) {
            if isIPv6 { try checked(apus_socket_set(descriptor, APUS_IPV6_ONLY, 1), .option, address) }
            if settings.reusesAddress { try checked(apus_socket_set(descriptor, APUS_REUSE_ADDRESS, 1), .option) }
            if sharesPort { try checked(apus_socket_set(descriptor, APUS_REUSE_PORT, 1), .option, address) }
            // Smaller buffers or another TOS than asked for are no reason not to start.
            _ = apus_socket_raise_buffer(descriptor, APUS_RECEIVE_BUFFER, Int32(clamping: settings.receiveBuffer))
            _ = apus_socket_raise_buffer(descriptor, APUS_SEND_BUFFER, Int32(clamping: settings.sendBuffer))
            if let value = settings.typeOfService {
                _ = apus_socket_set(descriptor, isIPv6 ? APUS_TRAFFIC_CLASS : APUS_TOS, Int32(clamping: value))
            }
            if settings.bindsForeignAddresses { _ = apus_socket_set(descriptor, APUS_FREE_BIND, 1) }
            if let may = settings.mayFragment {
                // IP_PMTUDISC_DONT, IP_PMTUDISC_DO
                _ = apus_socket_set(
                    descriptor, isIPv6 ? APUS_MTU_DISCOVERY_IPV6 : APUS_MTU_DISCOVERY, may ? 0 : 2)
            }
            // Has the kernel look at the device itself where the device can that; needs a privilege, and is no must.
            if settings.busyPoll > 0 {
                _ = apus_socket_set(descriptor, APUS_BUSY_POLL, Int32(clamping: settings.busyPoll))
            }
            try checked(
                apus_socket_receive_timeout(descriptor, Int64(settings.receiveTimeout) &* 1000),
                .option,
                address
            )
            try checked(apus_socket_bind(descriptor, address.system), .bind, address)
        } catch {
            _ = apus_close(descriptor)
            throw error
        }
        self.listenSocket = socket
        self.descriptor = descriptor
        self.localAddress = SocketAddress(apus_socket_local(descriptor))
        self.receiveTimeout = settings.receiveTimeout
        self.busyPoll = settings.busyPoll
    }

    private func spread(_ spread: DatagramSpread, over count: Int) throws(SocketError) {
        let kind: apus_spread
        switch spread {
        case .bySender: return
        case .byDatagram: kind = APUS_SPREAD_RANDOM
        case .byProcessor: kind = APUS_SPREAD_PROCESSOR
        }
        try checked(apus_socket_spread(self.descriptor, kind, UInt32(count)), .option, self.localAddress)
    }

    deinit { _ = apus_close(self.descriptor) }

    /// Bytes of receive buffer the kernel granted.
    public var receiveBufferSize: Int { Int(max(apus_socket_get(self.descriptor, APUS_RECEIVE_BUFFER), 0)) / 2 }

    /// Has the kernel note when datagrams come, for as long as one of the receivers wants that.
    func noteArrivals(_ wanted: Bool) {
        self.arrivalReaders.withLock { readers in
            readers += wanted ? 1 : -1
            _ = apus_socket_set(self.descriptor, APUS_ARRIVAL_TIME, readers > 0 ? 1 : 0)
        }
    }

    /// What waits in the kernel; two zeros where it does not say.
    var backlog: DatagramBacklog {
        var backlog = DatagramBacklog()
        // The kernel writes two numbers.
        _ = unsafe apus_socket_queue(self.descriptor, &backlog.bytes, &backlog.lost)
        return backlog
    }

    var isStopped: Bool { self.stopped.load(ordering: .acquiring) }

    /// Every receiver, blocked or yet to block, returns at once from now on.
    func stop() {
        self.stopped.store(true, ordering: .releasing)
        // On an unconnected UDP socket this answers ENOTCONN, and still wakes all who are blocked in recvmmsg.
        _ = apus_socket_shutdown_receive(self.descriptor)
    }

    /// A receiver that is about to block shall not block for long.
    ///
    /// Undone by `restoreTimeout`.
    func shortenTimeout() {
        _ = apus_socket_receive_timeout(self.descriptor, 1)
        // Set after the timeout is short, so a restore that came too early is followed by another one.
        self.isTimeoutShort.store(true, ordering: .releasing)
    }

    @inline(__always)
    func restoreTimeout() {
        if self.isTimeoutShort.load(ordering: .acquiring) { self.restoreTimeoutNow() }
    }

    private func restoreTimeoutNow() {
        self.isTimeoutShort.store(false, ordering: .releasing)
        _ = apus_socket_receive_timeout(self.descriptor, Int64(self.receiveTimeout) &* 1000)
    }
}
