import Bytes

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
    /// How long to wait for the peer's end after our own.
    public var lingerTimeout = Interval.seconds(2)
    /// Connections of all kinds, at most (`tcp_max_connections`).
    public var maximumConnections = 2048
    /// Bytes that may wait for one slow peer (`tcp_conn_wq_max`).
    public var connectionQueueLimit = 32_768
    /// Bytes that may wait for all peers together (`tcp_wq_max`).
    public var totalQueueLimit = 10_485_760
    /// What messages may look like (`tcp_accept_no_cl`, `tcp_rd_buf_size`).
    public var framing = StreamFramer.Limits()
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
    /// IP type of service, or IPv6 traffic class (`tos`); nil: system's.
    public var typeOfService: Int? = 0x10
    /// Listen on addresses that this machine has not, or not yet (`ip_free_bind`).
    public var bindsForeignAddresses = false

    /// The defaults.
    public init() {}
}
