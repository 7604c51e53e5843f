// A table of facts: names, types and versions that other programs rely on.

extension TableDeclaration {
    public static let presentity = TableDeclaration(
        "presentity", version: 5, "presence: published documents",
        [
            .id,
            Column("username", .varchar(64)),
            Column("domain", .varchar(64)),
            Column("event", .varchar(64)),
            Column("etag", .varchar(128)),
            Column("expires", .int),
            Column("received_time", .int),
            Column("body", .blob),
            Column("sender", .varchar(255)),
            Column("priority", .int, default: 0),
            Column("ruid", .varchar(64), nullable: true),
        ],
        [
            .unique("username", "domain", "event", "etag"), .unique("ruid"), .index("expires"),
            .index("username", "domain", "event"),
        ]
    )

    public static let activeWatchers = TableDeclaration(
        "active_watchers", version: 12, "presence: subscriptions",
        [
            .id,
            Column("presentity_uri", .varchar(255)),
            Column("watcher_username", .varchar(64)),
            Column("watcher_domain", .varchar(64)),
            Column("to_user", .varchar(64)),
            Column("to_domain", .varchar(64)),
        ] + subscription(hasReason: false) + [
            Column("updated_winfo", .int),
            Column("flags", .int, default: 0),
            Column("user_agent", .varchar(255), default: "", nullable: true),
        ],
        [
            .unique("callid", "to_tag", "from_tag"), .index("expires"), .index("presentity_uri", "event"),
            .index("updated"), .index("updated_winfo", "presentity_uri"),
        ]
    )

    public static let watchers = TableDeclaration(
        "watchers", version: 3, "presence: watcher authorisation",
        [
            .id,
            Column("presentity_uri", .varchar(255)),
            Column("watcher_username", .varchar(64)),
            Column("watcher_domain", .varchar(64)),
            Column("event", .varchar(64), default: "presence"),
            Column("status", .int),
            Column("reason", .varchar(64), nullable: true),
            Column("inserted_time", .int),
        ],
        [.unique("presentity_uri", "watcher_username", "watcher_domain", "event"), .index("inserted_time", "status")]
    )

    public static let xcap = TableDeclaration(
        "xcap", version: 4, "presence_xml, xcap_server: XCAP documents",
        [
            .id,
            Column("username", .varchar(64)),
            Column("domain", .varchar(64)),
            Column("doc", .largeBlob),
            Column("doc_type", .int),
            Column("etag", .varchar(128)),
            Column("source", .int),
            Column("doc_uri", .varchar(255)),
            Column("port", .int),
        ],
        [
            .unique("doc_uri"), .index("username", "domain", "doc_type"),
            .index("username", "domain", "doc_type", "doc_uri"), .index("username", "domain", "doc_uri"),
        ]
    )

    public static let pua = TableDeclaration(
        "pua", version: 7, "pua: outgoing PUBLISH/SUBSCRIBE state",
        [
            .id,
            Column("pres_uri", .varchar(255)),
            Column("pres_id", .varchar(255)),
            Column("event", .int),
            Column("expires", .int),
            Column("desired_expires", .int),
            Column("flag", .int),
            Column("etag", .varchar(128)),
            Column("tuple_id", .varchar(64), nullable: true),
            Column("watcher_uri", .varchar(255)),
            Column("call_id", .varchar(255)),
            Column("to_tag", .varchar(128)),
            Column("from_tag", .varchar(128)),
            Column("cseq", .int),
            Column("record_route", .text, nullable: true),
            Column("contact", .varchar(255)),
            Column("remote_contact", .varchar(255)),
            Column("version", .int),
            Column("extra_headers", .text),
        ],
        [
            .unique("etag", "tuple_id", "call_id", "from_tag"), .index("expires"), .index("pres_id", "pres_uri"),
            .index("call_id", "from_tag"), .index("pres_id"),
        ]
    )

    public static let rlsPresentity = TableDeclaration(
        "rls_presentity", version: 1, "rls: resource list notifies",
        [
            .id,
            Column("rlsubs_did", .varchar(255)),
            Column("resource_uri", .varchar(255)),
            Column("content_type", .varchar(255)),
            Column("presence_state", .blob),
            Column("expires", .int),
            Column("updated", .int),
            Column("auth_state", .int),
            Column("reason", .varchar(64)),
        ],
        [.unique("rlsubs_did", "resource_uri"), .index("rlsubs_did"), .index("updated"), .index("expires")]
    )

    public static let rlsWatchers = TableDeclaration(
        "rls_watchers", version: 3, "rls: resource list subscriptions",
        [
            .id,
            Column("presentity_uri", .varchar(255)),
            Column("to_user", .varchar(64)),
            Column("to_domain", .varchar(64)),
            Column("watcher_username", .varchar(64)),
            Column("watcher_domain", .varchar(64)),
        ] + subscription(hasReason: true),
        [
            .unique("callid", "to_tag", "from_tag"), .index("watcher_username", "watcher_domain", "event"),
            .index("expires"), .index("updated"),
        ]
    )

    public static let silo = TableDeclaration(
        "silo", version: 8, "msilo: offline messages",
        [
            .id,
            Column("src_addr", .varchar(255), default: ""),
            Column("dst_addr", .varchar(255), default: ""),
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), default: ""),
            Column("inc_time", .int, default: 0),
            Column("exp_time", .int, default: 0),
            Column("snd_time", .int, default: 0),
            Column("ctype", .varchar(32), default: "text/plain"),
            Column("body", .blob, nullable: true),
            Column("extra_hdrs", .text, nullable: true),
            Column("callid", .varchar(128), default: ""),
            Column("status", .int, default: 0),
        ],
        [.index("username", "domain")]
    )

    /// What tables of subscriptions have in common.
    /// - Parameter hasReason: a row has to give a reason.
    private static func subscription(hasReason: Bool) -> [Column] {
        [
            Column("event", .varchar(64), default: "presence"),
            Column("event_id", .varchar(64), nullable: true),
            Column("to_tag", .varchar(128)),
            Column("from_tag", .varchar(128)),
            Column("callid", .varchar(255)),
            Column("local_cseq", .int),
            Column("remote_cseq", .int),
            Column("contact", .varchar(255)),
            Column("record_route", .text, nullable: true),
            Column("expires", .int),
            Column("status", .int, default: 2),
            Column("reason", .varchar(64), nullable: !hasReason),
            Column("version", .int, default: 0),
            Column("socket_info", .varchar(64)),
            Column("local_contact", .varchar(255)),
            Column("from_user", .varchar(64)),
            Column("from_domain", .varchar(64)),
            Column("updated", .int),
        ]
    }
}
