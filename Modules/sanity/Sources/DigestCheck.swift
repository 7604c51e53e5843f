import Bytes
import SIPMessage

/// Whether the credentials of a request can be read (RFC 2617 §3.2.2).
enum DigestCheck {
    /// - Parameter isStrict: credentials of another kind than Digest are refused, without a word to the sender.
    static func run(_ message: Message, isStrict: Bool) -> SanityFailure? {
        self.check(message, .authorization, isStrict) ?? self.check(message, .proxyAuthorization, isStrict)
    }

    private static func check(_ message: Message, _ name: HeaderName, _ isStrict: Bool) -> SanityFailure? {
        let span = message.span
        var index = message.first(name)
        while index >= 0 {
            let field = message.field(at: index)
            index = Int(field.next)
            let scheme = ByteRange(start: field.value.lower, count: 6)
            guard field.value.length > 7, span.equalsIgnoringCase(scheme, "Digest"), span[scheme.upper] <= 32 else {
                guard isStrict else { continue }
                var failure = SanityFailure("Bad Auth Header")
                failure.isAnswered = false
                return failure
            }
            if let failure = self.members(span, ByteRange(scheme.upper + 1, field.value.upper)) { return failure }
        }
        return nil
    }

    /// User name, realm, nonce, URI and response have to be there.
    private static func members(_ span: Span<UInt8>, _ range: ByteRange) -> SanityFailure? {
        var found = 0
        var members = ListScanner(range)
        while let member = members.next(span) {
            let equals = span.firstIndex(of: UInt8(ascii: "="), from: member.lower, to: member.upper)
            guard equals < member.upper else { return SanityFailure("Bad Auth Header") }
            let key = ByteRange(member.lower, equals)
            if span.equalsIgnoringCase(key, "username") { found |= 1 }
            if span.equalsIgnoringCase(key, "realm") { found |= 2 }
            if span.equalsIgnoringCase(key, "nonce") { found |= 4 }
            if span.equalsIgnoringCase(key, "uri") { found |= 8 }
            if span.equalsIgnoringCase(key, "response") { found |= 16 }
        }
        return found == 31 ? nil : SanityFailure("Bad Auth Credentials")
    }
}
