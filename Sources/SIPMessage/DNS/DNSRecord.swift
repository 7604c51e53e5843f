import Bytes

/// What a DNS record is about, by its number (RFC 1035 §3.2.2).
public struct DNSRecordType: Hashable, Sendable, BitwiseCopyable, RawRepresentable {
    public var rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let a = DNSRecordType(rawValue: 1)
    public static let cname = DNSRecordType(rawValue: 5)
    public static let soa = DNSRecordType(rawValue: 6)
    public static let ptr = DNSRecordType(rawValue: 12)
    public static let txt = DNSRecordType(rawValue: 16)
    public static let aaaa = DNSRecordType(rawValue: 28)
    public static let srv = DNSRecordType(rawValue: 33)
    public static let naptr = DNSRecordType(rawValue: 35)

    /// Types that have a name here.
    public static let all: [DNSRecordType] = [.a, .aaaa, .srv, .naptr, .cname, .txt, .ptr]

    /// `A`, `SRV`; `TYPE99` for those without a name here.
    public var name: String {
        switch self {
        case .a: "A"
        case .cname: "CNAME"
        case .soa: "SOA"
        case .ptr: "PTR"
        case .txt: "TXT"
        case .aaaa: "AAAA"
        case .srv: "SRV"
        case .naptr: "NAPTR"
        default: "TYPE\(self.rawValue)"
        }
    }

    /// The type with this name, in any case.
    public init?(name: String) {
        guard let known = Self.all.first(where: { $0.name == name.uppercased() }) else { return nil }
        self = known
    }
}

/// Where a service is (RFC 2782).
public struct ServiceRecord: Hashable, Sendable {
    /// Lower first.
    public var priority: UInt16
    /// Share among those of one priority.
    public var weight: UInt16
    public var port: UInt16
    /// Empty: the service is decidedly not there (`.`).
    public var target: ByteString

    public init(priority: UInt16, weight: UInt16, port: UInt16, target: ByteString) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}

/// How to go on with a name (RFC 3403 §4.1).
public struct NamingPointer: Hashable, Sendable {
    public var order: UInt16
    public var preference: UInt16
    public var flags: ByteString
    public var services: ByteString
    public var regularExpression: ByteString
    /// Empty: the root, none.
    public var replacement: ByteString

    public init(
        order: UInt16, preference: UInt16, flags: ByteString, services: ByteString, regularExpression: ByteString,
        replacement: ByteString
    ) {
        self.order = order
        self.preference = preference
        self.flags = flags
        self.services = services
        self.regularExpression = regularExpression
        self.replacement = replacement
    }
}

/// What one record says. Names are in lower case and without the final dot.
public enum DNSData: Hashable, Sendable {
    case address(IPAddress)
    case service(ServiceRecord)
    case pointer(NamingPointer)
    /// CNAME or PTR.
    case name(ByteString)
    /// TXT: its strings, joined.
    case text(ByteString)

    public var address: IPAddress? { if case .address(let address) = self { address } else { nil } }
    public var service: ServiceRecord? { if case .service(let service) = self { service } else { nil } }
    public var pointer: NamingPointer? { if case .pointer(let pointer) = self { pointer } else { nil } }
}

/// A question: records of which type, of which name.
public struct DNSQuestion: Hashable, Sendable {
    public var type: DNSRecordType
    /// In lower case, without the final dot.
    public var name: ByteString

    public init(_ type: DNSRecordType, _ name: ByteString) {
        self.type = type
        self.name = Self.canonical(name)
    }

    /// A name as answers are kept under: DNS does not tell case, and the final dot adds nothing (RFC 4343).
    public static func canonical(_ name: ByteString) -> ByteString {
        let isPlain = !name.bytes.contains { 65...90 ~= $0 } && name.bytes.last != UInt8(ascii: ".")
        if isPlain { return name }
        var bytes = name.bytes
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        for index in bytes.indices where 65...90 ~= bytes[index] { bytes[index] |= 0x20 }
        return ByteString(bytes)
    }
}

/// What is known about a question.
public struct DNSAnswer: Hashable, Sendable {
    /// In the order of the server; none: there are no such records.
    public var records: [DNSData]
    /// The name that the question's is another one of, when records of that are not in here.
    public var alias: ByteString?
    /// Seconds it holds, as the server says: least of the records', or of a negative answer (RFC 2308 §5); nil when a
    /// negative answer does not say.
    public var lifetime: Int?
    /// No server answered: nothing is known.
    public var isFailure: Bool

    public init(_ records: [DNSData], lifetime: Int?, alias: ByteString? = nil, isFailure: Bool = false) {
        self.records = records
        self.lifetime = lifetime
        self.alias = alias
        self.isFailure = isFailure
    }

    /// There are no such records.
    public static let none = DNSAnswer([], lifetime: nil)
    /// Nobody knows.
    public static let failure = DNSAnswer([], lifetime: nil, isFailure: true)
    /// Neither records nor a hint where they are.
    public var isNegative: Bool { self.records.isEmpty && self.alias == nil }
}
