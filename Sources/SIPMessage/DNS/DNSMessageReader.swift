import Bytes

/// Reads the answer section of a DNS message (RFC 1035 §4.1).
///
/// The message comes from the network: every offset is checked, compression pointers only lead backwards, chains of
/// aliases and the number of records are bounded. Cost is linear in the size of the message times the length of names.
public struct DNSMessageReader: ~Escapable {
    /// Most records that are read of one message; further ones are passed over.
    public static var recordLimit: Int { 256 }
    /// Longest chain of aliases that is followed.
    static var aliasLimit: Int { 8 }

    private let span: Span<UInt8>
    private var offset = 0

    @_lifetime(copy span)
    private init(_ span: Span<UInt8>) { self.span = span }

    /// The answer to `question`; nil when the message is none.
    public static func answer(to question: DNSQuestion, _ span: Span<UInt8>) -> DNSAnswer? {
        var reader = DNSMessageReader(span)
        return reader.read(question)
    }

    private struct Entry {
        var owner: ByteString
        var type: DNSRecordType
        var lifetime: Int
        var data: DNSData
    }

    private mutating func read(_ question: DNSQuestion) -> DNSAnswer? {
        guard self.span.count >= 12, let flags = self.number(at: 2), flags & 0x8000 != 0,
            let questions = self.number(at: 4), let answers = self.number(at: 6), let authorities = self.number(at: 8)
        else { return nil }
        let code = flags & 0xf
        // 0: it exists, 3: it does not; all else says nothing about the name.
        guard code == 0 || code == 3 else { return .failure }
        self.offset = 12
        var asked = question
        for index in 0..<questions {
            guard let name = self.readName(), self.skip(4) else { return nil }
            // The search list may have made the name longer; nothing else may have changed it.
            if index == 0, name.bytes.starts(with: question.name.bytes) { asked.name = name }
        }
        var entries: [Entry] = []
        for _ in 0..<answers {
            // What is broken or too much ends the list; what was read is good.
            guard entries.count < Self.recordLimit, self.readEntry(into: &entries) else { break }
        }
        let found = Self.follow(asked, entries)
        if let found, !found.records.isEmpty { return found }
        let negative = self.negativeLifetime(authorities)
        if let found, code == 0, negative == nil { return found }
        return DNSAnswer([], lifetime: negative)
    }

    /// Records of the question's name, or of the name at the end of its aliases.
    private static func follow(_ question: DNSQuestion, _ entries: [Entry]) -> DNSAnswer? {
        var owner = question.name
        var lifetime = Int.max
        for _ in 0...Self.aliasLimit {
            let found = entries.filter { $0.type == question.type && $0.owner == owner }
            if !found.isEmpty {
                for entry in found { lifetime = min(lifetime, entry.lifetime) }
                var records: [DNSData] = []
                for entry in found where !records.contains(entry.data) { records.append(entry.data) }
                return DNSAnswer(records, lifetime: lifetime)
            }
            guard let alias = entries.first(where: { $0.type == .cname && $0.owner == owner }),
                case .name(let next) = alias.data, next != owner
            else { break }
            owner = next
            lifetime = min(lifetime, alias.lifetime)
        }
        return owner == question.name ? nil : DNSAnswer([], lifetime: lifetime, alias: owner)
    }

    /// How long a negative answer holds: the lesser of the TTL and the minimum of its SOA (RFC 2308 §5).
    private mutating func negativeLifetime(_ authorities: Int) -> Int? {
        for _ in 0..<min(authorities, 16) {
            guard self.readName() != nil, let type = self.number(at: self.offset),
                let lifetime = self.long(at: self.offset + 4), let length = self.number(at: self.offset + 8),
                self.skip(10 + length)
            else { return nil }
            if type == Int(DNSRecordType.soa.rawValue), length >= 20, let minimum = self.long(at: self.offset - 4) {
                return min(lifetime, minimum)
            }
        }
        return nil
    }

    // MARK: Records

    /// Reads one record; unknown types are passed over. False at the end of what makes sense.
    private mutating func readEntry(into entries: inout [Entry]) -> Bool {
        guard let owner = self.readName(), let type = self.number(at: self.offset),
            let kind = self.number(at: self.offset + 2), let lifetime = self.long(at: self.offset + 4),
            let length = self.number(at: self.offset + 8), self.skip(10)
        else { return false }
        let start = self.offset
        guard self.skip(length) else { return false }
        let end = self.offset
        self.offset = start
        let record = DNSRecordType(rawValue: UInt16(truncatingIfNeeded: type))
        if kind == 1, let data = self.data(record, length: length), self.offset <= end {
            // A TTL with the sign bit set means 0 (RFC 2181 §8).
            entries.append(
                Entry(owner: owner, type: record, lifetime: lifetime > 0x7fff_ffff ? 0 : lifetime, data: data))
        }
        self.offset = end
        return true
    }

    private mutating func data(_ type: DNSRecordType, length: Int) -> DNSData? {
        let start = self.offset
        switch type {
        case .a:
            guard length == 4, let bits = self.long(at: start) else { return nil }
            return .address(IPAddress(ipv4: UInt32(truncatingIfNeeded: bits)))
        case .aaaa:
            guard length == 16, let one = self.long(at: start), let two = self.long(at: start + 4),
                let three = self.long(at: start + 8), let four = self.long(at: start + 12)
            else { return nil }
            return .address(
                IPAddress(ipv6High: UInt64(one) << 32 | UInt64(two), low: UInt64(three) << 32 | UInt64(four)))
        case .cname, .ptr: return self.readName().map { .name($0) }
        case .srv:
            guard length >= 7, let priority = self.number(at: start), let weight = self.number(at: start + 2),
                let port = self.number(at: start + 4), self.skip(6), let target = self.readName()
            else { return nil }
            return .service(
                ServiceRecord(
                    priority: UInt16(truncatingIfNeeded: priority), weight: UInt16(truncatingIfNeeded: weight),
                    port: UInt16(truncatingIfNeeded: port), target: target))
        case .naptr:
            guard length >= 8, let order = self.number(at: start), let preference = self.number(at: start + 2),
                self.skip(4), let flags = self.readText(), let services = self.readText(),
                let expression = self.readText(), let replacement = self.readName()
            else { return nil }
            return .pointer(
                NamingPointer(
                    order: UInt16(truncatingIfNeeded: order), preference: UInt16(truncatingIfNeeded: preference),
                    flags: flags, services: services, regularExpression: expression, replacement: replacement))
        case .txt:
            var text: [UInt8] = []
            while self.offset < start + length {
                guard let part = self.readText() else { return nil }
                text += part.bytes
            }
            return .text(ByteString(text))
        default: return nil
        }
    }

    // MARK: Pieces

    private func number(at offset: Int) -> Int? {
        guard offset >= 0, offset + 2 <= self.span.count else { return nil }
        return Int(self.span[offset]) << 8 | Int(self.span[offset + 1])
    }

    private func long(at offset: Int) -> Int? {
        guard let high = self.number(at: offset), let low = self.number(at: offset + 2) else { return nil }
        return high << 16 | low
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard self.offset + count <= self.span.count else { return false }
        self.offset += count
        return true
    }

    /// A string with its length in front.
    private mutating func readText() -> ByteString? {
        guard self.offset < self.span.count else { return nil }
        let length = Int(self.span[self.offset])
        let start = self.offset + 1
        guard start + length <= self.span.count else { return nil }
        self.offset = start + length
        return ByteString(self.span, ByteRange(start: start, count: length))
    }

    /// A name in lower case, labels joined with dots. A compression pointer must lead to an earlier place than the one
    /// before it, so that none goes in circles (RFC 1035 §4.1.4); a name has at most 255 bytes.
    private mutating func readName() -> ByteString? {
        var name: [UInt8] = []
        var position = self.offset
        var after: Int?
        var limit = position
        while position < self.span.count {
            let length = Int(self.span[position])
            switch length >> 6 {
            case 0:
                guard length > 0 else {
                    self.offset = after ?? position + 1
                    return ByteString(name)
                }
                let start = position + 1
                guard start + length <= self.span.count, name.count + length + 1 <= 255 else { return nil }
                if !name.isEmpty { name.append(UInt8(ascii: ".")) }
                for index in start..<start + length {
                    let byte = self.span[index]
                    // A dot or a control character inside a label cannot be part of a name that we use.
                    guard byte > 32, byte != UInt8(ascii: ".") else { return nil }
                    name.append(65...90 ~= byte ? byte | 0x20 : byte)
                }
                position = start + length
            case 3:
                guard let target = self.number(at: position).map({ $0 & 0x3fff }), target < limit else { return nil }
                if after == nil { after = position + 2 }
                limit = target
                position = target
            default: return nil
            }
        }
        return nil
    }
}
