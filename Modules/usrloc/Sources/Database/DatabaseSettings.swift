import Bytes
import Database

/// How the location tables are kept in a database.
package struct DatabaseSettings: Sendable {
    package init() {}

    enum Mode: Int, Sendable {
        case memory = 0
        /// What is acknowledged is stored.
        case writeThrough = 1
        case writeBack = 2
        /// The database is asked for every address of record anew.
        case databaseOnly = 3
        case loadOnly = 4

        var writes: Bool {
            switch self {
            case .writeThrough, .writeBack, .databaseOnly: true
            case .memory, .loadOnly: false
            }
        }
        /// A reply waits until the change is stored.
        var waits: Bool { self == .writeThrough || self == .databaseOnly }
    }

    /// Columns in the order in which rows are read and written.
    enum Column: Int, CaseIterable, Sendable {
        case ruid, username, domain, contact, received, path, expires, q, callID, cSeq, lastModified, flags,
            branchFlags, userAgent, socket, methods, instance, regID, serverID, connection, keepalive, partition
    }

    var mode = Mode.memory
    var url = ByteString("mysql://kamailio:kamailiorw@localhost/kamailio")
    var loads = true
    var fetchRows = 2000
    var skipsRemoteSockets = false
    var updatesByInsert = false
    var checksUpdates = false
    var insertUpdates = false
    var addressesByRuid = 1
    var expiresType = 0
    var rawFetch = 0
    var insertsNulls = false
    var filtersServers = false
    var cleansByTimer = false
    var checksVersion = true
    var loadRank = 1
    var cleansConnections = false
    var columns = DatabaseSettings.defaultColumns

    static let defaultColumns: [ByteString] = [
        "ruid", "username", "domain", "contact", "received", "path", "expires", "q", "callid", "cseq", "last_modified",
        "flags", "cflags", "user_agent", "socket", "methods", "instance", "reg_id", "server_id", "connection_id",
        "keepalive", "partition",
    ]

    static let columnParameters: [(String, Column)] = [
        ("ruid_column", .ruid), ("user_column", .username), ("domain_column", .domain), ("contact_column", .contact),
        ("received_column", .received), ("path_column", .path), ("expires_column", .expires), ("q_column", .q),
        ("callid_column", .callID), ("cseq_column", .cSeq), ("flags_column", .flags), ("cflags_column", .branchFlags),
        ("user_agent_column", .userAgent), ("socket_column", .socket), ("methods_column", .methods),
        ("instance_column", .instance), ("reg_id_column", .regID), ("server_id_column", .serverID),
        ("connection_id_column", .connection), ("keepalive_column", .keepalive), ("partition_column", .partition),
    ]

    func column(_ column: Column) -> ByteString { self.columns[column.rawValue] }
}
