import Bytes
import SIPMessage

/// How stream connections behave.
///
/// One value for all of them, replaced whole.
public struct StreamSettings: Sendable {
    /// Longest time to open a connection (`tcp_connect_timeout`).
    public var connectTimeout = Interval.seconds(10)
    /// Longest time a peer may take no byte while there are some for it (`tcp_send_timeout`).
    public var sendTimeout = Interval.seconds(10)
    /// How long a connection lives without a byte either way (`tcp_connection_lifetime`).
    public var lifetime = Interval.seconds(120)
    /// Longest time from the first byte of a message to its last (`tcp_msg_read_timeout`).
    public var messageTimeout = Interval.seconds(20)
    /// Longest time from accepting a connection to its first byte (`tcp_msg_data_timeout`); zero: its lifetime.
    public var firstDataTimeout = Interval.seconds(20)
    /// Longest time to wait for a PROXY header (`tcp_wait_data`).
    public var headerTimeout = Interval.milliseconds(5000)
    /// How long to wait for the peer's end after our own.
    public var lingerTimeout = Interval.seconds(2)
    /// Connections of all kinds, at most (`tcp_max_connections`).
    public var maximumConnections = 2048
    /// Connections accepted from one address at a time, at most (`tcp_accept_iplimit`); 0: any number. The loopback
    /// interface has no limit: there the load balancers are.
    public var connectionsPerAddress = 1024
    /// Refuse a second connection from the address and port of a living one (`tcp_accept_unique`).
    public var acceptsUnique = false
    /// Bytes that all beginnings of messages together may hold.
    public var partialLimit = 67_108_864
    /// Bytes that may wait for one slow peer (`tcp_conn_wq_max`).
    public var connectionQueueLimit = 32_768
    /// Bytes that may wait for all peers together (`tcp_wq_max`).
    public var totalQueueLimit = 10_485_760
    /// What messages may look like (`tcp_accept_no_cl`, `tcp_rd_buf_size`).
    public var framing = StreamFramer.Limits()
    /// Connections may begin with a PROXY header, which says whose they are (`tcp_accept_haproxy`).
    public var takesProxyHeader = false
    /// What an alias does when its address is another connection's already (`alias_flags`).
    public var aliasRule = AliasRule.add
    /// A connection is used again only from the socket asked for (`tcp_connection_match`).
    public var matchesSocket = false
    /// Answer a CRLF CRLF with CRLF (`tcp_crlf_ping`, RFC 5626 §3.5.1).
    public var answersPings = true
    /// Open connections at all (negation of `tcp_no_connect`).
    public var mayConnect = true
    /// Connections waiting to be accepted (`tcp_listen_backlog`).
    public var backlog = 1024
    /// Have the kernel probe silent peers (`tcp_keepalive`).
    public var keepsAlive = true
    /// Seconds of silence before the first probe (`tcp_keepidle`), 0: system's.
    public var keepaliveIdle = 0
    /// Seconds between probes (`tcp_keepintvl`), 0: system's.
    public var keepaliveInterval = 0
    /// Probes without answer that end a connection (`tcp_keepcnt`), 0: system's.
    public var keepaliveCount = 0
    /// Accept only once data is there, seconds (`tcp_defer_accept`), 0: off.
    public var deferAccept = 0
    /// Connection attempts by SYN (`tcp_syncnt`), 0: system's.
    public var synCount = 0
    /// Seconds that a closed connection waits for its peer's end (`tcp_linger2`), 0: system's.
    public var linger2 = 0
    /// Let the kernel wait a moment with acknowledging (`tcp_delayed_ack`).
    public var delaysAcknowledgement = true
    /// End connections with RST (`tcp_close_rst`): what is not sent by then is lost.
    public var closesWithReset = false
    /// Open connections from the port that is listened on (`tcp_reuse_port`).
    public var reusesPort = false
    /// Open IPv4 connections from this address (`tcp_source_ipv4`); nil: from that of the socket.
    public var sourceIPv4: IPAddress?
    /// Open IPv6 connections from this address (`tcp_source_ipv6`).
    public var sourceIPv6: IPAddress?
    /// IP type of service, or IPv6 traffic class (`tos`); nil: system's.
    public var typeOfService: Int? = 0x10
    /// Listen on addresses that this machine has not, or not yet (`ip_free_bind`).
    public var bindsForeignAddresses = false

    /// The defaults.
    public init() {}
}

/// What becomes of an alias whose address is another connection's already (RFC 5923 §8 asks that only the owner of an
/// address gets one; here the address is that of the connection's peer, and only the port another).
public enum AliasRule: Sendable {
    /// The connection that came last is the one to use.
    case add
    /// The earlier connection keeps it.
    case keep
    /// It is taken from the earlier connection for good.
    case replace
}
