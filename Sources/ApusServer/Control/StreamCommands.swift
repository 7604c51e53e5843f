import Bytes
import ModuleKit
import SIPMessage
import SIPTransport

/// The RPC commands about connections: `core.tcp_*`.
enum StreamCommands {
    static func all(_ server: Server) -> [RPCCommand] {
        [
            RPCCommand("core.tcp_info", "Shows the totals of TCP connections.") { [unowned server] _ throws(RPCFault) in
                let streams = server.transport.streams
                return [
                    .structure([
                        "readers": .int(server.transport.loops.count),
                        "max_connections": .int(streams.settings.maximumConnections),
                        "max_tls_connections": .int(0), "opened_connections": .int(streams.connectionCount),
                        "opened_tls_connections": .int(0), "write_queued_bytes": .int(streams.queuedBytes),
                    ])
                ]
            },
            RPCCommand(
                "core.tcp_list", returnsArray: true, "Lists the TCP connections, or those with the given numbers."
            ) { [unowned server] request throws(RPCFault) in
                let table = server.transport.streams.table
                guard request.has(0) else {
                    return table.all.sorted { $0.id.rawValue < $1.id.rawValue }.map { Self.describe($0) }
                }
                var found: [RPCValue] = []
                for index in request.parameters.indices {
                    let number = try request.int(index)
                    guard number > 0, let known = table[ConnectionID(rawValue: UInt64(number))] else { continue }
                    found.append(Self.describe(known))
                }
                return found
            },
            RPCCommand("core.tcp_options", "Shows how TCP connections behave.") { [unowned server] _ throws(RPCFault) in
                let configuration = server.configuration?.program.configuration
                let aliases = configuration?.find("tcp", "accept_aliases").flatMap { configuration?.value($0) }
                return [.structure(Self.options(server.transport.streams.settings, aliases))]
            },
        ]
    }

    private static func describe(_ connection: StreamConnection) -> RPCValue {
        let left = (connection.expires - Instant.now()).seconds
        return .structure([
            "id": .int(Int(connection.id.rawValue)), "type": .string("\(connection.transport.viaName)"),
            "state": .string(Self.text(connection)), "timeout": .int(max(left, 0)),
            "lifetime": .int(connection.lifetime.seconds), "ref_count": .int(1),
            "src_ip": .string("\(connection.peer.ip)"), "src_port": .int(Int(connection.peer.port)),
            "dst_ip": .string("\(connection.local?.ip ?? connection.socket.address.ip)"),
            "dst_port": .int(Int(connection.local?.port ?? connection.socket.address.port)),
        ])
    }

    private static func text(_ connection: StreamConnection) -> String {
        switch connection.state {
        case .fresh: "CONN_INIT"
        case .connecting: "CONN_CONNECT"
        case .open: connection.isSilent ? "CONN_ACCEPT" : "CONN_OK"
        case .closing, .closed: "CONN_EOF"
        }
    }

    /// The settings under Kamailio's names; what the server does not vary is what it does.
    private static func options(_ settings: StreamSettings, _ aliases: Value?) -> [RPCValue.Member] {
        func number(_ isOn: Bool) -> Int { isOn ? 1 : 0 }
        var acceptsAliases = 0
        if case .int(let value)? = aliases { acceptsAliases = value }
        let rule = settings.aliasRule == .add ? 1 : settings.aliasRule == .replace ? 2 : 0
        return [
            ("connect_timeout", settings.connectTimeout.seconds),
            ("send_timeout", settings.sendTimeout.seconds),
            ("connection_lifetime", settings.lifetime.seconds),
            ("max_connections(soft)", settings.maximumConnections), ("max_tls_connections(soft)", 0),
            ("no_connect", number(!settings.mayConnect)), ("fd_cache", 1), ("async", 1), ("connect_wait", 1),
            ("conn_wq_max", settings.connectionQueueLimit), ("wq_max", settings.totalQueueLimit),
            ("defer_accept", settings.deferAccept), ("delayed_ack", number(settings.delaysAcknowledgement)),
            ("syncnt", settings.synCount), ("linger2", settings.linger2),
            ("keepalive", number(settings.keepsAlive)), ("keepidle", settings.keepaliveIdle),
            ("keepintvl", settings.keepaliveInterval), ("keepcnt", settings.keepaliveCount),
            ("crlf_ping", number(settings.answersPings)), ("accept_aliases", acceptsAliases), ("alias_flags", rule),
            ("new_conn_alias_flags", 2),
        ].map { RPCValue.Member($0.0, .int($0.1)) }
    }
}
