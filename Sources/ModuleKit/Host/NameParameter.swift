import SIPMessage

/// A core parameter about names or blocked destinations: what it is called, and where its value goes.
public struct NameParameter: Sendable {
    /// Where the values of these parameters are kept.
    public struct Settings: Sendable {
        public var names: NameSettings
        public var blocklist: BlocklistSettings
        public init(names: NameSettings, blocklist: BlocklistSettings) {
            self.names = names
            self.blocklist = blocklist
        }
    }

    public let name: String
    public let range: ClosedRange<Int>
    public let summary: String
    public let read: @Sendable (Settings) -> Int
    /// Values outside the range are brought to its ends.
    public let write: @Sendable (inout Settings, Int) -> Void

    private init(
        _ name: String, _ path: any WritableKeyPath<Settings, Int> & Sendable, _ range: ClosedRange<Int>,
        _ summary: String
    ) {
        self.name = name
        self.range = range
        self.summary = summary
        self.read = { $0[keyPath: path] }
        self.write = { $0[keyPath: path] = min(max($1, range.lowerBound), range.upperBound) }
    }

    private init(_ name: String, _ path: any WritableKeyPath<Settings, Bool> & Sendable, _ summary: String) {
        self.name = name
        self.range = 0...1
        self.summary = summary
        self.read = { $0[keyPath: path] ? 1 : 0 }
        self.write = { $0[keyPath: path] = $1 != 0 }
    }

    private static let large = 1_000_000_000

    /// All of them, by their first names.
    public static let all: [NameParameter] = [
        NameParameter("dns_try_ipv6", \.names.triesIPv6, "Whether AAAA records are asked for."),
        NameParameter("dns_try_naptr", \.names.triesNAPTR, "Whether NAPTR records are asked for (RFC 3263)."),
        NameParameter(
            "dns_srv_lb", \.names.balancesServices, "Whether servers of one priority share requests by weight."),
        NameParameter(
            "dns_udp_pref", \.names.udpPreference, -large...large, "How much UDP is liked; negative: not at all."),
        NameParameter(
            "dns_tcp_pref", \.names.tcpPreference, -large...large, "How much TCP is liked; negative: not at all."),
        NameParameter(
            "dns_tls_pref", \.names.tlsPreference, -large...large, "How much TLS is liked; negative: not at all."),
        NameParameter(
            "dns_sctp_pref", \.names.sctpPreference, -large...large, "How much SCTP is liked; negative: not at all."),
        NameParameter(
            "dns_naptr_ignore_rfc", \.names.ignoresNAPTROrder,
            "Whether these preferences go before the order of NAPTR records."),
        NameParameter(
            "dns_retr_time", \.names.retransmissionTime, -1...3600,
            "Seconds to wait for a server; -1: as resolv.conf says."),
        NameParameter(
            "dns_retr_no", \.names.retransmissions, -1...100, "Rounds of questions; -1: as resolv.conf says."),
        NameParameter(
            "dns_servers_no", \.names.servers, -1...32, "Servers of resolv.conf that are asked; -1: all of them."),
        NameParameter(
            "dns_use_search_list", \.names.usesSearchList, "Whether the search list of resolv.conf is used."),
        NameParameter(
            "dns_search_full_match", \.names.checksSearchedName,
            "Whether an answer must be about the name asked for and a domain of the search list. It always must."),
        NameParameter(
            "dns_slow_query_ms", \.names.slowLimit, 0...large, "Look-ups that take longer are logged; 0: none."),
        NameParameter("use_dns_cache", \.names.usesCache, "Whether answers are kept."),
        NameParameter(
            "dns_cache_flags", \.names.cacheFlags, 0...7, "Bits: 1 IPv4 only, 2 IPv6 only, 4 IPv6 first."),
        NameParameter(
            "dns_cache_negative_ttl", \.names.negativeLifetime, 0...large,
            "Seconds for which it holds that there are no records."),
        NameParameter("dns_cache_min_ttl", \.names.minLifetime, 0...large, "Least seconds that an answer holds."),
        NameParameter(
            "dns_cache_max_ttl", \.names.maxLifetime, -1...large,
            "Most seconds that an answer holds; -1: as servers say."),
        NameParameter("dns_cache_mem", \.names.cacheMemory, 1...1_000_000, "KiB that answers may take."),
        NameParameter(
            "dns_cache_del_nonexp", \.names.dropsUnexpired,
            "Whether answers that still hold make room for new ones when the memory is used up."),
        NameParameter(
            "dns_cache_rec_pref", \.names.recordPreference, 0...3,
            "Which of two answers stays: 0 and 2 the new one, 1 the old one, 3 the one that holds longer."),
        NameParameter(
            "use_dns_failover", \.names.failsOver, "Whether requests go to the next address when one fails."),
        NameParameter(
            "use_dst_blocklist", \.blocklist.isUsed, "Whether destinations that fail are left alone for a while."),
        NameParameter(
            "dst_blocklist_expire", \.blocklist.lifetime, 0...large, "Seconds for which they are left alone."),
        NameParameter("dst_blocklist_mem", \.blocklist.memory, 1...1_000_000, "KiB that the list may take."),
        NameParameter(
            "dst_blocklist_udp_imask", \.blocklist.udpIgnored, 0...65_535, "Reasons that do not count with UDP."),
        NameParameter(
            "dst_blocklist_tcp_imask", \.blocklist.tcpIgnored, 0...65_535, "Reasons that do not count with TCP."),
        NameParameter(
            "dst_blocklist_tls_imask", \.blocklist.tlsIgnored, 0...65_535, "Reasons that do not count with TLS."),
        NameParameter(
            "dst_blocklist_sctp_imask", \.blocklist.sctpIgnored, 0...65_535, "Reasons that do not count with SCTP."),
    ]
}
