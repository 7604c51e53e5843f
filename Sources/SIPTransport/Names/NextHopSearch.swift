import Bytes
import SIPMessage

/// What a URI says of its next hop.
public struct NextHopTarget: Sendable, Equatable {
    public var host: ByteString
    /// 0 when the URI has none.
    public var port: UInt16
    /// nil when the URI has none.
    public var transport: TransportProtocol?
    /// `sips:`.
    public var isSecure: Bool

    public init(host: ByteString, port: UInt16, transport: TransportProtocol?, isSecure: Bool) {
        self.host = host
        self.port = port
        self.transport = transport
        self.isSecure = isSecure
    }

    /// The protocol when nothing but the URI decides (RFC 3263 §4.1).
    public var plainTransport: TransportProtocol {
        guard let asked = self.transport else { return self.isSecure ? .tls : .udp }
        guard self.isSecure else { return asked }
        switch asked {
        case .tcp: return .tls
        case .ws: return .wss
        case .udp, .tls, .sctp, .wss: return asked
        }
    }
}

/// One address that a request may go to.
public struct NextHopAddress: Hashable, Sendable {
    public var transport: TransportProtocol
    public var address: SocketAddress

    public init(transport: TransportProtocol, address: SocketAddress) {
        self.transport = transport
        self.address = address
    }
}

/// Finds the servers of a name: NAPTR, SRV, A and AAAA (RFC 3263 §4).
///
/// A computation without state: it is done from the start whenever more is known, with the same seed for the same
/// search, until no answer is missing. It asks nobody itself.
public struct NextHopSearch: Sendable {
    /// Addresses of one search at most.
    static let addressLimit = 24
    /// Names that one search may ask for at most.
    static let questionLimit = 48
    private static let aliasLimit = 8

    let target: NextHopTarget
    let settings: NameSettings
    let isSupported: @Sendable (TransportProtocol) -> Bool
    let seed: UInt64

    /// - Parameters:
    ///   - isSupported: which protocols there are sockets for.
    ///   - seed: what draws among servers follow from.
    public init(
        target: NextHopTarget, settings: NameSettings,
        isSupported: @escaping @Sendable (TransportProtocol) -> Bool, seed: UInt64
    ) {
        self.target = target
        self.settings = settings
        self.isSupported = isSupported
        self.seed = seed
    }

    /// What comes of a search.
    public enum Outcome: Equatable {
        /// Ask these first; never empty.
        case missing([DNSQuestion])
        /// Best first; none: it cannot be reached.
        case found([NextHopAddress])
    }

    fileprivate struct Run {
        let search: NextHopSearch
        let known: (DNSQuestion) -> DNSAnswer?
        var missing: [DNSQuestion] = []
        var questions = 0
        var found: [NextHopAddress] = []
        var random: SeededGenerator
    }

    /// What is known so far, and what would have to be.
    public func evaluate(_ known: (DNSQuestion) -> DNSAnswer?) -> Outcome {
        withoutActuallyEscaping(known) { known in
            var run = Run(search: self, known: known, random: SeededGenerator(seed: self.seed))
            run.start()
            return run.missing.isEmpty ? .found(run.found) : .missing(run.missing)
        }
    }

    /// The addresses of a plain name, and nothing else.
    static func addresses(
        of host: ByteString, _ settings: NameSettings, _ known: (DNSQuestion) -> DNSAnswer?
    ) -> (found: [IPAddress], missing: [DNSQuestion]) {
        withoutActuallyEscaping(known) { known in
            let target = NextHopTarget(host: host, port: 1, transport: .udp, isSecure: false)
            let search = NextHopSearch(target: target, settings: settings, isSupported: { _ in true }, seed: 0)
            var run = Run(search: search, known: known, random: SeededGenerator(seed: 0))
            let found = run.addresses(of: DNSQuestion.canonical(host))
            return (found, run.missing)
        }
    }
}

extension NextHopSearch.Run {
    private var settings: NameSettings { self.search.settings }

    mutating func start() {
        let target = self.search.target
        let host = DNSQuestion.canonical(target.host)
        // A port or an address leaves nothing to SRV (§4.2).
        if target.port > 0 { return self.add(host, port: target.port, target.plainTransport) }
        if target.transport == nil, self.settings.triesNAPTR {
            if self.addPointers(host) { return }
            // Without NAPTR records the SRV records of every protocol, as we like them (§4.1).
            for transport in self.preferred where self.missing.isEmpty {
                if self.addServices(Self.serviceName(transport, host), transport) { return }
            }
        } else {
            guard self.search.isSupported(target.plainTransport) else { return }
            if self.addServices(Self.serviceName(target.plainTransport, host), target.plainTransport) { return }
        }
        // Neither: the name is a host's. So it is too when its servers have no address.
        if self.missing.isEmpty { self.add(host, port: 0, target.plainTransport) }
    }

    /// Protocols to look for, the one we like best first.
    private var preferred: [TransportProtocol] {
        let wanted: [TransportProtocol] = self.search.target.isSecure ? [.tls] : [.udp, .tcp, .sctp, .tls]
        let usable = wanted.filter { self.search.isSupported($0) && self.settings.preference($0) >= 0 }
        return usable.enumerated().sorted { left, right in
            let (one, two) = (self.settings.preference(left.element), self.settings.preference(right.element))
            return one != two ? one > two : left.offset < right.offset
        }.map(\.element)
    }

    /// Name of the SRV records (RFC 3263 §4.1, RFC 7118 §6).
    static func serviceName(_ transport: TransportProtocol, _ host: ByteString) -> ByteString {
        let prefix: ByteString =
            switch transport {
            case .udp: "_sip._udp."
            case .tcp: "_sip._tcp."
            case .tls: "_sips._tcp."
            case .sctp: "_sip._sctp."
            case .ws: "_sip._ws."
            case .wss: "_sips._ws."
            }
        return prefix + host
    }

    // MARK: NAPTR

    /// Goes by the NAPTR records. False: there are none that can be used.
    private mutating func addPointers(_ host: ByteString) -> Bool {
        guard let answer = self.answer(DNSQuestion(.naptr, host)) else { return true }
        var usable: [(pointer: NamingPointer, transport: TransportProtocol, offset: Int)] = []
        for (offset, record) in answer.records.enumerated() {
            guard let pointer = record.pointer, !pointer.replacement.isEmpty,
                pointer.flags.bytes == [UInt8(ascii: "s")] || pointer.flags.bytes == [UInt8(ascii: "S")],
                let transport = Self.transport(ofService: pointer.services, isSecure: self.search.target.isSecure),
                self.search.isSupported(transport), self.settings.preference(transport) >= 0
            else { continue }
            usable.append((pointer, transport, offset))
        }
        usable.sort { left, right in
            let (one, two) = (self.settings.preference(left.transport), self.settings.preference(right.transport))
            if self.settings.ignoresNAPTROrder, one != two { return one > two }
            if left.pointer.order != right.pointer.order { return left.pointer.order < right.pointer.order }
            if left.pointer.preference != right.pointer.preference {
                return left.pointer.preference < right.pointer.preference
            }
            if one != two { return one > two }
            return left.offset < right.offset
        }
        for (pointer, transport, _) in usable {
            _ = self.addServices(pointer.replacement, transport)
            // Further ones matter only as alternatives.
            if !self.settings.failsOver, !self.found.isEmpty || !self.missing.isEmpty { break }
        }
        return !self.found.isEmpty || !self.missing.isEmpty
    }

    /// `SIP+D2U` and its kin (RFC 3263 §4.1, RFC 7118 §6, RFC 4168 §4.2).
    static func transport(ofService service: ByteString, isSecure: Bool) -> TransportProtocol? {
        let transport: TransportProtocol? =
            switch service.string.uppercased() {
            case "SIP+D2U": .udp
            case "SIP+D2T": .tcp
            case "SIPS+D2T": .tls
            case "SIP+D2S": .sctp
            case "SIP+D2W": .ws
            case "SIPS+D2W": .wss
            default: nil
            }
        // For sips only what begins with SIPS will do.
        guard let transport, !isSecure || transport.isSecure else { return nil }
        return transport
    }

    // MARK: SRV

    /// Adds the servers of a service. False: it has none, none of them has an address.
    private mutating func addServices(_ name: ByteString, _ transport: TransportProtocol) -> Bool {
        guard let answer = self.answer(DNSQuestion(.srv, name)) else { return true }
        let before = self.found.count
        let services = answer.records.compactMap(\.service)
        let ordered =
            self.settings.balancesServices
            ? ServiceOrder.shared(services) { self.random.below($0) } : ServiceOrder.fixed(services)
        for service in ordered {
            // `.`: decidedly not there (RFC 2782).
            guard !service.target.isEmpty else { continue }
            self.add(service.target, port: service.port, transport)
            if !self.settings.failsOver, self.found.count > before || !self.missing.isEmpty { break }
        }
        return self.found.count > before || !self.missing.isEmpty
    }

    // MARK: Addresses

    private mutating func add(_ host: ByteString, port: UInt16, _ transport: TransportProtocol) {
        for address in self.addresses(of: host) where self.found.count < NextHopSearch.addressLimit {
            let port = port > 0 ? port : transport.defaultPort
            let next = NextHopAddress(transport: transport, address: SocketAddress(ip: address, port: port))
            if !self.found.contains(next) { self.found.append(next) }
        }
    }

    mutating func addresses(of host: ByteString) -> [IPAddress] {
        if let literal = IPAddress(host.span, ByteRange(start: 0, count: host.count)) { return [literal] }
        var types: [DNSRecordType] = []
        if self.settings.asksForIPv4 { types.append(.a) }
        if self.settings.asksForIPv6 { types.append(.aaaa) }
        if self.settings.prefersIPv6 { types.reverse() }
        var found: [IPAddress] = []
        for type in types {
            // One answer that is still missing must not keep the other from being asked for.
            for record in self.answer(DNSQuestion(type, host))?.records ?? [] {
                if let address = record.address { found.append(address) }
            }
        }
        return found
    }

    /// The answer, behind aliases if need be; nil: it is missing, and noted.
    private mutating func answer(_ question: DNSQuestion) -> DNSAnswer? {
        var question = question
        for _ in 0..<NextHopSearch.aliasLimit {
            self.questions += 1
            guard self.questions <= NextHopSearch.questionLimit else { return DNSAnswer.none }
            guard let answer = self.known(question) else {
                if !self.missing.contains(question) { self.missing.append(question) }
                return nil
            }
            guard answer.records.isEmpty, let alias = answer.alias, alias != question.name else { return answer }
            question = DNSQuestion(question.type, alias)
        }
        return DNSAnswer.none
    }
}
