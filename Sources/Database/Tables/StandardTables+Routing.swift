// A table of facts: names, types and versions that other programs rely on.

extension TableDeclaration {
    public static let dispatcher = TableDeclaration(
        "dispatcher", version: 4, "dispatcher: destination sets",
        [
            .id,
            Column("setid", .int, default: 0),
            Column("destination", .varchar(192), default: ""),
            Column("flags", .int, default: 0),
            Column("priority", .int, default: 0),
            Column("attrs", .varchar(128), default: ""),
            Column("description", .varchar(64), default: ""),
        ],
        []
    )

    public static let dialplan = TableDeclaration(
        "dialplan", version: 2, "dialplan: translation rules",
        [
            .id,
            Column("dpid", .int),
            Column("pr", .int),
            Column("match_op", .int),
            Column("match_exp", .varchar(64)),
            Column("match_len", .int),
            Column("subst_exp", .varchar(64)),
            Column("repl_exp", .varchar(256)),
            Column("attrs", .varchar(64)),
        ],
        []
    )

    public static let lcrGw = TableDeclaration(
        "lcr_gw", version: 3, "lcr: gateways",
        [
            .id,
            Column("lcr_id", .small),
            Column("gw_name", .varchar(128), nullable: true),
            Column("ip_addr", .varchar(50), nullable: true),
            Column("hostname", .varchar(64), nullable: true),
            Column("port", .small, nullable: true),
            Column("params", .varchar(64), nullable: true),
            Column("uri_scheme", .tiny, nullable: true),
            Column("transport", .tiny, nullable: true),
            Column("strip", .tiny, nullable: true),
            Column("prefix", .varchar(16), nullable: true),
            Column("tag", .varchar(64), nullable: true),
            Column("flags", .unsigned, default: 0),
            Column("defunct", .unsigned, nullable: true),
        ],
        [.index("lcr_id")]
    )

    public static let lcrRule = TableDeclaration(
        "lcr_rule", version: 3, "lcr: prefix/from rules",
        [
            .id,
            Column("lcr_id", .small),
            Column("prefix", .varchar(16), nullable: true),
            Column("from_uri", .varchar(64), nullable: true),
            Column("request_uri", .varchar(64), nullable: true),
            Column("mt_tvalue", .varchar(128), nullable: true),
            Column("stopper", .unsigned, default: 0),
            Column("enabled", .unsigned, default: 1),
        ],
        [.unique("lcr_id", "prefix", "from_uri")]
    )

    public static let lcrRuleTarget = TableDeclaration(
        "lcr_rule_target", version: 1, "lcr: rule to gateway with priority/weight",
        [
            .id,
            Column("lcr_id", .small),
            Column("rule_id", .unsigned),
            Column("gw_id", .unsigned),
            Column("priority", .tiny),
            Column("weight", .unsigned, default: 1),
        ],
        [.unique("rule_id", "gw_id"), .index("lcr_id")]
    )

    public static let drGateways = TableDeclaration(
        "dr_gateways", version: 3, "drouting: gateways",
        [
            .id("gwid"),
            Column("type", .unsigned, default: 0),
            Column("address", .varchar(128)),
            Column("strip", .unsigned, default: 0),
            Column("pri_prefix", .varchar(64), nullable: true),
            Column("attrs", .varchar(255), nullable: true),
            Column("description", .varchar(128), default: ""),
        ],
        []
    )

    public static let drRules = TableDeclaration(
        "dr_rules", version: 3, "drouting: rules",
        [
            .id("ruleid"),
            Column("groupid", .varchar(255)),
            Column("prefix", .varchar(64)),
            Column("timerec", .varchar(255)),
            Column("priority", .int, default: 0),
            Column("routeid", .varchar(64)),
            Column("gwlist", .varchar(255)),
            Column("description", .varchar(128), default: ""),
        ],
        []
    )

    public static let drGwLists = TableDeclaration(
        "dr_gw_lists", version: 1, "drouting: gateway lists",
        [
            .id,
            Column("gwlist", .varchar(255)),
            Column("description", .varchar(128), default: ""),
        ],
        []
    )

    public static let drGroups = TableDeclaration(
        "dr_groups", version: 2, "drouting: user to group",
        [
            .id,
            Column("username", .varchar(64)),
            Column("domain", .varchar(128), default: ""),
            Column("groupid", .unsigned, default: 0),
            Column("description", .varchar(128), default: ""),
        ],
        []
    )

    public static let carrierroute = TableDeclaration(
        "carrierroute", version: 3, "carrierroute: route tree",
        [
            .id,
            Column("carrier", .unsigned, default: 0),
            Column("domain", .unsigned, default: 0),
            Column("scan_prefix", .varchar(64), default: ""),
            Column("flags", .unsigned, default: 0),
            Column("mask", .unsigned, default: 0),
            Column("prob", .float, default: .double(0.0)),
            Column("strip", .unsigned, default: 0),
            Column("rewrite_host", .varchar(255), default: ""),
            Column("rewrite_prefix", .varchar(64), default: ""),
            Column("rewrite_suffix", .varchar(64), default: ""),
            Column("description", .varchar(255), nullable: true),
        ],
        []
    )

    public static let carrierfailureroute = TableDeclaration(
        "carrierfailureroute", version: 2, "carrierroute: failure rules",
        [
            .id,
            Column("carrier", .unsigned, default: 0),
            Column("domain", .unsigned, default: 0),
            Column("scan_prefix", .varchar(64), default: ""),
            Column("host_name", .varchar(255), default: ""),
            Column("reply_code", .varchar(3), default: ""),
            Column("flags", .unsigned, default: 0),
            Column("mask", .unsigned, default: 0),
            Column("next_domain", .unsigned, default: 0),
            Column("description", .varchar(255), nullable: true),
        ],
        []
    )

    public static let carrierName = TableDeclaration(
        "carrier_name", version: 1, "carrierroute: carrier names",
        [
            .id,
            Column("carrier", .varchar(64), nullable: true),
        ],
        []
    )

    public static let domainName = TableDeclaration(
        "domain_name", version: 1, "carrierroute: domain names",
        [
            .id,
            Column("domain", .varchar(64), nullable: true),
        ],
        []
    )

    public static let mtree = TableDeclaration(
        "mtree", version: 1, "mtree: prefix tree, one-value",
        [
            .id,
            Column("tprefix", .varchar(32), default: ""),
            Column("tvalue", .varchar(128), default: ""),
        ],
        [.unique("tprefix")]
    )

    public static let mtrees = TableDeclaration(
        "mtrees", version: 2, "mtree: prefix tree, named",
        [
            .id,
            Column("tname", .varchar(128), default: ""),
            Column("tprefix", .varchar(32), default: ""),
            Column("tvalue", .varchar(128), default: ""),
        ],
        [.unique("tname", "tprefix", "tvalue")]
    )

    public static let pdt = TableDeclaration(
        "pdt", version: 1, "pdt: prefix-domain",
        [
            .id,
            Column("sdomain", .varchar(255)),
            Column("prefix", .varchar(32)),
            Column("domain", .varchar(255), default: ""),
        ],
        [.unique("sdomain", "prefix")]
    )
}
