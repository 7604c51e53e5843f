import SIPMessage

/// `listen = item item …`.
public struct ListenStatement: Sendable {
    public var items: [SocketSpecification]
    public var range: SourceRange
}

/// `alias = item item …`: names that count as *myself*.
public struct AliasStatement: Sendable {
    public var items: [SocketSpecification]
    public var range: SourceRange
}

/// `socket = { bind = …; … }`.
public struct SocketBlock: Sendable {
    /// Nil when `bind` is missing (a diagnostic was given).
    public var bind: SocketSpecification?
    public var asyncGroup: StringLiteral?
    public var workers: Int?
    public var vrf: StringLiteral?
    public var range: SourceRange
}

/// `[proto:]host[:port]`, with what may follow it in a `listen`.
public struct SocketSpecification: Sendable {
    /// Nil: none written, or `*`.
    public var transport: TransportProtocol?
    /// One host, or several for `(a, b)`.
    public var hosts: [HostLiteral]
    public var port: PortSpecification
    public var advertise: AdvertisedAddress?
    public var name: StringLiteral?
    public var isVirtual: Bool
    public var range: SourceRange
}

public struct AdvertisedAddress: Sendable {
    public var transport: TransportProtocol?
    public var host: HostLiteral
    /// 0: as the socket's.
    public var port: UInt16
    public var range: SourceRange
}

/// A host as written.
public struct HostLiteral: Sendable {
    public enum Kind: Sendable, Equatable {
        case address(IPAddress)
        /// A domain name or the name of an interface.
        case name
    }
    /// Without brackets and quotes.
    public var text: String
    public var kind: Kind
    public var range: SourceRange
}

public enum PortSpecification: Sendable, Equatable {
    /// None written.
    case standard
    /// `*`
    case any
    case number(UInt16)
    /// `p1-p2`, both included.
    case range(UInt16, UInt16)
}
