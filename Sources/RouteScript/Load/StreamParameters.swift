import Bytes
import SIPMessage

/// What the `tcp_…` parameters of a configuration say. Defaults are Kamailio's.
///
/// Kept as they are written: times in seconds unless the name says otherwise. What the server makes of them is the
/// transport's affair.
public struct StreamParameters: Sendable {
    /// Values by the name of their parameter, `tcp_` cut off.
    public private(set) var numbers: [String: Int] = [:]
    /// What else than SIP connections may carry (`tcp_accept_protocols`).
    public private(set) var acceptedProtocols: Set<String> = ["http", "ws", "msrp", "stun"]
    public private(set) var sourceIPv4: IPAddress?
    public private(set) var sourceIPv6: IPAddress?

    /// Every parameter that is a number, with its default and what `cfg.set` takes.
    static let defaults: [String: Int] = [
        "connection_lifetime": 120, "connect_timeout": 10, "send_timeout": 10, "max_connections": 2048,
        "accept_no_cl": 0, "conn_wq_max": 32_768, "wq_max": 10_485_760, "crlf_ping": 1, "no_connect": 0,
        "keepalive": 1, "keepidle": 0, "keepintvl": 0, "keepcnt": 0, "listen_backlog": 1024, "accept_aliases": 0,
        "alias_flags": 1, "accept_haproxy": 0, "accept_hep3": 0, "accept_unique": 0, "accept_iplimit": 1024,
        "connection_match": 0,
        "defer_accept": 0, "delayed_ack": 1, "syncnt": 0, "linger2": 0, "reuse_port": 0, "script_mode": 0,
        "wait_data": 5000, "msg_read_timeout": 20, "msg_data_timeout": 20, "close_rst": 0,
    ]

    public init() {}

    /// The value of a parameter, `tcp_` cut off: what was set, else the default.
    public subscript(name: String) -> Int { self.numbers[name] ?? Self.defaults[name] ?? 0 }

    /// Bytes of the longest message: `tcp_rd_buf_size` where it is set, else what RFC 3261 §18.1.1 asks everybody to
    /// take.
    public var longestMessage: Int { self.numbers["rd_buf_size"].map { max($0, 512) } ?? 65_535 }

    /// Whether connections may begin with a PROXY header.
    public var takesProxyHeader: Bool { self["accept_haproxy"] != 0 || self.acceptedProtocols.contains("haproxy") }

    /// - Returns: false when the parameter is none of these.
    public mutating func apply(_ name: String, _ int: Int?, _ text: String) -> Bool {
        guard name.hasPrefix("tcp_") else { return false }
        let short = String(name.dropFirst(4))
        switch short {
        case "source_ipv4": self.sourceIPv4 = IPAddress(text)
        case "source_ipv6": self.sourceIPv6 = IPAddress(text)
        case "accept_protocols":
            if let int {
                self.acceptedProtocols = Set(Self.protocols.filter { int & $0.bit != 0 }.map(\.name))
            } else {
                self.acceptedProtocols = Set(text.split(whereSeparator: { ", ;".contains($0) }).map(String.init))
            }
        default:
            guard let int, Self.defaults[short] != nil || short == "rd_buf_size" else { return false }
            self.numbers[short] = int
        }
        return true
    }

    private static let protocols: [(name: String, bit: Int)] = [
        ("http", 4), ("ws", 8), ("msrp", 16), ("hep", 32), ("stun", 64), ("haproxy", 128),
    ]
}

/// What the `overload_…` parameters of a configuration say.
public struct OverloadParameters: Sendable {
    /// `overload_control`: requests that begin something are refused when messages wait too long.
    public var isOn = 1
    /// `overload_delay`: how long a message may wait for a worker, milliseconds.
    public var delay = 100
    /// `overload_interval`: for how long they must have waited longer before the first is refused, milliseconds.
    public var interval = 300
    /// `overload_reply_code`: what they are answered; 0: nothing.
    public var replyCode = 503
    /// `overload_reply_reason`.
    public var replyReason = ByteString("Service Unavailable")
    /// `overload_retry_after`: seconds that a refused client is asked to wait; 0: it is told nothing.
    public var retryAfter = 5

    public init() {}

    /// What is wrong with a value; nil: nothing.
    static func complaint(_ name: String, _ int: Int) -> String? {
        switch name {
        case "overload_delay" where !(1...10_000 ~= int):
            "overload_delay is 1 to 10000 milliseconds; with overload_control=no nothing is refused"
        case "overload_interval" where !(0...60_000 ~= int): "overload_interval is 0 to 60000 milliseconds"
        case "overload_retry_after" where !(0...3600 ~= int): "overload_retry_after is 0 to 3600 seconds"
        case "overload_reply_code" where int != 0 && !(400...699 ~= int):
            "overload_reply_code is 400 to 699, or 0 for no answer"
        default: nil
        }
    }

    /// - Returns: false when the parameter is none of these.
    public mutating func apply(_ name: String, _ int: Int?, _ text: String) -> Bool {
        switch name {
        case "overload_control": self.isOn = int == 0 ? 0 : 1
        case "overload_delay": self.delay = min(max(int ?? 100, 1), 10_000)
        case "overload_interval": self.interval = min(max(int ?? 300, 0), 60_000)
        case "overload_reply_code":
            let code = int ?? 503
            self.replyCode = code == 0 ? 0 : min(max(code, 400), 699)
        case "overload_reply_reason": self.replyReason = ByteString(text)
        case "overload_retry_after": self.retryAfter = min(max(int ?? 5, 0), 3600)
        default: return false
        }
        return true
    }
}
