// The table of the core's global parameters; exempt from the limits on file and line size.

extension CoreParameters {
    static let logging: [CoreParameter] = [
        CoreParameter(
            "debug", .integer, .t1, default: "0", isLive: true,
            "highest level that is logged: -5 ALERT,-4 BUG,-3 CRIT2(alert),-2 CRIT,-1 ERR,0 WARN,1 NOTICE,2 INFO,3 DBG; stock uses 2"
        ),
        CoreParameter("log_stderror", .boolean, .t1, default: "no", "log to stderr instead of syslog (also -E)"),
        CoreParameter(
            "log_facility", .word, .t1, default: "LOG_DAEMON", isLive: true,
            "syslog facility (LOG_LOCAL0..7, LOG_USER, ...)"),
        CoreParameter("log_name", .string, .t2, default: "program name", "syslog ident"),
        CoreParameter("log_color", .boolean, .t2, default: "no", "ANSI colours on stderr (-e)"),
        CoreParameter(
            "log_prefix", .string, .t1, default: "none",
            "PV string evaluated per message and put in front of every log line made while that message is processed"),
        CoreParameter(
            "log_prefix_mode", .integer, .t2, default: "0",
            "0 evaluate once per message, 1 re-evaluate before each action"),
        CoreParameter(
            "log_engine_type", .string, .t2, default: "none",
            "structured logging engine name (\"json\" built in; others by module such as log_custom)"),
        CoreParameter("log_engine_data", .string, .t3, default: "none", "engine options (json flags: a A c j M N p U)"),
        CoreParameter(
            "corelog", aliases: ["core_log"], .integer, .t3, default: "-1", isLive: true,
            "level for noisy core messages such as parse failures of network input"),
        CoreParameter(
            "sip_parser_log", .integer, .t3, default: "-1 (docs say 0)", isLive: true,
            "level for SIP parser errors"),
        CoreParameter(
            "sip_parser_log_oneline", .integer, .t3, default: "0", isLive: true,
            "print parser error buffer on one line"),
        CoreParameter(
            "latency_log", .integer, .t3, default: "-1", isLive: true,
            "level for \"took too long\" messages"),
        CoreParameter(
            "latency_cfg_log", .integer, .t3, default: "3", isLive: true,
            "level for per-message script duration lines"),
        CoreParameter(
            "latency_limit_action", .integer, .t2, default: "0 (off)", isLive: true,
            "log single actions slower than this"),
        CoreParameter(
            "latency_limit_cfg", .integer, .t3, default: "0 (off)", isLive: true,
            "log whole route runs slower than this"),
        CoreParameter(
            "latency_limit_db", .integer, .t3, default: "0 (off)", isLive: true,
            "log DB queries slower than this"),
        CoreParameter(
            "memlog", aliases: ["mem_log"], .integer, .t1, default: "4 (docs: 3)", isLive: true,
            "level for memory status dumps"),
        CoreParameter(
            "memdbg", aliases: ["mem_dbg"], .integer, .t1, default: "4 (docs: 3)", isLive: true,
            "level for memory debug"),
        CoreParameter(
            "mem_summary", .integer, .t3, default: "12", isLive: true,
            "what to dump at exit/SIGUSR1: 1 pkg blocks,2 shm blocks,4 pkg sums,8 shm sums,16 short"),
        CoreParameter("mem_safety", .boolean, .t3, default: "1", isLive: true, "do not abort on double free"),
        CoreParameter("mem_join", .boolean, .t3, default: "1", isLive: true, "join free fragments"),
        CoreParameter("mem_status_mode", .boolean, .t3, default: "0", isLive: true, "dump used fragments too"),
        CoreParameter("mem_add_size", .integer, .t4, default: "0", "extra bytes per allocation (qm)"),
        CoreParameter(
            "verbose_startup", .boolean, .t3, default: "0",
            "print route tree and UDP buffer probing at start"),
    ]

    static let processes: [CoreParameter] = [
        CoreParameter(
            "children", .integer, .t1, default: "8",
            "UDP worker processes per UDP socket; inherited by tcp_children and sctp_children"),
        CoreParameter("socket_workers", .integer, .t2, default: "0", "workers for the next listen only (then reset)"),
        CoreParameter("async_workers", .integer, .t2, default: "0", "workers of async group \"default\""),
        CoreParameter("async_nonblock", .boolean, .t3, default: "0", "non-blocking group sockets"),
        CoreParameter("async_usleep", .integer, .t3, default: "0", "sleep between async polls"),
        CoreParameter(
            "async_workers_group", .string, .t1, default: "none",
            "\"name=x;workers=n;nonblock=b;usleep=n\" defines a group; group \"udp\" serves udp_receiver_mode 1"),
        CoreParameter("async_tkv_gname", .string, .t3, default: "\"\"", "async group that runs TKV events"),
        CoreParameter(
            "async_tkv_evcb", .string, .t3, default: "\"\"",
            "event route/KEMI callback for TKV events (e.g. core:tkv)"),
        CoreParameter(
            "udp_receiver_mode", .integer, .t1, default: "0",
            "0 process per worker; 1 threads + group \"udp\"; 2 per-socket agname"),
        CoreParameter("fork", .boolean, .t1, default: "yes", "no = single process (only first UDP socket), debugging"),
        CoreParameter("fork_delay", .integer, .t3, default: "0", "pause before each fork"),
        CoreParameter("modinit_delay", .integer, .t3, default: "0", "pause after each module init"),
        CoreParameter(
            "wait_worker1_mode", .integer, .t3, default: "0",
            "start other workers only after worker one finished init"),
        CoreParameter("wait_worker1_time", .integer, .t3, default: "4000000", "max wait for that"),
        CoreParameter("wait_worker1_usleep", .integer, .t3, default: "100000", "poll step"),
        CoreParameter(
            "user", aliases: ["uid"], .stringOrWord, .t2, default: "none",
            "setuid after start; must precede modparam"),
        CoreParameter("group", aliases: ["gid"], .stringOrWord, .t2, default: "none", "setgid"),
        CoreParameter("chroot", .string, .t3, default: "none", "chroot directory"),
        CoreParameter("workdir", aliases: ["wdir"], .string, .t2, default: "/", "working directory"),
        CoreParameter(
            "rundir", aliases: ["run_dir"], .string, .t2, default: "/run/kamailio",
            "directory for fifo/sockets given with relative names (-Y)"),
        CoreParameter(
            "shm", aliases: ["shm_mem", "shm_mem_size"], .integer, .t2, default: "64",
            "shared memory pool (-m wins); must precede modparam"),
        CoreParameter("shm_force_alloc", .boolean, .t3, default: "no", "pre-fault shared memory"),
        CoreParameter("mlock_pages", .boolean, .t3, default: "no", "lock memory"),
        CoreParameter("disable_core_dump", .boolean, .t3, default: "no", "no core files"),
        CoreParameter("open_files_limit", .integer, .t3, default: "-1", "raise RLIMIT_NOFILE"),
        CoreParameter(
            "exit_timeout", aliases: ["ser_kill_timeout"], .integer, .t3, default: "60",
            "forced kill after this at shutdown"),
        CoreParameter(
            "server_id", .integer, .t2, default: "0",
            "instance id (node part of generated ids, $sid, usrloc server_id)"),
        CoreParameter("real_time", .integer, .t3, default: "0", "RT scheduling: 1 fast timer,2 slow timer,4 all"),
        CoreParameter("rt_prio", .integer, .t3, default: "0", "RT priority"),
        CoreParameter("rt_policy", .integer, .t3, default: "0", "0 OTHER,1 RR,2 FIFO"),
        CoreParameter(
            "rt_timer1_prio", aliases: ["rt_fast_timer_prio", "rt_ftimer_prio"], .integer, .t3, default: "0",
            "fast timer priority"),
        CoreParameter(
            "rt_timer1_policy", aliases: ["rt_ftimer_policy"], .integer, .t3, default: "0",
            "fast timer policy"),
        CoreParameter(
            "rt_timer2_prio", aliases: ["rt_stimer_prio"], .integer, .t3, default: "0",
            "slow timer priority"),
        CoreParameter(
            "rt_timer2_policy", aliases: ["rt_stimer_policy"], .integer, .t3, default: "0",
            "slow timer policy"),
        CoreParameter(
            "route_locks_size", .integer, .t2, default: "0 (off)",
            "number of locks used to serialise script runs of messages with the same Call-ID"),
        CoreParameter("max_recursive_level", .integer, .t3, default: "256", "nesting limit of routes/blocks"),
        CoreParameter(
            "max_suspended_scripts", .integer, .t2, default: "100000",
            "scripts that may wait at once (sleep, HTTP, name lookups); further functions that wait fail"),
        CoreParameter(
            "max_while_loops", .integer, .t2, default: "100", isLive: true,
            "while iterations (0 = unlimited)"),
        CoreParameter(
            "loop_detection", .boolean, .t2, default: "no",
            "answer 482 to a request that comes back with the Request-URI and Route it left with (RFC 5393)"),
        CoreParameter(
            "max_breadth", .integer, .t2, default: "0 (off)",
            "branches that a request without Max-Breadth may have at once, here and behind (RFC 5393: 60)"),
        CoreParameter("max_branches", .integer, .t2, default: "12 (limit 32)", "branches per request"),
        CoreParameter("return_mode", .integer, .t2, default: "0", "1 = propagate raw return codes (5.7+)"),
        CoreParameter("pv_buffer_size", .integer, .t2, default: "32768 (docs 8192)", "format-string print buffer"),
        CoreParameter("pv_buffer_slots", .integer, .t3, default: "40 (docs 10)", "number of such buffers"),
        CoreParameter(
            "pv_cache_limit", .integer, .t3, default: "2048", isLive: true,
            "PV cache size that triggers action"),
        CoreParameter("pv_cache_action", .integer, .t3, default: "0", isLive: true, "0 warn, 1 warn and drop"),
        CoreParameter("sql_buffer_size", .integer, .t3, default: "65535", "max SQL text"),
        CoreParameter("version_table", .string, .t2, default: "version", "DB table of schema versions"),
        CoreParameter("stats_name_separator", .string, .t3, default: "_", "separator in composed statistic names"),
        CoreParameter("rpc_exec_delta", .integer, .t3, default: "0", "rate limit for flagged RPC commands (5.7+)"),
        CoreParameter("rpc_exec_locks", .integer, .t3, default: "0", "lock slots for RPC execution"),
        CoreParameter("rpc_exec_locks_mode", .integer, .t3, default: "0", "lock mode"),
        CoreParameter(
            "coreparam", .any, .t3, default: "",
            "coreparam[random_engine]=\"rand|fast|crypto…\", coreparam[timer_sanity_check]=n (6.1+)"),
        CoreParameter(
            "kemi.request_route_callback", .string, .t2, default: "ksr_request_route",
            "KEMI function for requests"),
        CoreParameter(
            "kemi.reply_route_callback", .string, .t2, default: "ksr_reply_route",
            "KEMI function for replies (\"none\" disables)"),
        CoreParameter(
            "kemi.onsend_route_callback", .string, .t2, default: "ksr_onsend_route",
            "KEMI function for onsend"),
        CoreParameter("kemi.event_route_callback", .string, .t2, default: "\"\"", "KEMI function for event routes"),
        CoreParameter("kemi.received_route_callback", .string, .t3, default: "none", "KEMI for core:msg-received"),
        CoreParameter("kemi.pre_routing_callback", .string, .t3, default: "none", "KEMI for core:pre-routing"),
        CoreParameter("received_route_mode", .integer, .t2, default: "0", "1 = run event_route[core:msg-received]"),
    ]

    static let sockets: [CoreParameter] = [
        CoreParameter("port", .integer, .t1, default: "5060", "default port for sockets without one"),
        CoreParameter(
            "auto_aliases", aliases: ["auto_domains"], .boolean, .t1, default: "yes",
            "reverse-DNS names of local IPs become aliases"),
        CoreParameter(
            "auto_bind_ipv6", .boolean, .t2, default: "0",
            "also bind all IPv6 addresses when no listen is given"),
        CoreParameter("bind_ipv6_link_local", .integer, .t3, default: "0", "1 bind link-local with scope, 2 skip them"),
        CoreParameter(
            "ip_free_bind", aliases: ["ipfreebind", "ip_nonlocal_bind"], .integer, .t3, default: "0",
            "bind to non-local addresses (1 error-tolerant off, 2 with flag only if needed)"),
        CoreParameter(
            "ipv6_hex_style", .string, .t3, default: "c",
            "printing of IPv6: a expanded lower, A expanded upper, c compact"),
        CoreParameter(
            "advertised_address", .host, .t2, default: "none",
            "address put in Via/Record-Route for all sockets"),
        CoreParameter("advertised_port", .integer, .t2, default: "none", "port put there"),
        CoreParameter(
            "mhomed", .boolean, .t1, default: "0",
            "choose outgoing socket by kernel route lookup per destination"),
        CoreParameter("tos", .integerOrWord, .t2, default: "0x10", "IP TOS of sent packets"),
        CoreParameter("pmtu_discovery", .integer, .t3, default: "0", "1 set DF, 2 fragment, 0 leave"),
        CoreParameter("mcast", .string, .t4, default: "none", "multicast interface"),
        CoreParameter("mcast_loopback", .boolean, .t4, default: "no", "loop multicast"),
        CoreParameter("mcast_ttl", .integer, .t4, default: "-1", "multicast TTL"),
        CoreParameter("maxbuffer", .integer, .t2, default: "4194304", "upper bound when auto-raising SO_RCVBUF (-b)"),
        CoreParameter(
            "maxsndbuffer", .integer, .t3, default: "262144",
            "upper bound when auto-raising SO_SNDBUF (5.8+)"),
    ]

    static let behaviour: [CoreParameter] = [
        CoreParameter(
            "server_signature", .boolean, .t2, default: "yes",
            "add Server/User-Agent to locally built messages"),
        CoreParameter(
            "server_header", .string, .t1, default: "\"Server: kamailio (<version> (<arch>/<os>))\"",
            "full header text without CRLF"),
        CoreParameter(
            "user_agent_header", .string, .t1, default: "\"User-Agent: kamailio (...)\"",
            "full User-Agent header field of local requests, without CRLF"),
        CoreParameter(
            "sip_warning", .integer, .t2, default: "0",
            "add Warning header with debug data to local replies"),
        CoreParameter("check_via", .boolean, .t2, default: "0", "drop replies whose top Via host is not local (-K)"),
        CoreParameter(
            "reply_to_via", .boolean, .t2, default: "0",
            "send local replies to Via address instead of source"),
        CoreParameter(
            "force_rport", aliases: ["add_rport"], .boolean, .t2, default: "no", isLive: true,
            "force_rport() for every request"),
        CoreParameter("local_rport", .boolean, .t2, default: "no", "add rport to own Via on every request"),
        CoreParameter("onsend_route_reply", .boolean, .t2, default: "0", "run onsend_route for replies too"),
        CoreParameter("phone2tel", .boolean, .t2, default: "1", "treat sip URIs with user=phone as tel for parsing"),
        CoreParameter(
            "http_reply_parse", aliases: ["http_reply_hack"], .boolean, .t4, default: "no",
            "parse HTTP replies as SIP replies"),
        CoreParameter(
            "sip_parser_mode", .integer, .t3, default: "1",
            "1 strict (duplicate From/To etc. rejected), 0 lax"),
        CoreParameter("uri_host_extra_chars", .string, .t3, default: "none", "extra characters accepted in URI host"),
        CoreParameter(
            "hdr_name_extra_chars", .string, .t3, default: "none",
            "extra characters accepted in header names"),
        CoreParameter(
            "udp_mtu", .integer, .t2, default: "0 (off)", isLive: true,
            "switch protocol when a built UDP request is larger"),
        CoreParameter(
            "udp_mtu_try_proto", .word, .t2, default: "UDP (off)", isLive: true,
            "protocol for that (TCP, TLS, SCTP)"),
        CoreParameter("udp_accept_proxy", .integer, .t3, default: "0", "accept HAProxy protocol on UDP"),
        CoreParameter("msg_recv_max_size", .integer, .t2, default: "32767", "largest accepted SIP message (5.8+)"),
        CoreParameter("msg_time", .boolean, .t3, default: "1", "store receive time per message"),
        CoreParameter(
            "msg_apply_changes_mode", .integer, .t3, default: "0",
            "allow applying changes before transaction creation (6.1+)"),
        CoreParameter(
            "msg_clone_extra_size", .integer, .t3, default: "0",
            "spare bytes when cloning message into transaction"),
        CoreParameter(
            "xavp_via_params", .string, .t2, default: "none",
            "xavp whose fields become local Via parameters"),
        CoreParameter("xavp_via_fields", .string, .t3, default: "none", "xavp supplying Via address/port"),
        CoreParameter(
            "xavp_via_reply_params", .string, .t3, default: "none",
            "xavp fields appended to top Via of sent replies"),
        CoreParameter("dns", .boolean, .t2, default: "no", "DNS-check Via host to decide on received= (-r)"),
        CoreParameter(
            "rev_dns", aliases: ["dns_rev_via"], .boolean, .t2, default: "no",
            "reverse-DNS check of the Via host"),
    ]

    static let dns: [CoreParameter] = [
        CoreParameter(
            "dns_try_ipv6", .boolean, .t2, default: "yes (code) / no (docs)", isLive: true,
            "also query AAAA"),
        CoreParameter("dns_try_naptr", .boolean, .t2, default: "no", isLive: true, "NAPTR lookup (RFC 3263)"),
        CoreParameter(
            "dns_srv_lb", aliases: ["dns_srv_loadbalancing"], .boolean, .t2, default: "no", isLive: true,
            "weight-based SRV balancing"),
        CoreParameter(
            "dns_udp_pref", aliases: ["dns_udp_preference"], .integer, .t2, default: "30", isLive: true,
            "NAPTR preference (bigger wins; negative = never)"),
        CoreParameter(
            "dns_tcp_pref", aliases: ["dns_tcp_preference"], .integer, .t2, default: "20", isLive: true,
            "NAPTR preference of TCP"),
        CoreParameter(
            "dns_tls_pref", aliases: ["dns_tls_preference"], .integer, .t2, default: "10", isLive: true,
            "NAPTR preference of TLS"),
        CoreParameter(
            "dns_sctp_pref", aliases: ["dns_sctp_preference"], .integer, .t3, default: "20", isLive: true,
            "NAPTR preference of SCTP"),
        CoreParameter(
            "dns_naptr_ignore_rfc", .boolean, .t2, default: "yes", isLive: true,
            "ignore NAPTR order field of the remote"),
        CoreParameter(
            "dns_retr_time", .integer, .t2, default: "-1 (system)", isLive: true,
            "resolver retransmit interval"),
        CoreParameter("dns_retr_no", .integer, .t2, default: "-1", isLive: true, "resolver retries"),
        CoreParameter("dns_servers_no", .integer, .t3, default: "-1", isLive: true, "servers used from resolv.conf"),
        CoreParameter("dns_use_search_list", .boolean, .t3, default: "yes", isLive: true, "honour search list"),
        CoreParameter(
            "dns_search_full_match", .boolean, .t3, default: "yes", isLive: true,
            "verify search-list answers"),
        CoreParameter("dns_slow_query_ms", .integer, .t3, default: "0", isLive: true, "log queries slower than this"),
        CoreParameter(
            "use_dns_cache", aliases: ["dns_use_cache"], .boolean, .t1, default: "yes", isLive: true,
            "internal cache/resolver"),
        CoreParameter("dns_cache_init", .boolean, .t2, default: "yes", "initialise cache at start"),
        CoreParameter(
            "dns_cache_flags", .integer, .t3, default: "0", isLive: true,
            "1 only A, 2 only AAAA, 4 prefer AAAA"),
        CoreParameter("dns_cache_negative_ttl", .integer, .t3, default: "60", isLive: true, "negative entries"),
        CoreParameter("dns_cache_min_ttl", .integer, .t3, default: "0", isLive: true, "lower TTL clamp"),
        CoreParameter("dns_cache_max_ttl", .integer, .t3, default: "-1", isLive: true, "upper TTL clamp"),
        CoreParameter("dns_cache_mem", .integer, .t3, default: "500", isLive: true, "cache memory"),
        CoreParameter("dns_cache_gc_interval", .integer, .t3, default: "120", "garbage collection"),
        CoreParameter(
            "dns_cache_del_nonexp", aliases: ["dns_cache_delete_nonexpired"], .boolean, .t3, default: "no",
            isLive: true,
            "evict live entries when full"),
        CoreParameter(
            "dns_cache_rec_pref", .integer, .t3, default: "0", isLive: true,
            "0..3: keep old / new / preferred records on update"),
        CoreParameter(
            "use_dns_failover", aliases: ["dns_use_failover"], .boolean, .t2, default: "no", isLive: true,
            "try next SRV/A target on send failure or timeout"),
    ]

    static let sections: [[CoreParameter]] = [
        logging, processes, sockets, behaviour, dns, tcp, tls, sctp, rawUDP, blocklist, overload, datagrams,
    ]
}
