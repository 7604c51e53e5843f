import Bytes
import ModuleKit
import RouteScript
import SIPMessage
import SIPTransport

extension StreamSettings {
    /// What the `tcp_…` parameters come to.
    init(_ parameters: StreamParameters) {
        self.init()
        self.lifetime = .seconds(max(parameters["connection_lifetime"], 1))
        self.connectTimeout = .seconds(max(parameters["connect_timeout"], 1))
        self.sendTimeout = .seconds(max(parameters["send_timeout"], 1))
        self.messageTimeout = .seconds(max(parameters["msg_read_timeout"], 1))
        self.firstDataTimeout = .seconds(max(parameters["msg_data_timeout"], 0))
        self.headerTimeout = .milliseconds(max(parameters["wait_data"], 1))
        self.maximumConnections = max(parameters["max_connections"], 0)
        self.connectionsPerAddress = max(parameters["accept_iplimit"], 0)
        self.acceptsUnique = parameters["accept_unique"] != 0
        self.connectionQueueLimit = max(parameters["conn_wq_max"], 0)
        self.totalQueueLimit = max(parameters["wq_max"], 0)
        self.framing.acceptsMissingLength = parameters["accept_no_cl"] != 0
        self.framing.acceptsHEP = parameters["accept_hep3"] != 0
        self.framing.maximumMessage = parameters.longestMessage
        self.takesProxyHeader = parameters.takesProxyHeader
        self.aliasRule =
            parameters["alias_flags"] & 2 != 0 ? .replace : parameters["alias_flags"] & 1 != 0 ? .add : .keep
        self.matchesSocket = parameters["connection_match"] != 0
        self.answersPings = parameters["crlf_ping"] != 0
        self.mayConnect = parameters["no_connect"] == 0
        self.backlog = max(parameters["listen_backlog"], 1)
        self.keepsAlive = parameters["keepalive"] != 0
        self.keepaliveIdle = parameters["keepidle"]
        self.keepaliveInterval = parameters["keepintvl"]
        self.keepaliveCount = parameters["keepcnt"]
        self.deferAccept = parameters["defer_accept"]
        self.synCount = parameters["syncnt"]
        self.linger2 = parameters["linger2"]
        self.delaysAcknowledgement = parameters["delayed_ack"] != 0
        self.closesWithReset = parameters["close_rst"] != 0
        self.reusesPort = parameters["reuse_port"] != 0
        self.sourceIPv4 = parameters.sourceIPv4.flatMap { $0.isIPv6 ? nil : $0 }
        self.sourceIPv6 = parameters.sourceIPv6.flatMap { $0.isIPv6 ? $0 : nil }
    }
}

/// Group `tcp` of the `cfg` commands: what control clients may read and change of streams.
enum StreamVariables {
    private struct Variable {
        var name: StaticString
        var range: ClosedRange<Int>?
        var isReadable = true
        var isFixed = false
        var summary: StaticString
    }

    private static let variables: [Variable] = [
        Variable(name: "connect_timeout", range: 1...3600, isReadable: false, summary: "Seconds to open a connection."),
        Variable(
            name: "send_timeout", range: 1...3600, isReadable: false,
            summary: "Seconds that a peer may take no byte while there are some for it."),
        Variable(
            name: "connection_lifetime", range: 1...Int(Int32.max), isReadable: false,
            summary: "Seconds that a connection lives without a byte either way."),
        Variable(
            name: "max_connections", range: 0...Int(Int32.max), isReadable: false,
            summary: "Connections of all kinds, at most."),
        Variable(
            name: "no_connect", range: 0...1, summary: "1: connections are only accepted, never opened."),
        Variable(name: "fd_cache", isFixed: true, summary: "Without effect: every thread sends by itself."),
        Variable(name: "async", isFixed: true, summary: "Without effect: no thread ever waits for a peer."),
        Variable(name: "connect_wait", isFixed: true, summary: "Without effect: one connection is opened to a peer."),
        Variable(name: "conn_wq_max", range: 0...Int(Int32.max), summary: "Bytes that may wait for one peer."),
        Variable(name: "wq_max", range: 0...Int(Int32.max), summary: "Bytes that may wait for all peers together."),
        Variable(name: "defer_accept", isFixed: true, summary: "Seconds that the kernel waits for data to accept."),
        Variable(name: "delayed_ack", range: 0...1, summary: "1: acknowledgements may wait for data."),
        Variable(name: "syncnt", range: 0...255, summary: "Attempts to connect by SYN; 0: the system's."),
        Variable(
            name: "linger2", range: 0...3600, summary: "Seconds to wait for the end of the peer; 0: the system's."),
        Variable(name: "keepalive", range: 0...1, summary: "1: the kernel probes silent peers."),
        Variable(name: "keepidle", range: 0...Int(Int32.max), summary: "Seconds of silence before the first probe."),
        Variable(name: "keepintvl", range: 0...Int(Int32.max), summary: "Seconds between probes."),
        Variable(name: "keepcnt", range: 0...255, summary: "Probes without answer that end a connection."),
        Variable(name: "crlf_ping", range: 0...1, summary: "1: CRLF CRLF is answered with CRLF."),
        Variable(name: "accept_aliases", range: 0...1, summary: "1: alias in the top Via counts."),
        Variable(
            name: "alias_flags", range: 0...3,
            summary: "When an alias is another connection's: 1 the latest is used, 2 it is taken away, 0 it stays."),
        Variable(
            name: "new_conn_alias_flags", isFixed: true, summary: "Without effect: the latest connection is used."),
        Variable(name: "accept_no_cl", range: 0...1, summary: "1: messages need no Content-Length."),
        Variable(name: "reuse_port", range: 0...1, summary: "1: connections are opened from the port listened on."),
        Variable(
            name: "wait_data_ms", range: 0...7_200_000, summary: "Milliseconds to wait for a PROXY header."),
        Variable(
            name: "rd_buf_size", range: 512...16_777_215, summary: "Bytes of the longest message over a stream."),
        Variable(name: "wq_blk_size", isFixed: true, summary: "Without effect: queues are not divided into blocks."),
    ]

    /// Values of those that do not change here.
    private static let fixed = [
        "fd_cache": 1, "async": 1, "connect_wait": 1, "new_conn_alias_flags": 2, "wq_blk_size": 2100,
    ]

    /// Declares the group for one configuration.
    /// - Parameters:
    ///   - changed: called with all parameters when one has changed.
    static func declare(
        in registry: ConfigurationRegistry, _ parameters: StreamParameters,
        changed: @escaping @Sendable (StreamParameters) -> Void
    ) {
        let current = Lock(parameters)
        for variable in self.variables {
            let name = "\(variable.name)"
            let key = name == "wait_data_ms" ? "wait_data" : name
            let initial =
                Self.fixed[name] ?? (name == "rd_buf_size" ? parameters.longestMessage : parameters[key])
            var declaration = ConfigurationVariable.Declaration(
                "tcp", ByteString(name), .int(initial), ByteString("\(variable.summary)"))
            declaration.range = variable.isFixed ? initial...initial : variable.range
            declaration.isReadable = variable.isReadable
            declaration.changed = { value in
                guard case .int(let number) = value else { return }
                let all = current.withLock { all in
                    _ = all.apply("tcp_" + key, number, "")
                    return all
                }
                changed(all)
            }
            registry.declare(declaration)
        }
    }
}
