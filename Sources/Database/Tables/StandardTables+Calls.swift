// A table of facts: names, types and versions that other programs rely on.

extension TableDeclaration {
    public static let dialog = TableDeclaration(
        "dialog", version: 7, "dialog: in-call state",
        [
            .id,
            Column("hash_entry", .unsigned),
            Column("hash_id", .unsigned),
            Column("callid", .varchar(255)),
            Column("from_uri", .varchar(255)),
            Column("from_tag", .varchar(128)),
            Column("to_uri", .varchar(255)),
            Column("to_tag", .varchar(128)),
            Column("caller_cseq", .varchar(20)),
            Column("callee_cseq", .varchar(20)),
            Column("caller_route_set", .varchar(512), nullable: true),
            Column("callee_route_set", .varchar(512), nullable: true),
            Column("caller_contact", .varchar(255)),
            Column("callee_contact", .varchar(255)),
            Column("caller_sock", .varchar(64)),
            Column("callee_sock", .varchar(64)),
            Column("state", .unsigned),
            Column("start_time", .unsigned),
            Column("timeout", .unsigned, default: 0),
            Column("sflags", .unsigned, default: 0),
            Column("iflags", .unsigned, default: 0),
            Column("toroute_name", .varchar(32), nullable: true),
            Column("req_uri", .varchar(255)),
            Column("xdata", .varchar(512), nullable: true),
        ],
        [.index("hash_entry", "hash_id")]
    )

    public static let dialogVars = TableDeclaration(
        "dialog_vars", version: 1, "dialog: per-dialog variables",
        [
            .id,
            Column("hash_entry", .unsigned),
            Column("hash_id", .unsigned),
            Column("dialog_key", .varchar(128)),
            Column("dialog_value", .varchar(512)),
        ],
        [.index("hash_entry", "hash_id")]
    )

    public static let toposD = TableDeclaration(
        "topos_d", version: 2, "topos: dialog records",
        [
            .id,
            Column("rectime", .datetime),
            Column("x_context", .varchar(64), default: ""),
            Column("s_method", .varchar(64), default: ""),
            Column("s_cseq", .varchar(64), default: ""),
            Column("a_callid", .varchar(255), default: ""),
            Column("a_uuid", .varchar(255), default: ""),
            Column("b_uuid", .varchar(255), default: ""),
            Column("a_contact", .varchar(512), default: ""),
            Column("b_contact", .varchar(512), default: ""),
            Column("as_contact", .varchar(512), default: ""),
            Column("bs_contact", .varchar(512), default: ""),
            Column("a_tag", .varchar(255), default: ""),
            Column("b_tag", .varchar(255), default: ""),
            Column("a_rr", .largeText, nullable: true),
            Column("b_rr", .largeText, nullable: true),
            Column("s_rr", .largeText, nullable: true),
            Column("iflags", .unsigned, default: 0),
            Column("a_uri", .varchar(255), default: ""),
            Column("b_uri", .varchar(255), default: ""),
            Column("r_uri", .varchar(255), default: ""),
            Column("a_srcaddr", .varchar(128), default: ""),
            Column("b_srcaddr", .varchar(128), default: ""),
            Column("a_socket", .varchar(128), default: ""),
            Column("b_socket", .varchar(128), default: ""),
        ],
        [.index("rectime"), .index("a_callid"), .index("a_uuid"), .index("b_uuid")]
    )

    public static let toposT = TableDeclaration(
        "topos_t", version: 2, "topos: transaction records",
        [
            .id,
            Column("rectime", .datetime),
            Column("x_context", .varchar(64), default: ""),
            Column("s_method", .varchar(64), default: ""),
            Column("s_cseq", .varchar(64), default: ""),
            Column("a_callid", .varchar(255), default: ""),
            Column("a_uuid", .varchar(255), default: ""),
            Column("b_uuid", .varchar(255), default: ""),
            Column("direction", .int, default: 0),
            Column("x_via", .largeText, nullable: true),
            Column("x_vbranch", .varchar(255), default: ""),
            Column("x_rr", .largeText, nullable: true),
            Column("y_rr", .largeText, nullable: true),
            Column("s_rr", .largeText, nullable: true),
            Column("x_uri", .varchar(255), default: ""),
            Column("a_contact", .varchar(512), default: ""),
            Column("b_contact", .varchar(512), default: ""),
            Column("as_contact", .varchar(512), default: ""),
            Column("bs_contact", .varchar(512), default: ""),
            Column("x_tag", .varchar(255), default: ""),
            Column("a_tag", .varchar(255), default: ""),
            Column("b_tag", .varchar(255), default: ""),
            Column("a_srcaddr", .varchar(255), default: ""),
            Column("b_srcaddr", .varchar(255), default: ""),
            Column("a_socket", .varchar(128), default: ""),
            Column("b_socket", .varchar(128), default: ""),
        ],
        [.index("rectime"), .index("a_callid"), .index("x_vbranch"), .index("a_uuid")]
    )

    public static let rtpengine = TableDeclaration(
        "rtpengine", version: 1, "rtpengine: relay sets",
        [
            .id,
            Column("setid", .unsigned, default: 0),
            Column("url", .varchar(64)),
            Column("weight", .unsigned, default: 1),
            Column("disabled", .int, default: 0),
            Column("stamp", .datetime, default: "1900-01-01 00:00:01"),
        ],
        [.unique("setid", "url")]
    )

    public static let rtpproxy = TableDeclaration(
        "rtpproxy", version: 1, "rtpproxy: relay sets",
        [
            .id,
            Column("setid", .varchar(32), default: "00"),
            Column("url", .varchar(64), default: ""),
            Column("flags", .int, default: 0),
            Column("weight", .int, default: 1),
            Column("description", .varchar(64), default: ""),
        ],
        []
    )

    public static let htable = TableDeclaration(
        "htable", version: 2, "htable: persisted hash tables",
        [
            .id,
            Column("key_name", .varchar(256), default: ""),
            Column("key_type", .int, default: 0),
            Column("value_type", .int, default: 0),
            Column("key_value", .varchar(512), default: ""),
            Column("expires", .int, default: 0),
        ],
        []
    )

    public static let uacreg = TableDeclaration(
        "uacreg", version: 6, olderVersions: [5], "uac: outbound registrations",
        [
            .id,
            Column("l_uuid", .varchar(64), default: ""),
            Column("l_username", .varchar(64), default: ""),
            Column("l_domain", .varchar(64), default: ""),
            Column("r_username", .varchar(64), default: ""),
            Column("r_domain", .varchar(64), default: ""),
            Column("realm", .varchar(64), default: ""),
            Column("auth_username", .varchar(64), default: ""),
            Column("auth_password", .varchar(64), default: ""),
            Column("auth_ha1", .varchar(128), default: ""),
            Column("auth_proxy", .varchar(255), default: ""),
            Column("expires", .int, default: 0),
            Column("flags", .int, default: 0),
            Column("reg_delay", .int, default: 0),
            Column("contact_addr", .varchar(255), default: ""),
            Column("contact_user", .varchar(255), default: ""),
            Column("socket", .varchar(128), default: ""),
        ],
        [.unique("l_uuid")]
    )
}
