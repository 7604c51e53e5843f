// A table of facts: names, types and versions that other programs rely on.

extension TableDeclaration {
    public static let domain = TableDeclaration(
        "domain", version: 2, "domain, permissions: served domains",
        [
            .id,
            Column("domain", .varchar(64)),
            Column("did", .varchar(64), nullable: true),
            Column("last_modified", .datetime, default: "2000-01-01 00:00:01"),
        ],
        [.unique("domain")]
    )

    public static let domainAttrs = TableDeclaration(
        "domain_attrs", version: 1, "domain: attributes per domain id",
        [
            .id,
            Column("did", .varchar(64)),
            Column("name", .varchar(32)),
            Column("type", .unsigned),
            Column("value", .varchar(255)),
            Column("last_modified", .datetime, default: "2000-01-01 00:00:01"),
        ],
        [.index("did", "name")]
    )

    public static let address = TableDeclaration(
        "address", version: 6, "permissions: IP address groups",
        [
            .id,
            Column("grp", .unsigned, default: 1),
            Column("ip_addr", .varchar(50)),
            Column("mask", .int, default: 32),
            Column("port", .small, default: 0),
            Column("tag", .varchar(64), nullable: true),
        ],
        []
    )

    public static let trusted = TableDeclaration(
        "trusted", version: 6, "permissions: trusted peers by proto/regex",
        [
            .id,
            Column("src_ip", .varchar(50)),
            Column("proto", .varchar(4)),
            Column("from_pattern", .varchar(64), nullable: true),
            Column("ruri_pattern", .varchar(64), nullable: true),
            Column("tag", .varchar(64), nullable: true),
            Column("priority", .int, default: 0),
        ],
        [.index("src_ip")]
    )

    public static let plPipes = TableDeclaration(
        "pl_pipes", version: 1, "pipelimit: traffic pipes",
        [
            .id,
            Column("pipeid", .varchar(64), default: ""),
            Column("algorithm", .varchar(32), default: ""),
            Column("plimit", .int, default: 0),
        ],
        []
    )
}
