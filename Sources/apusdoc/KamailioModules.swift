// A table: exempt from the size rule. One line per module of Kamailio, and what it is for.

/// All modules that Kamailio has, so that the coverage page names those that are missing too.
enum KamailioModules {
    static let all: [(name: String, purpose: String)] = Self.table.split(separator: "\n").map { line in
        let parts = line.split(separator: ":", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
    }

    private static let table = """
        acc: record transactions and calls to syslog and DB, extra columns, multi-leg, CDRs via dialog
        acc_diameter: accounting backend for Diameter
        acc_json: accounting backend that emits JSON to mqueue or log
        acc_radius: accounting backend for RADIUS
        alias_db: replace R-URI by looking it up in a DB alias table
        app_jsdt: JavaScript scripting and KEMI engine
        app_lua: Lua scripting and KEMI engine
        app_perl: Perl functions from the config
        app_python: Python 2 scripting
        app_python3: Python 3 scripting and KEMI engine
        app_python3s: Python 3 KEMI engine, one shared interpreter design
        app_ruby: Ruby scripting and KEMI engine
        app_ruby_proc: Ruby engine support run in own process
        async: suspend a transaction and resume later in a timer or worker
        auth: digest challenge/check primitives, nonce handling, RPID
        auth_arnacon: blockchain identity authentication
        auth_db: digest credentials from the subscriber table
        auth_diameter: digest through Diameter
        auth_ephemeral: time-limited username/password for web clients
        auth_radius: digest through RADIUS
        auth_web3: Ethereum based authentication
        auth_xkeys: shared-key header authentication between servers
        avp: SER-style attribute manipulation
        avpops: AVP database/URI/regex operations
        benchmark: timers around script regions
        blst: script access to the destination blocklist
        call_control: prepaid control through CallControl
        call_obj: allocate small integers per call with timeouts
        carrierroute: weighted prefix routing with carriers, domains and failure rules
        cdp: Diameter peer stack
        cdp_avp: helpers for Diameter AVPs
        cfg_db: load core/module config values from DB
        cfg_rpc: RPC access to the runtime configuration framework
        cfgt: unit-test reports of executed config actions
        cfgutils: randomness, sleep, locks, global flags, config hash
        cnxcc: credit limit (time/money) per call
        corex: extra core-level functions: send, branches, sockets, $cfg, msg iterators
        counters: script-defined counters and cnt.* RPC
        cplc: interpret CPL scripts
        crypto: AES, HMAC helpers and Call-ID generator
        ctl: binrpc control transport
        db2_ldap: LDAP driver for DB API v2
        db2_ops: SQL operations over DB API v2
        db_cluster: failover and load balance over several DB connections
        db_flatstore: append-only text files as write target (accounting)
        db_mongodb: MongoDB DB driver
        db_mysql: MySQL/MariaDB driver
        db_oracle: Oracle driver
        db_postgres: PostgreSQL driver
        db_redis: Redis as relational DB driver
        db_sqlite: SQLite driver
        db_text: flat text tables as DB
        db_unixodbc: ODBC driver
        debugger: config trace, breakpoints, per-module log level
        dialog: track calls: profiles, limits, timeouts, variables, termination
        dialplan: regex/prefix translation rules from DB
        dispatcher: destination sets: load balancing, failover, probing
        diversion: add Diversion header
        dlgs: light in-memory call tracking with filters and counts
        dmq: peer-to-peer replication bus over SIP KDMQ
        dmq_usrloc: replicate location records over dmq
        dnssec: DNSSEC resolver
        domain: multi-domain table, per-domain attributes, myself callback
        domainpolicy: federation policies by DNS
        drouting: least cost routing with groups, prefixes, time, gateways
        enum: ENUM DNS lookups
        erlang: talk to Erlang nodes
        evapi: push/receive events over TCP to external apps
        evrexec: run event routes from timers/UDP listeners in own process
        exec: run external commands with message data
        file_out: write lines to log files asynchronously
        gcrypt: AES/DES string encryption
        geoip: legacy GeoIP lookup
        geoip2: IP geolocation
        group: user group membership in DB
        gzcompress: compress message bodies on TCP
        h350: H.350 LDAP call routing
        htable: shared hash tables with expiry, DB and DMQ sync
        http_async_client: non-blocking HTTP queries
        http_client: blocking HTTP queries and connection profiles
        imc: text chat rooms with commands
        ims_auth: IMS AKA authentication
        ims_charging: online charging
        ims_dialog: dialog tracking variant for IMS
        ims_diameter_server: receive Diameter requests in script
        ims_icscf: I-CSCF functions
        ims_ipsec_pcscf: IPsec for P-CSCF
        ims_isc: application server triggers
        ims_ocs: test online charging server
        ims_qos: QoS authorisation
        ims_qos_npn: QoS variant for private networks
        ims_registrar_pcscf: P-CSCF registrar
        ims_registrar_scscf: S-CSCF registrar
        ims_usrloc_pcscf: P-CSCF location
        ims_usrloc_scscf: S-CSCF location
        influxdbc: send metrics to InfluxDB
        ipops: IP address tests, DNS queries, hostname PVs
        jansson: JSON get/set in script
        janssonrpcc: JSON-RPC client over TCP with failover
        json: JSON field extraction and transformations
        jsonrpcc: older JSON-RPC client
        jsonrpcs: JSON-RPC server over HTTP, fifo, datagram
        jwt: JWT create/verify
        jwt3: JWT create/verify, JWKS
        kafka: produce to Kafka
        kazoo: Kazoo AMQP integration
        keepalive: OPTIONS probing of arbitrary destinations with callbacks
        kemix: extra KEMI functions
        kex: classic Kamailio functions, stats and memory RPC, branch/script flags
        lcr: least cost routing from DB gateways and rules
        ldap: LDAP search in script
        log_custom: send logs to UDP
        log_systemd: send logs to journald
        lost: HELD/LoST emergency location
        lrkproxy: control LRK media relay
        lwsc: websocket client
        mangler: rewrite SDP addresses (old)
        math: pow/log helpers
        matrix: source/destination id matrix
        maxfwd: Max-Forwards handling
        mediaproxy: control MediaProxy dispatcher
        memcached: memcached access PVs
        microhttpd: embedded HTTP server
        misc_radius: RADIUS group/AVP/URI checks
        misctest: developer tests
        mohqueue: hold calls in a music queue
        mqtt: MQTT client
        mqueue: in-memory message queues between processes
        msilo: store offline MESSAGE and deliver on registration
        msrp: MSRP relay
        mtree: memory prefix trees from DB
        nat_traversal: keepalive and NAT fixing alternative
        nathelper: NAT tests, contact fixing, alias, pinging
        nats: NATS pub/sub
        ndb_cassandra: Cassandra commands
        ndb_mongodb: MongoDB commands
        ndb_redis: Redis commands
        nghttp2: HTTP/2 server
        nosip: event route for non-SIP input
        nsq: NSQ client
        outbound: RFC 5626 flow tokens
        p_usrloc: partitioned usrloc DB
        path: Path header insertion and use
        pdb: number portability lookup client
        pdt: prefix to domain translation
        peering: peering authorisation by RADIUS
        peerstate: notify on peer/dialog state
        permissions: hosts.allow-like files, address table, trusted table
        phonenum: number metadata
        pike: source IP flood detection
        pipelimit: named traffic limits with algorithms
        posops: edit message by position
        prefix_route: DB prefix to route block
        presence: presence server core (PUBLISH/SUBSCRIBE/NOTIFY)
        presence_conference: conference event package
        presence_dfks: feature-key sync package
        presence_dialoginfo: dialog event package (BLF)
        presence_mwi: message-summary package
        presence_profile: ua-profile package
        presence_reginfo: reg event package
        presence_xml: presence package, XCAP authorisation
        ptimer: periodic precise timers
        pua: presence client core
        pua_bla: bridged line appearance
        pua_dialoginfo: publish dialog state
        pua_json: publish from JSON
        pua_reginfo: publish registration state
        pua_rpc: PUBLISH/SUBSCRIBE through RPC
        pua_usrloc: publish on registration
        pua_xmpp: presence gateway to XMPP
        pv: core pseudo-variables and transformations, xavp functions
        pv_headers: keep headers in xavp and apply once
        pvtpl: render text templates with PVs
        qos: SDP/QoS tracking
        rabbitmq: AMQP publish
        ratelimit: numbered pipes/queues rate limiting
        regex: PCRE matching with grouped files
        registrar: save/lookup of registrations
        rls: resource list server
        rr: Record-Route/Route processing
        rtimer: run routes on timers
        rtjson: routing instructions in JSON
        rtp_media_server: play/bridge media in-process
        rtpengine: control rtpengine (ng protocol)
        rtpproxy: control rtpproxy
        ruxc: HTTP client (Rust library)
        sanity: request/reply sanity checks
        sca: shared call appearances
        sctp: SCTP transport
        sdpops: SDP inspection and editing
        seas: application server protocol
        secfilter: black/white lists and SQL-injection checks
        secsipid: STIR/SHAKEN identity
        secsipid_proc: helper process for secsipid
        sipcapture: HEP/IPIP/mirroring capture server
        sipdump: write received/sent SIP to files
        sipjson: serialise SIP message as JSON
        sipp: run SIPp
        siprepo: keep received messages to process later
        sipt: ISUP body access
        siptrace: trace messages to DB/HEP/duplicate
        siputils: URI and message helpers
        sl: stateless replies
        slack: post to Slack
        sms: SMS gateway by modem
        smsops: SMS TPDU encode/decode
        snmpstats: SNMP MIB
        speeddial: short number lookup in DB
        sqlops: SQL queries in script
        ss7ops: ISUP over SIGTRAN tools
        sst: session timers
        statistics: script statistics
        statsc: sample statistics history
        statsd: send to statsd
        stirshaken: STIR/SHAKEN sign/verify
        stun: answer STUN binding on SIP ports
        sworker: hand a message to another worker group
        systemdops: systemd integration
        tcpops: TCP connection options per script
        textops: search/edit headers and body, is_method, flags of replies
        textopsx: apply changes, header iterators, more edits
        timer: timers executing routes (SER style)
        tls: TLS transport
        tls_wolfssl: TLS transport with wolfSSL
        tlsa: TLS variant, statically linked
        tm: stateful transactions
        tmrec: time recurrence matching
        tmx: extra tm functions, statistics, PVs
        topoh: stateless topology hiding by encoding
        topos: stateful topology stripping
        topos_htable: topos storage in htable
        topos_redis: topos storage in Redis
        tsilo: add branches to pending INVITE after registration
        uac: UAC auth, From/To replacement, registrations, send requests
        uac_redirect: recurse on 3xx
        uid_auth_db: SER uid schema
        uid_avp_db: SER uid schema
        uid_domain: SER uid schema
        uid_gflags: SER uid schema
        uid_uri_db: SER uid schema
        uri_db: URI ownership checks in DB
        userblocklist: per-user prefix block lists
        usrloc: location storage, DB modes, NAT ping data
        utils: misc: xcap auth status
        uuid: UUID PV
        websocket: SIP over WebSocket server (and client 6.x)
        xcap_client: fetch XCAP docs
        xcap_server: XCAP server on xhttp
        xhttp: HTTP requests on SIP ports
        xhttp_pi: web provisioning UI
        xhttp_prom: Prometheus metrics over HTTP
        xhttp_rpc: web page for RPC
        xlog: formatted logging
        xmlops: XPath PVs
        xmlrpc: XML-RPC transport
        xmpp: XMPP gateway
        xprint: SER printf logging
        """
}
