// The table of the parameters of streams, TLS, SCTP, raw UDP, blocked destinations, overload; exempt from size limits.

extension CoreParameters {
    static let tcp: [CoreParameter] = [
        CoreParameter("disable_tcp", .boolean, .t1, default: "no", "no TCP/TLS at all (-T)"),
        CoreParameter("tcp_children", .integer, .t1, default: "= children", "TCP reader processes"),
        CoreParameter(
            "tcp_accept_aliases", .boolean, .t2, default: "no", isLive: true,
            "honour Via ;alias (connection reuse draft)"),
        CoreParameter(
            "tcp_accept_no_cl", .boolean, .t1, default: "no", isLive: true,
            "accept messages without Content-Length (needed for HTTP/XCAP)"),
        CoreParameter("tcp_accept_hep3", .boolean, .t2, default: "no", "accept HEP3 over TCP"),
        CoreParameter("tcp_accept_haproxy", .boolean, .t2, default: "no", "expect PROXY protocol v1/v2 on accept"),
        CoreParameter(
            "tcp_accept_protocols", aliases: ["tcp_accept_protos"], .integerOrString, .t3, default: "92",
            "non-SIP protocols on TCP: http 4, ws 8, msrp 16, hep 32, stun 64, haproxy 128 (6.2-dev)"),
        CoreParameter(
            "tcp_accept_unique", .boolean, .t3, default: "0",
            "reject duplicate connection from same ip:port"),
        CoreParameter("tcp_accept_iplimit", .integer, .t1, default: "1024", "connections per source IP, ≤0 off (5.7+)"),
        CoreParameter(
            "tcp_async", aliases: ["tcp_buf_write"], .boolean, .t2, default: "yes", isLive: true,
            "queue writes that would block"),
        CoreParameter("tcp_connect_timeout", .integer, .t2, default: "10", isLive: true, "connect timeout"),
        CoreParameter("tcp_send_timeout", .integer, .t2, default: "10", isLive: true, "blocked write timeout"),
        CoreParameter(
            "tcp_connection_lifetime", .integer, .t1, default: "120", isLive: true,
            "idle close (stock 3605)"),
        CoreParameter(
            "tcp_connection_match", .integer, .t3, default: "0",
            "1 = match outbound connection on local port too"),
        CoreParameter("tcp_max_connections", .integer, .t1, default: "2048", isLive: true, "total TCP+TLS connections"),
        CoreParameter("tcp_no_connect", .boolean, .t2, default: "no", isLive: true, "never open outgoing connections"),
        CoreParameter("tcp_conn_wq_max", .integer, .t2, default: "32768", isLive: true, "queued bytes per connection"),
        CoreParameter("tcp_wq_max", .integer, .t3, default: "10485760", isLive: true, "queued bytes in total"),
        CoreParameter("tcp_wq_blk_size", .integer, .t3, default: "2100", isLive: true, "queue block"),
        CoreParameter(
            "tcp_rd_buf_size", .integer, .t1, default: "16384", isLive: true,
            "read buffer = largest TCP message"),
        CoreParameter("tcp_fd_cache", .boolean, .t3, default: "yes", isLive: true, "cache fds in sender processes"),
        CoreParameter(
            "tcp_poll_method", .word, .t3, default: "best",
            "poll, epoll_lt, epoll_et, sigio_rt, select, kqueue, /dev/poll"),
        CoreParameter("tcp_source_ipv4", .host, .t3, default: "none", "source address for outgoing connections"),
        CoreParameter("tcp_source_ipv6", .host, .t3, default: "none", "IPv6 source address of outgoing connections"),
        CoreParameter("tcp_defer_accept", .integer, .t3, default: "0", isLive: true, "TCP_DEFER_ACCEPT"),
        CoreParameter("tcp_delayed_ack", .boolean, .t3, default: "yes", isLive: true, "delay first ACK"),
        CoreParameter("tcp_syncnt", .integer, .t3, default: "0", isLive: true, "TCP_SYNCNT"),
        CoreParameter("tcp_linger2", .integer, .t3, default: "0", isLive: true, "TCP_LINGER2"),
        CoreParameter("tcp_keepalive", .boolean, .t2, default: "yes", isLive: true, "SO_KEEPALIVE"),
        CoreParameter("tcp_keepidle", .integer, .t2, default: "0", isLive: true, "TCP_KEEPIDLE"),
        CoreParameter("tcp_keepintvl", .integer, .t2, default: "0", isLive: true, "TCP_KEEPINTVL"),
        CoreParameter("tcp_keepcnt", .integer, .t2, default: "0", isLive: true, "TCP_KEEPCNT"),
        CoreParameter(
            "tcp_crlf_ping", .boolean, .t2, default: "yes", isLive: true,
            "answer CRLFCRLF with CRLF (RFC 5626)"),
        CoreParameter("tcp_listen_backlog", .integer, .t3, default: "1024", "listen() backlog (6.1+)"),
        CoreParameter(
            "tcp_clone_rcvbuf", .boolean, .t3, default: "0",
            "clone receive buffer (needed by msg_apply_changes-like edits on TCP)"),
        CoreParameter(
            "tcp_reuse_port", .boolean, .t2, default: "no", isLive: true,
            "SO_REUSEPORT, send from the listening port"),
        CoreParameter(
            "tcp_script_mode", .integer, .t3, default: "0",
            "1 = keep connection when script/parse result is an error"),
        CoreParameter("tcp_wait_data", .integer, .t3, default: "5000", "wait for PROXY header"),
        CoreParameter(
            "tcp_msg_read_timeout", .integer, .t3, default: "20",
            "complete message must arrive within (5.8+)"),
        CoreParameter("tcp_msg_data_timeout", .integer, .t3, default: "20", "first data on new connection (5.8+)"),
        CoreParameter(
            "tcp_check_timer", .integer, .t3, default: "-1",
            "scan interval for the two above (half of data timeout)"),
        CoreParameter("tcp_main_threads", .integer, .t3, default: "0", "1 = TLS work in threads of TCP main (6.1+)"),
        CoreParameter("tcp_close_rst", .boolean, .t3, default: "no", "close with RST"),
    ]

    static let tls: [CoreParameter] = [
        CoreParameter(
            "enable_tls", aliases: ["tls_enable"], .boolean, .t1, default: "no",
            "enable TLS listeners (needs module tls)"),
        CoreParameter("disable_tls", aliases: ["tls_disable"], .boolean, .t2, default: "yes", "inverse of enable_tls"),
        CoreParameter("tls_port_no", .integer, .t2, default: "5061", "default TLS port"),
        CoreParameter("tls_max_connections", .integer, .t1, default: "2048", "TLS connections"),
        CoreParameter(
            "tls_threads_mode", .integer, .t1, default: "2 (6.x)",
            "OpenSSL 3 thread workarounds, 0..2: accept and ignore (5.8+)"),
        CoreParameter(
            "tls_connection_match_domain", .boolean, .t3, default: "no",
            "separate connections per TLS domain (6.1+)"),
        CoreParameter(
            "tls_method",
            aliases: [
                "tls_verify", "tls_require_certificate", "tls_certificate", "tls_private_key", "tls_ca_list",
                "tls_handshake_timeout", "tls_send_timeout", "tls_log",
            ], .any, .t4, default: "",
            "pre-module era; accepted with a warning, no effect"),
    ]

    static let sctp: [CoreParameter] = [
        CoreParameter("enable_sctp", .boolean, .t1, default: "auto", "no/yes; auto = on if module sctp is loaded"),
        CoreParameter("disable_sctp", .boolean, .t3, default: "auto", "inverse of enable_sctp"),
        CoreParameter("sctp_children", .integer, .t2, default: "= children", "workers per SCTP socket"),
    ]

    static let rawUDP: [CoreParameter] = [
        CoreParameter("udp4_raw", .integer, .t4, default: "0", isLive: true, "raw socket sending 0/1/-1 auto"),
        CoreParameter("udp4_raw_mtu", .integer, .t4, default: "1500", isLive: true, "MTU for it"),
        CoreParameter("udp4_raw_ttl", .integer, .t4, default: "-1", isLive: true, "TTL for it"),
    ]

    static let blocklist: [CoreParameter] = [
        CoreParameter(
            "use_dst_blocklist", .boolean, .t3, default: "no", isLive: true,
            "remember failed destinations and skip them"),
        CoreParameter("dst_blocklist_init", .boolean, .t3, default: "yes", "initialise it"),
        CoreParameter(
            "dst_blocklist_expire", aliases: ["dst_blocklist_ttl"], .integer, .t3, default: "60", isLive: true,
            "entry lifetime"),
        CoreParameter("dst_blocklist_mem", .integer, .t3, default: "250", isLive: true, "memory"),
        CoreParameter("dst_blocklist_gc_interval", .integer, .t3, default: "60", "GC"),
        CoreParameter(
            "dst_blocklist_udp_imask", .integer, .t3, default: "0", isLive: true,
            "UDP: mask of blocklist events that are ignored"),
        CoreParameter(
            "dst_blocklist_tcp_imask", .integer, .t3, default: "0", isLive: true,
            "TCP: mask of blocklist events that are ignored"),
        CoreParameter(
            "dst_blocklist_tls_imask", .integer, .t3, default: "0", isLive: true,
            "TLS: mask of blocklist events that are ignored"),
        CoreParameter(
            "dst_blocklist_sctp_imask", .integer, .t3, default: "0", isLive: true,
            "SCTP: mask of blocklist events that are ignored"),
    ]

    static let datagrams: [CoreParameter] = [
        CoreParameter(
            "udp_spread", .integer, .t2, default: "0",
            "which worker of an address takes a datagram: 0 by sender (all of a peer's to one), 1 any, drawn for each, "
                + "2 that of the processor it came to"),
        CoreParameter(
            "udp_busy_poll", .integer, .t2, default: "0 (off)",
            "microseconds for which a UDP worker looks for datagrams before it sleeps, up to 10000"),
        CoreParameter(
            "pin_workers", .boolean, .t2, default: "no",
            "each worker stays on one processor of those that the server may use"),
        CoreParameter(
            "udp_join", .integer, .t2, default: "1", isLive: true,
            "several datagrams for one peer are handed to the kernel as one: 0 never, 1 while nobody captures packets on "
                + "this machine, 2 always"),
    ]

    static let overload: [CoreParameter] = [
        CoreParameter(
            "overload_control", .boolean, .t2, default: "yes", isLive: true,
            "refuse requests that begin something while messages wait longer than overload_delay"),
        CoreParameter(
            "overload_delay", .integer, .t2, default: "100", isLive: true,
            "milliseconds that a message may wait for a worker"),
        CoreParameter(
            "overload_interval", .integer, .t2, default: "300", isLive: true,
            "milliseconds that the wait must have been longer before the first request is refused"),
        CoreParameter(
            "overload_reply_code", .integer, .t2, default: "503", isLive: true,
            "status of the refusal, 400 to 699; 0 drops the request without an answer"),
        CoreParameter(
            "overload_reply_reason", .string, .t2, default: "Service Unavailable", "reason phrase of the refusal"),
        CoreParameter(
            "overload_retry_after", .integer, .t2, default: "5", isLive: true,
            "seconds in Retry-After of the refusal, up to twice as many for some of the clients; 0: no such field"),
    ]
}
