import Bytes

/// How names are looked up: the `dns_*` parameters of the core. Defaults are Kamailio's.
public struct NameSettings: Sendable, Equatable {
    /// `dns_try_ipv6`: AAAA records are asked for too.
    public var triesIPv6 = true
    /// `dns_try_naptr`.
    public var triesNAPTR = false
    /// `dns_srv_lb`: servers of one priority share by weight; off: the heaviest first.
    public var balancesServices = false
    /// `dns_udp_pref` and so on: bigger wins, negative is never used.
    public var udpPreference = 30
    public var tcpPreference = 20
    public var tlsPreference = 10
    public var sctpPreference = 20
    /// `dns_naptr_ignore_rfc`: our preference goes before the order of NAPTR records.
    public var ignoresNAPTROrder = true
    /// `dns_retr_time` in seconds, `dns_retr_no`, `dns_servers_no`: -1 leaves it to resolv.conf.
    public var retransmissionTime = -1
    public var retransmissions = -1
    public var servers = -1
    public var usesSearchList = true
    public var checksSearchedName = true
    /// `dns_slow_query_ms`: look-ups that take longer are logged; 0: none.
    public var slowLimit = 0
    public var usesCache = true
    /// `dns_cache_flags`: 1 A only, 2 AAAA only, 4 AAAA first.
    public var cacheFlags = 0
    /// Seconds.
    public var negativeLifetime = 60
    public var minLifetime = 0
    /// -1: as the server says.
    public var maxLifetime = -1
    /// `dns_cache_mem` in KiB.
    public var cacheMemory = 500
    /// `dns_cache_del_nonexp`: answers that still hold make room for others.
    public var dropsUnexpired = false
    /// `dns_cache_rec_pref`: 0 and 2 the new answer, 1 the one that is there, 3 the one that lasts longer.
    public var recordPreference = 0
    /// `use_dns_failover`: requests go to the next address when one fails.
    public var failsOver = false

    public init() {}

    /// How much a protocol is liked; negative: not at all. WebSocket has no parameter of its own: it comes last.
    public func preference(_ transport: TransportProtocol) -> Int {
        switch transport {
        case .udp: self.udpPreference
        case .tcp: self.tcpPreference
        case .tls: self.tlsPreference
        case .sctp: self.sctpPreference
        case .ws, .wss: 0
        }
    }

    public var asksForIPv4: Bool { self.cacheFlags & 2 == 0 }
    public var asksForIPv6: Bool { self.triesIPv6 && self.cacheFlags & 1 == 0 }
    public var prefersIPv6: Bool { self.cacheFlags & 4 != 0 }
}

/// Destinations that are left alone for a while: the `dst_blocklist_*` parameters of the core.
public struct BlocklistSettings: Sendable, Equatable {
    /// `dst_blocklist_init`: off means that there is no list, whatever the rest says.
    public var isAvailable = true
    /// `use_dst_blocklist`.
    public var isUsed = false
    /// Seconds an entry holds.
    public var lifetime = 60
    /// KiB.
    public var memory = 250
    /// Events that are not noted, by protocol: a bit mask of `DestinationBlocklist.Reason`.
    public var udpIgnored = 0
    public var tcpIgnored = 0
    public var tlsIgnored = 0
    public var sctpIgnored = 0

    public init() {}

    public func ignored(_ transport: TransportProtocol) -> Int {
        switch transport {
        case .udp: self.udpIgnored
        case .tcp, .ws: self.tcpIgnored
        case .tls, .wss: self.tlsIgnored
        case .sctp: self.sctpIgnored
        }
    }
}
