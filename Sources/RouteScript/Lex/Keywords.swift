/// The reserved words. They win over defines: a define of such a name is never expanded.
enum Keywords {
    static let integers: [String: Int] = [
        "yes": 1, "true": 1, "on": 1, "enable": 1, "no": 0, "false": 0, "off": 0, "disable": 0,
    ]

    /// Words that begin a statement of the top level, apart from global parameters.
    static let topLevel: Set<String> = [
        "request_route", "route", "reply_route", "onreply_route", "failure_route", "branch_route", "onsend_route",
        "event_route", "loadmodule", "loadmodulex", "loadpath", "mpath", "modparam", "modparamx", "cfgengine",
        "flags", "bool", "avpflags", "listen", "alias", "domain", "socket",
    ]

    static let routeBlocks: Set<String> = [
        "request_route", "route", "reply_route", "onreply_route", "failure_route", "branch_route", "onsend_route",
        "event_route",
    ]

    /// Words that begin a statement inside of a route block, apart from core commands.
    static let statements: Set<String> = [
        "if", "while", "switch", "case", "default", "return", "exit", "drop", "break", "route",
    ]

    static let transports: Set<String> = [
        "udp", "UDP", "tcp", "TCP", "tls", "TLS", "sctp", "SCTP", "ws", "WS", "wss", "WSS",
    ]

    static let families: [String: Bool] = [
        "inet": false, "INET": false, "ipv4": false, "IPv4": false, "IPV4": false,
        "inet6": true, "INET6": true, "ipv6": true, "IPv6": true, "IPV6": true,
    ]

    static let operators: Set<String> = ["not", "and", "or", "mod", "eq", "ne", "ieq", "ine"]

    static let expressions: Set<String> = ["defined", "strlen", "strempty", "selval", "myself", "max_len"]

    static let others: Set<String> = [
        "else", "include_file", "import_file", "desc", "descr", "description", "advertise", "virtual",
    ]

    static let subjects: Set<String> = Set(CoreSubject.allCases.map(\.rawValue))

    static let all: Set<String> = {
        var words = Set(Self.integers.keys)
        for set in [
            Self.topLevel, Self.statements, Self.transports, Set(Self.families.keys), Self.operators,
            Self.expressions, Self.others, Self.subjects, Set(CoreCommands.names), Set(CoreParameters.names),
        ] { words.formUnion(set) }
        return words
    }()
}
