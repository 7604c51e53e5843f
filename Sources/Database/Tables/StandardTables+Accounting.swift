// A table of facts: names, types and versions that other programs rely on.

import Bytes

extension TableDeclaration {
    public static let acc = events("acc", version: 5, "acc: CDR-style transaction events")
    public static let missedCalls = events("missed_calls", version: 4, "acc: failed INVITE events")

    private static func events(_ name: ByteString, version: Int, _ summary: String) -> TableDeclaration {
        TableDeclaration(
            name, version: version, summary,
            [
                .id,
                Column("method", .varchar(16), default: ""),
                Column("from_tag", .varchar(128), default: ""),
                Column("to_tag", .varchar(128), default: ""),
                Column("callid", .varchar(255), default: ""),
                Column("sip_code", .varchar(3), default: ""),
                Column("sip_reason", .varchar(128), default: ""),
                Column("time", .datetime),
            ],
            [.index("callid")])
    }

    public static let accCdrs = TableDeclaration(
        "acc_cdrs", version: 3, olderVersions: [2], "acc + dialog: whole-call records",
        [
            .id,
            Column("start_time", .datetime, default: "2000-01-01 00:00:00"),
            Column("end_time", .datetime, default: "2000-01-01 00:00:00"),
            Column("duration", .float, default: .double(0.0)),
        ],
        [.index("start_time")]
    )

    public static let sipTrace = TableDeclaration(
        "sip_trace", version: 4, "siptrace: captured messages",
        [
            .id,
            Column("time_stamp", .datetime, default: "2000-01-01 00:00:01"),
            Column("time_us", .unsigned, default: 0),
            Column("callid", .varchar(255), default: ""),
            Column("traced_user", .varchar(255), default: ""),
            Column("msg", .largeText),
            Column("method", .varchar(50), default: ""),
            Column("status", .varchar(255), default: ""),
            Column("fromip", .varchar(64), default: ""),
            Column("toip", .varchar(64), default: ""),
            Column("fromtag", .varchar(128), default: ""),
            Column("totag", .varchar(128), default: ""),
            Column("direction", .varchar(4), default: ""),
        ],
        [.index("traced_user"), .index("time_stamp"), .index("fromip"), .index("callid")]
    )
}
