// A table of facts: names, types and versions that other programs rely on.

import Bytes

extension TableDeclaration {
    public static let location = contacts(
        "location", version: 9, "usrloc: registered contacts", contact: 512, received: 128,
        [.index("connection_id"), .index("server_id", "connection_id")])

    public static let aliases = contacts(
        "aliases", version: 8, "registrar/usrloc: second location table with the same layout", contact: 255,
        received: 255)

    public static let locationAttrs = TableDeclaration(
        "location_attrs", version: 1, "usrloc: per-contact attributes (xavp)",
        [
            .id,
            Column("ruid", .varchar(64), default: ""),
            Column("username", .varchar(64), default: ""),
            Column("domain", .varchar(64), nullable: true),
            Column("aname", .varchar(64), default: ""),
            Column("atype", .int, default: 0),
            Column("avalue", .varchar(512), default: ""),
            Column("last_modified", .datetime, default: "2000-01-01 00:00:01"),
        ],
        [.index("username", "domain", "ruid"), .index("last_modified")]
    )

    /// A table of contacts; what differs between them are two widths and some keys.
    private static func contacts(
        _ name: ByteString, version: Int, _ summary: String, contact: Int, received: Int, _ keys: [Key] = []
    ) -> TableDeclaration {
        TableDeclaration(
            name, version: version, summary,
            [
                .id,
                Column("ruid", .varchar(64), default: ""),
                Column("username", .varchar(64), default: ""),
                Column("domain", .varchar(64), nullable: true),
                Column("contact", .varchar(contact), default: ""),
                Column("received", .varchar(received), nullable: true),
                Column("path", .varchar(512), nullable: true),
                Column("expires", .datetime, default: "2030-05-28 21:32:15"),
                Column("q", .float, default: .double(1.0)),
                Column("callid", .varchar(255), default: "Default-Call-ID"),
                Column("cseq", .int, default: 1),
                Column("last_modified", .datetime, default: "2000-01-01 00:00:01"),
                Column("flags", .int, default: 0),
                Column("cflags", .int, default: 0),
                Column("user_agent", .varchar(255), default: ""),
                Column("socket", .varchar(64), nullable: true),
                Column("methods", .int, nullable: true),
                Column("instance", .varchar(255), nullable: true),
                Column("reg_id", .int, default: 0),
                Column("server_id", .int, default: 0),
                Column("connection_id", .int, default: 0),
                Column("keepalive", .int, default: 0),
                Column("partition", .int, default: 0),
            ],
            [.unique("ruid"), .index("username", "domain", "contact"), .index("expires")] + keys)
    }
}
