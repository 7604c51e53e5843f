import Bytes

/// A socket that the configuration asked for, with the name it goes by in Via and Record-Route.
///
/// It is not the descriptor: several descriptors (one per worker) may serve it. A handle: what it stands for stays until the
/// process ends, since every message carries one, and counting them would cost more than the few that there can be.
public struct ListenSocket: Sendable, BitwiseCopyable, Equatable {
    private let record: Immortal<Record>

    private struct Definition: Hashable, Sendable {
        var index: Int
        var transport: TransportProtocol
        var address: SocketAddress
        var advertisedHost: ByteString?
        var advertisedPort: UInt16
        var name: ByteString?
        var isVirtual: Bool
    }

    private struct Record: Sendable {
        let definition: Definition
        let host: ByteString
        let port: UInt16
        let sentBy: ByteString
        let sentByBytes: ImmortalBytes
        let ipText: ByteString
        let socketName: ByteString
    }

    /// All that there ever were: a listener that is loaded again is the same.
    private static let known = Lock<[Definition: ListenSocket]>([:])

    public init(
        index: Int, transport: TransportProtocol, address: SocketAddress,
        advertisedHost: ByteString? = nil, advertisedPort: UInt16 = 0, name: ByteString? = nil,
        isVirtual: Bool = false
    ) {
        let definition = Definition(
            index: index, transport: transport, address: address, advertisedHost: advertisedHost,
            advertisedPort: advertisedPort, name: name, isVirtual: isVirtual)
        self = Self.known.withLock { known in
            if let socket = known[definition] { return socket }
            let socket = ListenSocket(definition)
            known[definition] = socket
            return socket
        }
    }

    private init(_ definition: Definition) {
        let address = definition.address
        let host = definition.advertisedHost ?? ByteString(address.ip.bracketed)
        let port = definition.advertisedPort != 0 ? definition.advertisedPort : address.port
        let sentBy = ByteString("\(host.string):\(port)")
        self.record = Immortal(
            Record(
                definition: definition, host: host, port: port, sentBy: sentBy, sentByBytes: ImmortalBytes(sentBy),
                ipText: ByteString(address.ip.description),
                socketName: ByteString("\(definition.transport.name):\(address.ip.bracketed):\(address.port)")))
    }

    /// Which of the server's listeners it is. An address keeps its number while the server runs, whatever is loaded; the
    /// number of one that is given up may be another's later.
    public var index: Int { self.record.value.definition.index }
    public var transport: TransportProtocol { self.record.value.definition.transport }
    public var address: SocketAddress { self.record.value.definition.address }
    /// What `advertise` says instead of the address, and its port (0: as `address`).
    public var advertisedHost: ByteString? { self.record.value.definition.advertisedHost }
    public var advertisedPort: UInt16 { self.record.value.definition.advertisedPort }
    /// The `name "…"` of the listen line.
    public var name: ByteString? { self.record.value.definition.name }
    /// The address moves between machines: it names this server only while this machine has it.
    public var isVirtual: Bool { self.record.value.definition.isVirtual }

    /// Host for Via and Record-Route, brackets included: `192.0.2.1`, `[2001:db8::1]`, `sip.example.org`.
    public var host: ByteString { self.record.value.host }
    public var port: UInt16 { self.record.value.port }
    /// `host:port` as Via's sent-by.
    public var sentBy: ByteString { self.record.value.sentBy }
    /// The same for what is written for every message: no reference is counted.
    public var sentByBytes: ImmortalBytes { self.record.value.sentByBytes }
    /// The IP without brackets, as `$Ri` shows it.
    public var ipText: ByteString { self.record.value.ipText }
    /// `udp:192.0.2.1:5060`.
    public var socketName: ByteString { self.record.value.socketName }

    /// Whether both are the same address and protocol under the same name, also when one is of another loaded
    /// configuration.
    public func isSame(as other: ListenSocket) -> Bool {
        self == other
            || (self.transport == other.transport && self.address == other.address && self.host == other.host)
    }
}

/// Names one connection for as long as it lives; 0 names none. Never reused while the server runs.
public struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static let none = ConnectionID(rawValue: 0)
    @inlinable public var isPresent: Bool { self.rawValue != 0 }
}

/// Where a message is to go, completely resolved: no name is left to look up.
public struct Destination: Sendable {
    public var transport: TransportProtocol
    public var address: SocketAddress
    /// The local socket to send from; nil lets the transport choose by family and protocol.
    public var socket: ListenSocket?
    /// Stream transports: the connection to prefer (the one a request came in on). If it is gone, a connection to
    /// `address` is used or opened.
    public var connection: ConnectionID
    /// Fail rather than open a connection (`set_reply_no_connect`).
    public var mayConnect: Bool
    /// Close the connection once the bytes are out (`set_reply_close`).
    public var closesAfter: Bool
    /// It is on the list of destinations to leave alone, and there is no other (`use_dst_blocklist`).
    public var isBlocked = false
    /// What few destinations have; they are copied often.
    private var detour: Detour?

    public init(
        transport: TransportProtocol, address: SocketAddress, socket: ListenSocket? = nil,
        connection: ConnectionID = .none, mayConnect: Bool = true, closesAfter: Bool = false
    ) {
        self.transport = transport
        self.address = address
        self.socket = socket
        self.connection = connection
        self.mayConnect = mayConnect
        self.closesAfter = closesAfter
    }

    private final class Detour: Sendable {
        let alternatives: Alternatives?
        let datagramSocket: ListenSocket?
        init(_ alternatives: Alternatives?, _ datagramSocket: ListenSocket?) {
            self.alternatives = alternatives
            self.datagramSocket = datagramSocket
        }
    }

    /// Where else it may go when this fails (RFC 3263 §4.3); nil: nowhere, or failover is off.
    public var alternatives: Alternatives? {
        get { self.detour?.alternatives }
        set { self.setDetour(newValue, self.datagramSocket) }
    }
    /// It is a stream only since the request is large: the socket to send it from over UDP when no connection comes about
    /// (RFC 3261 §18.1.1).
    public var datagramSocket: ListenSocket? {
        get { self.detour?.datagramSocket }
        set { self.setDetour(self.alternatives, newValue) }
    }
    private mutating func setDetour(_ alternatives: Alternatives?, _ datagramSocket: ListenSocket?) {
        self.detour = alternatives == nil && datagramSocket == nil ? nil : Detour(alternatives, datagramSocket)
    }

    /// Further destinations of the same request, best first. None of them has alternatives of its own.
    public final class Alternatives: Sendable {
        public let destinations: [Destination]
        /// All that there are, best first, for requests that may go where the list of destinations to leave alone says no;
        /// empty when that list left none out.
        public let unfiltered: [Destination]
        public init(_ destinations: [Destination], unfiltered: [Destination] = []) {
            self.destinations = destinations
            self.unfiltered = unfiltered
        }
    }

    /// Whether the list of destinations to leave alone has a part in the choice.
    public var isFiltered: Bool { self.isBlocked || self.alternatives?.unfiltered.isEmpty == false }

    /// What it would be without the list of destinations to leave alone.
    public var ignoringBlocklist: Destination {
        var plain = self
        plain.isBlocked = false
        guard let list = self.alternatives?.unfiltered, let first = list.first else { return plain }
        plain = first
        if list.count > 1 { plain.alternatives = Alternatives(Array(list.dropFirst())) }
        return plain
    }

    /// The same place over UDP, for a request that was too large for that and got no connection; nil: it began as it is.
    public var overUDP: Destination? {
        guard let socket = self.datagramSocket else { return nil }
        var changed = self
        changed.transport = .udp
        changed.socket = socket
        changed.datagramSocket = nil
        changed.connection = .none
        return changed
    }

    /// The next destination to try, with what is left after it; nil: there is none.
    public var next: Destination? {
        guard let list = self.alternatives?.destinations, var first = list.first else { return nil }
        if list.count > 1 { first.alternatives = Alternatives(Array(list.dropFirst())) }
        return first
    }
}

/// How a message came in.
public struct Arrival: Sendable, BitwiseCopyable {
    public var transport: TransportProtocol { self.socket.transport }
    public var source: SocketAddress
    public var socket: ListenSocket
    public var connection: ConnectionID
    public var time: Instant

    public init(source: SocketAddress, socket: ListenSocket, connection: ConnectionID = .none, time: Instant) {
        self.source = source
        self.socket = socket
        self.connection = connection
        self.time = time
    }
}
