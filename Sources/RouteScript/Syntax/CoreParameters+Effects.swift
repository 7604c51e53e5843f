// The table of what the core's global parameters do in this server; exempt from the limits on file size.

extension CoreParameters {
    /// What setting a parameter comes to.
    public enum Effect: Sendable {
        /// It does what it says.
        case works
        /// It means nothing in a server of threads; what stands in its place.
        case replaced(String)
        /// It would mean something here, but is not built yet. The values at which the server behaves as asked anyway
        /// need no warning.
        case notBuilt(String, unless: [Int] = [])
    }

    /// What becomes of a parameter, by its first name.
    public static func effect(of name: String) -> Effect { Self.effects[name] ?? .works }

    private static let memory = Effect.replaced("memory is not divided into pools, the server takes what it needs")
    private static let workers = Effect.replaced(
        "one process with threads, as many as there are cores unless told less")
    private static let waiting = Effect.replaced("whatever has to wait suspends its script, no workers are kept for it")
    private static let epoll = Effect.replaced("streams are served by epoll in the thread that owns them")
    private static let engines = Effect.notBuilt("this language is the only engine")
    private static let noTLS = Effect.notBuilt("there is no TLS yet", unless: [0])
    private static let multicast = Effect.notBuilt("there is no multicast", unless: [0, -1])

    private static let effects: [String: Effect] = [
        // Logging.
        "log_prefix_mode": .replaced("the prefix is made anew for every line"),
        "sip_parser_log": .replaced("corelog is the level of all lines about bad input"),
        "sip_parser_log_oneline": .replaced("a line of the log is always one line"),
        "memlog": memory, "memdbg": memory, "mem_summary": memory, "mem_safety": memory, "mem_join": memory,
        "mem_status_mode": memory, "mem_add_size": memory,
        "verbose_startup": .replaced("apus -c tells everything there is to tell about a configuration"),

        // Processes, system.
        "socket_workers": workers, "sctp_children": workers, "fork_delay": workers, "udp_receiver_mode": workers,
        "wait_worker1_mode": workers, "wait_worker1_time": workers, "wait_worker1_usleep": workers,
        "real_time": workers, "rt_prio": workers, "rt_policy": workers, "rt_timer1_prio": workers,
        "rt_timer1_policy": workers, "rt_timer2_prio": workers, "rt_timer2_policy": workers,
        "modinit_delay": .replaced("modules start one after the other without a pause"),
        "async_workers": waiting, "async_workers_group": waiting, "async_nonblock": waiting, "async_usleep": waiting,
        "async_tkv_gname": .replaced("event workers run TKV events"),
        "async_tkv_evcb": .replaced("event_route[core:tkv] runs for TKV events"),
        "shm": memory, "shm_force_alloc": memory, "pv_buffer_size": memory, "pv_buffer_slots": memory,
        "pv_cache_limit": memory, "pv_cache_action": memory, "sql_buffer_size": memory,
        "route_locks_size": .replaced("lock() of cfgutils holds messages of one call apart where a script needs that"),
        "rpc_exec_locks": .replaced("commands run one after the other"),
        "rpc_exec_locks_mode": .replaced("commands run one after the other"),
        "coreparam": .replaced("random numbers come from the system, and the clock is trusted"),
        "kemi.request_route_callback": engines, "kemi.reply_route_callback": engines,
        "kemi.onsend_route_callback": engines, "kemi.event_route_callback": engines,
        "kemi.received_route_callback": engines, "kemi.pre_routing_callback": engines,

        // Sockets.
        "mcast": multicast, "mcast_loopback": multicast, "mcast_ttl": multicast,

        // SIP.
        "hdr_name_extra_chars": .replaced("names of header fields may have any printable character but a colon"),
        "msg_time": .replaced("the time is always read, once for messages that come together"),
        "msg_apply_changes_mode": .replaced("changes may be applied at any time"),
        "msg_clone_extra_size": memory,

        // DNS.
        "dns_cache_gc_interval": .replaced("answers go when their time is over or room is needed"),

        // Streams.
        "tcp_async": epoll, "tcp_poll_method": epoll, "tcp_fd_cache": epoll, "tcp_main_threads": epoll,
        "tcp_wq_blk_size": memory,
        "tcp_clone_rcvbuf": .replaced("a message always has its own bytes"),
        "tcp_check_timer": .replaced("every connection has a deadline of its own"),

        // TLS, SCTP.
        "enable_tls": noTLS, "disable_tls": .notBuilt("there is no TLS yet", unless: [1]),
        "tls_port_no": noTLS, "tls_max_connections": noTLS,
        "tls_threads_mode": .replaced("OpenSSL is used by threads as it likes to be"),
        "tls_connection_match_domain": noTLS,
        "tls_method": .replaced("the parameters of module tls"),
        "enable_sctp": .notBuilt("there is no SCTP yet", unless: [0]),
        "disable_sctp": .notBuilt("there is no SCTP yet", unless: [1]),

        // The rest.
        "udp4_raw": .replaced("datagrams leave in batches over ordinary sockets"),
        "udp4_raw_mtu": .replaced("datagrams leave in batches over ordinary sockets"),
        "udp4_raw_ttl": .replaced("datagrams leave in batches over ordinary sockets"),
        "dst_blocklist_gc_interval": .replaced("entries go when their time is over or room is needed"),
    ]
}
