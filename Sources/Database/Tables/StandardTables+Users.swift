// A table of facts: names, types and versions that other programs rely on.

extension TableDeclaration {
    public static let version = TableDeclaration(
        "version", version: 1, "core DB layer: every module that checks a table version",
        [
            .id,
            Column("table_name", .varchar(32)),
            Column("table_version", .unsigned, default: 0),
        ],
        [.unique("table_name")]
    )

    public static let subscriber = TableDeclaration(
        "subscriber", version: 7, "auth_db, also uri_db/presence xcap front-ends: credentials",
        [
            .id,
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), default: ""),
            Column("password", .varchar(64), default: ""),
            Column("ha1", .varchar(128), default: ""),
            Column("ha1b", .varchar(128), default: ""),
        ],
        [.unique("username", "domain"), .index("username")]
    )

    public static let dbaliases = TableDeclaration(
        "dbaliases", version: 1, "alias_db: alias user@domain to real user@domain",
        [
            .id,
            Column("alias_username", .varchar(64), default: ""),
            Column("alias_domain", .varchar(64), default: ""),
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), default: ""),
        ],
        [.index("alias_username"), .index("alias_username", "alias_domain"), .index("username", "domain")]
    )

    public static let speedDial = TableDeclaration(
        "speed_dial", version: 2, "speeddial: short numbers",
        [
            .id,
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), default: ""),
            Column("sd_username", .varchar(64), default: ""),
            Column("sd_domain", .varchar(64), default: ""),
            Column("new_uri", .varchar(255), default: ""),
            Column("fname", .varchar(64), default: ""),
            Column("lname", .varchar(64), default: ""),
            Column("description", .varchar(64), default: ""),
        ],
        [.unique("username", "domain", "sd_domain", "sd_username")]
    )

    public static let uri = TableDeclaration(
        "uri", version: 1, "uri_db: URI ownership",
        [
            .id,
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), default: ""),
            Column("uri_user", .varchar(64), default: ""),
            Column("last_modified", .datetime, default: "2000-01-01 00:00:01"),
        ],
        [.unique("username", "domain", "uri_user")]
    )

    public static let grp = TableDeclaration(
        "grp", version: 2, "group: ACL groups",
        [
            .id,
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), default: ""),
            Column("grp", .varchar(64), default: ""),
            Column("last_modified", .datetime, default: "2000-01-01 00:00:01"),
        ],
        [.unique("username", "domain", "grp")]
    )

    public static let reGrp = TableDeclaration(
        "re_grp", version: 1, "group: regex groups",
        [
            .id,
            Column("reg_exp", .varchar(128), default: ""),
            Column("group_id", .int, default: 0),
        ],
        [.index("group_id")]
    )

    public static let usrPreferences = TableDeclaration(
        "usr_preferences", version: 2, "avpops: user attributes loaded into AVPs",
        [
            .id,
            Column("uuid", .varchar(64), default: ""),
            Column("username", .varchar(255), default: "0"),
            Column("domain", .varchar(64), default: ""),
            Column("attribute", .varchar(32), default: ""),
            Column("type", .int, default: 0),
            Column("value", .varchar(128), default: ""),
            Column("last_modified", .datetime, default: "2000-01-01 00:00:01"),
        ],
        [.index("uuid", "attribute"), .index("username", "domain", "attribute")]
    )

    public static let secfilter = TableDeclaration(
        "secfilter", version: 1, "secfilter: black/white lists",
        [
            .id,
            Column("action", .small, default: 0),
            Column("type", .small, default: 0),
            Column("data", .varchar(64), default: ""),
        ],
        [.index("action", "type", "data")]
    )

    public static let userblocklist = TableDeclaration(
        "userblocklist", version: 1, "userblocklist: per-user prefixes",
        [
            .id,
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), default: ""),
            Column("prefix", .varchar(64), default: ""),
            Column("allowlist", .tiny, default: 0),
        ],
        [.index("username", "domain", "prefix")]
    )

    public static let globalblocklist = TableDeclaration(
        "globalblocklist", version: 1, "userblocklist: global prefixes",
        [
            .id,
            Column("prefix", .varchar(64), default: ""),
            Column("allowlist", .tiny, default: 0),
            Column("description", .varchar(255), nullable: true),
        ],
        [.index("prefix")]
    )
}
