/// How bytes travel. Raw values are the protocol numbers that scripts see (`$prid`).
public enum TransportProtocol: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    case udp = 1
    case tcp = 2
    case tls = 3
    case sctp = 4
    case ws = 5
    case wss = 6

    /// Lower-case name as in URIs and socket names: `udp`.
    public var name: StaticString {
        switch self {
        case .udp: "udp"
        case .tcp: "tcp"
        case .tls: "tls"
        case .sctp: "sctp"
        case .ws: "ws"
        case .wss: "wss"
        }
    }

    /// Upper-case name as in Via (RFC 3261 §18.1.1): `UDP`.
    public var viaName: StaticString {
        switch self {
        case .udp: "UDP"
        case .tcp: "TCP"
        case .tls: "TLS"
        case .sctp: "SCTP"
        case .ws: "WS"
        case .wss: "WSS"
        }
    }

    /// Whether messages arrive over a connection (RFC 3261 §18: reliable transports).
    @inlinable public var isReliable: Bool { self != .udp }
    @inlinable public var isStream: Bool { self != .udp && self != .sctp }
    @inlinable public var isSecure: Bool { self == .tls || self == .wss }

    /// The port that goes without saying: 5061 over TLS, else 5060.
    @inlinable public var defaultPort: UInt16 { self == .tls || self == .wss ? 5061 : 5060 }
}
