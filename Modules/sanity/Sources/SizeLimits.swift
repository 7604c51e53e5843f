import Bytes
import SIPMessage

/// How large a message and its parts may be, in bytes; 0: as large as it likes.
struct SizeLimits: Sendable {
    var message = 16_384
    var method = 32
    var requestURI = 256
    var fromURI = 256
    var toURI = 256
    var contactURI = 256
    var routeURI = 256
    var pathURI = 256
    var assertedURI = 256
    var header = 2048
    var headers = 8192
    var body = 8192

    /// The first part that is too large, as the sender is told of it.
    /// - Complexity: O(bytes of the message).
    func check(_ message: Message) -> SanityFailure? {
        let whole = message.length - message.start
        if Self.exceeds(whole, self.message) { return SanityFailure("Message Too Large", code: 513) }
        if message.isRequest {
            if Self.exceeds(message.methodRange.length, self.method) { return SanityFailure("Method Too Long") }
            if Self.exceeds(message.requestURI.length, self.requestURI) {
                return SanityFailure("Request-URI Too Long", code: 414)
            }
        }
        if Self.exceeds(message.headersEnd - message.firstHeaderStart, self.headers) {
            return SanityFailure("Headers Too Long")
        }
        for index in 0..<message.headerCount where Self.exceeds(message.field(at: index).range.length, self.header) {
            return SanityFailure("Header Too Long")
        }
        if Self.exceeds(message.body.length, self.body) { return SanityFailure("Body Too Large", code: 413) }
        if Self.exceeds(Int(message.from.uri.count), self.fromURI) { return SanityFailure("From URI Too Long") }
        if Self.exceeds(Int(message.to.uri.count), self.toURI) { return SanityFailure("To URI Too Long") }
        return self.lists(message)
    }

    private func lists(_ message: Message) -> SanityFailure? {
        if Self.hasLonger(message, .contact, self.contactURI) { return SanityFailure("Contact URI Too Long") }
        if Self.hasLonger(message, .route, self.routeURI) || Self.hasLonger(message, .recordRoute, self.routeURI) {
            return SanityFailure("Route URI Too Long")
        }
        if Self.hasLonger(message, .path, self.pathURI) { return SanityFailure("Path URI Too Long") }
        if Self.hasLonger(message, .pAssertedIdentity, self.assertedURI) {
            return SanityFailure("P-Asserted-Identity URI Too Long")
        }
        return nil
    }

    private static func exceeds(_ size: Int, _ limit: Int) -> Bool { limit > 0 && size > limit }

    private static func hasLonger(_ message: Message, _ name: HeaderName, _ limit: Int) -> Bool {
        guard limit > 0, message.has(name) else { return false }
        var entries = NameAddressIterator(name)
        while let entry = entries.next(message) {
            if entry.isValid, entry.uri.isPresent, entry.uri.length > limit { return true }
        }
        return false
    }
}
