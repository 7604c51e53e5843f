import Bytes
import SIPMessage

/// What is wrong with a message, as the reply says it.
struct SanityFailure: Sendable {
    var code = 400
    var reason: StaticString
    /// For Unsupported.
    var unsupported = ByteString()
    /// The sender is told.
    var isAnswered = true

    init(_ reason: StaticString, code: Int = 400) {
        self.reason = reason
        self.code = code
    }
}

/// The checks of `sanity_check`, in the order in which they are made.
struct SanityCheck: Sendable {
    struct Checks: OptionSet, Sendable {
        let rawValue: Int
        static let version = Checks(rawValue: 1)
        static let scheme = Checks(rawValue: 2)
        static let requiredFields = Checks(rawValue: 4)
        static let cSeqMethod = Checks(rawValue: 32)
        static let cSeqNumber = Checks(rawValue: 64)
        static let contentLength = Checks(rawValue: 128)
        static let expires = Checks(rawValue: 256)
        static let proxyRequire = Checks(rawValue: 512)
        static let uris = Checks(rawValue: 1024)
        static let credentials = Checks(rawValue: 2048)
        static let tags = Checks(rawValue: 4096)
        static let authorization = Checks(rawValue: 8192)
        static let topVia = Checks(rawValue: 16_384)
        static let compliance = Checks(rawValue: 32_768)
        static let sizes = Checks(rawValue: 65_536)
    }

    struct URIs: OptionSet, Sendable {
        let rawValue: Int
        static let requestURI = URIs(rawValue: 1)
        static let from = URIs(rawValue: 2)
        static let to = URIs(rawValue: 4)
        static let contact = URIs(rawValue: 8)
    }

    /// Option tags of Proxy-Require that are supported.
    let supported: [ByteString]
    let sizes: SizeLimits

    func run(_ message: Message, _ checks: Checks, _ uris: URIs) -> SanityFailure? {
        if checks.contains(.sizes), let failure = self.sizes.check(message) { return failure }
        if message.isRequest, let failure = self.requestLine(message, checks) { return failure }
        if checks.contains(.requiredFields) {
            guard message.has(.via), message.has(.from), message.has(.to), message.has(.callID), message.has(.cSeq)
            else {
                return SanityFailure("Missing Required Header in Request")
            }
        }
        if let failure = self.numbers(message, checks) { return failure }
        if message.isRequest, checks.contains(.proxyRequire), let failure = self.proxyRequire(message) {
            return failure
        }
        if checks.contains(.uris), let failure = self.uris(message, uris) { return failure }
        if message.isRequest, checks.contains(.credentials), let failure = DigestCheck.run(message, isStrict: true) {
            return failure
        }
        if checks.contains(.tags) {
            if Self.hasTwoTags(message.span, message.from) { return SanityFailure("Many From Tag Params") }
            if Self.hasTwoTags(message.span, message.to) { return SanityFailure("Many To Tag Params") }
        }
        if message.isRequest, checks.contains(.authorization), let failure = DigestCheck.run(message, isStrict: false) {
            return failure
        }
        if checks.contains(.topVia) {
            let via = message.topVia
            guard via.isValid, !via.branch.isPresent || via.branch.count > 0 else {
                return SanityFailure("Invalid Via Header")
            }
        }
        return checks.contains(.compliance) ? Self.compliance(message) : nil
    }

    /// Whether the sender of the message and those who recorded its route know RFC 3261 rather than RFC 2543.
    private static func compliance(_ message: Message) -> SanityFailure? {
        let span = message.span
        let via = message.topVia
        guard via.isValid, via.hasCookie(span) else { return SanityFailure("Via Branch Without Magic Cookie") }
        for name in [HeaderName.route, .recordRoute] {
            var entries = NameAddressIterator(name)
            while let entry = entries.next(message) {
                guard entry.isValid, let uri = SIPURI(span, entry.uri), uri.lr else {
                    return SanityFailure("Route Without Loose Routing")
                }
            }
        }
        return nil
    }

    private func requestLine(_ message: Message, _ checks: Checks) -> SanityFailure? {
        let span = message.span
        if checks.contains(.version), !span.equalsIgnoringCase(message.versionRange, "SIP/2.0") {
            return SanityFailure("Version Not Supported (R-URI)", code: 505)
        }
        if checks.contains(.scheme) {
            guard Self.isKnown(message.requestURIScheme) else { return SanityFailure("Bad Request URI") }
        }
        return nil
    }

    private func numbers(_ message: Message, _ checks: Checks) -> SanityFailure? {
        let span = message.span
        let cSeq = message.cSeq
        if message.isRequest, checks.contains(.cSeqMethod) {
            guard !cSeq.isValid || span.equals(cSeq.methodRange, span.extracting(message.methodRange.indices)) else {
                return SanityFailure("CSeq method does not match request method")
            }
        }
        if checks.contains(.cSeqMethod) || checks.contains(.cSeqNumber), message.has(.cSeq), !cSeq.isValid {
            return SanityFailure("CSeq number is illegal")
        }
        if checks.contains(.contentLength), message.has(.contentLength), message.contentLength != message.body.length {
            return SanityFailure("Content-Length mis-match")
        }
        if checks.contains(.expires), message.has(.expires), message.number(.expires) == nil {
            return SanityFailure(message.value(.expires).count > 0 ? "Expires value is illegal" : "Bad Expires Header")
        }
        return nil
    }

    /// Names the first option tag that is not supported (RFC 3261 §16.3 step 5).
    private func proxyRequire(_ message: Message) -> SanityFailure? {
        let span = message.span
        var index = message.first(.proxyRequire)
        while index >= 0 {
            let field = message.field(at: index)
            var members = ListScanner(field.value)
            while let member = members.next(span) {
                if self.supported.contains(where: { span.equalsIgnoringCase(member, $0.span) }) { continue }
                var failure = SanityFailure("Bad Proxy Require Extension", code: 420)
                failure.unsupported = ByteString(span, member)
                return failure
            }
            index = Int(field.next)
        }
        return nil
    }

    private func uris(_ message: Message, _ uris: URIs) -> SanityFailure? {
        if message.isRequest, uris.contains(.requestURI), !Self.isKnown(message.requestURIScheme) {
            return SanityFailure("Bad Request URI")
        }
        if uris.contains(.from), !Self.isKnown(message.fromURIScheme) { return SanityFailure("Invalid From Header") }
        // Spelt as clients and conformance suites know it.
        if uris.contains(.to), !Self.isKnown(message.toURIScheme) { return SanityFailure("Ivalid To Header") }
        guard uris.contains(.contact), message.has(.contact) else { return nil }
        let span = message.span
        var contacts = message.contacts
        var count = 0
        while let contact = contacts.next(message) {
            guard contact.isValid else { return SanityFailure("Bad Contact Header") }
            count += 1
            if contact.isStar { continue }
            guard Self.isKnown(SIPURI(span, contact.uri)?.scheme) else { return SanityFailure("Bad Contact URI") }
        }
        return count == 0 ? SanityFailure("Bad Contact Header") : nil
    }

    /// Whether it is the scheme of a URI that SIP elements have to do with.
    private static func isKnown(_ scheme: SIPURI.Scheme?) -> Bool {
        switch scheme {
        case nil, .http, .other: false
        case .sip, .sips, .tel, .tels, .urn: true
        }
    }

    private static func hasTwoTags(_ span: Span<UInt8>, _ address: NameAddress) -> Bool {
        guard address.isValid else { return false }
        var scanner = ParameterScanner(address.parameters)
        var count = 0
        while scanner.next(span) {
            if span.equalsIgnoringCase(scanner.name, "tag") { count += 1 }
        }
        return count > 1
    }
}
