import Bytes
import SIPMessage

/// What one Authorization or Proxy-Authorization field says (RFC 7616 §3.4). Ranges are into the message, without quotes.
public struct DigestCredentials: BitwiseCopyable, Sendable {
    /// Index of the header field.
    public var field: Int
    /// Whole user name, with its domain if it has one.
    public var username = ByteRange.absent
    public var realm = ByteRange.absent
    public var nonce = ByteRange.absent
    public var uri = ByteRange.absent
    public var response = ByteRange.absent
    public var protection = ByteRange.absent
    public var count = ByteRange.absent
    public var clientNonce = ByteRange.absent
    public var algorithm = ByteRange.absent
    /// Whether it has any parameter at all.
    public var isEmpty = true

    /// nil when the field at `index` is not Digest.
    init?(_ message: Message, field index: Int) {
        self.field = index
        let value = message.field(at: index).value
        let span = message.span
        guard value.length >= 6, span.equalsIgnoringCase(ByteRange(start: value.lower, count: 6), "Digest") else {
            return nil
        }
        guard value.length == 6 || span[value.lower + 6].isBlank else { return nil }
        var members = ListScanner(ByteRange(value.lower + 6, value.upper))
        while let member = members.next(span) { self.take(span, member) }
    }

    private mutating func take(_ span: Span<UInt8>, _ member: ByteRange) {
        let equals = span.nearIndex(of: UInt8(ascii: "="), from: member.lower, to: member.upper)
        guard equals < member.upper else { return }
        var end = equals
        while end > member.lower, span[end - 1] <= 32 { end -= 1 }
        let name = ByteRange(member.lower, end)
        var start = equals + 1
        while start < member.upper, span[start] <= 32 { start += 1 }
        let value = Self.unquoted(span, start, member.upper)
        self.isEmpty = false
        switch name.length {
        case 2 where span.equalsIgnoringCase(name, "nc"): self.count = value
        case 3 where span.equalsIgnoringCase(name, "uri"): self.uri = value
        case 3 where span.equalsIgnoringCase(name, "qop"): self.protection = value
        case 5 where span.equalsIgnoringCase(name, "realm"): self.realm = value
        case 5 where span.equalsIgnoringCase(name, "nonce"): self.nonce = value
        case 6 where span.equalsIgnoringCase(name, "cnonce"): self.clientNonce = value
        case 8 where span.equalsIgnoringCase(name, "username"): self.username = value
        case 8 where span.equalsIgnoringCase(name, "response"): self.response = value
        case 9 where span.equalsIgnoringCase(name, "algorithm"): self.algorithm = value
        default: break
        }
    }

    private static func unquoted(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> ByteRange {
        guard start < end, span[start] == UInt8(ascii: "\"") else { return ByteRange(start, end) }
        return ByteRange(start + 1, span.quoteEnd(from: start + 1, to: end))
    }

    /// The user name taken apart at its first `@`.
    public func user(_ span: Span<UInt8>) -> (user: ByteRange, domain: ByteRange) {
        guard self.username.isPresent else { return (.absent, .absent) }
        let name = self.username
        let at = span.firstIndex(of: UInt8(ascii: "@"), from: name.lower, to: name.upper)
        guard at < name.upper else { return (name, .absent) }
        return (ByteRange(name.lower, at), ByteRange(at + 1, name.upper))
    }

    /// The first Digest field for `realm`; nil when there is none.
    static func find(_ message: Message, _ name: HeaderName, realm: Span<UInt8>) -> DigestCredentials? {
        var index = message.first(name)
        while index >= 0 {
            if let credentials = DigestCredentials(message, field: index) {
                if credentials.isEmpty || message.span.equalsIgnoringCase(credentials.realm, realm) {
                    return credentials
                }
            }
            index = Int(message.field(at: index).next)
        }
        return nil
    }
}
