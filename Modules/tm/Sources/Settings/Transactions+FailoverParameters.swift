import ModuleKit

extension Transactions {
    /// Next addresses of a target, and destinations to leave alone.
    static var failoverParameters: [ModuleParameter<Settings>] {
        [
            ModuleParameter(
                "failover_reply_codes", .text, default: "503",
                "Replies that send a request to the next address of its target: code=503;code=500-504;class=5."
            ) { settings, value in
                if case .text(let text) = value { settings.failoverCodes = try FailoverCodes(text) }
            },
            ModuleParameter(
                "dns_reuse_rcv_socket", \.reusesReceivingSocket,
                "Whether the next address is tried from the socket that the request came in on, where that fits."),
            .live(
                "reparse_on_dns_failover", \.reparsesOnFailover,
                "Accepted: the request for the next address is always made from the one that was sent."),
            .live(
                "blst_503", \.blocksOn503,
                "Whether who answers 503 is left alone as long as Retry-After says (use_dst_blocklist)."),
            .live(
                "blst_503_def_timeout", \.blockingDefault, in: 0...1_000_000,
                "Seconds for a 503 without Retry-After; 0: not at all."),
            .live("blst_503_min_timeout", \.blockingLeast, in: 0...1_000_000, "Least seconds for a 503."),
            .live("blst_503_max_timeout", \.blockingMost, in: 0...1_000_000, "Most seconds for a 503."),
            .live(
                "blst_methods_add", \.blockingMethods, in: 0...0xffff_ffff,
                "Bits of the methods whose time-outs put a destination on the list: 1 INVITE, 8 BYE, 512 OPTIONS …"),
            .live(
                "blst_methods_lookup", \.checkedMethods, in: 0...0xffff_ffff,
                "Bits of the methods that are not sent to destinations on the list; all but BYE."),
        ]
    }
}
