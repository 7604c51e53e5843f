import Bytes
import ModuleKit
import SIPMessage

extension Corex {
    public struct Settings: Sendable {
        var domains: [DomainWithSubdomains] = []
        var records: [PreloadedRecord] = []
        var recordFile = ByteString()
        var interceptsNetwork = false
        var shortestIntercepted = 0
        var replacement = ByteString()
    }

    public static var defaultSettings: Settings { Settings() }

    public static let parameters: [ModuleParameter<Settings>] =
        [
            ModuleParameter(
                "alias_subdomains", .text, repeatable: true,
                "A domain that counts as this server with all its subdomains: [protocol:]domain[:port]."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                settings.domains.append(try DomainWithSubdomains(text))
            },
            ModuleParameter(
                "dns_cache", .text, repeatable: true,
                "An address known from the start: type=A;name=example.org;addr=192.0.2.1;ttl=3600;flags=0."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                settings.records.append(try PreloadedRecord(text))
            },
            ModuleParameter(
                "dns_file", \.recordFile, "File with such lines; empty lines and those with # are passed over."),
            ModuleParameter(
                "nio_intercept", \.interceptsNetwork,
                "Runs event_route[network:msg] for all that comes in and goes out."),
            ModuleParameter(
                "nio_min_msg_len", \.shortestIntercepted, in: 0...65_535,
                "Shortest message that event_route[network:msg] sees, in bytes."),
            ModuleParameter(
                "nio_msg_avp", \.replacement,
                "Variable whose value takes the place of the message when event_route[network:msg] has set it."),
        ] + ModuleParameter.notYet(.text, "evcb_reply_out")
}

/// A domain that counts as this server together with everything below it.
struct DomainWithSubdomains: Sendable, Equatable {
    var domain: ByteString
    /// 0 matches any.
    var port = 0
    /// nil matches any.
    var transport: TransportProtocol?

    init(_ text: ByteString) throws {
        var parts = text.bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
            ByteString(Array($0))
        }
        if parts.count > 1, let first = parts.first {
            let transport = TransportProtocol(parsing: first.span, ByteRange(start: 0, count: first.count))
            if transport != nil || first == "any" || parts.count > 2 {
                guard transport != nil || first == "any" else {
                    throw ArgumentError("'\(first.string)' is no protocol: write [protocol:]domain[:port]")
                }
                self.transport = transport
                parts.removeFirst()
            }
        }
        if parts.count > 1, let last = parts.last {
            guard let port = last.span.decimal(in: ByteRange(start: 0, count: last.count), limit: 65_535) else {
                throw ArgumentError("'\(last.string)' is no port: write [protocol:]domain[:port]")
            }
            self.port = port
            parts.removeLast()
        }
        guard parts.count == 1, let domain = parts.first, !domain.isEmpty, domain.bytes.first != UInt8(ascii: ".")
        else {
            throw ArgumentError("'\(text.string)' is no domain: write [protocol:]domain[:port]")
        }
        self.domain = domain
    }

    func matches(_ span: Span<UInt8>, _ host: ByteRange, _ port: Int, _ transport: TransportProtocol?) -> Bool {
        guard host.isPresent, self.port == 0 || port == 0 || self.port == port,
            self.transport == nil || transport == nil || self.transport == transport, host.length >= self.domain.count
        else { return false }
        let start = host.upper - self.domain.count
        guard span.equalsIgnoringCase(ByteRange(start, host.upper), self.domain.span) else { return false }
        return start == host.lower || span[start - 1] == UInt8(ascii: ".")
    }
}

/// `type=A;name=example.org;addr=192.0.2.1;ttl=3600;flags=0`, or
/// `type=SRV;name=_sip._udp.example.org;rrname=sip.example.org;port=5060;priority=10;weight=20`.
struct PreloadedRecord: Sendable, Equatable {
    var question: DNSQuestion
    /// None: it is known that there is no such record.
    var data: DNSData?
    /// nil: for good.
    var lifetime: Interval?

    init(_ text: ByteString) throws {
        var fields: [String: ByteString] = [:]
        for part in text.bytes.split(separator: UInt8(ascii: ";")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { throw ArgumentError("'\(text.string)': write name=value;name=value") }
            let name = String(decoding: pair[0].filter { !$0.isBlank }, as: UTF8.self)
            fields[name] = ByteString(pair[1].filter { !$0.isBlank })
        }
        guard let type = DNSRecordType(name: fields["type"]?.string ?? ""), [.a, .aaaa, .srv].contains(type) else {
            throw ArgumentError("the type of a record is A, AAAA or SRV, not '\(fields["type"]?.string ?? "")'")
        }
        guard let name = fields["name"], !name.isEmpty else { throw ArgumentError("a record needs a name") }
        self.question = DNSQuestion(type, name)
        let flags = Self.number(fields["flags"]) ?? 0
        self.lifetime = flags & 2 != 0 ? nil : .seconds(min(Self.number(fields["ttl"]) ?? 3600, 1_000_000_000))
        guard flags & 1 == 0 else { return }
        if type == .srv {
            guard let target = fields["rrname"], !target.isEmpty, let port = Self.short(fields["port"]),
                let priority = Self.short(fields["priority"] ?? "0"), let weight = Self.short(fields["weight"] ?? "0")
            else { throw ArgumentError("a record of type SRV needs rrname and port, and may have priority and weight") }
            self.data = .service(
                ServiceRecord(
                    priority: priority, weight: weight, port: port, target: DNSQuestion.canonical(target)))
            return
        }
        guard let text = fields["addr"], let address = IPAddress(text.string), address.isIPv6 == (type == .aaaa) else {
            throw ArgumentError("a record of type \(type.name) needs such an address as addr")
        }
        self.data = .address(address)
    }

    private static func short(_ text: ByteString?) -> UInt16? { self.number(text).flatMap { UInt16(exactly: $0) } }

    private static func number(_ text: ByteString?) -> Int? {
        text.flatMap { $0.span.decimal(in: ByteRange(start: 0, count: $0.count)) }
    }
}

extension Corex.Settings {
    /// Hands the records to the server's resolver; several of one name belong together.
    func preload(_ host: any ModuleHost) throws {
        var all = self.records
        if !self.recordFile.isEmpty {
            guard let text = SystemInput.readFile(self.recordFile.string) else {
                throw ModuleError("corex: dns_file \(self.recordFile.string) cannot be read")
            }
            for line in text.bytes.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
                guard let first = line.first(where: { !$0.isBlank }), first != UInt8(ascii: "#") else { continue }
                do {
                    all.append(try PreloadedRecord(ByteString(Array(line))))
                } catch let error as ArgumentError {
                    throw ModuleError("corex: dns_file \(self.recordFile.string): \(error.message)")
                }
            }
        }
        var seen: Set<DNSQuestion> = []
        for record in all where seen.insert(record.question).inserted {
            let same = all.filter { $0.question == record.question }
            host.remember(same.compactMap(\.data), of: record.question, for: same.compactMap(\.lifetime).min())
        }
    }
}
